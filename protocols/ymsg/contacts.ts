/** The contact list and its changes. */
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, ImFacts } from '../../src/sdk/index.ts';
import { noteCookies } from './cookies.ts';
import { federated, networkAt, networkBehind } from './federation.ts';
import { KEY, LIST_PART, SERVICE, STATUS } from './numbers.ts';
import { onContactStatus } from './presence.ts';
import type { Handlers, Session } from './session.ts';
import { normalId } from './wire.ts';
import type { Packet } from './wire.ts';

type Contact = NonNullable<ImFacts['contact']>;

/** Text of a list in several packets that is kept. */
const MAX_LIST = 256 * 1024;
/** Contacts that are remembered as told, and requests that wait for their answer. */
const MAX_TOLD = 4096;
const MAX_WAITING = 64;

/** 55 down: {87 `group:a,b\n` lines, 88 ignored, 89 our ids, 59 cookies}; status 5 while more follows. */
function onList(session: Session, packet: Packet, direction: Direction): void {
  if (direction !== TO_CLIENT) return;
  const memory = session.contacts;
  for (let pair = 0; pair < packet.count; pair++) {
    const key = packet.keyAt(pair);
    if (key === KEY.BUDDY_LIST) memory.buddies += packet.textAt(pair);
    else if (key === KEY.IGNORE_LIST) memory.ignored += packet.textAt(pair);
  }
  tellIdentities(session, packet, direction);
  noteCookies(session, packet, direction);
  const overflow = memory.buddies.length + memory.ignored.length > MAX_LIST;
  if (overflow) session.anomaly(packet, direction, 'ymsg_list_overflow');
  if (packet.status === STATUS.CONTINUED && !overflow) return;
  const { buddies, ignored } = memory;
  memory.forgetUnfinished();
  for (const [id, groups] of parseBuddies(buddies)) tellListed(session, packet, direction, id, groups);
  for (const id of splitIds(ignored)) tellIgnored(session, packet, direction, id);
}

/** Groups by contact, in the order of the list. */
function parseBuddies(list: string): Map<string, string[]> {
  const contacts = new Map<string, string[]>();
  for (const line of list.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const group = line.slice(0, colon);
    for (const id of splitIds(line.slice(colon + 1))) {
      const groups = contacts.get(id);
      if (!groups) contacts.set(id, group === '' ? [] : [group]);
      else if (group !== '' && groups.at(-1) !== group) groups.push(group);
    }
  }
  return contacts;
}

