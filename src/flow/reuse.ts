import { TCP_ACK, TCP_SYN } from '../decode/view.ts';
import type { PacketView } from '../decode/view.ts';
import { CHECKSUM, checksumOf } from './checksum.ts';
import type { FlowCounters } from './counters.ts';
import type { Flow } from './flow.ts';
import { FLAG_KNOWN, FLAG_MIDSTREAM, FLAG_RIGHT, FLAG_SYN, FLAG_TTL_SHIFT, W } from './table.ts';
import { isNear } from './watched.ts';

/** Sets what the first packet of a connection says of its beginning. */
export function beginTcp(r: Int32Array, at: number, view: PacketView, counters: FlowCounters): void {
  const flags = view.tcpFlags;
  if ((flags & TCP_SYN) === 0) {
    counters.midstream++;
    r[at + W.FIRST_SEQ] = view.seq;
    r[at + W.FLAGS] = FLAG_MIDSTREAM;
  } else if ((flags & TCP_ACK) !== 0) {
    r[at + W.FIRST_SEQ] = view.ack - 1;
    r[at + W.NEXT_SEQ] = view.ack;
    r[at + W.NEXT_SEQ + 1] = view.seq + 1;
    r[at + W.FLAGS] = FLAG_KNOWN | (FLAG_KNOWN << 1) | FLAG_SYN | rightOf(view, 1);
  } else {
    counters.syns++;
    r[at + W.FIRST_SEQ] = view.seq;
    r[at + W.NEXT_SEQ] = view.seq + 1;
    r[at + W.FLAGS] = FLAG_KNOWN | FLAG_SYN | rightOf(view, 0) | (view.hopLimit << FLAG_TTL_SHIFT);
  }
}

/** The flag of a SYN, or of its answer, whose checksum is right. */
export function rightOf(view: PacketView, direction: 0 | 1): number {
  return checksumOf(view, true) === CHECKSUM.GOOD ? FLAG_RIGHT << direction : 0;
}

/**
 * A SYN or its answer on a known connection: does it begin a new one? Not where it repeats the first
 * SYN. On an open connection that we read, only once the other side answers it or its sender goes on.
 */
export function isNewConnection(
  r: Int32Array,
  at: number,
  view: PacketView,
  direction: 0 | 1,
  flow: Flow | undefined,
  closed: boolean,
): boolean {
  if ((view.tcpFlags & TCP_ACK) !== 0) {
    const pending = flow?.pendingSyn;
    if (pending) return pending.direction !== direction && view.ack === ((pending.seq + 1) | 0);
    // Only the server's side is seen: its answer names the client's new initial number.
    const another = ((view.ack - 1) | 0) !== r[at + W.FIRST_SEQ];
    const clientUnseen = (r[at + W.FLAGS]! & 0xff) === 0;
    return another && direction === 1 && (closed || clientUnseen);
  }
  const synKnown = (r[at + W.FLAGS]! & FLAG_MIDSTREAM) === 0;
  if (synKnown && direction === 0 && r[at + W.FIRST_SEQ] === view.seq) return false;
  if (!flow || closed) return true;
  flow.pendingSyn = { direction, seq: view.seq };
  return false;
}

/** A SYN on an open connection was a new one's: its sender goes on where it said that it would. */
export function goesOn(flow: Flow, view: PacketView, direction: 0 | 1): boolean {
  const pending = flow.pendingSyn;
  if (!pending || pending.direction !== direction || (view.tcpFlags & TCP_SYN) !== 0) return false;
  const stream = flow.streams?.[direction];
  return view.seq === ((pending.seq + 1) | 0) && stream !== undefined && !isNear(stream, view.seq);
}
