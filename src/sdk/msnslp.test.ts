import { expect, test } from '@jest/globals';
import { parseSlp } from './msnslp.ts';

const invite = (callId: string): Uint8Array =>
  Buffer.from(
    `INVITE MSNMSGR:a@example.com MSNSLP/1.0\r\nCall-ID: ${callId}\r\nContent-Length: 0\r\n\r\n`,
    'latin1',
  );
const parse = (bytes: Uint8Array) => parseSlp(bytes, 0, bytes.length);

test('a Call-ID is kept; one that no client writes is not', () => {
  const id = '{2B073406-65D8-A7B2-5B13-B287E6A4D8F1}';
  expect(parse(invite(id))).toMatchObject({ method: 'INVITE', callId: id });
  expect(parse(invite('q'.repeat(256)))?.callId).toHaveLength(256);
  expect(parse(invite('q'.repeat(257)))).toBeUndefined();
});
