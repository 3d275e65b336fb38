import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clientHello } from '../../../protocols/tls/build.ts';
import { joinBytes } from '../../core/bytes.ts';
import { cryptoFrame, ID, initialPacket, quicNumber, V1, V2 } from './build.ts';
import { CryptoStream } from './crypto-stream.ts';
import { mayBeInitial, QUIC, QuicInitials } from './initials.ts';
import { initialKeys } from './keys.ts';
import { QUIC_HELLO, QuicWatch } from './watch.ts';

const HELLO = clientHello({ sni: 'web.whatsapp.com', alpns: ['h3'] });
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
const sniOf = (...datagrams: Uint8Array[]): string | undefined => {
  const watch = new QuicWatch();
  let seen: number = QUIC_HELLO.MORE;
  for (const bytes of datagrams) if (seen === QUIC_HELLO.MORE) seen = watch.datagram(bytes, 0, bytes.length);
  return seen === QUIC_HELLO.WHOLE ? watch.hello()?.tls.sni : undefined;
};

describe('keys', () => {
  test.each([
    [
      'RFC 9001, A.1',
      V1,
      '1f369613dd76d5467730efcbe3b1a22d',
      'fa044b2f42a3fd3b46fb255c',
      '9f50449e04a0e810283a1e9933adedd2',
    ],
    [
      'RFC 9369, A.1',
      V2,
      '8b1a0bc121284290a29e0971b5cd045d',
      '91f73e2351d8fa91660e909f',
      '45b95e15235d6f45a6b19cbcb0294ba9',
    ],
  ])('are those of %s', (_, version, key, iv, hp) => {
    const keys = initialKeys(version, ID);
    expect([hex(keys?.key), hex(keys?.iv), hex(keys?.hp)]).toEqual([key, iv, hp]);
  });

  test('of a version that nobody knows there are none', () => {
    expect(initialKeys(0x1a2a3a4a, ID)).toBeUndefined();
  });
});

describe('hellos', () => {
  test.each([
    ['v1', V1],
    ['v2', V2],
  ])('of %s in one packet', (_, version) => {
    expect(sniOf(initialPacket({ version, frames: [cryptoFrame(0, HELLO)] }))).toBe('web.whatsapp.com');
  });

  test('over two packets, in either order, with a hole between for a while', () => {
    const one = initialPacket({ number: 0, frames: [cryptoFrame(0, HELLO.subarray(0, 40))] });
    const two = initialPacket({ number: 1, frames: [cryptoFrame(40, HELLO.subarray(40))] });
    expect(sniOf(one)).toBeUndefined();
    expect(sniOf(one, two)).toBe('web.whatsapp.com');
    expect(sniOf(two, one)).toBe('web.whatsapp.com');
  });

  test('in many frames, mixed, with PING and padding between', () => {
    const cuts = [0, 7, 20, 33, 60, HELLO.length];
    const frames = cuts.slice(1).map((end, i) => cryptoFrame(cuts[i]!, HELLO.subarray(cuts[i], end)));
    const mixed = [
      frames[3]!,
      Uint8Array.of(1),
      frames[0]!,
      Uint8Array.of(0, 0),
      frames[4]!,
      frames[2]!,
      frames[1]!,
    ];
    expect(sniOf(initialPacket({ frames: mixed }))).toBe('web.whatsapp.com');
  });

  test('after a Retry the keys are those of the new connection id', () => {
    const id = Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2, 1);
    const first = initialPacket({ frames: [cryptoFrame(0, HELLO.subarray(0, 10))] });
    const again = initialPacket({ id, token: Uint8Array.of(1, 2, 3), frames: [cryptoFrame(0, HELLO)] });
    expect(sniOf(first, again)).toBe('web.whatsapp.com');
  });

  test('after the server’s answer the client names another id, and the keys stay', () => {
    const id = Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1);
    const first = initialPacket({ frames: [cryptoFrame(0, HELLO.subarray(0, 10))] });
    const next = initialPacket({ id, keyId: ID, frames: [cryptoFrame(10, HELLO.subarray(10))] });
    expect(sniOf(first, next)).toBe('web.whatsapp.com');
  });

  test('version negotiation: the second version counts', () => {
    const first = initialPacket({ version: V2, frames: [cryptoFrame(0, HELLO.subarray(0, 10))] });
    expect(sniOf(first, initialPacket({ frames: [cryptoFrame(0, HELLO)] }))).toBe('web.whatsapp.com');
  });

  test('an acknowledgement before it is passed over', () => {
    const ack = joinBytes(Uint8Array.of(2), ...[3, 0, 1, 0, 1, 1].map(quicNumber));
    expect(sniOf(initialPacket({ frames: [ack, cryptoFrame(0, HELLO)] }))).toBe('web.whatsapp.com');
  });
});

