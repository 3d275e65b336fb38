import type { Stream } from './stream.ts';
import type { LinkEnds } from './link-ends.ts';
import { DOUBT } from './oddity.ts';
import type { Doubt, Oddity } from './oddity.ts';
import type { TunnelEnds } from './tunnel-ends.ts';
import { FLAG_MIDSTREAM, FLAG_RIGHT, FLAG_SYN, FLAG_TTL_SHIFT, META_TCP, W } from './table.ts';

/** How an inner stream travels: which flow carries it, and to where. */
export interface Carriage {
  /** The flow whose payload it is; itself perhaps an inner stream. */
  readonly outer: Flow;
  /** The carriers from the outermost on, as `im.carrier` names them, joined by `+`. */
  readonly carrier: string;
  /** 1 for what travels in a flow of the wire. */
  readonly depth: number;
  /** Which of its carrier's inner streams it is, from 0. */
  readonly index: number;
  /** The port that the carrier was asked to reach, where it said so. */
  readonly port: number | undefined;
  /** Its session goes on in other connections: the end of this one is not the session's. */
  readonly spans: boolean;
  /** Of such a session, whatever the consumer keeps. */
  readonly span: unknown;
  /** How the carriers were recognised, for the verdict. */
  readonly evidence: readonly string[];
}

/**
 * A flow that may be IM: its object exists from the first bytes that a detector wants to see until
 * the flow ends or every detector gave it up. All other flows live in the table alone.
 */
export class Flow {
  /** The flow's record in the table (word offset) and the table's words. */
  readonly at: number;
  readonly records: Int32Array;
  readonly tcp: boolean;
  /** Its beginning is missing: no SYN was seen, or bytes were lost before the first that could be judged. */
  midstream: boolean;
  /** A SYN was seen: it is known who is the client. */
  readonly synSeen: boolean;
  /** The bytes showed that the supposed client is the server. */
  flipped = false;
  /** The consumer decided that it is IM. */
  im = false;
  /** Bytes are handed on; false once it is encrypted, damaged or not ours. */
  feeding = true;
  /** Set by the consumer where no protocol is left: the object goes, the record stays. */
  dropped = false;
  /** Both directions; undefined for UDP. */
  streams: readonly [Stream<Flow>, Stream<Flow>] | undefined = undefined;
  /** Directions of which no more bytes will come, as told to the consumer. */
  readonly ended: [boolean, boolean] = [false, false];
  /** Sequence number at which a FIN ended the direction. */
  readonly fin: [number | undefined, number | undefined] = [undefined, undefined];
  /** A SYN with another initial number on an open connection: a new one, if it goes on. */
  pendingSyn: { direction: 0 | 1; seq: number } | undefined = undefined;
  /** Lowest hop limit of each direction so far; 0 while none was seen. The client's is that of its SYN. */
  readonly usualTtl: [number, number];
  /** Directions that have shown a right checksum: a wrong one is no offload there. */
  readonly rightChecksum: [boolean, boolean];
  /** Directions that a reset ended. */
  readonly reset: [boolean, boolean] = [false, false];
  /** A side sent on after its own reset. */
  revived = false;
  /** Why the last packet is not believed. */
  doubt: Doubt = DOUBT.NONE;
  /** What was odd before the protocol was known; each code once a direction. */
  oddities: { direction: 0 | 1; code: Oddity }[] | undefined = undefined;
  /** The tunnel that its packets came in. */
  tunnel: TunnelEnds | undefined = undefined;
  /** The link addresses of its ends, as the packet that made it worth an object shows them. */
  link: LinkEnds | undefined = undefined;
  /** The name under which its client was looked up, if it was. */
  clientName: string | undefined = undefined;
  /** Index of the input file of the last frame. */
  lastFile = 0;
  /** Whatever the consumer keeps. */
  state: unknown = undefined;
  /** Set for the stream inside a carrier; it shares the record of the flow that carries it. */
  readonly carriage: Carriage | undefined;

  constructor(records: Int32Array, at: number, midstream: boolean, carriage?: Carriage) {
    this.records = records;
    this.at = at;
    this.tcp = (records[at + W.META]! & META_TCP) !== 0;
    this.carriage = carriage;
    // A carrier's request says who is the client.
    this.synSeen = carriage !== undefined || (records[at + W.FLAGS]! & FLAG_SYN) !== 0;
    this.midstream = midstream;
    const flags = records[at + W.FLAGS]!;
    this.rightChecksum = [(flags & FLAG_RIGHT) !== 0, (flags & (FLAG_RIGHT << 1)) !== 0];
    this.usualTtl = [(flags & FLAG_MIDSTREAM) === 0 ? flags >>> FLAG_TTL_SHIFT : 0, 0];
  }

  get clientPort(): number {
    const ports = this.records[this.at + W.PORTS]!;
    return this.flipped ? ports & 0xffff : ports >>> 16;
  }

  get serverPort(): number {
    if (this.carriage?.port !== undefined) return this.carriage.port;
    const ports = this.records[this.at + W.PORTS]!;
    return this.flipped ? ports >>> 16 : ports & 0xffff;
  }
}
