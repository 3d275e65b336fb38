import { TCP_FIN, TCP_RST } from '../decode/view.ts';
import type { PacketView } from '../decode/view.ts';
import type { FlowConsumer } from './consumer.ts';
import type { Flow } from './flow.ts';
import { DOUBT, ODD, oddityOf } from './oddity.ts';
import type { Stream } from './stream.ts';
import { LIST, W } from './table.ts';
import { isNear } from './watched.ts';

/**
 * The list that a connection moves to after this FIN or RST, or −1 where it stays. One that its receiver does
 * not take moves nothing; a reset that it may not take is told, and reading goes on behind it.
 */
export function listAfter(
  r: Int32Array,
  at: number,
  view: PacketView,
  direction: 0 | 1,
  flow: Flow | undefined,
  consumer: FlowConsumer,
): number {
  if (flow && flow.doubt !== DOUBT.NONE) {
    consumer.odd(flow, direction, oddityOf(flow.doubt));
    return -1;
  }
  const stream = flow?.streams?.[direction];
  const near = stream === undefined || isNear(stream, view.seq + view.payloadLength);
  if (!near) return -1;
  if ((view.tcpFlags & TCP_RST) !== 0) {
    if (flow && stream?.known && flow.feeding) {
      if (!isExact(flow, stream, view.seq, direction)) consumer.odd(flow, direction, ODD.RESET_INEXACT);
      flow.reset[direction] = true;
    }
    return LIST.CLOSED;
  }
  const seen = r[at + W.FLAGS]!;
  const both = (seen & TCP_FIN) !== 0 && ((seen >> 8) & TCP_FIN) !== 0;
  return both ? LIST.CLOSED : LIST.HALF_CLOSED;
}

/** A reset bears the number that is expected next (RFC 5961 section 3.2), where that can be known. */
function isExact(flow: Flow, stream: Stream<Flow>, seq: number, direction: 0 | 1): boolean {
  const ahead = (seq - stream.next) | 0;
  // Behind a hole nobody knows what is expected.
  return ahead === 0 || (ahead === 1 && flow.fin[direction] !== undefined) || stream.holed;
}
