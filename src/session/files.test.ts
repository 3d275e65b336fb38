/** Which flow carries which announced file. */
import { describe, expect, test } from '@jest/globals';
import { makeLimits } from '../core/limits.ts';
import type { FileAnnouncement } from '../event/file.ts';
import { FileJoiner, partyAt } from './files.ts';
import type { Announced, Claim } from './files.ts';

const file = (id: string, more: Partial<FileAnnouncement> = {}): FileAnnouncement => ({
  ...{ id, name: 'a.txt', size: 7, service: 'x', from: 'ann', to: ['bob'] },
  ...more,
});
const party = (ip: string, account: string): { ip: string; account: string; session: undefined } => ({
  ...{ ip, account, session: undefined },
});
const claimed = (joiner: FileJoiner, token: string): Announced | undefined => {
  const claims = new Map<string, Claim>();
  joiner.claim(claims, 'f', { token, sender: undefined });
  return joiner.find(claims, 'f');
};

describe('one token', () => {
  test.each([
    ['the two legs of one transfer', file('1'), file('1'), 0, false],
    ['its two legs under ids of their own', file('1'), file('2'), 0, false],
    ['two transfers at once', file('1'), file('2', { name: 'b.txt' }), 599, true],
    ['two of the same name to different people', file('1'), file('2', { to: ['carl'] }), 1, true],
    [
      'one that nobody showed for ten minutes, and another',
      file('1'),
      file('2', { name: 'b.txt' }),
      600,
      false,
    ],
  ])('for %s', (_, first, second, seconds, ambiguous) => {
    const joiner = new FileJoiner(makeLimits({}));
    joiner.announce('t', first, undefined, 1_000);
    joiner.announce('t', second, undefined, 1_000 + seconds);
    expect(claimed(joiner, 't')?.ambiguous).toBe(ambiguous);
  });

  test('that was shown may be given out again: the new file counts', () => {
    const joiner = new FileJoiner(makeLimits({}));
    joiner.announce('t', file('1'), undefined, 1_000);
    expect(claimed(joiner, 't')?.file.id).toBe('1');
    joiner.announce('t', file('2', { name: 'b.txt' }), undefined, 1_001);
    expect(claimed(joiner, 't')).toMatchObject({ file: { id: '2' }, ambiguous: false });
  });

  test('that nobody announced joins nothing, nor does a file that was not claimed', () => {
    const joiner = new FileJoiner(makeLimits({}));
    expect(claimed(joiner, 't')).toBeUndefined();
    joiner.announce('t', file('1'), undefined, 1_000);
    expect(joiner.find(new Map(), 'f')).toBeUndefined();
    expect(joiner.find(undefined, 'f')).toBeUndefined();
  });
});

test('announcements and the claims of one flow are bounded: the oldest give way', () => {
  const joiner = new FileJoiner(makeLimits({ announced_files: 64 }));
  for (let i = 0; i < 1_000; i++) joiner.announce(`t${i}`, file(`${i}`), undefined, 1_000);
  expect(joiner.forgotten).toBe(1_000 - 64);
  expect(claimed(joiner, 't0')).toBeUndefined();
  expect(claimed(joiner, 't999')?.file.id).toBe('999');
  const claims = new Map<string, Claim>();
  for (let i = 0; i < 1_000; i++) joiner.claim(claims, `f${i}`, { token: 't999', sender: undefined });
  expect(claims.size).toBe(64);
  expect(joiner.find(claims, 'f0')).toBeUndefined();
});

describe('whose connection carries it', () => {
  const NAT = '192.0.2.1';
  const announced = (...parties: Announced['parties']): Announced => ({
    ...{ file: file('1'), parties, ambiguous: false, claimed: false, seconds: 0 },
  });
  const both = announced(party(NAT, 'ann'), party(NAT, 'bob'));

  test.each([
    [
      'the only party at the address',
      announced(party(NAT, 'ann'), party('192.0.2.2', 'bob')),
      undefined,
      'ann',
    ],
    ['nobody is at the address', announced(party('192.0.2.2', 'bob')), undefined, undefined],
    ['both are, and the way of the bytes is not known', both, undefined, undefined],
    ['both are, and the client sends', both, 0, 'ann'],
    ['both are, and the client receives', both, 1, 'bob'],
    ['one account on two connections', announced(party(NAT, 'ann'), party(NAT, 'ann')), undefined, 'ann'],
    ['a third account at the address is no end of it', announced(party(NAT, 'eve')), 0, undefined],
  ] as const)('%s', (_, known, sender, account) => {
    expect(partyAt(known, NAT, sender)?.account).toBe(account);
  });
});
