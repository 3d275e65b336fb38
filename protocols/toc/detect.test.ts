import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runDetector } from '../../src/sdk/testing.ts';
import { command, concat, conversation, greeting, hello, latin1, reply } from './build.ts';
import toc from './index.ts';

describe('detection', () => {
  const client = concat(...frames0(0));
  const server = concat(...frames0(1));
  function frames0(direction: 0 | 1): Uint8Array[] {
    return conversation.flatMap((step) =>
      'bytes' in step && step.direction === direction ? [step.bytes] : [],
    );
  }

  test.each([
    ['both sides', client, server, {}, 'high'],
    ['greeting and hello', greeting(), hello(), {}, 'high'],
    ['client only', client, new Uint8Array(0), {}, 'high'],
    ['greeting only, at the end', greeting(), new Uint8Array(0), { final: true }, 'medium'],
    ['server only', new Uint8Array(0), server, {}, 'high'],
    ['middle of a session', command('toc_noop'), new Uint8Array(0), { midstream: true }, 'high'],
  ] as const)('%s', (_, c, s, options, confidence) => {
    expect(runDetector(toc, c, s, options)).toMatchObject({ answer: 'yes', confidence, flip: false });
  });

  test('sides exchanged', () => {
    expect(runDetector(toc, server, client, { midstream: true })).toMatchObject({
      answer: 'yes',
      flip: true,
    });
    expect(runDetector(toc, reply('IM_IN:x:F:y'), new Uint8Array(0), { midstream: true }).flip).toBe(true);
  });

  test('every prefix of both sides is more or yes, and yes in the end', () => {
    for (let n = 1; n <= client.length; n++)
      expect(runDetector(toc, client.slice(0, n)).answer).not.toBe('no');
    for (let n = 1; n <= server.length; n++) {
      expect(runDetector(toc, new Uint8Array(0), server.slice(0, n)).answer).not.toBe('no');
    }
  });

  const oscarHello = latin1('*\x01\x00\x64\x00\x04\x00\x00\x00\x01');
  const oscarSnac = latin1('*\x02\x00\x65\x00\x0e\x00\x17\x00\x06\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00');
  test.each([
    ['OSCAR client', concat(oscarHello, oscarSnac), new Uint8Array(0)],
    ['OSCAR hello only', new Uint8Array(0), oscarHello],
    ['OSCAR server', new Uint8Array(0), concat(oscarHello, oscarSnac)],
    ['IMAP', new Uint8Array(0), latin1('* OK IMAP4rev1 ready\r\n')],
    ['Redis', latin1('*3\r\n$3\r\nSET\r\n'), new Uint8Array(0)],
    ['HTTP', latin1('GET /info?cookie=00 HTTP/1.1\r\n\r\n'), latin1('HTTP/1.1 200 OK\r\n')],
    ['a word in F', latin1('FETCH all\r\n'), new Uint8Array(0)],
    ['FLAPON and then something else', latin1('FLAPON\r\n\r\nhello'), new Uint8Array(0)],
    ['a star', latin1('*'), new Uint8Array(0)],
    ['data frame of an unknown word', new Uint8Array(0), reply('HELLO:x')],
    ['data frame of lower-case text', reply('tomorrow'), new Uint8Array(0)],
    ['both sides send commands', command('toc_noop'), command('toc_noop')],
  ])('not %s', (_, c, s) => {
    expect(runDetector(toc, c, s, { final: true }).answer).toBe('no');
  });

  test('random bytes are not TOC', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 64 }), (c, s) => {
        expect(runDetector(toc, c, s, { final: true }).answer).toBe('no');
        expect(runDetector(toc, Uint8Array.of(0x2a, ...c), s, { final: true, midstream: true }).answer).toBe(
          'no',
        );
      }),
      { seed: 4, numRuns: 2000 },
    );
  });
});
