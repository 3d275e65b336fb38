import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runDetector } from '../../src/sdk/testing.ts';
import {
  arsCreate,
  arsCreated,
  arsFrame,
  arsJoin,
  arsReady,
  concat,
  fileOf,
  headers,
  latin1,
  odcFrame,
  oftHeader,
} from './build.ts';
import oft from './index.ts';

describe('detection', () => {
  const none = new Uint8Array(0);
  const { prompt, ack } = headers(fileOf(9), 'x');
  const odc = odcFrame({ name: 'a', flags: 0x60 });

  test.each([
    ['OFT, both sides', prompt, ack, {}, 'high', false],
    ['OFT3', oftHeader({ type: 0x0101, name: 'x', size: 1, version: 3 }), ack, {}, 'high', false],
    ['OFT, one side and data', concat(prompt, fileOf(20)), none, {}, 'medium', false],
    ['OFT, one side', none, ack, { final: true }, 'medium', false],
    ['ODC, both sides', odc, odc, {}, 'high', false],
    ['proxy', arsCreate('teacaddy'), arsCreated(), {}, 'high', false],
    ['proxy, sides exchanged', arsReady(), arsJoin('teacaddy'), {}, 'high', true],
    ['proxy, one side exchanged', arsReady(), none, { final: true }, 'medium', true],
  ] as const)('%s', (_, client, server, options, confidence, flip) => {
    expect(runDetector(oft, client, server, options)).toMatchObject({ answer: 'yes', confidence, flip });
  });

  test.each([
    ['OFT', prompt],
    ['ODC', odc],
    ['proxy', arsCreate('teacaddy')],
  ])('every prefix of %s asks for more', (_, bytes) => {
    for (let n = 1; n < bytes.length; n++) expect(runDetector(oft, bytes.slice(0, n)).answer).toBe('more');
  });

  test.each([
    ['a text that begins like a magic', latin1('OFT2 is a protocol\r\n'), none],
    ['an unknown type', concat(latin1('OFT2\x01\x00\x09\x09'), none), none],
    ['a length beyond belief', concat(latin1('OFT2\xff\x00\x01\x01'), none), none],
    ['ODC with another type', concat(latin1('ODC2\x00\x4c\x00\x02'), none), none],
    ['two kinds', prompt, odc],
    ['two requests to a proxy', arsCreate('a'), arsCreate('a')],
    ['a prefix at the end', latin1('OFT'), none],
    ['HTTP OPTIONS', latin1('OPTIONS / HTTP/1.1\r\n'), none],
    ['zeros', new Uint8Array(64), none],
    ['SMB', latin1('\0\0\0\x54\xffSMBr\0\0\0\0'), none],
    ['a proxy frame without room for its type', arsFrame(2, Uint8Array.of(1, 2)), none],
  ])('not %s', (_, client, server) => {
    expect(runDetector(oft, client, server, { final: true }).answer).toBe('no');
  });

  test('random bytes are not OFT', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(0x4f, 0), (bytes, first) => {
        expect(runDetector(oft, Uint8Array.of(first, ...bytes), none, { final: true }).answer).toBe('no');
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});