function splitIds(list: string): string[] {
  const ids: string[] = [];
  for (const part of list.split(',')) {
    const id = normalId(part);
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

/** Key 89: the ids that the account may use; told where there is more than one. */
function tellIdentities(session: Session, packet: Packet, direction: Direction): void {
  const identities = session.ids(packet, direction, KEY.IDENTITIES);
  const memory = session.contacts;
  if (identities.length < 2 || identities.join() === memory.identities.join()) return;
  memory.identities = identities;
  session.tell(packet, direction, 'profile', { from: session.account, profile: { identities } });
}

/**
 * F1 down: {302 318, 300 318, 65 group, 302 319, 300 319, 7 id, 301 319, 300 319, 7 id, ...},
 * the ignored at the end after 302 320. A group may go on in the next packet.
 */
function onList15(session: Session, packet: Packet, direction: Direction): void {
  if (direction !== TO_CLIENT) return;
  const memory = session.contacts;
  for (let pair = 0; pair < packet.count; pair++) {
    const key = packet.keyAt(pair);
    if (key === KEY.LIST_OPEN) {
      memory.inIgnored = packet.wordAt(pair) === LIST_PART.IGNORED;
    } else if (key === KEY.GROUP) {
      memory.group = packet.textAt(pair) || undefined;
    } else if (key === KEY.BUDDY) {
      const id = packet.idAt(pair);
      if (id === undefined) continue;
      const groups = memory.group === undefined ? [] : [memory.group];
      if (memory.inIgnored) tellIgnored(session, packet, direction, id);
      else tellListed(session, packet, direction, id, groups, networkBehind(packet, pair));
    }
  }
  if (packet.status !== STATUS.CONTINUED) memory.group = undefined;
}

function tellListed(
  session: Session,
  packet: Packet,
  direction: Direction,
  id: string,
  groups: string[],
  network?: string,
): void {
  const { told } = session.contacts;
  const marks = groups.length > 0 ? groups.map((group) => `${id}\n${group}`) : [`${id}\n`];
  if (marks.every((mark) => told.has(mark))) return;
  for (const mark of marks) if (told.size < MAX_TOLD) told.add(mark);
  tellContact(session, packet, direction, { op: 'list', id }, groups, undefined, network);
}

function tellIgnored(session: Session, packet: Packet, direction: Direction, id: string): void {
  const { told } = session.contacts;
  const mark = `${id}\nignored\n`;
  if (told.has(mark)) return;
  if (told.size < MAX_TOLD) told.add(mark);
  tellContact(session, packet, direction, { op: 'block', id }, []);
}

function tellContact(
  session: Session,
  packet: Packet,
  direction: Direction,
  contact: Contact,
  groups: readonly (string | undefined)[],
  text?: string,
  network = networkAt(packet, packet.service === SERVICE.LIST_15 ? -1 : packet.find(KEY.FEDERATION)),
): void {
  const there = groups.filter((group) => group !== undefined && group !== '') as string[];
  session.tell(packet, direction, 'contact', {
    contact: there.length > 0 ? { ...contact, groups: there } : contact,
    text,
    evidence: federated(network),
  });
}

/**
 * 83, 84 and 85: the client asks {7 id, 65 group, 14 text}; the server answers with the same and
 * 66, the error. Told when asked; the answer tells it only where the question was not seen, and a
 * refusal as a notice.
 */
function onChange(opOf: (packet: Packet) => Contact['op'] | undefined): Handlers[number] {
  return (session, packet, direction) => {
    const op = opOf(packet);
    const error = packet.number(KEY.ERROR) ?? 0;
    const group = packet.text(KEY.GROUP);
    const text = packet.text(KEY.TEXT);
    const { waiting, told } = session.contacts;
    for (const id of changedIds(session, packet, direction)) {
      const mark = `${packet.service}\n${id}`;
      const asked = direction === TO_CLIENT && waiting.delete(mark);
      if (direction === TO_SERVER && waiting.size < MAX_WAITING) waiting.add(mark);
      if (direction === TO_CLIENT && error !== 0) {
        tellRefusal(session, packet, direction, id, error);
      } else if (!asked && op !== undefined) {
        if (op === 'remove') told.delete(`${id}\n${group ?? ''}`);
        tellContact(session, packet, direction, { op, id }, [group], text);
      }
    }
  };
}

/** Key 7; an answer to 85 has it in key 0 of some servers. */
function changedIds(session: Session, packet: Packet, direction: Direction): string[] {
  const ids = session.ids(packet, direction, KEY.BUDDY);
  if (ids.length > 0 || packet.service !== SERVICE.IGNORECONTACT || direction === TO_SERVER) return ids;
  return packet.ids(KEY.PRIMARY_ID);
}

/** Key 66 of an answer: 2 it was so already, 3 no such person, 12 somebody on the list. */
function tellRefusal(
  session: Session,
  packet: Packet,
  direction: Direction,
  id: string,
  error: number,
): void {
  session.tell(packet, direction, 'notice', {
    to: [id],
    code: `contact-${error}`,
    text: packet.text(KEY.ERROR_TEXT),
  });
}

const ignoreOp = (packet: Packet): Contact['op'] | undefined =>
  (({ '1': 'block', '2': 'unblock' }) as const)[packet.word(KEY.FLAG) ?? ''];

/** 86 up: {7 who wanted to add us, 14 why not}. */
function onReject(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.id(KEY.BUDDY);
  if (direction !== TO_SERVER || id === undefined) return;
  tellContact(session, packet, direction, { op: 'deny', id }, [], packet.text(KEY.TEXT));
}

/** 0F down, by its status: a contact's presence, a request {1 us, 3 who, 14 text}, or a refusal {3 who}. */
function onNewContact(session: Session, packet: Packet, direction: Direction): void {
  if (direction !== TO_CLIENT) return;
  const id = packet.id(KEY.CURRENT_ID);
  if (id === undefined) {
    onContactStatus(session, packet, direction);
  } else if (packet.status === STATUS.REQUEST || packet.status === STATUS.DENIED) {
    const op = packet.status === STATUS.REQUEST ? 'request' : 'deny';
    tellContact(session, packet, direction, { op, id }, [], packet.text(KEY.TEXT));
  }
}

/** D6: {1 us, 5 who, 13 yes (1) or no (2)} up; {4 who, 5 us, 13 or 14} down, a request with status 3. */
function onAuthorise(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.id(direction === TO_SERVER ? KEY.TO : KEY.FROM);
  if (id === undefined) return;
  const text = packet.text(KEY.TEXT);
  if (direction === TO_CLIENT && packet.status === STATUS.REQUEST) {
    const name = [packet.text(KEY.FIRST_NAME), packet.text(KEY.LAST_NAME)].filter(Boolean).join(' ');
    const contact: Contact = name === '' ? { op: 'request', id } : { op: 'request', id, name };
    tellContact(session, packet, direction, contact, [], text);
    return;
  }
  const flag = packet.word(KEY.FLAG);
  if (flag === '1') tellContact(session, packet, direction, { op: 'accept', id }, [], text);
  else if (flag === '2') tellContact(session, packet, direction, { op: 'deny', id }, [], text);
}

/** 89 up: {65 old name, 67 new name} of a group. */
function onGroupRename(session: Session, packet: Packet, direction: Direction): void {
  const group = packet.text(KEY.NEW_GROUP);
  const previous = packet.text(KEY.GROUP);
  if (direction !== TO_SERVER || group === undefined || previous === undefined) return;
  session.tell(packet, direction, 'profile', {
    from: session.account,
    profile: { group, previous_group: previous },
  });
}

/** E7 up: {7 id, 224 old group, 264 new group}: the contact leaves one and joins the other. */
function onMove(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.id(KEY.BUDDY);
  if (direction !== TO_SERVER || id === undefined) return;
  tellContact(session, packet, direction, { op: 'remove', id }, [packet.text(KEY.OLD_GROUP)]);
  tellContact(session, packet, direction, { op: 'add', id }, [packet.text(KEY.MOVE_GROUP)]);
}

export const contactHandlers: Handlers = {
  [SERVICE.LIST]: onList,
  [SERVICE.LIST_15]: onList15,
  [SERVICE.ADDBUDDY]: onChange(() => 'add'),
  [SERVICE.REMBUDDY]: onChange(() => 'remove'),
  [SERVICE.IGNORECONTACT]: onChange(ignoreOp),
  [SERVICE.REJECTCONTACT]: onReject,
  [SERVICE.NEWCONTACT]: onNewContact,
  [SERVICE.AUTH_REQ_15]: onAuthorise,
  [SERVICE.GROUPRENAME]: onGroupRename,
  [SERVICE.CHGRP_15]: onMove,
};
