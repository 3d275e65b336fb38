import type { AnomalyTable } from '../core/anomaly.ts';
import type { AskedName } from '../core/asked-name.ts';
import type { Cursor } from '../core/cursor.ts';
import type { FileAnnouncement, FileTarget } from '../event/file.ts';
import type { AppProto, CarrierName, Confidence, Direction, ImFacts } from '../event/im.ts';

/**
 * The plug-in contract. A plug-in is a folder under `protocols/` whose `index.ts` default-exports
 * a `Protocol`; it imports this SDK and its own files, nothing else.
 */
export interface Protocol {
  /** `app_proto` of its events; also the folder's name where one folder holds one protocol. */
  readonly name: AppProto;
  /** `app_proto` of its events where that is not the name: what carries something of a messenger over HTTP is `http`. */
  readonly appProto?: AppProto;
  /** For people: `AIM and ICQ (OSCAR)`. */
  readonly title: string;
  /** Networks whose use its events can tell: `aim`, `icq`. The first is the default of `im.service`. */
  readonly services: readonly string[];
  readonly transport: 'tcp' | 'udp';
  /** Usual server ports: a hint for direction, never a verdict. */
  readonly ports: readonly number[];
  readonly detector: Detector;
  readonly anomalies: AnomalyTable;
  /** The largest message that the dissector may wait for, in bytes a direction (at most 1 MiB). */
  readonly maxMessage: number;
  createDissector(flow: FlowContext): Dissector;
  /**
   * Set where the payload is another stream (a proxy, a gateway): `FlowContext.carry` is there then.
   * Nothing is told of a carrier in which no IM is found. `appProto` is what EVE calls it, if anything.
   */
  readonly carrier?: { readonly appProto?: AppProto };
}

/** What a carrier can do: hand its payload back to the detectors. */
export interface Carry {
  /** Opens a stream inside this one; undefined where they are nested too deep, or too many, or the session it asks for is not known. */
  open(target: InnerTarget): InnerStream | undefined;
  /** Names the carrier on what its own dissector emits (a refused attempt). */
  as(carrier: CarrierName): void;
  /** Who signed on to the proxy; told on the `flow` event where the stream inside is IM. */
  user(name: string): void;
}

export interface InnerTarget {
  readonly carrier: CarrierName;
  /** How it was recognised, with its place: `http: CONNECT login.oscar.aol.com:5190`. */
  readonly evidence: string;
  readonly port?: number;
  /** One session over several connections: the end of this one signs nobody off. */
  readonly spans?: boolean;
  /**
   * Of such a session, its name between this client and this server, where it is known: one dissector then reads
   * the streams of all connections that name it, in the order of their packets. `midstream` counts for the first of them.
   */
  readonly session?: string;
  /** Only where a session of that name is under way: what ends one is no reason to begin it. */
  readonly known?: true;
  /** Its beginning is missing, in this or another connection; as the carrier's own beginning where not given. */
  readonly midstream?: boolean;
  /** Where the carrier itself says what is inside: begins reading without the detectors. */
  readonly protocol?: AppProto;
}

/** The stream inside a carrier. Bytes are valid during the call only. */
export interface InnerStream {
  /** False once it was ruled out or needs no more bytes. */
  readonly wanted: boolean;
  data(direction: Direction, bytes: Uint8Array, start: number, end: number): void;
  gap(direction: Direction, length: number): void;
  /** No more bytes of this direction; the end of the carrier's direction does the same. */
  end(direction: Direction): void;
  /**
   * Of a session whose messages have numbers (0 to 2^53 − 1, each one more than that before it, by direction): what follows in
   * this connection, until `messageEnd`, is message `number`. All connections' messages are read in the order of
   * their numbers; what was read before is passed over, and what comes early waits, for some seconds and within bounds.
   */
  message(direction: Direction, number: number): void;
  messageEnd(direction: Direction): void;
  /** The session of a stream that `spans` is known from now on: see `InnerTarget.session`. */
  named(session: string): void;
  /** The session of a stream that `spans` is over, in all connections. */
  close(): void;
  /** `FlowContext.issue` and `present`, of this stream. */
  issue(realm: string, token: string): void;
  present(realm: string, token: string): void;
}

/** What `Detector.probe` answers. */
export const PROBE = {
  /** These bytes are not this protocol. */
  NO: 0,
  /** Cannot say yet. */
  MORE: 1,
  /** It is: `probe.confidence` and `probe.evidence` say how sure and why. */
  YES: 2,
} as const;
export type ProbeAnswer = (typeof PROBE)[keyof typeof PROBE];

export interface Detector {
  /**
   * The bytes with which a stream can begin, by direction: `[client, server]`. A flow whose first
   * byte is in neither never reaches `probe`. `null` means any byte.
   */
  readonly firstBytes: readonly [readonly number[] | null, readonly number[] | null];
  /**
   * Judges the first bytes of both directions. Called each time either grows, until it answers NO
   * or YES; with `probe.final` set once more when nothing more will be shown. Must not throw,
   * allocate on NO or MORE, or look past the ends.
   */
  probe(probe: Probe): ProbeAnswer;
  /**
   * Optional, for a protocol whose first byte many flows of others share: false where the first segment of
   * a stream, or datagram, of either direction, already rules it out. Such a flow costs no object. Must not throw or allocate.
   */
  glance?(bytes: Uint8Array, start: number, end: number): boolean;
  /** Optional: false where nothing can be said of a stream whose beginning is missing. Such a stream costs it nothing. */
  readonly midstream?: false;
}

