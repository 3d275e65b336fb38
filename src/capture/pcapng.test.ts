import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinBytes } from '../core/bytes.ts';
import { readBytes } from './testing.ts';
import { BLOCK, LIMITS } from './wire.ts';
import { block, enhancedPacket, fields, interfaceDescription, sectionHeader, writePcapng } from './write.ts';
import type { ByteOrder, Packet } from './write.ts';

const packet = (n: number, length: number, interfaceId = 0): Packet => ({
  seconds: 1_200_000_000 + n,
  nanos: 123_456_789,
  bytes: Uint8Array.from({ length }, (_, i) => (n * 17 + i) & 0xff),
  interfaceId,
});
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A packet block by its fields; EPB unless told otherwise. */
function packetBlock(
  ids: Uint8Array,
  captured: number,
  wire: number,
  rest: Uint8Array,
  order: ByteOrder,
  type: number = BLOCK.EPB,
): Uint8Array {
  const field = fields(order);
  return block(type, joinBytes(ids, field.u32(0, 5_000_000, captured, wire), rest), order);
}

describe('variants', () => {
  test.each([false, true])(
    'sections, interfaces, link types and units (big-endian first: %s)',
    async (bigEndian) => {
      const interfaces = [
        { linkType: 1 },
        { linkType: 113, resolution: 9 },
        { linkType: 101, resolution: 0x80 | 20 },
        { linkType: 0, resolution: 3, offset: -3600 },
      ];
      const first = writePcapng([packet(1, 60, 3), packet(2, 61, 1), packet(3, 62, 0), packet(4, 63, 2)], {
        bigEndian,
        interfaces,
      });
      const second = writePcapng([packet(5, 0)], {
        bigEndian: !bigEndian,
        interfaces: [{ linkType: 276, offset: 1 }],
      });
      const told = await readBytes(joinBytes(first, second));
      expect(told.problem).toBeUndefined();
      expect(told.linkTypes).toEqual([1, 113, 101, 0, 276]);
      expect(told.frames.map((f) => [f.number, f.interfaceId, f.linkType, f.time])).toEqual([
        [1, 3, 0, '1200000001.123000000'],
        [2, 1, 113, '1200000002.123456789'],
        [3, 0, 1, '1200000003.123456000'],
        [4, 2, 101, '1200000004.123456001'],
        [5, 0, 276, '1200000005.123456000'],
      ]);
      expect(told.frames.map((f) => f.bytes)).toEqual(
        [packet(1, 60), packet(2, 61), packet(3, 62), packet(4, 63), packet(5, 0)].map((p) => hexOf(p.bytes)),
      );
    },
  );

  test.each([false, true])('an enhanced packet with options (big-endian: %s)', async (bigEndian) => {
    const order = { bigEndian };
    const field = fields(order);
    const data = Uint8Array.of(1, 2, 3, 4, 5, 0, 0, 0);
    const comment = joinBytes(field.u16(1, 4), 'note', field.u16(0, 0));
    const one = packetBlock(field.u32(0), 5, 1500, joinBytes(data, comment), order);
    const told = await readBytes(joinBytes(sectionHeader(order), interfaceDescription({}, order), one, one));
    expect(told.problem).toBeUndefined();
    expect(told.frames).toMatchObject([
      { bytes: '0102030405', wireLength: 1500, time: '5.000000000' },
      { bytes: '0102030405', wireLength: 1500, number: 2 },
    ]);
  });

  test.each([false, true])('an obsolete packet block (big-endian: %s)', async (bigEndian) => {
    const order = { bigEndian };
    const ids = fields(order).u16(1, 0xffff);
    const faces = [interfaceDescription({}, order), interfaceDescription({ linkType: 9 }, order)];
    const one = packetBlock(ids, 2, 2, Uint8Array.of(7, 8), order, BLOCK.PB);
    const told = await readBytes(joinBytes(sectionHeader(order), ...faces, one));
    expect(told.problem).toBeUndefined();
    expect(told.frames).toMatchObject([{ bytes: '0708', interfaceId: 1, linkType: 9, time: '5.000000000' }]);
  });

  test.each([
    ['its own length', 0, 5, '0102030405', 5],
    ['the snap length of interface 0', 3, 9, '010203', 9],
    ['the block, where the wire had more', 0, 99, '0102030405000000', 99],
  ])(
    'a simple packet ends by %s, and takes over the time',
    async (_, snapLength, wire, bytes, wireLength) => {
      const simple = block(BLOCK.SPB, joinBytes(fields({}).u32(wire), Uint8Array.of(1, 2, 3, 4, 5)));
      const face = interfaceDescription({ snapLength });
      const told = await readBytes(
        joinBytes(sectionHeader(), face, simple, enhancedPacket(packet(6, 1), {}), simple),
      );
      expect(told.problem).toBeUndefined();
      expect(told.frames[0]).toMatchObject({ bytes, wireLength, time: '0.000000000' });
      expect(told.frames[2]).toMatchObject({ bytes, wireLength, time: '1200000006.123456000' });
    },
  );

  test('other blocks are skipped, larger than the window too', async () => {
    const others = [4, 5, 9, 10, 0xbad, 0x40000bad, 0, 0xffff_ffff].map((type) =>
      block(type, new Uint8Array(13)),
    );
    const huge = block(0x0000_0a0a, new Uint8Array(LIMITS.BLOCK + 5000));
    const head = joinBytes(sectionHeader(), interfaceDescription({}));
    const bytes = joinBytes(
      head,
      ...others,
      enhancedPacket(packet(1, 4), {}),
      huge,
      enhancedPacket(packet(2, 4), {}),
      huge,
    );
    for (const window of [64, 65_536]) {
      const told = await readBytes(bytes, [50_000], window);
      expect(told.problem).toBeUndefined();
      expect(told.frames.map((f) => f.number)).toEqual([1, 2]);
    }
  });

  test('a section header larger than any window is skipped over', async () => {
    const order = fields({});
    const head = joinBytes(order.u32(0x1a2b3c4d), order.u16(1, 0), order.u32(0, 0), new Uint8Array(200_000));
    const bytes = joinBytes(
      block(BLOCK.SHB, head),
      interfaceDescription({}),
      enhancedPacket(packet(1, 4), {}),
    );
    const told = await readBytes(bytes, [4096], 64);
    expect(told.problem).toBeUndefined();
    expect(told.frames).toHaveLength(1);
  });

  test('a length without its padding is rounded up', async () => {
    const field = fields({});
    const body = joinBytes(field.u32(0, 0, 1_000_000, 1, 1), Uint8Array.of(9, 0, 0, 0));
    const odd = joinBytes(field.u32(BLOCK.EPB, 33), body, field.u32(33));
    const told = await readBytes(joinBytes(sectionHeader(), interfaceDescription({}), odd, odd));
    expect(told.problem).toBeUndefined();
    expect(told.frames.map((f) => f.bytes)).toEqual(['09', '09']);
  });
});

