import { decodeBase64 } from '../../src/sdk/index.ts';
import type { ChunkJoiner } from './chunks.ts';
import { clientOfHeader } from './client.ts';
import { onInvitation } from './invite.ts';
import type { Invitations } from './invite.ts';
import { checkObject, readObject } from './object.ts';
import type { MsnObject } from './object.ts';
import type { PeerToPeer } from './p2p.ts';
import { readStyle } from './style.ts';
import type { Envelope, Session } from './session.ts';
import { decodeText, lookUp, mediaType, parseId, parseMime } from './text.ts';
import type { Headers } from './text.ts';

/** What people say, by the media type of the message. */

/** What messages of one connection need besides the session. */
export interface Parts {
  readonly session: Session;
  readonly chunks: ChunkJoiner;
  readonly invitations: Invitations;
  readonly peerToPeer: PeerToPeer;
}

/** One message, its headers parsed. */
export interface Message {
  envelope: Envelope;
  headers: Headers;
  bytes: Uint8Array;
  /** The body, `start` to `end` in `bytes`. */
  start: number;
  end: number;
  id?: string;
  /** Parts of it were not seen. */
  truncated?: boolean;
}

type ContentHandler = (parts: Parts, message: Message) => void;

/** Handlers by media type. */
const CONTENT: Readonly<Record<string, ContentHandler>> = {
  'text/plain': onText,
  'text/x-msmsgscontrol': onControl,
  'text/x-msnmsgr-datacast': onDatacast,
  'text/x-msmsgsinvite': ({ session, invitations }, message) => onInvitation(session, invitations, message),
  'application/x-msnmsgrp2p': ({ peerToPeer }, message) => peerToPeer.message(message),
  'text/x-clientcaps': onClientHeaders,
  'text/x-clientinfo': onClientHeaders,
  'text/x-mms-emoticon': onEmoticon,
  'text/x-mms-animemoticon': onEmoticon,
  'image/gif': onInk,
  'application/x-ms-ink': onInk,
};

/** Hands a message to the handler of its media type; others are passed over. */
export function dispatch(parts: Parts, message: Message): void {
  const type = mediaType(message.headers.get('content-type'));
  lookUp(CONTENT, type)?.(parts, message);
}

/** `text/plain`: UTF-8 unless said otherwise; `P4-Context` replaces the sender's name. */
function onText({ session }: Parts, message: Message): void {
  const { envelope, headers } = message;
  const text = decodeText(message.bytes, message.start, message.end, headers.get('content-type') ?? '');
  tellClient(session, envelope, headers);
  if (!text) return;
  const facts = session.said('message', envelope);
  const alias = headers.get('p4-context');
  if (alias) facts.from_name = alias;
  if (message.id) facts.message_id = message.id;
  if (message.truncated) facts.truncated = true;
  const encryption = encryptionOf(text);
  if (encryption) facts.encrypted = encryption;
  else {
    facts.text = text;
    facts.format = 'plain';
    const style = readStyle(headers.get('x-mms-im-format'));
    if (style) facts.style = style;
  }
  session.flow.emit(envelope.direction, envelope.offset, facts);
}

/** Encryption between clients, by what the ciphertext begins with. */
function encryptionOf(text: string): string | undefined {
  if (text.startsWith('?OTR')) return 'otr';
  if (text.startsWith('*** Encrypted')) return 'pidgin-encryption';
  return undefined;
}

/** `text/x-msmsgscontrol`: somebody is typing (or recording a voice clip). */
function onControl({ session }: Parts, message: Message): void {
  const { envelope, headers } = message;
  const typing = headers.get('typinguser');
  const user = parseId(typing ?? headers.get('recordinguser'));
  if (!user) return;
  if (!envelope.from) {
    if (envelope.sent) session.identify(user);
    envelope.from = user;
    envelope.to = envelope.to.filter((id) => id !== user);
  } else if (user !== envelope.from) {
    session.flow.anomaly(envelope.direction, envelope.offset, 'msnp_typing_for_another');
  }
  const facts = session.said('typing', envelope);
  facts.state = typing === undefined ? 'recording' : 'typing';
  session.flow.emit(envelope.direction, envelope.offset, facts);
}

