import {
  costOfText,
  Cursor,
  EUF,
  KeptMap,
  parseFileContext,
  parseObjectContext,
  parseSlp,
  SessionData,
  SLP,
  SLP_CONTENT_TYPE,
  SlpJoiner,
} from '../../src/sdk/index.ts';
import type { Direction, FileAnnouncement, ImFacts, SlpMessage } from '../../src/sdk/index.ts';
import { beginningOf, isShortVersion2, readVersion1, readVersion2 } from './p2pwire.ts';
import type { Piece } from './p2pwire.ts';
import { SERVICE } from './session.ts';
import type { Envelope, Session } from './session.ts';
import { parseId } from './text.ts';
import type { Headers } from './text.ts';

/**
 * Peer-to-peer messages inside a switchboard's: a binary header, then text (MSNSLP) in session 0,
 * data in others: files and objects, which are carved.
 */

/** Joins data with the invitation on another connection. */
const REALM = 'msnp2p';
/** What only the invitation names. */
const UNNAMED = '(unnamed)';
const MAX_SESSIONS = 32;
const MAX_LATE = 4;
/** Bytes that a session's place in a file costs beside what `src/files` counts. */
const DATA_COST = 512;

type State = 'offer' | 'accept' | 'decline' | 'cancel' | 'complete' | 'start';

interface Transfer {
  id: string;
  name: string;
  size: number;
  /** What it is where it is no file: `webcam`. */
  media: string;
  sessionId: number;
  state: State;
  /** It was asked for by who receives it: an object. */
  asked: boolean;
  /** The direction in which its data goes. */
  sender: Direction;
  from: string;
  to: string[];
  data: SessionData;
  /** By what it is found again (see `keyOf`). */
  key: string;
  target: FileAnnouncement;
}

/** What an invitation says of what it is for. */
interface About {
  name: string;
  size: number;
  media?: string;
  asked?: boolean;
  sha1?: string;
}

interface Incoming {
  envelope: Envelope;
  headers: Headers;
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Peer-to-peer sessions of one switchboard. */
export class PeerToPeer {
  readonly #session: Session;
  readonly #transfers: KeptMap<Transfer>;
  /** Messages whose headers are one part behind (see `readVersion1`), with the beginning of their first part. */
  readonly #late: KeptMap<number>;
  /** Data of sessions that were agreed elsewhere, by direction and number. */
  readonly #others: KeptMap<SessionData>;
  readonly #texts: SlpJoiner;

  constructor(session: Session) {
    this.#session = session;
    const { keep } = session;
    this.#transfers = new KeptMap(MAX_SESSIONS, keep, costOfTransfer);
    this.#late = new KeptMap(MAX_LATE, keep);
    this.#others = new KeptMap(MAX_SESSIONS, keep, () => DATA_COST);
    this.#texts = new SlpJoiner(keep);
  }

  /** Reads one `application/x-msnmsgrp2p` message. From MSNP16 on its header names endpoints: then it is version 2. */
  message(incoming: Incoming): void {
    const { envelope, headers, bytes, start, end } = incoming;
    const destination = headers.get('p2p-dest') ?? '';
    const target = parseId(destination);
    if (target) {
      // Everybody on the switchboard gets it: of two it can only be for the client.
      const session = this.#session;
      if (!envelope.sent && !session.account && session.members.size < 2) session.identify(target);
      envelope.to = [target];
    }
    const cursor = new Cursor(bytes, start, end);
    const lateKey = (message: string): string => `${envelope.direction} ${message}`;
    const second = destination.includes(';');
    if (second && isShortVersion2(cursor)) {
      this.#trouble(envelope, 'msnp_p2p_short');
      return;
    }
    const piece = second
      ? readVersion2(cursor)
      : readVersion1(cursor, (message) => this.#late.get(lateKey(message)));
    if (!piece) {
      this.#trouble(envelope, 'msnp_p2p_bad_header');
      return;
    }
    if (piece.overstated) this.#trouble(envelope, 'msnp_p2p_overstated_length');
    if (piece.isData) this.#noteLate(envelope, lateKey(piece.message), bytes, piece);
    if (piece.end === piece.start) return;
    if (piece.sessionId !== 0) this.#data(envelope, bytes, piece);
    else this.#text(envelope, bytes, piece);
  }

  #noteLate(envelope: Envelope, key: string, bytes: Uint8Array, piece: Piece): void {
    if (!piece.late) {
      this.#late.delete(key);
      return;
    }
    if (this.#late.get(key) === undefined) this.#late.set(key, beginningOf(bytes, piece.start, piece.end));
    this.#trouble(envelope, 'msnp_p2p_late_header');
  }

  #trouble(envelope: Envelope, code: string): void {
    this.#session.flow.anomaly(envelope.direction, envelope.offset, code);
  }

