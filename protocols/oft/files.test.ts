import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runDissector } from '../../src/sdk/testing.ts';
import type { RunOptions, Step, Told } from '../../src/sdk/testing.ts';
import {
  checksumOf,
  concat,
  COOKIE,
  down,
  fileOf,
  headers,
  latin1,
  oftHeader,
  over,
  transfer,
  up,
  utf16be,
} from './build.ts';
import type { OftFields } from './build.ts';
import oft from './index.ts';
import { OFT_TYPE, OftChecksum } from './wire.ts';

const COOKIE_HEX = '3631353631363231';

function run(steps: Step[], options: RunOptions = {}): Told {
  return runDissector(oft, [...steps, ...over], options);
}

const states = (told: Told): (string | undefined)[] => told.facts.map((f) => f.file?.state);

describe('file transfer', () => {
  const file = fileOf(1501);

  test('prompt, answer, bytes, done', () => {
    const told = run(transfer(file, 'plan b.pdf'));
    const common = { id: `oft|${COOKIE_HEX}|plan b.pdf|1501`, name: 'plan b.pdf', size: 1501, method: 'oft' };
    expect(told.events).toEqual([
      {
        direction: 0,
        offset: 0,
        facts: { kind: 'file', service: 'aim', file: { ...common, state: 'start' } },
      },
      {
        direction: 0,
        offset: 256,
        facts: { kind: 'file', service: 'aim', file: { ...common, state: 'complete', verified: true } },
      },
    ]);
    expect(told.anomalies).toEqual([]);
  });

  test('several files in one connection, either side sending', () => {
    const second = headers(fileOf(20), 'two');
    const told = run([
      ...transfer(file, 'one'),
      ...up(second.prompt),
      ...down(second.ack),
      ...up(fileOf(20)),
      ...down(second.done),
      ...transfer(new Uint8Array(0), 'empty'),
    ]);
    expect(told.facts.map((f) => [f.file?.name, f.file?.state, f.file?.verified])).toEqual([
      ['one', 'start', undefined],
      ['one', 'complete', true],
      ['two', 'start', undefined],
      ['two', 'complete', true],
      ['empty', 'start', undefined],
      ['empty', 'complete', undefined],
    ]);
  });

  test.each<[string, Step[], string[]]>([
    ['prompt only', down(headers(file, 'x').prompt), ['failed']],
    [
      'not answered, then offered again',
      down(headers(file, 'x').prompt, headers(file, 'x').prompt),
      ['failed', 'failed'],
    ],
    ['cut off', [...transfer(file, 'x').slice(0, 2), ...down(file.slice(0, 700))], ['start', 'failed']],
    ['all bytes but no done', transfer(file, 'x').slice(0, 3), ['start', 'complete']],
    ['only the sender in view', [...down(headers(file, 'x').prompt), ...down(file)], ['start', 'complete']],
    ['only the receiver in view', up(headers(file, 'x').ack, headers(file, 'x').done), ['start', 'complete']],
    ['only the end in view', up(headers(file, 'x').done, headers(file, 'x').done), ['complete']],
    [
      'the receiver got less',
      [
        ...transfer(file, 'x').slice(0, 2),
        ...down(file.slice(0, 700)),
        ...up(oftHeader({ type: OFT_TYPE.DONE, name: 'x', size: 1501, cookie: COOKIE, received: 700 })),
      ],
      ['start', 'failed'],
    ],
  ])('%s', (_, steps, expected) => {
    expect(states(run(steps))).toEqual(expected);
    expect(run(steps).anomalies).toEqual([]);
  });

  test('a tiny file of a sender alone is not taken for a header', () => {
    for (const text of ['hi', 'OFF', 'O', 'ODD eight']) {
      const tiny = latin1(text);
      const told = run([...down(headers(tiny, 'x').prompt), ...down(tiny)]);
      expect([text, states(told).at(-1)]).toEqual([text, text === 'O' ? 'failed' : 'complete']);
    }
  });

  test('bytes that differ from the checksum', () => {
    const changed = file.slice();
    changed[9] = (changed[9] ?? 0) ^ 1;
    const { prompt, ack, done } = headers(file, 'x');
    const told = run([...down(prompt), ...up(ack), ...down(changed), ...up(done)]);
    expect(told.facts.at(-1)?.file).toMatchObject({ state: 'complete', verified: false });
    expect(told.anomalies).toEqual(['oft_checksum_mismatch']);
  });

  test('a checksum that was not computed is not judged', () => {
    const prompt = oftHeader({ type: OFT_TYPE.PROMPT, name: 'x', size: file.length, checksum: 0 });
    const told = run([
      ...down(prompt),
      ...up(headers(file, 'x').ack),
      ...down(file),
      ...up(headers(file, 'x').done),
    ]);
    expect(told.facts.at(-1)?.file).not.toHaveProperty('verified');
    expect(told.anomalies).toEqual([]);
  });

  test('a gap in the bytes leaves the rest in step and the file unverified', () => {
    const { prompt, ack, done } = headers(file, 'x');
    const told = run([
      ...down(prompt),
      ...up(ack),
      ...down(file.slice(0, 500)),
      { direction: 1, gap: 300 },
      ...down(file.slice(800)),
      ...up(done),
      ...transfer(fileOf(40), 'next'),
    ]);
    expect(told.facts.map((f) => [f.file?.state, f.file?.verified])).toEqual([
      ['start', undefined],
      ['complete', undefined],
      ['start', undefined],
      ['complete', true],
    ]);
  });

  test('a gap over the end of a file resynchronises on the next header', () => {
    const { prompt, ack, done } = headers(file, 'x');
    const next = headers(fileOf(40), 'next');
    const told = run([
      ...down(prompt),
      ...up(ack),
      ...down(file.slice(0, 500)),
      { direction: 1, gap: 1100 },
      ...down(concat(latin1('tail of something OFT2 \0\0'), next.prompt)),
      ...up(done, next.ack),
      ...down(fileOf(40)),
      ...up(next.done),
    ]);
    expect(told.facts.at(-1)?.file).toMatchObject({ name: 'next', state: 'complete', verified: true });
    expect(told.anomalies).toEqual([]);
  });

  describe('resume', () => {
    const fields = { name: 'x', size: 1501, checksum: checksumOf(file) };
    const resumed = (at: number, accepted = at): Step[] => [
      ...down(oftHeader({ ...fields, type: OFT_TYPE.PROMPT })),
      ...up(
        oftHeader({
          ...fields,
          type: OFT_TYPE.RESUME,
          cookie: COOKIE,
          received: at,
          receivedChecksum: checksumOf(file.slice(0, at)),
        }),
      ),
      ...down(oftHeader({ ...fields, type: OFT_TYPE.RESUME_ACCEPT, cookie: COOKIE, received: accepted })),
      ...up(oftHeader({ ...fields, type: OFT_TYPE.RESUME_ACK, cookie: COOKIE, received: accepted })),
      ...down(file.slice(accepted)),
      ...up(headers(file, 'x').done),
    ];

    test.each([
      ['from an even place', resumed(700), true],
      ['from an odd place', resumed(701), true],
      ['nothing left', resumed(1501), true],
      ['the sender starts anew', resumed(700, 0), true],
      ['the sender goes on elsewhere', resumed(700, 600), undefined],
    ])('%s', (_, steps, verified) => {
      const told = run(steps);
      expect(states(told)).toEqual(['start', 'complete']);
      expect(told.facts.at(-1)?.file?.verified).toBe(verified);
      expect(told.anomalies).toEqual([]);
    });
  });

  test.each<[string, Pick<OftFields, 'name' | 'encoding'>, string]>([
    ['UTF-8 without a label', { name: 'Übergabe.txt' }, 'Übergabe.txt'],
    ['UTF-16', { name: utf16be('Отчёт.doc'), encoding: 2 }, 'Отчёт.doc'],
    ['Latin-1', { name: latin1('caf\xe9.txt'), encoding: 3 }, 'café.txt'],
    ['a directory', { name: 'tree\x01leaf.txt' }, 'tree/leaf.txt'],
    ['a long name', { name: `${'n'.repeat(150)}.exe` }, `${'n'.repeat(150)}.exe`],
    ['no name', { name: '' }, 'unnamed'],
  ])('names: %s', (_, fields, name) => {
    const told = run(down(oftHeader({ type: OFT_TYPE.PROMPT, size: 3, ...fields })));
    expect(told.facts[0]?.file?.name).toBe(name);
  });

  test('a listing of "get file" passes like a file', () => {
    const listing = latin1('0000/00/00 listing');
    const fields = {
      name: 'listing.txt',
      size: listing.length,
      checksum: checksumOf(listing),
      cookie: COOKIE,
    };
    const told = run([
      ...down(oftHeader({ ...fields, type: OFT_TYPE.LISTING_PROMPT })),
      ...up(oftHeader({ ...fields, type: OFT_TYPE.LISTING_ACK })),
      ...down(listing),
      ...up(oftHeader({ ...fields, type: OFT_TYPE.LISTING_DONE, received: listing.length })),
      ...up(oftHeader({ ...fields, type: OFT_TYPE.FILE_REQUEST })),
    ]);
    expect(states(told)).toEqual(['start', 'complete']);
  });
});

describe('checksum', () => {
  /** Word by word as the specification says it, to compare with. */
  function byWords(bytes: Uint8Array): number {
    let sum = 0xffff;
    for (let i = 0; i < bytes.length; i += 2) {
      sum -= ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
      if (sum < 0) sum += 0xffff;
    }
    return sum;
  }

  test('equals the subtraction word by word, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat(40), { maxLength: 10 }),
        (bytes, cuts) => {
          const checksum = new OftChecksum();
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            const end = Math.min(bytes.length, at + cut);
            checksum.add(bytes, at, end);
            at = end;
          }
          expect(checksum.value).toBe(byWords(bytes));
        },
      ),
      { seed: 7, numRuns: 1000 },
    );
    expect(checksumOf(new Uint8Array(9))).toBe(0xffff);
    expect(checksumOf(Uint8Array.of(0xff, 0xff))).toBe(0);
  });
});
