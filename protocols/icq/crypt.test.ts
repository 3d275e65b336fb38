import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runDissector } from '../../src/sdk/testing.ts';
import { client, ME, messageBody, PEER, up } from './build.ts';
import {
  checkCodeV4,
  checkCodeV5,
  checkFits,
  commandV4,
  commandV5,
  unscrambleV4,
  unscrambleV5,
} from './crypt.ts';
import icq from './index.ts';
import { CLIENT_HEADER, CMD } from './wire.ts';

describe('scrambling', () => {
  test.each([4, 5] as const)(
    'version %d: unscrambled, the check code fits, wherever it takes its bytes',
    (version) => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 300 }),
          fc.nat(0xffff),
          fc.nat(0xffffffff),
          fc.nat(19),
          fc.nat(255),
          (body, command, uin, offset, index) => {
            const place = version === 5 && offset >= 10 ? 24 + body.length - 1 : offset;
            const check: [number, number] = [version === 4 && offset >= 16 ? 2 : place & 0xff, index];
            if (version === 5 && place > 255) return;
            const plain = client({ version, command, uin, body, check });
            const clear =
              version === 5 ? unscrambleV5(plain, 0, plain.length) : unscrambleV4(plain, 0, plain.length);
            const code = version === 5 ? checkCodeV5(plain, 0) : checkCodeV4(plain, 0);
            expect([...clear.slice(CLIENT_HEADER[version])]).toEqual([...body]);
            expect(checkFits(version, clear, code)).toBe(true);
            const peeked =
              version === 5 ? commandV5(plain, 0, plain.length) : commandV4(plain, 0, plain.length);
            expect(peeked).toBe(command);
          },
        ),
        { seed: 23, numRuns: 400 },
      );
    },
  );

  test('a check code that does not fit is counted, the datagram read', () => {
    const message = client({ version: 5, command: CMD.SEND_MESSAGE, uin: ME, body: messageBody(PEER, 'x') });
    message[6] = (message[6] ?? 0) ^ 1;
    const told = runDissector(icq, up(message));
    expect(told.anomalies).toEqual(['icq_check_code']);
    expect(told.facts.at(-1)?.text).toBe('x');
  });
});
