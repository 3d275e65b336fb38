/** Cuts a pcap of microseconds in little-endian order, as the shipped captures are, into parts. */

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** Byte offsets at which each packet record begins, and the one behind the last. */
export function recordOffsets(capture: Buffer): number[] {
  if (capture.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error('not a pcap of that kind');
  const offsets = [FILE_HEADER];
  for (let at = FILE_HEADER; at < capture.length; offsets.push(at))
    at += RECORD_HEADER + capture.readUInt32LE(at + 8);
  return offsets;
}

/** The packets `from` (0 the first) up to but without `to`, as a capture of its own. */
export function slicePackets(capture: Buffer, from: number, to?: number): Buffer {
  const offsets = recordOffsets(capture);
  const start = offsets[from] ?? capture.length;
  const end = to === undefined ? capture.length : (offsets[to] ?? capture.length);
  return Buffer.concat([capture.subarray(0, FILE_HEADER), capture.subarray(start, end)]);
}

/** How many packets a capture holds. */
export function packetCount(capture: Buffer): number {
  return recordOffsets(capture).length - 1;
}

/** When each packet was captured, as EVE writes it. */
export function packetTimes(capture: Buffer): string[] {
  return recordOffsets(capture)
    .slice(0, -1)
    .map((at) => {
      const date = new Date(capture.readUInt32LE(at) * 1_000).toISOString().slice(0, 19);
      return `${date}.${String(capture.readUInt32LE(at + 4)).padStart(6, '0')}+0000`;
    });
}
