import { formatTime } from '../core/time.ts';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../decode/view.ts';
import { flowHeaderOf, flowIdOf } from '../dissect/header.ts';
import { isCaptured } from '../dissect/told.ts';
import type { ToldFlow } from '../dissect/told.ts';
import type { EveEvent, EveTcp, ImObject } from '../event/eve.ts';
import { flowEvent } from '../event/factory.ts';
import type { Place } from '../event/factory.ts';
import { EventIds } from '../event/ids.ts';
import type { TunnelEnds } from '../flow/tunnel-ends.ts';
import type { EndReason } from '../flow/consumer.ts';
import { bytesOf, META_TCP, W } from '../flow/table.ts';
import type { FlowState } from './flow-state.ts';

/** Adds EVE's `flow` and `tcp` objects to the event of a flow that is over. */
export function endOfFlow(
  event: EveEvent,
  r: Int32Array,
  at: number,
  flipped: boolean,
  reason: EndReason,
): void {
  const word = (w: number): number => (r[at + w] ?? 0) >>> 0;
  const server = flipped ? 1 : 0;
  const client = flipped ? 0 : 1;
  const start = word(W.START_SECONDS);
  const end = word(W.LAST_SECONDS);
  const flags = word(W.FLAGS) & 0xffff;
  const tcp = (word(W.META) & META_TCP) !== 0;
  event.flow = {
    pkts_toserver: word(W.PACKETS + server),
    pkts_toclient: word(W.PACKETS + client),
    bytes_toserver: bytesOf(r, at, server),
    bytes_toclient: bytesOf(r, at, client),
    start: formatTime(start, word(W.START_NANOS)),
    end: formatTime(end, word(W.LAST_NANOS)),
    age: Math.max(0, end - start),
    state: stateOf(flags, tcp, word(W.PACKETS) > 0 && word(W.PACKETS + 1) > 0),
    reason,
  };
  if (tcp) event.tcp = tcpObject(flags, flipped);
}

/** The event of a flow in which nothing was recognised. */
export function plainEvent(
  records: Int32Array,
  at: number,
  flipped: boolean,
  reason: EndReason,
  place: Place,
  tunnel?: TunnelEnds,
): EveEvent {
  const id = flowIdOf(records, at);
  const event = flowEvent('flow', flowHeaderOf(records, at, flipped, id, tunnel), place);
  endOfFlow(event, records, at, flipped, reason);
  event.im = { v: 1, id: new EventIds(id).of('flow', reason, 0, 0, 0) };
  return event;
}

/** Adds to the event of an IM flow that is over what is known of it. */
export function tellEnd(event: EveEvent, run: ToldFlow, state: FlowState, id: string): void {
  const im: ImObject = { v: 1, id, service: state.service };
  addOwner(im, run, state);
  if (run.proxyUser !== undefined) im.proxy_user = run.proxyUser;
  im.verdict = run.verdict;
  im.seen = isCaptured(run, 0) ? (isCaptured(run, 1) ? 'both' : 'client') : 'server';
  if (run.midstream) im.midstream = true;
  if (state.tls) event.tls = state.tls;
  event.im = im;
  if (event.tcp) {
    if (run.lost[0] > 0) event.tcp.ts_gap = true;
    if (run.lost[1] > 0) event.tcp.tc_gap = true;
  }
}

/** Adds whose flow it is, and what it travels in. */
export function addOwner(im: ImObject, run: ToldFlow, state: FlowState): void {
  if (state.session) im.session = state.session.id;
  if (state.account !== undefined) im.account = state.account;
  if (run.carrier !== undefined) im.carrier = run.carrier;
}

function stateOf(flags: number, tcp: boolean, bothSides: boolean): 'new' | 'established' | 'closed' {
  if (!tcp) return bothSides ? 'established' : 'new';
  const both = flags | (flags >> 8);
  if ((both & TCP_RST) !== 0 || ((flags & TCP_FIN) !== 0 && ((flags >> 8) & TCP_FIN) !== 0)) return 'closed';
  const onlySyn = (both & ~TCP_SYN & 0xff) === 0;
  return onlySyn ? 'new' : 'established';
}

function tcpObject(flags: number, flipped: boolean): EveTcp {
  const source = flags & 0xff;
  const destination = (flags >> 8) & 0xff;
  const toServer = flipped ? destination : source;
  const toClient = flipped ? source : destination;
  const all = source | destination;
  const tcp: EveTcp = {
    tcp_flags: hex(all),
    tcp_flags_ts: hex(toServer),
    tcp_flags_tc: hex(toClient),
    state: (all & TCP_RST) !== 0 || (source & destination & TCP_FIN) !== 0 ? 'closed' : 'established',
  };
  if ((all & TCP_SYN) !== 0) tcp.syn = true;
  if ((all & TCP_FIN) !== 0) tcp.fin = true;
  if ((all & TCP_RST) !== 0) tcp.rst = true;
  if ((all & TCP_PSH) !== 0) tcp.psh = true;
  if ((all & TCP_ACK) !== 0) tcp.ack = true;
  return tcp;
}

function hex(flags: number): string {
  return flags.toString(16).padStart(2, '0');
}
