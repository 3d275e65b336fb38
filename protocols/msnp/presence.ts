import { decodeGuess } from '../../src/sdk/index.ts';
import type { ClientSoftware } from '../../src/sdk/index.ts';
import { clientOfNumber, readCapabilities } from './capabilities.ts';
import { clientOfCapabilities, clientOfProduct } from './client.ts';
import { checkName } from './fields.ts';
import { checkObject } from './object.ts';
import type { Command } from './reader.ts';
import type { Handlers, Presence, Session } from './session.ts';
import { proveSignOn } from './signon.ts';
import { lookUp, parseId, parseIdentity, parseName, percentDecode } from './text.ts';
import { PRESENCE } from './commands.ts';
import { isNumber } from './wire.ts';
import { attribute, elementText } from './xml.ts';

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

/** What a command says of a contact; undefined: not said, as known before. */
interface Said {
  name?: string;
  show?: string | undefined;
  text?: string | undefined;
  /** The capability number, as it is on the wire. */
  capabilities?: string | undefined;
}

/** Tells a contact's status where it is news, with the client that a new capability number names. */
export function tellContact(session: Session, command: Command, id: string, said: Said): void {
  if (!id || id === session.account) return;
  const known = session.presence.get(id) ?? UNKNOWN;
  const { name, show = known.show, text = known.text, capabilities = known.capabilities } = said;
  const next: Presence = { name: name || known.name, show, text, capabilities };
  session.presence.set(id, next);
  if (!show || (known.show === show && known.text === text)) return;
  const facts = session.fact('presence');
  facts.from = id;
  if (next.name) facts.from_name = next.name;
  facts.status = text ? { show, text } : { show };
  if (capabilities !== known.capabilities) {
    const client = clientOf(capabilities, command.name);
    if (client) facts.client = client;
  }
  facts.sent = false;
  session.tell(command, facts);
}

const UNKNOWN: Presence = { name: '', show: '', text: '', capabilities: '' };

function clientOf(text: string, place: string): ClientSoftware | undefined {
  const capabilities = readCapabilities(text);
  return capabilities && clientOfNumber(capabilities, place);
}

/** `CHG TrID status capabilities [object]`; the server's echo counts where the request was not seen. */
function onChange(session: Session, command: Command): void {
  const [trid = '', code = '', capabilities = '', object] = command.args;
  if (isEcho(session, command, trid)) return;
  proveSignOn(session, command);
  tellOwn(session, command, lookUp(PRESENCE, code) ?? '', session.own.text);
  onOwnCapabilities(session, command, capabilities);
  if (object) checkObject(session, command, percentDecode(object));
}

/** What the client's own capability number says of it: told once, where it is news. */
export function onOwnCapabilities(session: Session, command: Command, text: string): void {
  if (session.capabilitiesTold || !text) return;
  session.capabilitiesTold = true;
  const client = session.client
    ? clientOfCapabilities(session.client, text)
    : session.clientTold
      ? undefined
      : clientOf(text, command.name);
  if (client) tellClient(session, command, client);
}

function tellClient(session: Session, command: Command, client: ClientSoftware): void {
  if (session.client === undefined || client.masquerade !== undefined) session.client = client;
  const facts = session.fact('client');
  facts.client = client;
  facts.sent = true;
  session.tell(command, facts);
}

/** `QRY TrID product length`: the answer to a challenge names the product that the client says it is. */
function onChallengeAnswer(session: Session, command: Command): void {
  proveSignOn(session, command);
  const client = clientOfProduct(session.client, command.args[1] ?? '', session.dialect);
  if (client) tellClient(session, command, client);
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
  const at = hasNetwork(session.dialect, args) ? 3 : 2;
  const name = parseName(args[at], id);
  checkName(session, command, name);
  tellContact(session, command, id, { name, show: lookUp(PRESENCE, args[0]), capabilities: args[at + 1] });
  const object = args[at + 2];
  if (object && object !== '0') checkObject(session, command, percentDecode(object));
}

