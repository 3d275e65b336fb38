/** Presence: the account's own and that of its contacts, in all the forms from version 8 to 19. */
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { federated, networkBehind } from './federation.ts';
import { KEY, SERVICE, STATUS } from './numbers.ts';
import { tellPicture } from './profile.ts';
import type { Handlers, Session } from './session.ts';
import { leadingNumber } from './wire.ts';
import type { Packet } from './wire.ts';

/** Key 10 (and, in packets that have no key 10, the header's status). */
const SHOW: Readonly<Record<number, string>> = {
  0: 'available',
  1: 'brb',
  2: 'busy',
  3: 'notathome',
  4: 'notatdesk',
  5: 'notinoffice',
  6: 'onphone',
  7: 'onvacation',
  8: 'outtolunch',
  9: 'steppedout',
  12: 'invisible',
  999: 'idle',
  [STATUS.OFFLINE]: 'offline',
};
const CUSTOM = 99;
/** Key 47: how a custom text is meant. */
const AWAY = { AVAILABLE: '0', AWAY: '1', IDLE: '2' } as const;

/** What a service says by itself, where a contact's record holds no status. */
const IMPLIED: Readonly<Record<number, string>> = {
  [SERVICE.LOGON]: 'available',
  [SERVICE.ISAWAY]: 'away',
  [SERVICE.ISBACK]: 'available',
  [SERVICE.LOGOFF]: 'offline',
};

/** The status keys of one person. */
interface Person {
  id?: string | undefined;
  status?: number | undefined;
  away?: string | undefined;
  /** The pair of the custom text, or −1. */
  text: number;
  /** Key 13 is 0: in neither pager, chat nor game. */
  gone: boolean;
  /** The pair of the picture's checksum, or −1. */
  picture: number;
  /** The network that the id is of, where it is not Yahoo!. */
  network?: string | undefined;
}

function newPerson(id?: string): Person {
  return { id, text: -1, gone: false, picture: -1 };
}

function readField(person: Person, packet: Packet, pair: number): void {
  switch (packet.keyAt(pair)) {
    case KEY.STATUS:
      person.status = leadingNumber(packet.wordAt(pair));
      break;
    case KEY.CUSTOM_STATUS:
      person.text = pair;
      break;
    case KEY.AWAY:
      person.away = packet.wordAt(pair);
      break;
    case KEY.FLAG:
      person.gone = packet.wordAt(pair) === '0';
      break;
    case KEY.PICTURE_CHECKSUM:
      person.picture = pair;
      break;
  }
}

function showOf(person: Person, service: number): string | undefined {
  if (service === SERVICE.LOGOFF || (person.gone && person.id !== undefined)) return 'offline';
  if (person.status === CUSTOM) {
    if (person.away === AWAY.IDLE) return 'idle';
    return person.away === AWAY.AWAY ? 'away' : 'available';
  }
  if (person.status === undefined) return IMPLIED[service];
  if (person.away === AWAY.IDLE && person.status !== 0) return 'idle';
  return SHOW[person.status] ?? `status-${person.status}`;
}

function tellPerson(
  session: Session,
  packet: Packet,
  direction: Direction,
  person: Person,
  utf8: boolean,
): void {
  const show = showOf(person, packet.service);
  if (show === undefined || person.id === undefined) return;
  const text = person.text < 0 ? '' : packet.textAt(person.text, utf8);
  session.tell(packet, direction, 'presence', {
    from: person.id,
    status: text === '' ? { show } : { show, text },
    evidence: federated(person.network),
  });
  if (person.picture >= 0) tellPicture(session, packet, direction, person.id, person.picture);
}

/**
 * Contacts: {0, 1 us, 8 count, then for each: 7 id, 10 status, 19 text, 47 away, 137 and 138 idle,
 * 13 where}. From version 15 on each stands between 302/300 and 301/303 marks. Key 7 begins one.
 */
function tellContacts(session: Session, packet: Packet, direction: Direction): void {
  const utf8 = packet.utf8;
  let person: Person | undefined;
  for (let pair = 0; pair < packet.count; pair++) {
    if (packet.keyAt(pair) === KEY.BUDDY) {
      if (person) tellPerson(session, packet, direction, person, utf8);
      person = newPerson(packet.idAt(pair));
      person.network = networkBehind(packet, pair);
    } else if (person) {
      readField(person, packet, pair);
    }
  }
  if (person) tellPerson(session, packet, direction, person, utf8);
}

/** 03, 04, C6: {10 status, 19 text, 47 away}; before version 9 the header's status is what counts. */
function tellOwn(session: Session, packet: Packet, direction: Direction): void {
  const person = newPerson(session.account ?? session.self(packet));
  for (let pair = 0; pair < packet.count; pair++) readField(person, packet, pair);
  person.gone = false;
  if (person.status === undefined && packet.status !== 0 && packet.status in SHOW) {
    person.status = packet.status;
  }
  session.ownShow = showOf(person, packet.service) ?? session.ownShow;
  tellPerson(session, packet, direction, person, packet.utf8);
}

function onStatus(session: Session, packet: Packet, direction: Direction): void {
  if (direction === TO_SERVER && !packet.has(KEY.BUDDY)) tellOwn(session, packet, direction);
  else tellContacts(session, packet, direction);
}

/** 01, 02, 1E, 1F, 28, 29 and F0 from the server; the client's own are for the sign-on. */
export function onContactStatus(session: Session, packet: Packet, direction: Direction): void {
  if (direction === TO_CLIENT) tellContacts(session, packet, direction);
}

/** C5: {13 invisible (2) or visible again (1)}. */
function onVisibility(session: Session, packet: Packet, direction: Direction): void {
  const flag = packet.word(KEY.FLAG);
  const from = session.account;
  if (direction !== TO_SERVER || from === undefined || (flag !== '1' && flag !== '2')) return;
  const show = flag === '2' ? 'invisible' : session.ownShow;
  session.tell(packet, direction, 'presence', { from, status: { show } });
}

/**
 * B9 and BA up: {31, 7 whom}: to these people we seem offline from now on (1) or no longer (2), for good
 * (B9) or while we are invisible (BA), when 2 makes us visible to them alone.
 */
function onStealth(session: Session, packet: Packet, direction: Direction): void {
  const record = packet.word(KEY.RECORD);
  const to = session.ids(packet, direction, KEY.BUDDY);
  const from = session.account;
  if (direction !== TO_SERVER || from === undefined || to.length === 0) return;
  if (record !== '1' && record !== '2') return;
  const show =
    record === '1' ? 'invisible' : packet.service === SERVICE.PRESENCE_PERM ? session.ownShow : 'available';
  session.tell(packet, direction, 'presence', { from, to, status: { show } });
}

export const presenceHandlers: Handlers = {
  [SERVICE.ISAWAY]: onStatus,
  [SERVICE.ISBACK]: onStatus,
  [SERVICE.Y6_STATUS_UPDATE]: onStatus,
  [SERVICE.STATUS_15]: onContactStatus,
  [SERVICE.CHATLOGON]: onContactStatus,
  [SERVICE.CHATLOGOFF]: onContactStatus,
  [SERVICE.GAMELOGON]: onContactStatus,
  [SERVICE.GAMELOGOFF]: onContactStatus,
  [SERVICE.Y6_VISIBLE_TOGGLE]: onVisibility,
  [SERVICE.PRESENCE_PERM]: onStealth,
  [SERVICE.PRESENCE_SESSION]: onStealth,
};