describe('packets that lie', () => {
  const packet = initialPacket({ frames: [cryptoFrame(0, HELLO)] });

  test('one that was changed anywhere is not believed', () => {
    for (const at of [40, 100, 600, packet.length - 1]) {
      const bytes = packet.slice();
      bytes[at]! ^= 1;
      expect(sniOf(bytes)).toBeUndefined();
    }
  });

  test('a length beyond the datagram, a frame that is none of an Initial packet, an offset out of bounds', () => {
    const long = packet.slice();
    long[15] = 0x7f;
    const stream = initialPacket({ frames: [Uint8Array.of(0x08, 0, 1, 2)] });
    const far = initialPacket({ frames: [cryptoFrame(100_000, HELLO)] });
    const cut = initialPacket({ frames: [Uint8Array.of(6, 0, 0x7f, 0xff)], size: 100 });
    for (const bytes of [long, stream, far, cut])
      expect(new QuicInitials().datagram(bytes, 0, bytes.length)).toBe(QUIC.BAD);
  });

  test('keys are made a few times at most', () => {
    const initials = new QuicInitials();
    for (let i = 0; i < 20; i++) {
      const id = new Uint8Array(8).fill(i);
      const bytes = initialPacket({ id, keyId: ID, frames: [cryptoFrame(0, HELLO)] });
      expect(initials.datagram(bytes, 0, bytes.length)).toBe(QUIC.NOTHING);
    }
    expect(initials.datagram(packet, 0, packet.length)).toBe(QUIC.NOTHING);
  });

  test.each<[string, (bytes: Uint8Array) => void]>([
    ['a short header', (b) => (b[0] = 0x43)],
    ['another version', (b) => (b[4] = 9)],
    ['a Handshake packet', (b) => (b[0] = 0xe3)],
    ['a connection id that is too short', (b) => (b[5] = 7)],
    ['one that is too long', (b) => (b[5] = 21)],
  ])('%s is ruled out at a glance', (_, spoil) => {
    expect(mayBeInitial(packet, 0, packet.length)).toBe(true);
    const bytes = packet.slice();
    spoil(bytes);
    expect(mayBeInitial(bytes, 0, bytes.length)).toBe(false);
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.nat(packet.length - 1), fc.nat(255), fc.nat(packet.length), (at, value, end) => {
        const bytes = packet.slice();
        bytes[at] = value;
        new QuicWatch().datagram(bytes, 0, end);
      }),
      { seed: 9001, numRuns: 300 },
    );
  });

  test('no frames make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (frames) => {
        const bytes = initialPacket({ frames: [frames], size: 200 });
        new QuicWatch().datagram(bytes, 0, bytes.length);
      }),
      { seed: 9369, numRuns: 300 },
    );
  });
});

describe('the stream of CRYPTO frames', () => {
  test('is the same in whatever order and overlap its pieces come; the first bytes of a place count', () => {
    const whole = Uint8Array.from({ length: 200 }, (_, i) => i);
    const piece = fc.tuple(fc.nat(199), fc.nat(60));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.boolean(), (pieces, lies) => {
        const stream = new CryptoStream();
        const seen = new Set<number>();
        for (const [from, length] of pieces) {
          const data = whole.slice(from, from + length);
          // A second copy of what is there may say anything.
          if (lies) data.forEach((_, i) => seen.has(from + i) && (data[i] = 255));
          stream.add(from, data);
          data.forEach((_, i) => seen.add(from + i));
        }
        let length = 0;
        while (seen.has(length)) length++;
        expect(stream.length).toBe(length);
        expect(stream.bytes.slice(0, length)).toEqual(whole.slice(0, length));
      }),
      { seed: 16, numRuns: 300 },
    );
  });

  test('has an end, and as many holes as it remembers', () => {
    const stream = new CryptoStream();
    expect(stream.add(16_384, Uint8Array.of(1))).toBe(false);
    const added = Array.from({ length: 100 }, (_, i) => stream.add(i * 2 + 1, Uint8Array.of(1)));
    expect([added[0], added.at(-1)]).toEqual([true, false]);
  });
});
