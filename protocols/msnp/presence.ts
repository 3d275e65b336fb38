import { decodeGuess } from '../../src/sdk/index.ts';
import { clientOfCapabilities } from './client.ts';
import type { Command } from './reader.ts';
import type { Handlers, Presence, Session } from './session.ts';
import { proveSignOn } from './signon.ts';
import { lookUp, parseId, parseName, percentDecode } from './text.ts';
import { PRESENCE } from './commands.ts';
import { isNumber } from './wire.ts';
import { elementText } from './xml.ts';

/** Own status and that of contacts, personal messages, display names. */

/** Tells the client's own status where it is news. */
export function tellOwn(session: Session, command: Command, show: string, text: string): void {
  const { own } = session;
  if (show === own.show && text === own.text) return;
  own.show = show;
  own.text = text;
  if (!show) return;
  const facts = session.fact('presence');
  if (session.account) facts.from = session.account;
  if (session.displayName) facts.from_name = session.displayName;
  facts.status = text ? { show, text } : { show };
  facts.sent = true;
  session.tell(command, facts);
}

/** Tells a contact's status where it is news; undefined: not said, as known before. */
export function tellContact(
  session: Session,
  command: Command,
  id: string,
  said: { name?: string; show?: string | undefined; text?: string | undefined },
): void {
  if (!id || id === session.account) return;
  const known = session.presence.get(id) ?? UNKNOWN;
  const { name, show = known.show, text = known.text } = said;
  const next: Presence = { name: name || known.name, show, text };
  session.presence.set(id, next);
  if (!show || (known.show === show && known.text === text)) return;
  const facts = session.fact('presence');
  facts.from = id;
  if (next.name) facts.from_name = next.name;
  facts.status = text ? { show, text } : { show };
  facts.sent = false;
  session.tell(command, facts);
}

const UNKNOWN: Presence = { name: '', show: '', text: '' };

/** `CHG TrID status capabilities [object]`; the server's echo counts where the request was not seen. */
function onChange(session: Session, command: Command): void {
  const [trid = '', code = '', capabilities = ''] = command.args;
  if (isEcho(session, command, trid)) return;
  proveSignOn(session, command);
  tellOwn(session, command, lookUp(PRESENCE, code) ?? '', session.own.text);
  const client = session.clientVersion && clientOfCapabilities(session.clientVersion, capabilities);
  if (!client) return;
  session.clientVersion = '';
  const facts = session.fact('client');
  facts.client = client;
  facts.sent = true;
  session.tell(command, facts);
}

/** Notes the client's own request; true for the server's reply to one that was seen. */
export function isEcho(session: Session, command: Command, trid: string): boolean {
  const key = `${command.name} ${trid}`;
  if (command.direction === 1) return session.echoes.delete(key);
  session.echoes.set(key, true);
  return false;
}

/** `NLN status id [network] name [capabilities] [object]`; `ILN` has a TrID before. */
function onOnline(session: Session, command: Command): void {
  const args = command.name === 'ILN' ? command.args.slice(1) : command.args;
  const id = parseId(args[1]);
  const network = hasNetwork(session.dialect, args);
  const name = parseName(network ? args[3] : args[2], id);
  tellContact(session, command, id, { name, show: lookUp(PRESENCE, args[0]) });
}

/** From MSNP14 to 17 a network id stands before the name; where the dialect is unknown, a number before what is none. */
function hasNetwork(dialect: number, args: readonly string[]): boolean {
  if (dialect > 0) return dialect >= 14 && dialect < 18;
  return args.length > 4 && isNumber(args[2] ?? '') && !isNumber(args[3] ?? '');
}

const OFFLINE = 'offline';

/** `FLN id [network] [capabilities]`. */
function onOffline(session: Session, command: Command): void {
  tellContact(session, command, parseId(command.args[0]), { show: OFFLINE, text: '' });
}

/** `UBX id [network] length`: a contact's personal message. */
function onContactMessage(session: Session, command: Command): void {
  const xml = decodeGuess(command.bytes, command.start, command.end);
  const text = elementText(xml, 'PSM');
  if (text !== undefined) tellContact(session, command, parseId(command.args[0]), { text: text.trim() });
}

/** `UUX TrID length`: the client's own personal message and what it plays. */
function onOwnMessage(session: Session, command: Command): void {
  const xml = decodeGuess(command.bytes, command.start, command.end);
  const text = elementText(xml, 'PSM');
  if (text !== undefined) tellOwn(session, command, session.own.show, text.trim());
  const media = currentMedia(elementText(xml, 'CurrentMedia') ?? '');
  if (media === session.media) return;
  session.media = media;
  if (media) tellProfile(session, command, { current_media: media });
}

/**
 * What is played: fields parted by a backslash and a zero: application, kind, `1` (on), a format with
 * places `{0}`, then what fills them.
 */
export function currentMedia(value: string): string {
  const fields = value.split('\\0');
  const [, , on = '', format = ''] = fields;
  if (on !== '1') return '';
  return format.replace(/\{(\d)\}/g, (_, digit: string) => fields[4 + Number(digit)] ?? '').trim();
}

/** `PRP [TrID] MFN name`: the client's display name (from MSNP10 on); also its phone numbers. */
function onProperty(session: Session, command: Command): void {
  const { args } = command;
  const numbered = isNumber(args[0] ?? '');
  if (numbered && isEcho(session, command, args[0] ?? '')) return;
  const [key = '', value = ''] = numbered ? args.slice(1) : args;
  const text = percentDecode(value).trim();
  const phone = lookUp(PHONES, key);
  if (key === 'MFN') tellName(session, command, text);
  else if (phone && text) tellProfile(session, command, { [phone]: text });
}

const PHONES: Readonly<Record<string, string>> = {
  PHH: 'phone_home',
  PHW: 'phone_work',
  PHM: 'phone_mobile',
};

/** `REA TrID id name`: renames; the client itself when the id is its own (up to MSNP9). */
function onRename(session: Session, command: Command): void {
  const { args } = command;
  if (isEcho(session, command, args[0] ?? '')) return;
  const id = parseId(args[args.length - 2]);
  if (!id || id !== session.account) return;
  tellName(session, command, percentDecode(args[args.length - 1] ?? '').trim());
}

export function tellName(session: Session, command: Command, name: string): void {
  if (!name || name === session.displayName) return;
  session.displayName = name;
  tellProfile(session, command, { display_name: name });
}

/** Tells what the client's owner publishes about himself. */
export function tellProfile(session: Session, command: Command, profile: Record<string, unknown>): void {
  const facts = session.fact('profile');
  if (session.account) facts.from = session.account;
  facts.profile = profile;
  facts.sent = command.direction === 0;
  session.tell(command, facts);
}

export const PRESENCE_FROM_CLIENT: Handlers = {
  CHG: onChange,
  UUX: onOwnMessage,
  PRP: onProperty,
  REA: onRename,
};
export const PRESENCE_FROM_SERVER: Handlers = {
  CHG: onChange,
  ILN: onOnline,
  NLN: onOnline,
  FLN: onOffline,
  UBX: onContactMessage,
  PRP: onProperty,
  REA: onRename,
};
