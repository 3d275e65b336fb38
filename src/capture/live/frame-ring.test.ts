import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Frame } from '../frame.ts';
import { FrameRing, leastRing, RECORD, RingReader } from './frame-ring.ts';
import type { RecordSink, Span } from './frame-ring.ts';

function frameOf(length: number, number: number): Frame {
  const frame = new Frame();
  frame.bytes = new Uint8Array(length + 3).fill(number & 0xff);
  for (let i = 0; i < length; i += 97) frame.bytes[3 + i] = i & 0xff;
  frame.start = 3;
  frame.end = length + 3;
  frame.wireLength = length + 7;
  frame.seconds = number % 2 === 0 ? 4_294_967_295 : 253_402_300_799;
  frame.nanos = 999_999_999;
  frame.linkType = number % 3 === 0 ? -1 : 113;
  frame.number = 0x7fff_ffff - number;
  frame.file = number % 5;
  return frame;
}

const shown = (frame: Frame): unknown => ({
  ...frame,
  ...{ start: 0, end: frame.end - frame.start },
  bytes: Buffer.from(frame.bytes.subarray(frame.start, frame.end)).toString('base64'),
});

/** Writes down what it is handed. */
function scribe(): { told: unknown[]; sink: RecordSink } {
  const told: unknown[] = [];
  const sink = {
    frame: (frame: Frame) => told.push(shown(frame)),
    tick: (seconds: number) => told.push(['tick', seconds]),
    look: (wanted: number) => told.push(['look', wanted]),
  };
  return { told, sink };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('frames on their way to workers', () => {
  test('arrive whole and in order, whatever their lengths, also around the end of the ring', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom(65_535, 262_144)), {
          minLength: 1,
          maxLength: 40,
        }),
        async (lengths) => {
          const spans: Span[] = [];
          const ring = new FrameRing(0, 1, 1, (span) => spans.push(span));
          const reader = new RingReader(ring.memory);
          const { told, sink } = scribe();
          const sent: unknown[] = [];
          for (const [i, length] of lengths.entries()) {
            const frame = frameOf(length, i);
            expect(ring.frame(frame)).toBe(true);
            expect(ring.tell(RECORD.TICK, 253_402_300_799 - i)).toBe(true);
            sent.push(shown(frame), ['tick', 253_402_300_799 - i]);
            if (i % 2 === 0) continue;
            await turn();
            for (const span of spans.splice(0)) {
              reader.take(span);
              expect(reader.hand(span.length, sink)).toBe(true);
              ring.taken(0, span.upTo);
            }
          }
          ring.tell(RECORD.END, 0);
          await turn();
          const over = spans.map((span) => {
            reader.take(span);
            return reader.hand(span.length, sink);
          });
          expect(over.at(-1)).toBe(false);
          expect(told).toEqual(sent);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('a worker that reads nothing makes frames be refused, and the ring does not grow', () => {
    const ring = new FrameRing(0, 1, 2, () => undefined);
    const frame = frameOf(1_000, 1);
    let taken = 0;
    while (ring.frame(frame)) taken++;
    expect(ring.memory.byteLength).toBe(leastRing(1));
    expect(taken * 1_032).toBeLessThanOrEqual(leastRing(1));
    expect(taken).toBeGreaterThan(1_900);
    // What one worker has read does not help while the other has not.
    ring.taken(0, taken * 1_032);
    expect(ring.frame(frame)).toBe(false);
    ring.taken(1, taken * 1_032);
    expect(ring.frame(frame)).toBe(true);
  });

  test('a record that is no frame finds room where a frame does not', () => {
    const ring = new FrameRing(0, 1, 1, () => undefined);
    const frame = frameOf(0, 1);
    while (ring.frame(frame));
    expect(ring.tell(RECORD.LOOK, 1)).toBe(true);
    expect(ring.tell(RECORD.END, 0)).toBe(true);
  });

  test('who reads waits before there is too little room for what he may have in hand', async () => {
    const ring = new FrameRing(0, 1, 1, () => undefined);
    const frame = frameOf(1_000, 1);
    let wait = ring.pause();
    expect(wait).toBeUndefined();
    let taken = 0;
    for (; wait === undefined; taken++) {
      expect(ring.frame(frame)).toBe(true);
      wait = ring.pause();
    }
    // A window of the reader's still fits.
    for (let i = 0; i < 512; i++) expect(ring.frame(frame)).toBe(true);
    ring.taken(0, (taken + 512) * 1_032);
    await wait;
    expect(ring.pause()).toBeUndefined();
  });

  test('nobody waits for a ring that is closed', async () => {
    const ring = new FrameRing(0, 1, 1, () => undefined);
    while (ring.frame(frameOf(100_000, 1)));
    const wait = ring.pause();
    expect(wait).toBeDefined();
    ring.close();
    await wait;
    expect(ring.frame(frameOf(1, 1))).toBe(false);
    expect(ring.pause()).toBeUndefined();
  });
});
