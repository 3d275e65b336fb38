/** For the tests of plug-ins: runs one dissector or detector without the engine. */
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
export { cryptoFrame, initialPacket } from './quic/build.ts';
import type { AskedName } from '../core/asked-name.ts';
import { Deflate, Z_SYNC_FLUSH } from 'pako';
import { joinBytes } from '../core/bytes.ts';
import { Cursor } from '../core/cursor.ts';
import { LIMITS } from '../core/limits.ts';
import type { FileAnnouncement, FileTarget } from '../event/file.ts';
import type { Direction, ImFacts } from '../event/im.ts';
import { ANSWER, PROBE, Probe } from './plugin.ts';
import type { Carry, FileOutcome, FileWriter, FlowContext, InnerTarget, Protocol } from './plugin.ts';

/** A step of a conversation: bytes of a direction, a gap of so many bytes, or the end of a direction. */
export type Step =
  | { direction: Direction; bytes: Uint8Array }
  | { direction: Direction; gap: number }
  | { direction: Direction; end: true };

export interface Told {
  /** Emitted facts in order. */
  facts: ImFacts[];
  /** The same with direction and stream offset. */
  events: { direction: Direction; offset: number; facts: ImFacts }[];
  anomalies: string[];
  issued: { realm: string; token: string; account?: string }[];
  presented: { realm: string; token: string }[];
  /** Files that were carved, in the order of their opening. */
  files: FileTold[];
  announced: { realm: string; token: string; file: FileAnnouncement }[];
  claimed: { fileId: string; realm: string; token: string; sender?: Direction }[];
  /** Of a carrier: the streams it opened, and what it handed them. */
  inner: InnerTold[];
  /** Of a carrier: what it calls itself on its own events. */
  carrier?: string;
  /** Of a carrier: who signed on to the proxy. */
  user?: string;
  /** What ended the feeding, if anything did. */
  ended?: 'bad' | 'skip';
}

/** A file that was carved: the bytes that were written, each at its place, as Latin-1 text; `\u2400` where none was. */
export interface FileTold {
  target: FileTarget;
  text: string;
  /** How it was closed, if it was, and where. */
  how?: FileOutcome;
  direction?: Direction;
  offset?: number;
}

/** A stream inside a carrier, each direction as Latin-1 text. */
export interface InnerTold {
  target: InnerTarget;
  texts: [string, string];
  gaps: number[];
  ended: [boolean, boolean];
  /** The numbers of its messages, by direction, where they have some; of them, how many were ended. */
  numbers?: [number[], number[]];
  whole?: [number, number];
  /** The session's name, where it was told after the opening. */
  named?: string;
  closed?: true;
}

export interface RunOptions {
  midstream?: boolean;
  /** Feed each step in chunks of at most so many bytes. */
  chunk?: number;
  clientPort?: number;
  serverPort?: number;
  /** The name by which the server was looked up. */
  asked?: AskedName;
  /** No working memory is to be had. */
  full?: boolean;
}

/** Runs a dissector over a conversation as the engine would: unread bytes are shown again with the next ones. */
export function runDissector(protocol: Protocol, steps: readonly Step[], options: RunOptions = {}): Told {
  const told: Told = {
    ...{ facts: [], events: [], anomalies: [], issued: [], presented: [] },
    ...{ files: [], announced: [], claimed: [], inner: [] },
  };
  const dissector = protocol.createDissector(fakeFlow(told, options));
  const tails: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  const offsets: [number, number] = [0, 0];
  const wants: [number, number] = [0, 0];
  const feed = (direction: Direction, bytes: Uint8Array): boolean => {
    const joined = new Uint8Array(tails[direction].length + bytes.length);
    joined.set(tails[direction]);
    joined.set(bytes, tails[direction].length);
    if (joined.length < wants[direction]) {
      tails[direction] = joined;
      return true;
    }
    const cursor = new Cursor(joined, 0, joined.length, offsets[direction]);
    if (protocol.transport === 'udp') cursor.base = 0;
    const answer = dissector.data(direction, cursor);
    if (answer === ANSWER.BAD || answer === ANSWER.SKIP) {
      told.ended = answer === ANSWER.BAD ? 'bad' : 'skip';
      return false;
    }
    wants[direction] = answer;
    offsets[direction] += cursor.pos;
    tails[direction] = protocol.transport === 'udp' ? new Uint8Array(0) : joined.slice(cursor.pos);
    return true;
  };
  for (const step of steps) {
    const { direction } = step;
    if ('gap' in step) {
      offsets[direction] += tails[direction].length + step.gap;
      tails[direction] = new Uint8Array(0);
      wants[direction] = 0;
      dissector.gap(direction, step.gap);
    } else if ('end' in step) {
      dissector.end(direction);
    } else {
      const size = options.chunk ?? step.bytes.length;
      for (let at = 0; at < step.bytes.length; at += Math.max(1, size)) {
        if (!feed(direction, step.bytes.slice(at, at + Math.max(1, size)))) return told;
      }
    }
  }
  return told;
}

/** Runs a conversation whole and then cut in two at every offset of every step; each run must tell the same. */
export function everySplit(
  protocol: Protocol,
  steps: readonly Step[],
  check: (told: Told, where: string) => void,
  options: RunOptions = {},
): void {
  check(runDissector(protocol, steps, options), 'whole');
  check(runDissector(protocol, steps, { ...options, chunk: 1 }), 'byte by byte');
  steps.forEach((step, i) => {
    if (!('bytes' in step)) return;
    for (let at = 1; at < step.bytes.length; at++) {
      const cut: Step[] = [
        ...steps.slice(0, i),
        { direction: step.direction, bytes: step.bytes.slice(0, at) },
        { direction: step.direction, bytes: step.bytes.slice(at) },
        ...steps.slice(i + 1),
      ];
      check(runDissector(protocol, cut, options), `step ${i} cut at ${at}`);
    }
  });
}

