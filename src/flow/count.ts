import type { Stamp } from './consumer.ts';
import { W } from './table.ts';

/** Counts a packet of a connection, of so many bytes on the wire, and when it was. */
export function countPacket(r: Int32Array, at: number, direction: number, bytes: number, stamp: Stamp): void {
  r[at + W.LAST_SECONDS] = stamp.seconds;
  r[at + W.LAST_NANOS] = stamp.nanos;
  r[at + W.LAST_FRAME] = stamp.frame;
  r[at + W.PACKETS + direction]!++;
  const low = (r[at + W.BYTES + direction]! >>> 0) + bytes;
  r[at + W.BYTES + direction] = low | 0;
  if (low > 0xffff_ffff) r[at + W.BYTES_HIGH] = r[at + W.BYTES_HIGH]! + (direction === 0 ? 1 : 0x1_0000);
}