const DATACAST: Readonly<Record<string, string>> = {
  '1': 'nudge',
  '2': 'wink',
  '3': 'voice clip',
  '4': 'action',
};

/**
 * `text/x-msnmsgr-datacast`: its body is headers again, `ID` says what it is; `Data` is the object of a
 * wink or a voice clip, which is then offered, or the words of an action.
 */
function onDatacast(parts: Parts, message: Message): void {
  const body = parseMime(message.bytes, message.start, message.end).headers;
  const state = lookUp(DATACAST, body.get('id'));
  if (!state) return;
  const { session } = parts;
  const { envelope } = message;
  const data = body.get('data') ?? '';
  const object = readObject(data);
  const facts = session.said('attention', envelope);
  facts.state = state;
  if (object) facts.ref = session.flow.hash('msnobj', object.digest);
  else if (state === 'action' && data) facts.text = data;
  session.flow.emit(envelope.direction, envelope.offset, facts);
  if (object) tellObject(session, envelope, data, object, object.friendly || state);
}

/** Tells that an object is offered: who wants it asks for it by its digest. */
function tellObject(
  session: Session,
  envelope: Envelope,
  text: string,
  object: MsnObject,
  name: string,
): void {
  checkObject(session, envelope, text);
  session.objects.set(hexOfBase64(object.digest), name);
  const facts = session.said('file', envelope);
  facts.file = { id: session.flow.hash('msnobj', object.digest), name, method: 'msnslp', state: 'offer' };
  if (object.size !== undefined) facts.file.size = object.size;
  session.flow.emit(envelope.direction, envelope.offset, facts);
}

/** Ink: a drawing instead of a text. */
function onInk(parts: Parts, message: Message): void {
  tellAttention(parts, message, 'ink');
}

export function tellAttention({ session }: Parts, message: Message, state: string): void {
  const facts = session.said('attention', message.envelope);
  facts.state = state;
  session.flow.emit(message.envelope.direction, message.envelope.offset, facts);
}

/** `text/x-clientcaps`: the body is headers that name the client. */
function onClientHeaders({ session }: Parts, message: Message): void {
  const body = parseMime(message.bytes, message.start, message.end).headers;
  tellClient(session, message.envelope, body);
}

/** Third-party clients name themselves; told once, and of the client's own side only. */
function tellClient(session: Session, envelope: Envelope, headers: Headers): void {
  if (!envelope.sent || session.clientTold) return;
  const header = headers.has('user-agent') ? 'User-Agent' : 'Client-Name';
  const client = clientOfHeader(header, headers.get(header.toLowerCase()) ?? '');
  if (!client) return;
  session.clientTold = true;
  const facts = session.fact('client');
  facts.client = client;
  facts.sent = true;
  session.flow.emit(envelope.direction, envelope.offset, facts);
}

function hexOfBase64(text: string): string {
  return Array.from(decodeBase64(text.slice(0, 64)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** At most so many custom emoticons are told of one message; clients allow five. */
const MAX_EMOTICONS = 16;

/** `text/x-mms-emoticon`: shortcuts and the objects that stand for them, parted by tabs. They are offered, not sent. */
function onEmoticon({ session }: Parts, message: Message): void {
  const { envelope } = message;
  const text = decodeText(message.bytes, message.start, message.end, 'charset=utf-8');
  const fields = text.split('\t');
  for (let i = 0; i + 1 < fields.length && i < 2 * MAX_EMOTICONS; i += 2) {
    const name = fields[i]?.trim() ?? '';
    const description = fields[i + 1]?.trim() ?? '';
    const object = readObject(description);
    if (name && object) tellObject(session, envelope, description, object, name);
  }
}
