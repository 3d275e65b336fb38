import { decodeGuess } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import { checkName } from './fields.ts';
import { isEcho } from './presence.ts';
import type { Command } from './reader.ts';
import type { Handlers, Session } from './session.ts';
import { proveSignOn } from './signon.ts';
import { lookUp, parseId, parseName, percentDecode } from './text.ts';
import { LIST } from './commands.ts';
import { isNumber } from './wire.ts';
import { attribute, eachTag } from './xml.ts';

/** Contact lists: sent at sign-on, and their changes. */

/** Tags that one list is read for; the protocol allows 150 contacts in an `ADL`. */
const MAX_TAGS = 2048;

type Operation = NonNullable<ImFacts['contact']>['op'];

function tellContact(
  session: Session,
  command: Command,
  op: Operation,
  id: string,
  name = '',
  groups: string[] = [],
): void {
  if (!id) return;
  const facts = session.fact('contact');
  const from = op === 'request' ? id : session.account;
  if (from) facts.from = from;
  facts.contact = { op, id };
  if (name) facts.contact.name = name;
  if (groups.length > 0) facts.contact.groups = groups;
  facts.sent = command.direction === 0;
  session.tell(command, facts);
}

/** Tells a contact of which lists are known as bits, once for each that says something. */
function tellLists(
  session: Session,
  command: Command,
  lists: number,
  id: string,
  name: string,
  groups: string[],
): void {
  session.listed = id;
  checkName(session, command, name);
  if (lists & LIST.FL) tellContact(session, command, 'list', id, name, groups);
  if (lists & LIST.BL) {
    session.blocked.set(id, true);
    tellContact(session, command, 'block', id, name);
  }
  if (lists & LIST.PL) {
    session.requests.set(id, true);
    tellContact(session, command, 'request', id, name);
  }
}

/** `LSG`: a group. Up to MSNP7 `TrID serial i n id name 0`, to MSNP9 `id name 0`, then `name guid`. */
function onGroup(session: Session, command: Command): void {
  const { args } = command;
  if (args.length >= 6) session.groups.set(args[4] ?? '', percentDecode(args[5] ?? ''));
  else if (isNumber(args[0] ?? '') && args.length === 3)
    session.groups.set(args[0] ?? '', percentDecode(args[1] ?? ''));
  else if (args.length === 2) session.groups.set(args[1] ?? '', percentDecode(args[0] ?? ''));
}

/** `ADG TrID [serial] name id [0]`: a group was made; the client's own request does not know the id yet. */
function onGroupAdded(session: Session, { args }: Command): void {
  const [, ...rest] = args;
  if (isNumber(rest[0] ?? '') && rest.length >= 3) rest.shift();
  const [name, id] = rest;
  if (name && id) session.groups.set(id, percentDecode(name));
}

/** `REG TrID [serial] id name [0]`: a group has another name; Escargot tells the name first from MSNP10 on. */
function onGroupRenamed(session: Session, { args }: Command): void {
  const rest = args.slice(1);
  if (rest.length > 2 && rest[rest.length - 1] === '0') rest.pop();
  if (rest.length > 2) rest.shift();
  const [first = '', second = ''] = rest;
  if (session.groups.has(first)) session.groups.set(first, percentDecode(second));
  else if (session.groups.has(second)) session.groups.set(second, percentDecode(first));
}

/** `RMG TrID [serial] id`. */
function onGroupRemoved(session: Session, { args }: Command): void {
  session.groups.delete(args[args.length - 1] ?? '');
}

function groupNames(session: Session, list: string | undefined): string[] {
  const names: string[] = [];
  for (const id of list?.split(',') ?? []) {
    const name = session.groups.get(id);
    if (name) names.push(name);
  }
  return names;
}

