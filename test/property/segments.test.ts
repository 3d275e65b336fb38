/** Shipped captures with their TCP payload in segments of one to seven bytes: they tell what they tell without. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openCapture } from '../../src/capture/source.ts';
import type { EveEvent, ImObject } from '../../src/event/eve.ts';
import { ROOT } from '../golden/replay.ts';
import { runPackets } from '../support/engine.ts';
import { some } from '../support/thorough.ts';
import type { Packet } from '../support/packets.ts';

const FOLDERS = ['msn', 'oscar', 'proxy', 'xmpp', 'yahoo'];
const ETHERNET = 14;
const FIN_PSH = 0x09;

const CAPTURES = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, 'captures', folder))
    .filter((name) => name.endsWith('.pcap'))
    .map((name) => `captures/${folder}/${name}`),
);

async function packetsOf(path: string): Promise<Packet[]> {
  const packets: Packet[] = [];
  await openCapture(join(ROOT, path)).read({
    frame({ bytes, start, end, seconds, nanos }) {
      packets.push({ seconds, nanos, bytes: bytes.slice(start, end) });
    },
  });
  return packets;
}

/**
 * The frame's TCP payload in segments of at most `size` bytes; the frame alone where it has none over IPv4. The
 * checksums are right: recorded frames lack them where the network card was to write them.
 */
function segmentsOf(frame: Uint8Array, size: number): Uint8Array[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < ETHERNET + 40 || view.getUint16(12) !== 0x0800 || frame[ETHERNET + 9] !== 6)
    return [frame];
  const tcp = ETHERNET + ((frame[ETHERNET] ?? 0) & 15) * 4;
  const payload = tcp + ((frame[tcp + 12] ?? 0) >> 4) * 4;
  const end = ETHERNET + view.getUint16(ETHERNET + 2);
  if (end > frame.length) return [frame];
  const segments: Uint8Array[] = [];
  for (let at = payload; at < end || at === payload; at += size) {
    const to = Math.min(end, at + size);
    const piece = new Uint8Array(payload + to - at);
    piece.set(frame.subarray(0, payload));
    piece.set(frame.subarray(at, to), payload);
    const head = new DataView(piece.buffer);
    head.setUint16(ETHERNET + 2, piece.length - ETHERNET);
    head.setUint32(tcp + 4, view.getUint32(tcp + 4) + at - payload);
    if (to < end) piece[tcp + 13] = (piece[tcp + 13] ?? 0) & ~FIN_PSH;
    // Of the IP header there is none, as where the card is to write it.
    head.setUint16(ETHERNET + 10, 0);
    head.setUint16(tcp + 16, 0);
    head.setUint16(tcp + 16, checksumOf(piece, tcp));
    segments.push(piece);
  }
  return segments;
}

function checksumOf(frame: Uint8Array, tcp: number): number {
  const length = frame.length - tcp;
  let sum = 6 + length;
  for (let i = ETHERNET + 12; i < ETHERNET + 20; i += 2) sum += ((frame[i] ?? 0) << 8) | (frame[i + 1] ?? 0);
  for (let i = tcp; i < frame.length; i += 2) sum += ((frame[i] ?? 0) << 8) | (frame[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** The events without what the segments decide: frame numbers and the flows' counts. */
function told(packets: readonly Packet[]): unknown[] {
  return runPackets(packets)
    .events.filter((e) => e.event_type !== 'stats')
    .map(withoutCounts);
}

/** How sure a detector is depends on how much it was shown at once; what is told of the flow does not. */
function withoutCounts({ pcap_cnt: _frame, flow, im, ...event }: EveEvent): unknown {
  const {
    confidence: _confidence,
    evidence: _evidence,
    verdict: _verdict,
    ...facts
  }: Partial<ImObject> = im ?? {};
  return { ...event, im: facts, flow: flow && { ...flow, ...NO_COUNTS } };
}
const NO_COUNTS = { pkts_toserver: 0, pkts_toclient: 0, bytes_toserver: 0, bytes_toclient: 0 };

describe('in segments of a few bytes: the same events', () => {
  // Every size with some capture of every network; in a thorough run every capture with some size.
  const cases = CAPTURES.map((path, i) => [path, 1 + (i % 7)] as const);
  test.each(some(cases, 2))('%s by %d', async (path, size) => {
    const packets = await packetsOf(path);
    const cut = (most: number): Packet[] =>
      packets.flatMap((packet) => segmentsOf(packet.bytes, most).map((bytes) => ({ ...packet, bytes })));
    expect(told(cut(size))).toEqual(told(cut(65_535)));
  });
});
