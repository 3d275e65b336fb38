import { decodeGuess, htmlToText } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';
import { setText } from './body.ts';
import type { Conn, Facts } from './conn.ts';
import { factsOf } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { decodeFields, tellICQMessage } from './icq-message.ts';
import { ICQ_TYPE } from './numbers.ts';
import { cleanName, normalise } from './tlv.ts';

/** Messages of ICQ's plug-ins (type 1A): what they are says the plug-in's name. */

interface Plugin {
  /** In lower case. */
  name: string;
  data: Cursor;
}

const NAME_LIMIT = 256;
/** More of a plug-in's text is not looked into. */
const XML_LIMIT = 8192;

/**
 * Header (length u16): GUID (16 bytes), function u16, name (length u32), unused; then the length of the rest u32,
 * data (length u32).
 */
export function readPlugin(body: Cursor): Plugin | undefined {
  const header = body.sub(body.u16le());
  header.skip(18);
  const length = header.u32le();
  if (length > NAME_LIMIT) return undefined;
  const name = cleanName(header.latin1(length)).toLowerCase();
  body.skip(4);
  const data = body.sub(body.u32le());
  return header.ok && data.ok && name !== '' ? { name, data } : undefined;
}

/** Tells what a plug-in says; of names not known here nothing. */
export function tellPlugin(conn: Conn, envelope: Envelope, flags: number, plugin: Plugin | undefined): void {
  if (!plugin) return;
  const { name, data } = plugin;
  const type = TYPES.find(([mark]) => name.includes(mark))?.[1];
  if (type !== undefined) {
    const raw = decodeFields(data.bytes, data.pos, data.end, conn.codePage);
    tellICQMessage(conn, envelope, { type, flags, raw });
  } else if (name.includes('script')) tellExtendedStatus(conn, envelope, data);
  else if (name.includes('sms')) tellSMS(conn, envelope, data);
}

/** Plug-ins that stand for one of the old types. */
const TYPES: readonly (readonly [mark: string, type: number])[] = [
  ['request for contacts', ICQ_TYPE.CONTACTS],
  ['contacts', ICQ_TYPE.CONTACTS],
  ['web page address', ICQ_TYPE.URL],
  ['url', ICQ_TYPE.URL],
  ['chat', ICQ_TYPE.CHAT],
  ['file', ICQ_TYPE.FILE],
  ['message', ICQ_TYPE.PLAIN],
];

/** The text between `<name>` and `</name>`; empty where it is not there. */
export function element(xml: string, name: string): string {
  const start = xml.indexOf(`<${name}>`);
  const from = start + name.length + 2;
  const end = start < 0 ? -1 : xml.indexOf(`</${name}>`, from);
  return end < 0 ? '' : xml.slice(from, end);
}

/** `<name>` is there, and no `</name>` behind it. */
function isOpen(xml: string, name: string): boolean {
  const start = xml.indexOf(`<${name}>`);
  return start >= 0 && !xml.includes(`</${name}>`, start);
}

/** Xtraz: the answer to who asked for an extended status holds its title and text in XML inside XML. */
function tellExtendedStatus(conn: Conn, envelope: Envelope, data: Cursor): void {
  const outer = decodeGuess(data.bytes, data.pos, Math.min(data.end, data.pos + XML_LIMIT));
  const inner = htmlToText(element(outer, 'RES'));
  const whole = data.end - data.pos < XML_LIMIT;
  if (whole && (isOpen(inner, 'title') || isOpen(inner, 'desc'))) conn.anomaly('oscar_xstatus_unclosed');
  const title = cleanName(htmlToText(element(inner, 'title')));
  const text = cleanName(htmlToText(element(inner, 'desc')));
  const status = [title, text].filter((part) => part !== '').join(': ');
  if (status === '') return;
  const facts = factsOf(conn, envelope, 'profile');
  facts.profile = { extended_status: status };
  conn.tell(facts, normalise(envelope.name));
}

/** A short message of a telephone, or what became of one: XML with `<sender>` and `<text>`. */
function tellSMS(conn: Conn, envelope: Envelope, data: Cursor): void {
  const xml = decodeGuess(data.bytes, data.pos, Math.min(data.end, data.pos + XML_LIMIT));
  const facts: Facts = factsOf(conn, envelope, 'message');
  const from = cleanName(element(xml, 'sender'));
  if (from !== '' && !envelope.sent) facts.from = from;
  if (setText(facts, htmlToText(element(xml, 'text')), 'never')) conn.tell(facts, conn.account);
}
