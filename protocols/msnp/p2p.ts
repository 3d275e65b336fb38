import { Cursor, EUF, parseFileContext, parseSlp, SLP_CONTENT_TYPE } from '../../src/sdk/index.ts';
import type { SlpMessage } from '../../src/sdk/index.ts';
import { readVersion1, readVersion2 } from './p2pwire.ts';
import type { Piece } from './p2pwire.ts';
import { BoundedMap } from './session.ts';
import type { Envelope, Session } from './session.ts';
import { parseId } from './text.ts';
import type { Headers } from './text.ts';

/**
 * Peer-to-peer messages inside a switchboard's: a binary header, then text (MSNSLP) in session 0,
 * data in others. Here the texts are read; of the data only that it came to its end.
 */

const MAX_SESSIONS = 32;
const MAX_OPEN = 4;
/** The longest MSNSLP text: an invitation with a preview picture is some 30 KiB. */
const MAX_SLP = 65_536;

type State = 'offer' | 'accept' | 'decline' | 'cancel' | 'complete' | 'start';

interface Transfer {
  id: string;
  name: string;
  size: number;
  /** What it is where it is no file: `webcam`. */
  media: string;
  sessionId: number;
  state: State;
  /** The last of its data passed. */
  ended: boolean;
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
  readonly #transfers = new BoundedMap<Transfer>(MAX_SESSIONS);
  /** Texts of which the begin was seen. */
  readonly #open = new BoundedMap<Uint8Array>(MAX_OPEN);

  constructor(session: Session) {
    this.#session = session;
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
    const piece = destination.includes(';') ? readVersion2(cursor) : readVersion1(cursor);
    if (!piece) {
      this.#trouble(envelope, 'msnp_p2p_bad_header');
      return;
    }
    if (piece.overstated) this.#trouble(envelope, 'msnp_p2p_overstated_length');
    if (piece.end === piece.start) return;
    if (piece.sessionId !== 0) this.#data(piece);
    else this.#text(envelope, bytes, piece);
  }

  #trouble(envelope: Envelope, code: string): void {
    this.#session.flow.anomaly(envelope.direction, envelope.offset, code);
  }

  #data(piece: Piece): void {
    if (piece.remaining > 0) return;
    for (const transfer of this.#transfers.values()) {
      if (transfer.sessionId === piece.sessionId) transfer.ended = true;
    }
  }

  /** Joins the parts of a text; they come in order. */
  #text(envelope: Envelope, bytes: Uint8Array, piece: Piece): void {
    const { start, end, offset, first, remaining } = piece;
    const key = `${envelope.direction} ${envelope.from} ${piece.message}`;
    const begun = first ? EMPTY : this.#open.get(key);
    this.#open.delete(key);
    if (!begun || (offset >= 0 && begun.length !== offset)) return;
    const length = begun.length + end - start;
    if (length + remaining > MAX_SLP) {
      this.#trouble(envelope, 'msnp_slp_too_long');
      return;
    }
    if (first && remaining === 0) {
      this.#slp(envelope, bytes, start, end);
      return;
    }
    const joined = new Uint8Array(length);
    joined.set(begun);
    joined.set(bytes.subarray(start, end), begun.length);
    if (remaining > 0) this.#open.set(key, joined);
    else this.#slp(envelope, joined, 0, length);
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
    if (slp.contentType !== SLP_CONTENT_TYPE.SESSION_REQUEST || this.#transfers.has(slp.callId)) {
      this.#connect(envelope, slp);
      return;
    }
    const guid = slp.body.get('euf-guid')?.toUpperCase() ?? '';
    const sessionId = Number(slp.body.get('sessionid') ?? 0);
    const id = this.#session.flow.hash('msnslp', slp.callId, sessionId);
    const transfer: Transfer = { id, name: '', size: 0, media: '', sessionId, state: 'offer', ended: false };
    if (guid === EUF.FILE) {
      const context = parseFileContext(slp.body.get('context') ?? '');
      if (!context) {
        this.#trouble(envelope, 'msnp_short_context');
        return;
      }
      transfer.name = context.name;
      transfer.size = context.size;
      if (/[/\\]/.test(context.name)) this.#trouble(envelope, 'msnp_path_in_name');
    } else if (guid === EUF.WEBCAM_SEND || guid === EUF.WEBCAM_REQUEST) transfer.media = 'webcam';
    else return;
    this.#transfers.set(slp.callId, transfer);
    this.#tell(envelope, transfer, transfer.media ? 'invite' : 'offer');
  }

  #answer(envelope: Envelope, slp: SlpMessage): void {
    const transfer = this.#transfers.get(slp.callId);
    if (!transfer) return;
    if (slp.method === 'BYE') {
      this.#move(envelope, transfer, transfer.ended ? 'complete' : 'cancel');
      this.#transfers.delete(slp.callId);
    } else if (slp.status === 603) this.#move(envelope, transfer, 'decline');
    else if (slp.contentType === SLP_CONTENT_TYPE.TRANSPORT_RESPONSE) this.#connect(envelope, slp);
    else if (slp.status === 200 && slp.contentType === SLP_CONTENT_TYPE.SESSION_REQUEST) {
      this.#move(envelope, transfer, 'accept');
    }
  }

  /** Somebody listens for a direct connection: where. */
  #connect(envelope: Envelope, slp: SlpMessage): void {
    const transfer = this.#transfers.get(slp.callId);
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
      facts.file = { id: transfer.id, name: transfer.name, size: transfer.size, method: 'msnslp', state };
      if (where) {
        facts.file.peer_ip = where.ip;
        facts.file.peer_port = where.port;
      }
    }
    session.flow.emit(envelope.direction, envelope.offset, facts);
  }
}

const EMPTY = new Uint8Array(0);

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