  #data(envelope: Envelope, bytes: Uint8Array, piece: Piece): void {
    const { direction, offset } = envelope;
    if (!piece.isData) return;
    let known = false;
    for (const transfer of this.#transfers.values()) {
      const { data } = transfer;
      if (transfer.sessionId !== piece.sessionId || transfer.sender !== direction) continue;
      known = true;
      if (data.ended || transfer.media) continue;
      data.write(piece.offset, piece.remaining, bytes, piece.start, piece.end);
      if (data.isOdd) this.#trouble(envelope, 'msnp_p2p_size_differs');
      if (piece.remaining === 0) data.close(direction, offset, true);
    }
    if (!known) this.#foreign(envelope, bytes, piece);
  }

  /** Data of a session that was agreed on another switchboard of the same two people. */
  #foreign(envelope: Envelope, bytes: Uint8Array, piece: Piece): void {
    const { direction, from, to } = envelope;
    const key = `${direction} ${piece.sessionId}`;
    let data = this.#others.get(key);
    if (!data) {
      const { flow } = this.#session;
      const id = flow.hash('msnp2p', flow.id, key);
      flow.claim(id, REALM, `${piece.sessionId} ${from}`, direction);
      data = new SessionData(undefined, (size) => {
        const target = { id, name: UNNAMED, service: SERVICE, to, ...(from ? { from } : {}) };
        return flow.carve(size === undefined ? target : { ...target, size });
      });
      this.#others.set(key, data);
    }
    if (data.ended) return;
    data.write(piece.offset, piece.remaining, bytes, piece.start, piece.end);
    if (piece.remaining === 0) data.close(direction, envelope.offset, true);
  }

  /** Joins the parts of a text. */
  #text(envelope: Envelope, bytes: Uint8Array, piece: Piece): void {
    const key = `${envelope.direction} ${envelope.from} ${piece.message}`;
    const texts = this.#texts;
    const answer = texts.add(key, piece, bytes, piece.start, piece.end);
    if (answer === SLP.TEXT) this.#slp(envelope, texts.bytes, texts.start, texts.end);
    else if (answer === SLP.TOO_LONG) this.#trouble(envelope, 'msnp_slp_too_long');
    else if (answer === SLP.LIES) this.#trouble(envelope, 'msnp_slp_parts_differ');
  }

  #slp(envelope: Envelope, bytes: Uint8Array, start: number, end: number): void {
    const slp = parseSlp(bytes, start, end);
    if (!slp) return;
    if (envelope.sent && !envelope.from) {
      this.#session.identify(parseId(slp.from));
      envelope.from = this.#session.account;
    }
    if (slp.method === 'INVITE') this.#invite(envelope, slp);
    else this.#answer(envelope, slp);
  }

  /** An invitation to a session; one to connect directly has the same `Call-ID` and another body. */
  #invite(envelope: Envelope, slp: SlpMessage): void {
    if (slp.contentType !== SLP_CONTENT_TYPE.SESSION_REQUEST || this.#transfers.has(keyOf(slp, slp.from))) {
      this.#connect(envelope, slp);
      return;
    }
    const transfer = this.#begin(envelope, slp);
    if (!transfer) return;
    this.#transfers.set(keyOf(slp, slp.from), transfer);
    if (transfer.media) this.#tell(envelope, transfer, 'invite');
    else {
      this.#announce(transfer);
      if (!transfer.asked) this.#tell(envelope, transfer, 'offer');
    }
  }

  /** What an invitation is for; undefined where it is nothing that is told. */
  #begin(envelope: Envelope, slp: SlpMessage): Transfer | undefined {
    const guid = slp.body.get('euf-guid')?.toUpperCase() ?? '';
    const context = slp.body.get('context') ?? '';
    if (guid === EUF.WEBCAM_SEND || guid === EUF.WEBCAM_REQUEST)
      return this.#transfer(envelope, slp, { name: '', size: 0, media: 'webcam' });
    if (guid === EUF.OBJECT) {
      const object = parseObjectContext(context);
      if (object && /\.\.[/\\]/.test(object.name)) this.#trouble(envelope, 'msnp_path_in_name');
      return object && this.#transfer(envelope, slp, { ...object, asked: true });
    }
    if (guid !== EUF.FILE) return undefined;
    const file = parseFileContext(context);
    if (!file) this.#trouble(envelope, 'msnp_short_context');
    else if (/[/\\]/.test(file.name)) this.#trouble(envelope, 'msnp_path_in_name');
    return file && this.#transfer(envelope, slp, file);
  }

  #transfer(envelope: Envelope, slp: SlpMessage, about: About): Transfer {
    // Two clients may give the same numbers to what they ask of each other.
    const { name, size, media = '', asked = false, sha1 } = about;
    const { flow } = this.#session;
    const sessionId = Number(slp.body.get('sessionid') ?? 0);
    const { direction, from, to } = envelope;
    const id = asked
      ? flow.hash('msnslp', slp.callId, sessionId, to[0] ?? '')
      : flow.hash('msnslp', slp.callId, sessionId);
    const sender = asked ? (direction === 0 ? 1 : 0) : direction;
    const people = asked ? { from: to[0] ?? '', to: from ? [from] : [] } : { from, to };
    const shown = (sha1 !== undefined && this.#session.objects.get(sha1)) || name;
    const target: FileAnnouncement = {
      ...{ id, name: shown, size, service: SERVICE, to: people.to },
      ...(people.from === '' ? {} : { from: people.from }),
      ...(sha1 === undefined ? {} : { digest: { algorithm: 'sha1', value: sha1 } }),
    };
    const data = new SessionData(size, () => flow.carve(target));
    return {
      ...{ id, name: shown, size, media, sessionId, asked, sender, data, target },
      key: keyOf(slp, slp.from),
      ...people,
      state: 'offer',
    };
  }

  /** The data may go over a connection of its own, which shows the session's number. */
  #announce(transfer: Transfer): void {
    const { sessionId, target, from } = transfer;
    if (sessionId === 0) return;
    const { flow } = this.#session;
    flow.announce(REALM, String(sessionId), target);
    if (from) flow.announce(REALM, `${sessionId} ${from}`, target);
  }

  /** The session that a text is about: an answer goes to who invited, and that one says most of the rest. */
  #find(slp: SlpMessage): Transfer | undefined {
    const [first, second] = slp.method === '' ? [slp.to, slp.from] : [slp.from, slp.to];
    return this.#transfers.get(keyOf(slp, first)) ?? this.#transfers.get(keyOf(slp, second));
  }

  #answer(envelope: Envelope, slp: SlpMessage): void {
    const transfer = this.#find(slp);
    if (!transfer) return;
    if (slp.method === 'BYE') {
      const { data } = transfer;
      const whole = data.ended;
      data.close(transfer.sender, envelope.offset, false);
      this.#move(envelope, transfer, whole ? 'complete' : 'cancel');
      this.#transfers.delete(transfer.key);
    } else if (slp.status === 603) this.#move(envelope, transfer, 'decline');
    else if (slp.contentType === SLP_CONTENT_TYPE.TRANSPORT_RESPONSE) this.#connect(envelope, slp);
    else if (slp.status === 200 && slp.contentType === SLP_CONTENT_TYPE.SESSION_REQUEST) {
      this.#move(envelope, transfer, transfer.asked ? 'start' : 'accept');
    }
  }

  /** Somebody listens for a direct connection: where. */
  #connect(envelope: Envelope, slp: SlpMessage): void {
    const transfer = this.#find(slp);
    if (!transfer || slp.body.get('listening')?.toLowerCase() !== 'true') return;
    const where = endpoint(slp.body, 'ipv4external') ?? endpoint(slp.body, 'ipv4internal');
    if (where) this.#move(envelope, transfer, 'start', where);
  }

  /** Tells a state once: texts are repeated where an acknowledgement was late. */
  #move(envelope: Envelope, transfer: Transfer, state: State, where?: { ip: string; port: number }): void {
    if (transfer.state === state) return;
    transfer.state = state;
    this.#tell(envelope, transfer, state, where);
  }

  #tell(
    envelope: Envelope,
    transfer: Transfer,
    state: State | 'invite',
    where?: { ip: string; port: number },
  ): void {
    const session = this.#session;
    const facts = session.said(transfer.media ? 'call' : 'file', envelope);
    if (transfer.media) facts.call = { media: transfer.media, state };
    else if (state !== 'invite') {
      if (transfer.asked) turn(facts, transfer);
      facts.file = { id: transfer.id, name: transfer.name, size: transfer.size, method: 'msnslp', state };
      if (where) {
        facts.file.peer_ip = where.ip;
        facts.file.peer_port = where.port;
      }
    }
    session.flow.emit(envelope.direction, envelope.offset, facts);
  }
}

/** Clients of one make may give the same `Call-ID` to what they ask of each other: who invited tells them apart. */
function keyOf(slp: SlpMessage, inviter: string): string {
  return `${slp.callId} ${parseId(inviter)}`;
}

/** Who sends an object is not who asks for it. */
function turn(facts: ImFacts, transfer: Transfer): void {
  delete facts.from;
  delete facts.from_name;
  if (transfer.from) facts.from = transfer.from;
  facts.to = transfer.to;
  facts.sent = transfer.sender === 0;
}

/** Two data structures and the strings that an invitation chose. */
function costOfTransfer({ id, name, media, from, key }: Transfer): number {
  return 2 * DATA_COST + 2 * costOfText(id + name + media + from + key);
}

/** The first of `IPv4External-Addrs` (or internal) and its port. */
function endpoint(
  body: ReadonlyMap<string, string>,
  prefix: string,
): { ip: string; port: number } | undefined {
  const ip = body.get(`${prefix}-addrs`)?.split(' ')[0] ?? '';
  const port = Number(body.get(`${prefix}-port`) ?? 0);
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(ip) || !Number.isInteger(port) || port < 1 || port > 65_535)
    return undefined;
  return { ip, port };
}