describe('what does not end well', () => {
  const parts = [
    sectionHeader(),
    interfaceDescription({ resolution: 9 }),
    enhancedPacket(packet(1, 5), { resolution: 9 }),
    block(5, new Uint8Array(24)),
    enhancedPacket(packet(2, 0), { resolution: 9 }),
    enhancedPacket(packet(3, 30), { resolution: 9 }),
  ];
  const whole = joinBytes(...parts);

  test('every truncation: all frames before the cut, and where the unfinished block begins', async () => {
    const { frames } = await readBytes(whole);
    const starts = parts.map((_, i) => joinBytes(...parts.slice(0, i)).length);
    for (let length = 1; length < whole.length; length++) {
      const told = await readBytes(whole.subarray(0, length), [11]);
      const index = starts.filter((start) => start <= length).length - 1;
      const before = [2, 4, 5].filter((i) => i < index).length;
      expect(told.frames).toEqual(frames.slice(0, before));
      if (starts.includes(length)) {
        expect(told.problem).toBeUndefined();
        continue;
      }
      expect(told.problem).toMatchObject({ kind: 'cut', offset: starts[index] });
      expect(told.problem?.message).toMatch(new RegExp(`cut short in .* at byte ${starts[index]!}$`));
    }
    const inPacket = await readBytes(whole.subarray(0, whole.length - 1));
    expect(inPacket.problem?.message).toBe(`cut short in packet 3 at byte ${starts.at(-1)!}`);
  });

  test('a skipped block that runs past the end', async () => {
    const endless = joinBytes(fields({}).u32(5, 0xffff_fff0), new Uint8Array(40));
    const told = await readBytes(joinBytes(whole, endless), [8]);
    expect(told.frames).toHaveLength(3);
    expect(told.problem).toEqual({
      kind: 'cut',
      offset: whole.length,
      message: `cut short in a block at byte ${whole.length}`,
    });
  });

  const field = fields({});
  const epb = (id: number, captured: number, rest: Uint8Array): Uint8Array =>
    packetBlock(field.u32(id), captured, captured, rest, {});
  const wrongTrailer = joinBytes(field.u32(BLOCK.EPB, 32, 0, 0, 0, 0, 0), field.u32(36));
  test.each([
    ['two lengths that differ', wrongTrailer, 'a block whose two lengths differ'],
    ['the same of a skipped block', joinBytes(field.u32(99, 12, 16)), 'a block whose two lengths differ'],
    ['no room for itself', field.u32(99, 8, 8), 'a block of type 0x63 claims 8 bytes'],
    [
      'a packet block without its fields',
      field.u32(BLOCK.EPB, 12, 12),
      'a block of type 0x6 claims 12 bytes',
    ],
    ['a simple one', field.u32(BLOCK.SPB, 12, 12), 'a block of type 0x3 claims 12 bytes'],
    ['an interface', field.u32(BLOCK.IDB, 16, 0, 16), 'a block of type 0x1 claims 16 bytes'],
    ['an absurd block', field.u32(BLOCK.EPB, 0x7fff_fff0, 0), 'a block of type 0x6 claims 2147483632 bytes'],
    ['more captured than the block', epb(0, 9, new Uint8Array(8)), 'packet 4 claims 9 captured bytes'],
    [
      'more captured than sense',
      epb(0, 300_000, new Uint8Array(300_000)),
      'packet 4 claims 300000 captured bytes',
    ],
    [
      'an unknown interface',
      epb(1, 0, new Uint8Array(0)),
      'packet 4 names interface 1, which is not described',
    ],
    [
      'an option longer than its block',
      block(BLOCK.IDB, joinBytes(field.u16(1, 0), field.u32(0), field.u16(2, 5), new Uint8Array(4))),
      'an interface option is longer than its block',
    ],
    ['no byte order', block(BLOCK.SHB, new Uint8Array(16)), 'a section header without a byte-order magic'],
    [
      'a short section header',
      joinBytes(field.u32(BLOCK.SHB, 24, 0x1a2b3c4d), field.u16(1, 0), field.u32(0, 24), field.u32(0)),
      'a block of type 0xa0d0d0a claims 24 bytes',
    ],
  ])('%s', async (_, block, message) => {
    const told = await readBytes(joinBytes(whole, block));
    expect(told.frames).toHaveLength(3);
    expect(told.problem).toEqual({
      kind: 'damaged',
      offset: whole.length,
      message: `${message} at byte ${whole.length}`,
    });
  });

  test('a packet before any interface, and interfaces that ended with their section', async () => {
    const simple = block(BLOCK.SPB, fields({}).u32(0));
    const expected = {
      kind: 'damaged',
      message: expect.stringContaining('names interface 0, which is not described'),
    };
    expect((await readBytes(joinBytes(sectionHeader(), simple))).problem).toMatchObject(expected);
    const again = await readBytes(joinBytes(whole, sectionHeader(), enhancedPacket(packet(9, 1), {})));
    expect(again.problem).toMatchObject(expected);
    expect(again.frames).toHaveLength(3);
  });

  test('an unknown major version', async () => {
    const next = block(BLOCK.SHB, joinBytes(field.u32(0x1a2b3c4d), field.u16(2, 0), field.u32(0, 0)));
    expect((await readBytes(next)).problem).toMatchObject({
      kind: 'foreign',
      message: 'pcapng version 2 is not known at byte 0',
    });
  });

  test('interfaces without end', async () => {
    const face = interfaceDescription({});
    const many = new Uint8Array(face.length * (LIMITS.INTERFACES + 1));
    for (let at = 0; at < many.length; at += face.length) many.set(face, at);
    const told = await readBytes(joinBytes(sectionHeader(), many));
    expect(told.problem).toMatchObject({
      kind: 'damaged',
      message: expect.stringMatching(/^too many interfaces/),
    });
  });
});