/** `LST`: a contact at sign-on, in the form of the dialect. */
function onList(session: Session, command: Command): void {
  const { args } = command;
  const first = args[0] ?? '';
  if (first.startsWith('N=')) onListFields(session, command);
  else if (isNumber(first)) onListOfOne(session, command);
  else {
    // MSNP8 and 9: id, name, list bits, groups.
    const id = parseId(first);
    tellLists(session, command, Number(args[2]), id, parseName(args[1], id), groupNames(session, args[3]));
  }
}

/** MSNP2 to 7: `TrID list serial i n id name [groups]`; an empty list has no more than the numbers. */
function onListOfOne(session: Session, command: Command): void {
  const { args } = command;
  const list = args[1] ?? '';
  const id = parseId(args[5]);
  if (list !== 'FL' && list !== 'BL') return;
  tellLists(session, command, LIST[list], id, parseName(args[6], id), groupNames(session, args[7]));
}

/** MSNP10 to 12: `N=id F=name C=guid lists [network] [groups]`. */
function onListFields(session: Session, command: Command): void {
  const { args } = command;
  const fields = readFields(session, args);
  const numbers = args.filter(isNumber);
  const last = args[args.length - 1];
  const groups = last && !isNumber(last) && !last.includes('=') ? last : undefined;
  tellLists(session, command, Number(numbers[0]), fields.id, fields.name, groupNames(session, groups));
}

/** Reads `N=`, `F=` and `C=`, and learns which id a GUID stands for. */
function readFields(session: Session, args: readonly string[]): { id: string; name: string } {
  let id = '';
  let name = '';
  let guid = '';
  for (const arg of args) {
    if (arg.startsWith('N=')) id = parseId(arg.slice(2));
    else if (arg.startsWith('F=')) name = arg.slice(2);
    else if (arg.startsWith('C=')) guid = arg.slice(2);
  }
  if (guid && id) session.contactIds.set(guid, id);
  else if (guid) id = session.contactIds.get(guid) ?? '';
  return { id, name: parseName(name, id) };
}

/** `ADD` and `ADC`: the client puts somebody on a list; from the server with TrID 0 and `RL`: somebody put the client on his. */
function onAdd(session: Session, command: Command): void {
  const { args } = command;
  const list = args[1] ?? '';
  if (isEcho(session, command, args[0] ?? '')) {
    if (command.name === 'ADC') readFields(session, args);
    return;
  }
  const { id, name, groups } =
    command.name === 'ADC' ? addedFields(session, args) : plainFields(session, args);
  checkName(session, command, name);
  if (command.direction === 1 && list === 'RL') {
    session.requests.set(id, true);
    tellContact(session, command, 'request', id, name);
  } else if (list === 'FL' && command.name === 'ADC' && !args.some((arg) => arg.startsWith('N='))) {
    // A GUID and a group without an id puts a contact into a group; the contact is not new.
    if (groups.length > 0) tellContact(session, command, 'list', id, name, groups);
  } else putOn(session, command, lookUp(LIST, list) ?? 0, id, name, groups);
}

/** Somebody comes onto lists, by their bits. */
function putOn(
  session: Session,
  command: Command,
  lists: number,
  id: string,
  name = '',
  groups: string[] = [],
): void {
  if (!id) return;
  if (lists & LIST.FL) tellContact(session, command, 'add', id, name, groups);
  if (lists & LIST.BL) {
    session.blocked.set(id, true);
    if (session.requests.delete(id)) tellContact(session, command, 'deny', id, name);
    tellContact(session, command, 'block', id, name);
  }
  if (lists & LIST.AL) allow(session, command, id);
}

/** On the allow list goes who asked and is let in, and who was blocked. One who is merely added is put there too: that is no news. */
function allow(session: Session, command: Command, id: string): void {
  if (session.blocked.delete(id)) tellContact(session, command, 'unblock', id);
  if (session.requests.delete(id)) tellContact(session, command, 'accept', id);
}

/** Somebody is taken off lists, by their bits. */
function takeOff(session: Session, command: Command, lists: number, id: string): void {
  if (!id) return;
  if (lists & LIST.FL) tellContact(session, command, 'remove', id);
  if (lists & LIST.BL) {
    session.blocked.delete(id);
    tellContact(session, command, 'unblock', id);
  }
}

