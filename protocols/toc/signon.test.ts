import { describe, expect, test } from '@jest/globals';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import {
  command,
  down,
  flap,
  greeting,
  over,
  PASSWORD,
  reply,
  roast,
  signOn,
  signOnFrame,
  up,
} from './build.ts';
import toc from './index.ts';
import { parseClientString } from './signon.ts';

function factsAfter(steps: Step[]): ImFacts[] {
  return runDissector(toc, [...signOn, ...steps]).facts.slice(2);
}

describe('sign-on', () => {
  test('success tells the client and one login, the password exposed and not shown', () => {
    const told = runDissector(toc, [...signOn, ...over]);
    expect(told.facts).toEqual([
      {
        kind: 'client',
        service: 'aim',
        account: 'copperhare',
        client: {
          name: 'AIM Express',
          version: '3.0',
          raw: 'TIC:AIM Express 3.0',
          evidence: ['sign-on command: client string'],
        },
      },
      expect.objectContaining({
        kind: 'login',
        account: 'copperhare',
        auth: { mechanism: 'roasted', result: 'success', exposed: 'password' },
      }),
      { kind: 'logout', service: 'aim', account: 'copperhare', reason: 'connection closed' },
    ]);
    expect(told.anomalies).toEqual([]);
  });

  test('ERROR 980 is a failure with its reason', () => {
    const told = runDissector(toc, [...signOn.slice(0, 4), ...down(reply('ERROR:980')), ...over]);
    expect(told.facts.map((f) => f.auth)).toEqual([
      undefined,
      {
        mechanism: 'roasted',
        result: 'failure',
        reason: '980 incorrect name or password',
        exposed: 'password',
      },
    ]);
  });

  test('without an answer the outcome is unknown', () => {
    const told = runDissector(toc, [...signOn.slice(0, 4), ...over]);
    expect(told.facts.at(-1)?.auth?.result).toBe('unknown');
  });

  test('only the server in view: NICK names the account', () => {
    const told = runDissector(
      toc,
      signOn.filter((step) => step.direction === 1),
    );
    expect(told.facts).toEqual([
      {
        kind: 'login',
        service: 'aim',
        account: 'copperhare',
        auth: { mechanism: 'roasted', result: 'success' },
      },
    ]);
  });

  test('SIGN_ON after PAUSE is no second login', () => {
    expect(factsAfter(down(reply('PAUSE'), reply('SIGN_ON:TOC2.0'), reply('NICK:Copper Hare')))).toEqual([]);
  });

  test('a malformed sign-on is an anomaly and still one login', () => {
    const line = command('toc_signon host5190 name 0x2b english "TIC:x"');
    const told = runDissector(toc, [...up(greeting(), signOnFrame('name'), line), ...over]);
    expect(told.anomalies).toEqual(['toc_signon_malformed']);
    expect(told.facts).toEqual([
      { kind: 'login', service: 'aim', account: 'name', auth: { mechanism: 'roasted', result: 'unknown' } },
    ]);
    expect(runDissector(toc, [...up(greeting(), line), ...over]).facts).toEqual([]);
  });

  test('an ICQ number is on the ICQ network', () => {
    const line = `toc2_login login.icq.com 5190 640640 ${roast('x')} en "naim:0.11.8.3.2:contact someone" 135`;
    const told = runDissector(toc, [...up(greeting(), command(line)), ...over]);
    expect(told.facts.map((f) => f.service)).toEqual(['icq', 'icq']);
    expect(told.facts[0]?.client).toMatchObject({ name: 'naim', version: '0.11.8.3.2' });
  });

  test.each([
    ['TIC:TiK 0.90', 'TiK', '0.90'],
    ['TIC:AIMM', 'AIMM', undefined],
    ['naim:0.11.8.3.2:contact x', 'naim', '0.11.8.3.2'],
    ['penguin', 'penguin', undefined],
    ['TIC:', 'TIC:', undefined],
  ])('client string %s', (raw, name, version) => {
    expect(parseClientString(raw)).toMatchObject({ name, raw });
    expect(parseClientString(raw).version).toBe(version);
  });

  test('signing off on channel 4 ends the session once', () => {
    expect(factsAfter([...up(flap(4, 9, new Uint8Array(0))), ...over])).toEqual([
      { kind: 'logout', service: 'aim', account: 'copperhare', reason: 'signed off' },
    ]);
  });

  test.each([
    ['0', 'success'],
    ['1', 'failure'],
  ])('a password change answered %s', (code, result) => {
    const facts = factsAfter([
      ...up(command(`toc_change_passwd ${PASSWORD} other-${PASSWORD}`)),
      ...down(reply(`ADMIN_PASSWD_STATUS:${code}`)),
    ]);
    expect(facts).toMatchObject([
      { kind: 'account', op: 'change-password', auth: { mechanism: 'clear', result, exposed: 'password' } },
    ]);
    expect(JSON.stringify(facts)).not.toContain(PASSWORD);
  });
});

describe('the server not in view', () => {
  const clientOnly = signOn.filter((step) => step.direction === 0);
  const says = up(command('toc2_send_im millpond "hi there"'));
  const auth = { mechanism: 'roasted', result: 'unknown', exposed: 'password' };
  const kinds = (steps: Step[]) => runDissector(toc, steps).facts.map((f) => f.kind);

  test('the first command after the sign-on tells it as unknown, once', () => {
    const told = runDissector(toc, [...clientOnly, ...says, ...says, ...over]);
    expect(told.facts.map((f) => f.kind)).toEqual(['client', 'login', 'message', 'message']);
    expect(told.facts[1]?.auth).toEqual(auth);
    expect(told.facts.map((f) => f.account)).toEqual(Array(4).fill('copperhare'));
    expect(told.facts[2]).toMatchObject({ from: 'copperhare', to: ['millpond'] });
  });

  test.each([
    ['SIGN_ON', down(reply('SIGN_ON:TOC2.0'), reply('NICK:Copper Hare')), ['logout']],
    ['ERROR', down(reply('ERROR:980')), []],
  ])('%s that comes late tells no second login', (_, late, rest) => {
    expect(kinds([...clientOnly, ...says, ...late, ...over])).toEqual([
      'client',
      'login',
      'message',
      ...rest,
    ]);
  });

  test('a gap in place of the answer is the same', () => {
    const begun = signOn.slice(0, 4);
    expect(kinds([...begun, { direction: 1, gap: 30 }, ...says])).toEqual(['client', 'login', 'message']);
  });

  test('while the server is in view its answer is waited for', () => {
    const told = runDissector(toc, [...signOn.slice(0, 4), ...says, ...down(reply('ERROR:980'))]);
    expect(told.facts.map((f) => f.auth?.result)).toEqual([undefined, undefined, 'failure']);
  });
});