export interface Probed {
  answer: 'no' | 'more' | 'yes';
  confidence?: string;
  evidence?: string[];
  flip?: boolean;
}

/** Asks a detector about the first bytes of both directions, with its first-byte table applied as the engine does. */
export function runDetector(
  protocol: Protocol,
  client: Uint8Array,
  server: Uint8Array = new Uint8Array(0),
  options: { midstream?: boolean; final?: boolean; serverPort?: number; asked?: AskedName } = {},
): Probed {
  const [first, second] = protocol.detector.firstBytes;
  if (client.length > 0 && first && !first.includes(client[0]!)) return { answer: 'no' };
  if (server.length > 0 && second && !second.includes(server[0]!)) return { answer: 'no' };
  const probe = new Probe();
  probe.clientBytes = client;
  probe.clientEnd = client.length;
  probe.serverBytes = server;
  probe.serverEnd = server.length;
  probe.midstream = options.midstream ?? false;
  probe.final = options.final ?? false;
  probe.clientPort = 40000;
  probe.serverPort = options.serverPort ?? 9999;
  probe.lookup = () => options.asked;
  const answer = protocol.detector.probe(probe);
  if (answer === PROBE.YES) {
    return { answer: 'yes', confidence: probe.confidence, evidence: probe.evidence, flip: probe.flip };
  }
  return { answer: answer === PROBE.NO ? 'no' : 'more' };
}

function fakeFlow(told: Told, options: RunOptions): FlowContext {
  return {
    clientIp: '192.0.2.1',
    clientPort: options.clientPort ?? 40000,
    serverIp: '198.51.100.1',
    serverPort: options.serverPort ?? 5190,
    transport: 'tcp',
    midstream: options.midstream ?? false,
    id: '0'.repeat(32),
    seconds: () => 1_100_000_000,
    nanos: () => 0,
    emit(direction, offset, facts) {
      told.facts.push(facts);
      told.events.push({ direction, offset, facts });
    },
    anomaly(_direction, _offset, code) {
      if (!told.anomalies.includes(code)) told.anomalies.push(code);
    },
    issue(realm, token, account) {
      told.issued.push(account === undefined ? { realm, token } : { realm, token, account });
    },
    present(realm, token) {
      told.presented.push({ realm, token });
    },
    carve: (target) => fakeFile(told, target),
    announce(realm, token, file) {
      told.announced.push({ realm, token, file });
    },
    claim(fileId, realm, token, sender) {
      told.claimed.push({ fileId, realm, token, ...(sender === undefined ? {} : { sender }) });
    },
    hash: (...parts) => parts.join('|'),
    asked: () => options.asked,
    reserve: () => !(options.full ?? false),
    carry: fakeCarry(told),
  };
}

/** Puts together what is written of a file. */
function fakeFile(told: Told, target: FileTarget): FileWriter {
  const file: FileTold = { target, text: '' };
  told.files.push(file);
  return {
    write(offset, bytes, start, end) {
      if (file.how) throw new Error('a file was written after its end');
      const text = Buffer.from(bytes.subarray(start, end)).toString('latin1');
      const before = file.text.slice(0, offset).padEnd(offset, '\u2400');
      file.text = before + text + file.text.slice(offset + text.length);
    },
    close(direction, offset, how) {
      if (file.how) return;
      Object.assign(file, { how, direction, offset });
    },
  };
}

/** Keeps what is handed to inner streams. */
function fakeCarry(told: Told): Carry {
  return {
    as(carrier) {
      told.carrier = carrier;
    },
    user(name) {
      told.user = name;
    },
    open(target) {
      if (target.known && !told.inner.some((i) => i.target.session === target.session)) return undefined;
      if (told.inner.filter((i) => !i.closed).length >= LIMITS.carrier_streams.default) return undefined;
      const inner: InnerTold = { target, texts: ['', ''], gaps: [], ended: [false, false] };
      told.inner.push(inner);
      return {
        wanted: true,
        data(direction, bytes, start, end) {
          inner.texts[direction] += Buffer.from(bytes.subarray(start, end)).toString('latin1');
        },
        gap(_direction, length) {
          inner.gaps.push(length);
        },
        end(direction) {
          inner.ended[direction] = true;
        },
        message(direction, number) {
          inner.whole ??= [0, 0];
          (inner.numbers ??= [[], []])[direction].push(number);
        },
        messageEnd(direction) {
          if (inner.whole) inner.whole[direction]++;
        },
        named(session) {
          inner.named = session;
        },
        close() {
          inner.closed = true;
        },
        issue(realm, token) {
          told.issued.push({ realm, token });
        },
        present(realm, token) {
          told.presented.push({ realm, token });
        },
      };
    },
  };
}

/** Compresses as a body with `Content-Encoding: gzip` is. */
export function gzip(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes);
}

/** Compresses as a message of permessage-deflate is (RFC 7692), perhaps referring to what went before. */
export function deflateMessage(bytes: Uint8Array, before?: Uint8Array): Uint8Array {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, ...(before ? { dictionary: before } : {}) };
  return deflateRawSync(bytes, options).subarray(0, -4);
}

/** Compresses pieces as one zlib stream, flushed after each (XEP-0138). */
export function zlibPieces(pieces: readonly Uint8Array[], windowBits = 15): Uint8Array[] {
  const deflater = new Deflate({ windowBits });
  return pieces.map((piece) => {
    const parts: Uint8Array[] = [];
    deflater.onData = (part) => parts.push(part);
    deflater.push(piece, Z_SYNC_FLUSH);
    return joinBytes(...parts);
  });
}
