import type { PacketView } from '../decode/view.ts';
import { CHECKSUM, checksumOf } from './checksum.ts';
import type { Flow } from './flow.ts';
import { DOUBT } from './oddity.ts';
import type { Doubt } from './oddity.ts';
import { FLAG_KNOWN, FLAG_MIDSTREAM, FLAG_RIGHT, FLAG_TTL_SHIFT, W } from './table.ts';

/** A hop limit that is lower than the direction's usual one by more than this is low: routes differ by less. */
const LOW_TTL = 5;

/**
 * Is this packet what its receiver takes? A wrong checksum says no where the direction has shown
 * right ones (where it has not, the sender's card fills them in behind the capture). A hop limit far below
 * the lowest one usual so far says that it may never arrive.
 */
export function doubtOf(flow: Flow, view: PacketView, direction: 0 | 1): Doubt {
  const checksum = checksumOf(view, flow.tcp);
  if (checksum === CHECKSUM.GOOD) flow.rightChecksum[direction] = true;
  else if (checksum === CHECKSUM.BAD && flow.rightChecksum[direction]) return DOUBT.CHECKSUM;
  return flow.tcp && hasLowTtl(flow, view.hopLimit, direction) ? DOUBT.TTL : DOUBT.NONE;
}

/** The first bytes of a direction are none that we know: were they sent only to be seen? `flags`: the record's. */
export function beginsDoubtful(flags: number, view: PacketView, direction: 0 | 1): boolean {
  if (direction === 0 && view.hopLimit < (flags >>> FLAG_TTL_SHIFT) - LOW_TTL) return true;
  return (flags & (FLAG_RIGHT << direction)) !== 0 && checksumOf(view, true) === CHECKSUM.BAD;
}

function hasLowTtl(flow: Flow, ttl: number, direction: 0 | 1): boolean {
  const usual = flow.usualTtl[direction];
  if (usual !== 0 && ttl < usual - LOW_TTL) return true;
  if (usual === 0 || ttl < usual) flow.usualTtl[direction] = ttl;
  return false;
}

/** What a flow begins with is not known any more: any segment may begin a message. */
export function becomeMidstream(r: Int32Array, at: number): void {
  r[at + W.CANDIDATES] = -1;
  let flags = r[at + W.FLAGS]! & ~(FLAG_KNOWN * 3);
  // The hop limit's place now counts tries.
  if ((flags & FLAG_MIDSTREAM) === 0) flags &= (1 << FLAG_TTL_SHIFT) - 1;
  r[at + W.FLAGS] = flags | FLAG_MIDSTREAM;
}