/** The first bytes of both directions, in order and without holes. Reused: keep nothing of it. */
export class Probe {
  clientBytes: Uint8Array = NOTHING;
  clientStart = 0;
  clientEnd = 0;
  serverBytes: Uint8Array = NOTHING;
  serverStart = 0;
  serverEnd = 0;
  /** The flow began before the capture, or a gap precedes these bytes: they may start inside a message. */
  midstream = false;
  /** Nothing more will be shown: answer YES (perhaps with low confidence) or NO. */
  final = false;
  clientPort = 0;
  serverPort = 0;
  confidence: Confidence = 'low';
  evidence: string[] = [];
  /** Set with YES where the bytes show that the supposed client is the server (no SYN was seen). */
  flip = false;
  /** Set by the engine. */
  lookup: (() => AskedName | undefined) | undefined = undefined;

  get clientLength(): number {
    return this.clientEnd - this.clientStart;
  }

  get serverLength(): number {
    return this.serverEnd - this.serverStart;
  }

  /** The name by which the server was looked up in DNS, where one is known: evidence, never proof. A look-up: ask late. */
  asked(): AskedName | undefined {
    return this.lookup?.();
  }

  /** Records a verdict; returns YES. Evidence is short facts with their place. */
  yes(confidence: Confidence, ...evidence: string[]): ProbeAnswer {
    this.confidence = confidence;
    this.evidence = evidence;
    return PROBE.YES;
  }
}

const NOTHING = new Uint8Array(0);

/** What `Dissector.data` answers; a positive number means "more": do not call before that many bytes are there. */
export const ANSWER = {
  /** All whole messages were read; what is left at the cursor is shown again. */
  DONE: 0,
  /** Not this protocol after all, or damaged beyond resynchronisation: stop feeding. */
  BAD: -1,
  /** Encrypted from here on (or of no further interest): stop feeding, keep counting. */
  SKIP: -2,
} as const;

/**
 * Reads one flow. `data` is called with the bytes of one direction that were not read yet; it
 * reads whole messages from the cursor and leaves the rest. Traffic never makes it throw.
 */
export interface Dissector {
  /**
   * Returns DONE, BAD, SKIP, or the number of bytes (from the cursor's position) that the next
   * message needs. The cursor's bytes are reused after the call.
   */
  data(direction: Direction, cursor: Cursor): number;
  /** `length` bytes of this direction were not captured. The unread tail is dropped before this call: resynchronise on the next plausible message start. */
  gap(direction: Direction, length: number): void;
  /** No more bytes of this direction will come (FIN, RST, time-out, end of capture). Called once a direction. */
  end(direction: Direction): void;
}

/** A file that is being carved. */
export interface FileWriter {
  /** Bytes of the file from its place `offset` on; read during the call. They may come out of order, twice, or never. */
  write(offset: number, bytes: Uint8Array, start: number, end: number): void;
  /** Tells the file. A place of the stream as with `emit`; after this nothing more. */
  close(direction: Direction, offset: number, how: FileOutcome): void;
}

/** How a file ended. */
export interface FileOutcome {
  /** The transfer came to its end; whether bytes are missing is seen by what was written. */
  readonly complete: boolean;
  /** Whether the protocol's own checksum is that of the bytes, where it has one. */
  readonly verified?: boolean | undefined;
}

/** A dissector of datagrams implements this too; `data` is then called once a datagram. */
export interface FlowContext {
  readonly clientIp: string;
  readonly clientPort: number;
  readonly serverIp: string;
  readonly serverPort: number;
  readonly transport: 'tcp' | 'udp';
  /** No SYN was seen: the beginning of the conversation is missing. */
  readonly midstream: boolean;
  /** `im.id`-grade hash of the flow, 32 hex digits: a stable seed for ids of transfers and the like. */
  readonly id: string;
  /** Capture time of the frame being read, seconds and nanoseconds. */
  seconds(): number;
  nanos(): number;
  /**
   * Tells an event. `offset` is the stream offset of the first byte of its message
   * (`cursor.tell()` before reading it); for what a time-out or the end told, the offset of the last byte known.
   */
  emit(direction: Direction, offset: number, facts: ImFacts): void;
  /** Tells an anomaly; `code` is a key of the plug-in's table. At most one event a code and flow; all are counted. */
  anomaly(direction: Direction, offset: number, code: string): void;
  /**
   * Joins flows. The flow in which a token (cookie, switchboard key, ...) is handed out calls
   * `issue` with the account it belongs to; the flow in which it is shown calls `present`. The
   * session stage then gives both the same `im.session` and fills the account of the second.
   * `token` is scoped by `realm` (`oscar-cookie`, `msn-switchboard`); only its hash is kept.
   */
  issue(realm: string, token: string, account?: string): void;
  present(realm: string, token: string): void;
  /** As `Probe.asked`. */
  asked(): AskedName | undefined;
  /**
   * Begins a file whose bytes this flow carries: it is hashed, named by its content and told as `fileinfo`. Open it when the
   * first bytes are there, and close it when they have passed; what is open at the end of the flow is told as cut.
   */
  carve(target: FileTarget): FileWriter;
  /**
   * Says of a file that another flow will carry it, and shows `token` (a cookie, a stream's name) then; that flow calls
   * `claim` with its own id of the file. What that flow tells of the file then has the announced id, name and people.
   * `sender`: the direction in which the bytes go.
   */
  announce(realm: string, token: string, file: FileAnnouncement): void;
  claim(fileId: string, realm: string, token: string, sender?: Direction): void;
  /**
   * Accounts for working memory that the dissector keeps until the flow ends beside its unread bytes (an inflater,
   * say), of the budget that all flows share (`message_buffer_total`); false where there is no room: do without.
   */
  reserve(bytes: number): boolean;
  /** For carriers only. */
  readonly carry?: Carry | undefined;
  /** Hash of parts, 32 hex digits; for `im.file.id` and the like. */
  hash(...parts: (string | number)[]): string;
}
