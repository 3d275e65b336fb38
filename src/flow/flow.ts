import type { Stream } from './stream.ts';
import { FLAG_SYN, META_TCP, W } from './table.ts';
import type { TunnelEnds } from './tunnel-ends.ts';

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
  /** The tunnel that its packets came in. */
  tunnel: TunnelEnds | undefined = undefined;
  /** Index of the input file of the last frame. */
  lastFile = 0;
  /** Whatever the consumer keeps. */
  state: unknown = undefined;

  constructor(records: Int32Array, at: number, midstream: boolean) {
    this.records = records;
    this.at = at;
    this.tcp = (records[at + W.META]! & META_TCP) !== 0;
    this.synSeen = (records[at + W.FLAGS]! & FLAG_SYN) !== 0;
    this.midstream = midstream;
  }

  get clientPort(): number {
    const ports = this.records[this.at + W.PORTS]!;
    return this.flipped ? ports & 0xffff : ports >>> 16;
  }

  get serverPort(): number {
    const ports = this.records[this.at + W.PORTS]!;
    return this.flipped ? ports >>> 16 : ports & 0xffff;
  }
}
