import type { FlowHeader } from '../event/eve.ts';
import type { Direction, ImFacts, Verdict } from '../event/im.ts';
import type { HostFact } from '../core/host-fact.ts';
import type { CarvedFile, FileAnnouncement } from '../event/file.ts';
import type { EndReason } from '../flow/consumer.ts';
import type { ClientLink, LinkEnds } from '../flow/link-ends.ts';
import { clientLink } from '../flow/link-ends.ts';
import { W } from '../flow/table.ts';
import type { TunnelEnds } from '../flow/tunnel-ends.ts';
import type { Protocol } from '../sdk/index.ts';

/** What is known of a flow by whoever takes what its dissector tells. */
export interface ToldFlow {
  /** 32 hex digits. */
  readonly id: string;
  readonly header: FlowHeader;
  readonly protocol: Pick<Protocol, 'name' | 'appProto' | 'services'>;
  readonly verdict: Verdict;
  readonly midstream: boolean;
  /** What the stream travels in, where it is inside another. */
  readonly carrier: string | undefined;
  /** Who signed on to the proxy, as the client said. */
  readonly proxyUser: string | undefined;
  /** Another stream of this connection tells its end. */
  readonly silent: boolean;
  /** Bytes of each direction handed to the dissector, and lost. */
  readonly seen: readonly [number, number];
  readonly lost: readonly [number, number];
  /** The flow's record, to be read when it is over. */
  readonly flow: {
    readonly records: Int32Array;
    readonly at: number;
    readonly flipped: boolean;
    readonly link?: LinkEnds | undefined;
    readonly clientName?: string | undefined;
  };
  /** Where another thread has worked it out: see `clientLinkOf`. */
  readonly clientLink?: ClientLink | undefined;
}

/** What is known of the client's link when its flow's protocol is known. */
export function clientLinkOf({ clientLink: known, flow }: ToldFlow): ClientLink | undefined {
  return known ?? clientLink(flow.link, flow.flipped, flow.clientName);
}

/** True where packets of this direction were captured, with bytes or without. */
export function isCaptured({ seen, flow }: Pick<ToldFlow, 'seen' | 'flow'>, direction: Direction): boolean {
  const { records, at, flipped } = flow;
  const side = flipped ? 1 - direction : direction;
  return seen[direction] > 0 || (records[at + W.PACKETS + side] ?? 0) !== 0;
}

/** Where a flow's events go: the session stage, or a worker's way to it. */
export interface DissectionOutput {
  /** The detector decided. */
  verdict(flow: ToldFlow): void;
  im(flow: ToldFlow, direction: Direction, offset: number, ordinal: number, facts: ImFacts): void;
  anomaly(
    flow: ToldFlow,
    direction: Direction,
    offset: number,
    code: string,
    type: 'stream' | 'applayer',
  ): void;
  /** A token (already hashed with its realm) was handed out, or shown. */
  issue(flow: ToldFlow, token: string, account: string | undefined): void;
  present(flow: ToldFlow, token: string): void;
  /** A file's bytes have passed, as far as they did. */
  file(flow: ToldFlow, direction: Direction, offset: number, ordinal: number, carved: CarvedFile): void;
  /** Another flow will carry this file and show the token; this flow's file of that id is the one announced by it. */
  announce(flow: ToldFlow, token: string, file: FileAnnouncement): void;
  claim(flow: ToldFlow, fileId: string, token: string, sender: Direction | undefined): void;
  finished(flow: ToldFlow, reason: EndReason): void;
  /** The wire told of a machine. */
  host(fact: HostFact): void;
  /** A flow that is not IM is over; only where all flows are wanted. */
  plain(
    records: Int32Array,
    at: number,
    flipped: boolean,
    reason: EndReason,
    tunnel: TunnelEnds | undefined,
  ): void;
}

/** The flow's shard of the flow table. */
export function shardOf(flow: Pick<ToldFlow['flow'], 'records' | 'at'>): number {
  return ((flow.records[flow.at + W.META] ?? 0) >> 8) & 0xff;
}
