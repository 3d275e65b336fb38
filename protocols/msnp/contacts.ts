import { decodeGuess } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
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
  if (lists & LIST.FL) tellContact(session, command, 'list', id, name, groups);
  if (lists & LIST.BL) tellContact(session, command, 'block', id, name);
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

/** What putting somebody on a list means, and taking him off. */
const ADDED: Readonly<Record<string, Operation>> = { FL: 'add', BL: 'block' };
const REMOVED: Readonly<Record<string, Operation>> = { FL: 'remove', BL: 'unblock' };

/** `ADD` and `ADC`: the client puts somebody on a list; from the server with TrID 0 and `RL`: somebody put the client on his. */
function onAdd(session: Session, command: Command): void {
  const { args } = command;
  const list = args[1] ?? '';
  if (isEcho(session, command, args[0] ?? '')) return;
  const fields = command.name === 'ADC' ? readFields(session, args) : plainFields(args);
  if (command.direction === 1 && list === 'RL') {
    session.requests.set(fields.id, true);
    tellContact(session, command, 'request', fields.id, fields.name);
    return;
  }
  const op = lookUp(ADDED, list);
  // A GUID and a group without an id moves a contact between groups; the contact is not new.
  if (op && !(command.name === 'ADC' && !args.some((arg) => arg.startsWith('N=')))) {
    tellContact(session, command, op, fields.id, fields.name);
  } else if (list === 'AL') accept(session, command, fields.id);
}

/** The id and name of an `ADD`: after the list, where the server's has a serial number between. */
function plainFields(args: readonly string[]): { id: string; name: string } {
  const at = isNumber(args[2] ?? '') ? 3 : 2;
  const id = parseId(args[at]);
  return { id, name: parseName(args[at + 1], id) };
}

/** On the allow list goes whoever asked and is let in. */
function accept(session: Session, command: Command, id: string): void {
  if (session.requests.delete(id)) tellContact(session, command, 'accept', id);
}

/** `REM TrID list [serial] id|guid [group]`. With a group it only leaves the group. */
function onRemove(session: Session, command: Command): void {
  const { args } = command;
  const list = args[1] ?? '';
  if (isEcho(session, command, args[0] ?? '')) return;
  const at = command.direction === 1 && isNumber(args[2] ?? '') ? 3 : 2;
  const op = lookUp(REMOVED, list);
  if (!op || args.length > at + 1) return;
  const who = args[at] ?? '';
  tellContact(session, command, op, session.contactIds.get(who) ?? parseId(who));
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
  else if (command.name === 'ADL') onListed(session, command, lists, id, name);
  else {
    if (lists & LIST.FL) tellContact(session, command, 'remove', id);
    if (lists & LIST.BL) tellContact(session, command, 'unblock', id);
  }
}

/** The server says that somebody put the client on his list. */
function onListedBy(session: Session, command: Command, lists: number, id: string, name: string): void {
  if (command.name !== 'ADL' || !(lists & (LIST.RL | LIST.PL))) return;
  session.requests.set(id, true);
  tellContact(session, command, 'request', id, name);
}

function onListed(session: Session, command: Command, lists: number, id: string, name: string): void {
  if (lists & LIST.FL) tellContact(session, command, 'add', id, name);
  if (lists & LIST.BL) tellContact(session, command, 'block', id, name);
  if (lists & LIST.AL) accept(session, command, id);
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
  LST: onList,
  ADD: onAdd,
  ADC: onAdd,
  REM: onRemove,
  ADL: onListXml,
  RML: onListXml,
};