interface Added {
  id: string;
  name: string;
  groups: string[];
}

/** Id, name and group of an `ADD`: after the list, where the server's has a serial number between. */
function plainFields(session: Session, args: readonly string[]): Added {
  const at = isNumber(args[2] ?? '') ? 3 : 2;
  const id = parseId(args[at]);
  return { id, name: parseName(args[at + 1], id), groups: groupNames(session, args[at + 2]) };
}

/** Those of an `ADC`: fields with a letter, then the group's GUID. */
function addedFields(session: Session, args: readonly string[]): Added {
  const last = args[args.length - 1] ?? '';
  return { ...readFields(session, args), groups: last.includes('=') ? [] : groupNames(session, last) };
}

/** `REM TrID list [serial] id|guid [group]`. With a group it only leaves the group. */
function onRemove(session: Session, command: Command): void {
  const { args } = command;
  const list = args[1] ?? '';
  if (isEcho(session, command, args[0] ?? '')) return;
  const at = command.direction === 1 && isNumber(args[2] ?? '') ? 3 : 2;
  if (args.length > at + 1) return;
  const who = args[at] ?? '';
  takeOff(session, command, lookUp(LIST, list) ?? 0, session.contactIds.get(who) ?? parseId(who));
}

/** `SYN`: the client asks for its contact list. */
function onSynchronise(session: Session, command: Command): void {
  proveSignOn(session, command);
}

/** `ADL` and `RML` (from MSNP13 on): XML of domains, names and list bits; `l='1'` on the whole: the list at sign-on. */
function onListXml(session: Session, command: Command): void {
  if (command.direction === 0 && command.name === 'ADL') proveSignOn(session, command);
  const xml = decodeGuess(command.bytes, command.start, command.end);
  let domain = '';
  let initial = false;
  eachTag(xml, MAX_TAGS, (tag) => {
    const name = tag.slice(0, 2).trim();
    if (name === 'ml') initial = attribute(tag, 'l') === '1';
    else if (name === 'd') domain = attribute(tag, 'n') ?? '';
    else if (name === 't') domain = '';
    else if (name === 'c') onListEntry(session, command, tag, domain, initial);
  });
}

function onListEntry(
  session: Session,
  command: Command,
  tag: string,
  domain: string,
  initial: boolean,
): void {
  const user = attribute(tag, 'n') ?? '';
  const lists = Number(attribute(tag, 'l') ?? 0);
  // Telephone numbers (`tel:+..`) stand in a `<t>` of their own, without a domain.
  const id = parseId(domain ? `${user}@${domain}` : user);
  const name = attribute(tag, 'f')?.trim() ?? '';
  if (!id) return;
  if (command.direction === 1) onListedBy(session, command, lists, id, name);
  else if (initial) tellLists(session, command, lists, id, name, []);
  else if (command.name === 'ADL') putOn(session, command, lists, id, name);
  else takeOff(session, command, lists, id);
}

/** The server says that somebody put the client on his list. */
function onListedBy(session: Session, command: Command, lists: number, id: string, name: string): void {
  if (command.name !== 'ADL' || !(lists & (LIST.RL | LIST.PL))) return;
  session.requests.set(id, true);
  tellContact(session, command, 'request', id, name);
}

export const CONTACTS_FROM_CLIENT: Handlers = {
  SYN: onSynchronise,
  ADD: onAdd,
  ADC: onAdd,
  REM: onRemove,
  ADL: onListXml,
  RML: onListXml,
};
export const CONTACTS_FROM_SERVER: Handlers = {
  LSG: onGroup,
  ADG: onGroupAdded,
  REG: onGroupRenamed,
  RMG: onGroupRemoved,
  LST: onList,
  ADD: onAdd,
  ADC: onAdd,
  REM: onRemove,
  ADL: onListXml,
  RML: onListXml,
};
