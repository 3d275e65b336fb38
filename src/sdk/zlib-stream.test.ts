import { constants, deflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { ZlibStream } from './zlib-stream.ts';

const text = new TextEncoder();

function inflate(
  bytes: Uint8Array,
  step = bytes.length,
): { out: Uint8Array; state: string; largest: number } {
  const parts: Uint8Array[] = [];
  const stream = new ZlibStream((part) => parts.push(part));
  for (let at = 0; at < bytes.length; at += step) {
    stream.push(bytes, at, Math.min(bytes.length, at + step));
  }
  const largest = Math.max(0, ...parts.map((part) => part.length));
  return { out: Uint8Array.from(Buffer.concat(parts)), state: stream.state, largest };
}

/** Bytes that do not compress well, always the same. */
function noise(length: number): Uint8Array {
  let seed = 1;
  return Uint8Array.from({ length }, () => (seed = (seed * 48_271) % 2_147_483_647) >> 8);
}

describe('ZlibStream', () => {
  test.each([
    ['text', text.encode('<presence/>'.repeat(50))],
    ['more than the window', noise(50_000)],
    ['nothing', new Uint8Array(0)],
  ])('%s, whole and cut anywhere', (_, plain) => {
    for (const level of [0, 1, 9]) {
      const bytes = deflateSync(plain, { level });
      for (const step of [bytes.length, 1, 7, 600]) {
        const { out, state } = inflate(bytes, step);
        expect(state).toBe('open');
        expect(Buffer.compare(out, plain)).toBe(0);
      }
    }
  });

  test('what was flushed is there before the stream ends', () => {
    for (const finishFlush of [constants.Z_SYNC_FLUSH, constants.Z_PARTIAL_FLUSH, constants.Z_FULL_FLUSH]) {
      const { out, state } = inflate(deflateSync(text.encode('<message/>'), { finishFlush }), 1);
      expect(state).toBe('open');
      expect(Buffer.from(out).toString()).toBe('<message/>');
    }
  });

  test.each([
    ['no zlib header', text.encode('<stream:stream>')],
    ['a block type that is none', Uint8Array.of(0x78, 0x9c, 0x07, 0, 0)],
    ['a reference to before the beginning', Uint8Array.of(0x78, 0x9c, 0x4b, 0x04, 0x52, 0, 0)],
  ])('%s: no exception', (_, bytes) => {
    const { out } = inflate(bytes);
    expect(out.length).toBeLessThan(1_000);
  });

  test('every mutation of one byte ends without an exception', () => {
    const bytes = deflateSync(text.encode('<message to="bob"><body>hello</body></message>'.repeat(4)));
    for (let i = 0; i < bytes.length; i++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const mutant = Uint8Array.from(bytes);
        mutant[i] = (mutant[i] ?? 0) ^ flip;
        expect(inflate(mutant, 5).out.length).toBeLessThan(1_000_000);
      }
    }
  });

  test('a bomb ends early, in steps of bounded size', () => {
    const { out, state, largest } = inflate(deflateSync(new Uint8Array(64 * 1_048_576)));
    expect(state).toBe('bomb');
    expect(out.length).toBeLessThan(2 * 1_048_576);
    expect(largest).toBeLessThanOrEqual(4_096);
  });
});
