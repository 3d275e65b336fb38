import { decodeGuess, formatTime } from '../../src/sdk/index.ts';
import { tellProfile } from './presence.ts';
import type { Command } from './reader.ts';
import type { Session } from './session.ts';
import { lookUp, mediaType, parseId, parseMime } from './text.ts';
import type { Headers, Mime } from './text.ts';
import { elementText } from './xml.ts';

/** What the notification server itself says: the owner's profile, mail and offline messages, alerts. */

/** Offline messages that one notice is read for. */
const MAX_NOTICES = 64;
/** The kind of an entry in `Mail-Data` that is an offline message. */
const OFFLINE_MESSAGE = '11';

type ServerMessage = (session: Session, command: Command, mime: Mime) => void;

const SERVER_MESSAGES: Readonly<Record<string, ServerMessage>> = {
  'text/x-msmsgsprofile': onProfile,
  'text/x-msmsgsinitialmdatanotification': onMailData,
  'text/x-msmsgsoimnotification': onMailData,
  'text/x-msmsgsinitialemailnotification': onUnreadMail,
  'text/x-msmsgsemailnotification': onNewMail,
  'application/x-msmsgssystemmessage': onSystemMessage,
};

/** A `MSG` of the server's own (`MSG Hotmail Hotmail length`). */
export function onServerMessage(session: Session, command: Command, mime: Mime): void {
  const type = mediaType(mime.headers.get('content-type'));
  lookUp(SERVER_MESSAGES, type)?.(session, command, mime);
}

/** Fields of the profile that are told. `MSPAuth`, the ticket among them, never is. */
const PROFILE: Readonly<Record<string, string>> = {
  preferredemail: 'preferred_email',
  country: 'country',
  postalcode: 'postal_code',
  lang_preference: 'language',
  gender: 'gender',
  age: 'age',
  birthday: 'birthday',
  wallet: 'wallet',
  clientip: 'client_ip',
};

/** `text/x-msmsgsprofile`, the first message after sign-on: personal data in clear. */
function onProfile(session: Session, command: Command, mime: Mime): void {
  const profile: Record<string, string> = {};
  for (const [header, field] of Object.entries(PROFILE)) {
    const value = mime.headers.get(header);
    if (value && value !== '0') profile[field] = value;
  }
  if (Object.keys(profile).length > 0) tellProfile(session, command, profile);
}

function tellNotice(session: Session, command: Command, code: string, text: string, from = ''): void {
  const facts = session.fact('notice');
  facts.code = code;
  if (text) facts.text = text;
  if (from) facts.from = from;
  facts.sent = false;
  session.tell(command, facts);
}

function bodyHeaders(command: Command, mime: Mime): Headers {
  return parseMime(command.bytes, mime.body, command.end).headers;
}

/** `Mail-Data: <MD>...<M>...</M></MD>`: an `<M>` each message that waits. */
function onMailData(session: Session, command: Command, mime: Mime): void {
  const xml = bodyHeaders(command, mime).get('mail-data') ?? '';
  let at = xml.indexOf('<M>');
  for (let n = 0; at >= 0 && n < MAX_NOTICES; n++) {
    const end = xml.indexOf('</M>', at);
    if (end < 0) return;
    const entry = xml.slice(at, end);
    if (elementText(entry, 'T') === OFFLINE_MESSAGE) onOfflineMessage(session, command, entry);
    at = xml.indexOf('<M>', end);
  }
}

function onOfflineMessage(session: Session, command: Command, entry: string): void {
  const facts = session.fact('notice');
  facts.code = 'oim';
  facts.text = 'offline message waiting';
  facts.offline = true;
  const from = parseId(elementText(entry, 'E'));
  if (from) facts.from = from;
  const id = elementText(entry, 'I');
  if (id) facts.message_id = id;
  const time = Date.parse(elementText(entry, 'RT') ?? '') / 1000;
  if (time > 0 && time < MAX_TIME) facts.original_time = formatTime(Math.floor(time), 0);
  facts.sent = false;
  session.tell(command, facts);
}

/** The end of the year 9999 in seconds: what a time stamp can show. */
const MAX_TIME = 253_402_300_800;

function onUnreadMail(session: Session, command: Command, mime: Mime): void {
  const unread = Number(bodyHeaders(command, mime).get('inbox-unread'));
  if (Number.isInteger(unread) && unread > 0)
    tellNotice(session, command, 'mail', `${unread} unread in the inbox`);
}

function onNewMail(session: Session, command: Command, mime: Mime): void {
  const from = parseId(bodyHeaders(command, mime).get('from-addr'));
  tellNotice(session, command, 'mail', 'new e-mail', from);
}

/** Type 1: the server goes down in `Arg1` minutes. */
function onSystemMessage(session: Session, command: Command, mime: Mime): void {
  const body = bodyHeaders(command, mime);
  const minutes = Number(body.get('arg1'));
  const known = body.get('type') === '1' && Number.isInteger(minutes);
  tellNotice(session, command, 'system', known ? `server goes down in ${minutes} minutes` : '');
}

/** `NOT length` and `IPG length`: an alert or a page as XML; told where it has a text for people. */
export function onAlert(session: Session, command: Command): void {
  const xml = decodeGuess(command.bytes, command.start, command.end);
  const text = elementText(xml, 'TEXT')?.trim();
  if (text) tellNotice(session, command, command.name, text);
}
