import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runDetector, runDissector } from '../../src/sdk/testing.ts';
import {
  ask,
  client,
  down,
  fields,
  login,
  ME,
  messageBody,
  over,
  PEER,
  server,
  signOnBody,
  up,
} from './build.ts';
import icq from './index.ts';
import { CMD, SRV } from './wire.ts';

const none: Uint8Array = new Uint8Array(0);

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

describe('what is not ICQ', () => {
  test.each([
    ['short', Uint8Array.of(2, 0), 'icq_no_header'],
    ['another version', fields([6, 2], [CMD.KEEP_ALIVE, 2], [1, 2], [ME, 4]), 'icq_no_header'],
    ['an unknown command', client({ version: 2, command: 0x7777, uin: ME }), 'icq_unknown_command'],
  ])('%s costs one anomaly', (_, bytes, code) => {
    const told = runDissector(icq, [
      ...up(bytes),
      ...ask(2, CMD.SEND_MESSAGE, messageBody(PEER, 'still read')),
    ]);
    expect(told.anomalies).toEqual([code]);
    expect(told.facts.at(-1)?.text).toBe('still read');
  });

  test.each([
    ['WireGuard response', fields([2, 4], new Uint8Array(88).fill(7))],
    ['WireGuard data', fields([4, 4], new Uint8Array(44).fill(9))],
    ['DCE/RPC over UDP', fields([4, 2], new Uint8Array(78).fill(1))],
    ['a keep-alive alone', client({ version: 2, command: CMD.KEEP_ALIVE, uin: ME })],
    ['an account out of range', client({ version: 2, command: CMD.LOGIN, uin: 7, body: signOnBody(2, 'x') })],
    [
      'a sign-on without its NUL',
      client({ version: 2, command: CMD.LOGIN, uin: ME, body: fields([1, 4], [3, 2], 'abc') }),
    ],
    ['OICQ', fromHex('020f4b00250001000000000000')],
  ])('%s is not detected', (_, bytes) => {
    expect(runDetector(icq, bytes, none, { final: true }).answer).toBe('no');
    expect(runDetector(icq, none, bytes, { final: true }).answer).toBe('no');
  });

  test('weak datagrams that do not belong together', () => {
    const ping = client({ version: 2, command: CMD.KEEP_ALIVE, uin: ME, sequence: 7 });
    expect(runDetector(icq, ping, server({ version: 2, command: SRV.ACK, uin: 0, sequence: 8 })).answer).toBe(
      'no',
    );
    const ping3 = client({ version: 3, command: CMD.KEEP_ALIVE, uin: ME });
    expect(runDetector(icq, ping3, server({ version: 3, command: SRV.ACK, uin: PEER })).answer).toBe('no');
  });

  test('random datagrams are not detected and never throw', () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 3, 4, 5), fc.uint8Array({ maxLength: 90 }), (version, bytes) => {
        const datagram = fields([version, 2], bytes);
        expect(runDetector(icq, datagram, none, { final: true }).answer).toBe('no');
        expect(() =>
          runDissector(icq, [...login(2), ...up(datagram), ...down(datagram), ...over]),
        ).not.toThrow();
      }),
      { seed: 5, numRuns: 2000 },
    );
  });
});
