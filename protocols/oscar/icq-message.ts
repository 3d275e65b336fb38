import { decodeLocal } from './codepage.ts';
import type { CodePage } from './codepage.ts';
import { setText, trimZeros } from './body.ts';
import type { Conn, Facts } from './conn.ts';
import { factsOf } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { inspectText } from './inspect.ts';
import { ICQ_TYPE } from './numbers.ts';
import { isRtf, rtfToText } from './rtf.ts';
import { cleanName, normalise } from './tlv.ts';

/** ICQ's typed messages: ICBM channel 4, the server relay and stored messages share them. */

/** Separates the fields of a message. */
const SEPARATOR = '\u00fe';
const SEPARATOR_BYTE = 0xfe;

export interface ICQMessage {
  type: number;
  flags: number;
  /** Decoded; fields are separated by U+00FE. */
  raw: string;
}

/** Each field by itself: the separator is no byte of UTF-8, and would spoil the guess. */
export function decodeFields(bytes: Uint8Array, start: number, end: number, page?: CodePage): string {
  const parts: string[] = [];
  let from = start;
  for (let i = start; i <= end; i++) {
    if (i < end && bytes[i] !== SEPARATOR_BYTE) continue;
    parts.push(decodeLocal(bytes, from, i, page));
    from = i + 1;
  }
  return parts.join(SEPARATOR);
}

/** Sets what a message of this type says; false where it says nothing. */
type Teller = (conn: Conn, facts: Facts, fields: string[], peer: string) => boolean;

const TELLERS: ReadonlyMap<number, Teller> = new Map<number, Teller>([
  [ICQ_TYPE.PLAIN, (_conn, facts, fields) => setPlain(facts, fields.join(SEPARATOR))],
  [ICQ_TYPE.CHAT, (_conn, facts, fields) => setCall(facts, 'chat', fields[0])],
  [ICQ_TYPE.FILE, (_conn, facts, fields) => setCall(facts, 'file', fields[0])],
  [
    ICQ_TYPE.URL,
    (_conn, facts, fields) => setPlain(facts, fields.filter((field) => field !== '').join('\n')),
  ],
  [ICQ_TYPE.AUTHORISATION_REQUEST, (_conn, facts, fields, peer) => setRequest(facts, fields, peer)],
  [ICQ_TYPE.AUTHORISATION_DENIED, (_conn, facts, fields, peer) => setContact(facts, 'deny', peer, fields[0])],
  [
    ICQ_TYPE.AUTHORISATION_GRANTED,
    (_conn, facts, _fields, peer) => setContact(facts, 'accept', peer, undefined),
  ],
  [ICQ_TYPE.SERVER, (_conn, facts, fields) => setPlain(facts, fields.at(-1) ?? '')],
  [ICQ_TYPE.ADDED, (_conn, facts, fields) => setAdded(facts, fields)],
  [ICQ_TYPE.WEB_PAGER, (_conn, facts, fields) => setPager(facts, fields)],
  [ICQ_TYPE.EMAIL_EXPRESS, (_conn, facts, fields) => setPager(facts, fields)],
  [ICQ_TYPE.CONTACTS, (conn, facts, fields, peer) => tellContacts(conn, facts, fields, peer)],
]);

const FLAG_AUTO = 0x03;
const TYPE_MASK = 0x7f;
const FIELD_LIMIT = 128;

/** Tells a message by its type. Unknown types (plug-ins, requests for away texts) tell nothing. */
export function tellICQMessage(
  conn: Conn,
  envelope: Envelope,
  message: ICQMessage,
  more: Partial<Facts> = {},
): void {
  const facts: Facts = { ...factsOf(conn, envelope, 'message'), ...more };
  const fields = trimZeros(message.raw).split(SEPARATOR, FIELD_LIMIT);
  const peer = normalise(envelope.name);
  inspectText(conn, message.raw);
  const teller = TELLERS.get(message.type) ?? TELLERS.get(message.type & TYPE_MASK);
  if (teller?.(conn, facts, fields, peer) !== true) return;
  if (message.flags === FLAG_AUTO) facts.auto = true;
  conn.tell(facts, peer);
}

/** Plain text, which ICQ Pro could send as RTF. */
function setPlain(facts: Facts, raw: string): boolean {
  if (!isRtf(raw)) return setText(facts, raw, 'tagged');
  const text = rtfToText(raw);
  if (text === '') return false;
  facts.text = text;
  facts.format = 'rtf';
  return true;
}

/** The old types only ask; what follows goes directly from client to client. */
function setCall(facts: Facts, media: string, text: string | undefined): boolean {
  facts.kind = 'call';
  facts.call = { media, state: 'invite' };
  if (text !== undefined && text !== '') facts.text = text;
  return true;
}

/** Nick, first name, last name, e-mail, "1", reason. */
function setRequest(facts: Facts, fields: string[], peer: string): boolean {
  const reason = fields.at(-1);
  return setContact(facts, 'request', peer, reason, fields[0]);
}

function setContact(
  facts: Facts,
  op: NonNullable<Facts['contact']>['op'],
  id: string,
  text: string | undefined,
  name?: string,
): boolean {
  facts.kind = 'contact';
  facts.contact = { op, id };
  const shown = cleanName(name ?? '');
  if (shown !== '') facts.contact.name = shown;
  if (text !== undefined && text !== '') facts.text = text;
  return true;
}

function setAdded(facts: Facts, fields: string[]): boolean {
  facts.kind = 'notice';
  facts.text = 'added you to the contact list';
  facts.code = 'added';
  const nick = cleanName(fields[0] ?? '');
  if (nick !== '') facts.from_name = nick;
  return true;
}

/** Web pager and e-mail express: name, two unused, e-mail, one unused, text. */
function setPager(facts: Facts, fields: string[]): boolean {
  const name = cleanName(fields[0] ?? '');
  if (name !== '') facts.from_name = name;
  return setPlain(facts, fields.at(-1) ?? '');
}

/** Contacts sent to the other: count, then number and name of each. One event a contact. */
function tellContacts(conn: Conn, facts: Facts, fields: string[], peer: string): boolean {
  for (let i = 1; i + 1 < fields.length; i += 2) {
    const id = normalise(cleanName(fields[i] ?? ''));
    if (id === '') continue;
    const one: Facts = { ...facts };
    setContact(one, 'list', id, undefined, fields[i + 1]);
    conn.tell(one, peer);
  }
  return false;
}
