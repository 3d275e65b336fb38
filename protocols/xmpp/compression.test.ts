import { describe, expect, test } from '@jest/globals';
import { everySplit, runDissector, zlibPieces } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { END, body, bytesOf, client, message, server, signOn } from './build.ts';
import xmpp from './index.ts';

const COMPRESS = 'http://jabber.org/protocol/compress';
const ASK = client(`<compress xmlns='${COMPRESS}'><method>zlib</method></compress>`);
const AGREE = server(`<compressed xmlns='${COMPRESS}'/>`);

const say = (words: string): Step => client(message("to='bob@corp.test'", body(words)));
const hear = (words: string): Step =>
  server(message("from='bob@corp.test/desk' to='alice@corp.test/laptop'", body(words)));

/** The steps with each direction's bytes compressed as one stream. */
function compressed(steps: readonly Step[], windowBits?: number): Step[] {
  const of = (direction: 0 | 1): Uint8Array[] =>
    zlibPieces(
      steps.flatMap((step) => ('bytes' in step && step.direction === direction ? [step.bytes] : [])),
      windowBits,
    );
  const packed = [of(0), of(1)] as const;
  return steps.map((step) =>
    'bytes' in step ? { ...step, bytes: packed[step.direction].shift() ?? step.bytes } : step,
  );
}

/** PLAIN in clear, then the new stream, the binding and `steps` compressed (XEP-0138, 5). */
const conversation = (steps: readonly Step[], windowBits?: number): Step[] => [
  ...signOn().slice(0, 4),
  ASK,
  AGREE,
  ...compressed([...signOn().slice(4), ...steps], windowBits),
];

const TALK = [say('hello'), hear('hello yourself'), say('bye')];
const told = (steps: readonly Step[], options = {}) => {
  const all = runDissector(xmpp, steps, options);
  return { texts: all.facts.flatMap((f) => (f.text === undefined ? [] : [f.text])), ...all };
};

describe('stream compression (XEP-0138)', () => {
  test('what is compressed tells the same as what is not', () => {
    const plain = told([...signOn(), ...TALK, ...END]);
    everySplit(xmpp, [...conversation(TALK), ...END], (run) => {
      expect(run.facts).toEqual(plain.facts);
      expect(run.anomalies).toEqual([]);
    });
  });

  test.each([9, 12, 15])('a window of 2^%i bytes', (windowBits) => {
    expect(told(conversation(TALK, windowBits)).texts).toEqual(['hello', 'hello yourself', 'bye']);
  });

  test('the answer that agrees is not in view', () => {
    const steps = conversation(TALK).filter((step) => step !== AGREE);
    expect(told(steps.filter((step) => step.direction === 0)).texts).toEqual(['hello', 'bye']);
  });

  test('the compressed bytes follow in the segment that agrees', () => {
    const steps = conversation(TALK);
    const at = steps.indexOf(AGREE);
    const next = steps.findIndex((step, i) => i > at && step.direction === 1);
    const first = steps[next];
    if (!first || !('bytes' in first) || !('bytes' in AGREE)) throw new Error('no server bytes');
    const joined = { direction: 1, bytes: bytesOf(AGREE.bytes, first.bytes) } as const;
    const order = [...steps.slice(0, at), joined, ...steps.slice(at + 1, next), ...steps.slice(next + 1)];
    expect(told(order)).toMatchObject({ texts: ['hello', 'hello yourself', 'bye'], anomalies: [] });
  });

  test('a server that refuses is read on', () => {
    const refusal = server(`<failure xmlns='${COMPRESS}'><setup-failed/></failure>`);
    expect(told([...signOn().slice(0, 4), ASK, refusal, ...signOn().slice(4), ...TALK]).texts).toHaveLength(
      3,
    );
  });

  test('the unread part of a stanza may be larger than any piece', () => {
    const long = 'long '.repeat(40_000);
    expect(told(conversation([say(long)]), { chunk: 100 }).texts).toEqual([long]);
  });
});

describe('what stops the reading of a compressed direction', () => {
  const ahead = conversation([say('before')]);

  test('a gap: the other direction is read on', () => {
    const steps = conversation([say('before'), say('lost'), hear('heard')]);
    const lost = steps.length - 2;
    const gap: Step = { direction: 0, gap: 40 };
    const run = told([...steps.slice(0, lost), gap, ...steps.slice(lost + 1), say('<x')]);
    expect(run).toMatchObject({ texts: ['before', 'heard'], anomalies: ['xmpp_compressed_not_read'] });
    expect(told([...steps.slice(0, lost), gap, { direction: 1, gap: 1 }, say('x')]).ended).toBe('skip');
  });

  test('damage', () => {
    const run = told([...ahead, { direction: 0, bytes: Uint8Array.of(7, 7, 7, 7) }, say('x')]);
    expect(run).toMatchObject({ texts: ['before'], anomalies: ['xmpp_compressed_not_read'] });
  });

  test('a bomb', () => {
    const bomb = client(`<message><body>${'a'.repeat(30_000_000)}</body></message>`);
    const run = told(conversation([say('before'), bomb, say('after')]));
    expect(run.texts).toEqual(['before']);
    expect(run.anomalies).toContain('xmpp_compression_bomb');
  });

  test('no room for an inflater', () => {
    const run = told(conversation(TALK), { full: true });
    expect(run).toMatchObject({ texts: [], anomalies: ['xmpp_compressed_not_read'], ended: 'skip' });
  });
});
