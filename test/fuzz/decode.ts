import { makeLimits } from '../../src/core/limits.ts';
import { Decoder } from '../../src/decode/decoder.ts';
import { FLOW_KEY } from '../../src/decode/flow-key.ts';
import { LINK } from '../../src/decode/link.ts';
import { DECODE, DECODE_COUNT } from '../../src/decode/result.ts';
import { CARRIERS, fragmentsOf } from '../support/carry.ts';
import { tcpFrame, udpFrame } from '../support/packets.ts';
import { mutate } from './random.ts';
import type { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

const HELD = 262_144;
const PACKETS = 64;
const PAYLOAD = Buffer.from('something that is said, long enough for some fragments of it');
const INNER = [
  tcpFrame(
    { ip: '192.0.2.1', port: 1 },
    { ip: '192.0.2.2', port: 2 },
    { seq: 1, flags: 24, payload: PAYLOAD },
  ),
  tcpFrame(
    { ip: '2001:db8::1', port: 1 },
    { ip: '2001:db8::2', port: 2 },
    { seq: 1, flags: 24, payload: PAYLOAD },
  ),
  udpFrame({ ip: '192.0.2.1', port: 4000 }, { ip: '192.0.2.2', port: 4789 }, PAYLOAD),
];
const LINKS = [LINK.ETHERNET, LINK.ETHERNET, LINK.ETHERNET, ...Object.values(LINK)];
const carriers = Object.values(CARRIERS);

/** Frames in up to two tunnels and in fragments, then damaged; one decoder sees them all. */
export function decodeTarget(): FuzzTarget {
  const limits = { fragment_packets: PACKETS, fragment_buffer_total: HELD };
  const decoder = new Decoder(makeLimits(limits), FLOW_KEY.VLAN | FLOW_KEY.TUNNEL);
  let now = 1_000;
  return {
    name: 'decode',
    claim: 'any frames: never throws, never points outside of the packet, fragments stay bounded',
    run(random) {
      now += random.below(3);
      for (const whole of framesOf(random)) {
        const frame = random.below(4) === 0 ? whole : mutate(whole, random);
        const wire = frame.length + (random.below(4) === 0 ? random.below(2_000) : 0);
        const result = decoder.frame(frame, 0, frame.length, wire, random.of(LINKS), now);
        check(decoder, result);
      }
    },
  };
}

function framesOf(random: Random): Uint8Array[] {
  let frames: Uint8Array[] = [random.of(INNER)];
  for (let layers = random.below(4); layers > 0; layers--) {
    if (random.below(3) === 0) {
      const size = 8 * (1 + random.below(6));
      const id = random.below(20);
      frames = frames.flatMap((f) => fragmentsOf(f, size, id));
    } else {
      const carrier = random.of(carriers);
      frames = frames.map((f) => carrier(f) ?? f);
    }
  }
  return frames;
}

function check({ view, fragments }: Decoder, result: number): void {
  if (result < 0 || result >= DECODE_COUNT) throw new Error(`result ${result}`);
  if (fragments.held < 0 || fragments.held > HELD || fragments.count > PACKETS)
    throw new Error(`fragments hold ${fragments.held} bytes of ${fragments.count} packets`);
  if (result > DECODE.UDP) return;
  const { payloadStart, payloadEnd, payloadLength, bytes } = view;
  const size = view.ipVersion === 6 ? 16 : 4;
  const addresses = Math.max(view.sourceAt, view.destinationAt) + size;
  if (payloadStart > payloadEnd || payloadEnd > bytes.length || addresses > bytes.length)
    throw new Error('points outside');
  if (payloadLength < payloadEnd - payloadStart) throw new Error('a payload longer than it is');
}