/** From MSNP14 to 17 a network id stands before the name; where the dialect is unknown, a number before what is none. */
function hasNetwork(dialect: number, args: readonly string[]): boolean {
  if (dialect > 0) return dialect >= 14 && dialect < 18;
  return args.length > 4 && isNumber(args[2] ?? '') && !isNumber(args[3] ?? '');
}

const OFFLINE = 'offline';

/** `FLN id [network] [capabilities]`. One endpoint that leaves (`user;{endpoint}`) does not take its account along. */
function onOffline(session: Session, command: Command): void {
  const { id, endpoint } = parseIdentity(command.args[0] ?? '');
  if (!endpoint) tellContact(session, command, id, { show: OFFLINE, text: '', capabilities: '' });
}

/** `UBX id [network] length`: a contact's personal message; of the own account: its other endpoints. */
function onContactMessage(session: Session, command: Command): void {
  const id = parseId(command.args[0]);
  const xml = decodeGuess(command.bytes, command.start, command.end);
  if (id !== '' && id === session.account) {
    tellEndpoints(session, command, xml);
    return;
  }
  const text = elementText(xml, 'PSM');
  const capabilities = elementText(xml, 'Capabilities');
  if (text === undefined && capabilities === undefined) return;
  tellContact(session, command, id, { text: text?.trim(), capabilities });
}

/** `UUX TrID length`: the client's own personal message, what it plays, and from MSNP16 on what it says of its endpoint. */
function onOwnMessage(session: Session, command: Command): void {
  const xml = decodeGuess(command.bytes, command.start, command.end);
  const text = elementText(xml, 'PSM');
  if (text !== undefined) tellOwn(session, command, session.own.show, text.trim());
  onOwnCapabilities(session, command, elementText(xml, 'Capabilities') ?? '');
  tellEndpoints(session, command, xml);
  const said = elementText(xml, 'CurrentMedia');
  if (said === undefined) return;
  const media = currentMedia(said);
  if (media === session.media) return;
  session.media = media;
  if (media) tellProfile(session, command, { current_media: media });
}

/** At most so many endpoints are read of one command; the network allowed five. */
const MAX_ENDPOINTS = 16;

/** `<PrivateEndpointData [id]>`: the name that a user gave to the place of an endpoint, mostly the computer's. */
export function tellEndpoints(session: Session, command: Command, xml: string): void {
  let at = xml.indexOf(ENDPOINT);
  for (let n = 0; at >= 0 && n < MAX_ENDPOINTS; n++) {
    const next = xml.indexOf(ENDPOINT, at + 1);
    const part = xml.slice(at, next < 0 ? xml.length : next);
    at = next;
    const name = elementText(part, 'EpName')?.trim();
    if (!name || session.endpoints.has(name)) continue;
    session.endpoints.set(name, true);
    const profile: Record<string, string> = { endpoint_name: name };
    const id = attribute(part.slice(0, part.indexOf('>')), 'id');
    if (id) profile.endpoint = id.replace(/[{}]/g, '').toLowerCase();
    tellProfile(session, command, profile);
  }
}

const ENDPOINT = '<PrivateEndpointData';

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

/** `BPR [serial id] key [value]`: a contact's telephone number; without an id it is that of the `LST` before. */
function onContactProperty(session: Session, command: Command): void {
  const { args } = command;
  const at = args.findIndex((arg) => lookUp(PHONES, arg) !== undefined);
  const phone = lookUp(PHONES, args[at]);
  const number = percentDecode(args[at + 1] ?? '').trim();
  const id = at > 0 ? parseId(args[at - 1]) : session.listed;
  if (!phone || !number || !id) return;
  const facts = session.fact('profile');
  facts.from = id;
  facts.profile = { [phone]: number };
  facts.sent = false;
  session.tell(command, facts);
}

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
  checkName(session, command, name);
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
  QRY: onChallengeAnswer,
  REA: onRename,
};
export const PRESENCE_FROM_SERVER: Handlers = {
  CHG: onChange,
  ILN: onOnline,
  NLN: onOnline,
  FLN: onOffline,
  UBX: onContactMessage,
  BPR: onContactProperty,
  PRP: onProperty,
  REA: onRename,
};
