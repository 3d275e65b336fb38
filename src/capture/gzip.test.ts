import { beforeAll, describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { joinBytes } from '../core/bytes.ts';
import { openStream } from './source.ts';
import { keeper, readBytes } from './testing.ts';
import type { Told } from './testing.ts';
import { GZIP } from './wire.ts';
import { fields, writePcap, writePcapng } from './write.ts';
import type { Packet } from './write.ts';

/** Packets that compress about as captures do: some text, some noise. */
const packets: Packet[] = Array.from({ length: 400 }, (_, n) => {
  let noise = n + 1;
  const bytes = Uint8Array.from({ length: 60 + ((n * 37) % 300) }, (_, i) => {
    noise = (noise * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return i % 3 === 0 ? noise >>> 16 : 0x61 + (i % 7);
  });
  return { seconds: 1_100_000_000 + n, bytes };
});
const plain = writePcap(packets);
const packed = Uint8Array.from(gzipSync(plain));

/** A member with optional parts in its header. */
function member(data: Uint8Array, flags: number, parts: Uint8Array): Uint8Array {
  const field = fields({});
  const head = Uint8Array.of(0x1f, 0x8b, GZIP.DEFLATE, flags, 0, 0, 0, 0, 0, 3);
  return joinBytes(head, parts, deflateRawSync(data), field.u32(crc32(data), data.length));
}

let wanted: Told;
beforeAll(async () => {
  wanted = await readBytes(plain);
});

describe('gzip', () => {
  test('of pcap and of pcapng, in pieces of any size', async () => {
    expect(wanted.frames).toHaveLength(packets.length);
    for (const size of [61, 999, Infinity]) expect(await readBytes(packed, [size])).toEqual(wanted);
    const pcapng = writePcapng(packets);
    expect(await readBytes(gzipSync(pcapng))).toEqual(await readBytes(pcapng));
  });

  test('stored blocks, and data that inflates a thousandfold', async () => {
    expect(await readBytes(gzipSync(plain, { level: 0 }))).toEqual(wanted);
    const zeros = writePcap(
      Array.from({ length: 40 }, () => ({ seconds: 1, bytes: new Uint8Array(250_000) })),
    );
    const told = await readBytes(gzipSync(zeros));
    expect(told.problem).toBeUndefined();
    expect(told.frames).toHaveLength(40);
  });

  test.each([1, 23, 24, 1000, plain.length - 1])('two members, parted at byte %i', async (at) => {
    const both = joinBytes(gzipSync(plain.subarray(0, at)), gzipSync(plain.subarray(at)));
    for (const size of [1000, Infinity]) expect(await readBytes(both, [size])).toEqual(wanted);
  });

  test('many members, empty ones among them, and zeros behind the last', async () => {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < plain.length; at += 9000) {
      parts.push(gzipSync(plain.subarray(at, at + 9000)), gzipSync(new Uint8Array(0)));
    }
    const bytes = joinBytes(...parts, new Uint8Array(700));
    expect(await readBytes(bytes, [77])).toEqual(wanted);
  });

  test('all that a header may hold', async () => {
    const extra = joinBytes(fields({}).u16(300), new Uint8Array(300).fill(1));
    const all = GZIP.FEXTRA | GZIP.FNAME | GZIP.FCOMMENT | GZIP.FHCRC;
    const head = joinBytes(extra, 'day1.pcap', 0, 'from the core switch', 0, 1, 2);
    expect(await readBytes(member(plain, all, head))).toEqual(wanted);
    const small = plain.subarray(0, 1000);
    expect(await readBytes(member(small, all, head), [1])).toMatchObject({
      frames: (await readBytes(small)).frames,
    });
  });

  test('an empty file in it', async () => {
    const told = await readBytes(gzipSync(new Uint8Array(0)));
    expect(told.problem).toEqual({ kind: 'empty', message: 'holds an empty file' });
  });

  test('something else in it', async () => {
    const told = await readBytes(gzipSync(packed));
    expect(told.problem).toMatchObject({ kind: 'foreign' });
  });
});

describe('what does not end well', () => {
  test('every cut near the ends, and some between: the packets before it, then the cut', async () => {
    const trailer = packed.length - GZIP.TRAILER;
    const cuts = [3, 9, 10, 11, 50, 300, 5000, 20_000, trailer - 1, trailer, trailer + 1, packed.length - 1];
    let before = 0;
    for (const length of cuts) {
      const told = await readBytes(packed.subarray(0, length), [4096]);
      const offset = length < GZIP.HEADER ? 0 : Math.min(length, trailer);
      expect(told.problem).toMatchObject({ kind: 'cut', offset });
      expect(told.problem?.message).toMatch(new RegExp(`gzip.* at byte ${offset}$`));
      expect(told.frames).toEqual(wanted.frames.slice(0, told.frames.length));
      expect(told.frames.length).toBeGreaterThanOrEqual(before);
      before = told.frames.length;
    }
    expect(before).toBe(packets.length);
  });

  test('a cut loses nothing that can be decoded', async () => {
    // Stored: what is there is known to the byte.
    const stored = gzipSync(plain.subarray(0, 40_000), { level: 0 });
    const dataStart = GZIP.HEADER + 5;
    for (const length of [1000, 30_001]) {
      const told = await readBytes(stored.subarray(0, dataStart + length));
      const reach = await readBytes(plain.subarray(0, length));
      expect(told.frames).toEqual(reach.frames);
    }
  });

  test('trailing junk loses nothing', async () => {
    for (const junk of ['junk', '\0\0\0junk', 'x', '\x1f\x8a', 'a long end'.repeat(9000)]) {
      for (const size of [512, Infinity]) {
        const told = await readBytes(joinBytes(packed, Buffer.from(junk, 'latin1')), [size]);
        expect(told.frames).toEqual(wanted.frames);
        const offset = packed.length + junk.search(/[^\0]/);
        expect(told.problem).toEqual({
          kind: 'damaged',
          offset,
          message: `junk follows the gzip data at byte ${offset}`,
        });
      }
    }
  });

  test('damage costs at most a sixteenth of what was read', async () => {
    for (const at of [2000, 10_000, packed.length >> 1, packed.length - 4000]) {
      const bytes = packed.slice();
      bytes.fill(0xff, at, at + 40);
      const told = await readBytes(bytes);
      expect(told.problem?.kind).toBe('damaged');
      const before = await readBytes(packed.subarray(0, at));
      const same = told.frames.findIndex((f, i) => f.bytes !== wanted.frames[i]?.bytes);
      const right = same < 0 ? told.frames.length : same;
      const lost = before.frames.length - right;
      expect(lost).toBeLessThanOrEqual(Math.ceil(before.frames.length / 16) + 4);
    }
  });

  test.each([
    ['checksum', packed.length - 6],
    ['size', packed.length - 2],
  ])('a wrong %s is told after all packets', async (_, at) => {
    const bytes = packed.slice();
    bytes[at]! ^= 1;
    const told = await readBytes(bytes);
    expect(told.frames).toEqual(wanted.frames);
    expect(told.problem).toMatchObject({ kind: 'damaged', offset: packed.length - GZIP.TRAILER });
    expect(told.problem?.message).toMatch(/checksum/);
  });

  test.each([
    ['another method', member(plain, 0, new Uint8Array(0)).fill(7, 2, 3)],
    ['reserved flags', member(plain, 0x20, new Uint8Array(0))],
    ['a name without end', joinBytes(packed.subarray(0, 3), GZIP.FNAME, new Uint8Array(400_000).fill(97))],
  ])('a header with %s', async (_, bytes) => {
    const told = await readBytes(bytes, [3000]);
    expect(told.problem).toMatchObject({ kind: 'damaged', message: 'the gzip header is broken at byte 0' });
  });

  test('a capture that is cut inside whole gzip data', async () => {
    const told = await readBytes(gzipSync(plain.subarray(0, plain.length - 3)));
    expect(told.frames).toHaveLength(packets.length - 1);
    expect(told.problem?.message).toMatch(/^cut short in packet 400 at byte \d+ of the unpacked data$/);
  });

  test('no changed byte goes unnoticed, or makes it throw', async () => {
    const small = Uint8Array.from(gzipSync(writePcap(packets.slice(0, 5))));
    for (let at = 2; at < small.length; at++) {
      const bytes = small.slice();
      bytes[at]! ^= 0x55;
      const told = await readBytes(bytes, [100]);
      const meansNothing = at >= 4 && at < GZIP.HEADER;
      expect(told.problem === undefined).toBe(meansNothing);
    }
  });
});

test('a pipe that fails between two members', async () => {
  const failing = Readable.from(
    (async function* () {
      yield packed;
      await Promise.resolve();
      throw Object.assign(new Error('read EIO'), { code: 'EIO' });
    })(),
  );
  const sink = keeper();
  const result = await openStream('pipe', failing).read(sink);
  expect(sink.frames).toEqual(wanted.frames);
  expect(result.problem).toMatchObject({ kind: 'unreadable', offset: packed.length });
});

test('a live pipe: packets come as soon as their bytes do', async () => {
  const { createGzip, constants } = await import('node:zlib');
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  const sink = keeper();
  const reading = openStream('pipe', Readable.from(gzip)).read(sink);
  const arrived = async (count: number): Promise<void> => {
    while (sink.frames.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  gzip.write(writePcap(packets.slice(0, 3)));
  await arrived(3);
  gzip.write(writePcap(packets.slice(3, 5)).subarray(24));
  await arrived(5);
  gzip.end();
  const result = await reading;
  expect(result.problem).toBeUndefined();
  expect(sink.frames).toEqual(wanted.frames.slice(0, 5));
});