test('the same frames however the bytes arrive', async () => {
  const bytes = joinBytes(
    writePcapng([packet(1, 9), packet(2, 50, 1)], { interfaces: [{}, { resolution: 9 }] }),
    block(77, new Uint8Array(90)),
    writePcapng([packet(3, 9)], { bigEndian: true }),
  );
  const wanted = await readBytes(bytes);
  expect(wanted.frames).toHaveLength(3);
  for (let first = 1; first < bytes.length; first++) {
    expect(await readBytes(bytes, [first, Infinity])).toEqual(wanted);
  }
  for (const sizes of [[1], [3, 5], [13]]) {
    for (const window of [4, 30, 65_536]) expect(await readBytes(bytes, sizes, window)).toEqual(wanted);
  }
});

describe('hostile bytes never throw, and frames stay within the input', () => {
  const check = async (bytes: Uint8Array, size: number): Promise<void> => {
    const told = await readBytes(bytes, [size], 32);
    const held = told.frames.reduce((n, f) => n + 16 + f.bytes.length / 2, 0);
    expect(held).toBeLessThanOrEqual(bytes.length);
    expect(await readBytes(bytes)).toEqual(told);
  };

  test('noise after a section header', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        (noise, bigEndian, size) => check(joinBytes(sectionHeader({ bigEndian }), noise), size),
      ),
      { seed: 77, numRuns: 300 },
    );
  });

  test('whole blocks of every type with noise in them', async () => {
    const type = fc.constantFrom(...Object.values(BLOCK), 5);
    const blocks = fc.array(fc.tuple(type, fc.uint8Array({ maxLength: 60 })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(blocks, fc.integer({ min: 1, max: 40 }), (list, size) => {
        const body = list.map(([kind, noise]) => block(kind, noise));
        return check(joinBytes(sectionHeader(), interfaceDescription({}), ...body), size);
      }),
      { seed: 78, numRuns: 300 },
    );
  });

  test('a file with one byte changed', async () => {
    const good = joinBytes(writePcapng([packet(1, 9), packet(2, 50)]), block(5, new Uint8Array(60)));
    for (let at = 0; at < good.length; at++) {
      for (const value of [0, 0xff, good[at]! ^ 1]) {
        const bytes = good.slice();
        bytes[at] = value;
        await check(bytes, 64);
      }
    }
  });
});
