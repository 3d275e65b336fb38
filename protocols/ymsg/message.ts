/** Messages, typing, receipts and what else is said from one person to another. */
import { formatTime, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, ImFacts } from '../../src/sdk/index.ts';
import { identifyByMessage } from './client.ts';
import { federated, networkAt } from './federation.ts';
import { noteImvironment, onImvironment } from './imvironment.ts';
import { KEY, SERVICE, STATUS } from './numbers.ts';
import { addPeople, between } from './people.ts';
import type { Handler, Handlers, Session } from './session.ts';
import { plainText } from './text.ts';
import { leadingNumber, MAX_VALUES } from './wire.ts';
import type { Packet } from './wire.ts';

/** One message of a packet. Offline messages come several in a packet. */
class Message {
  from: string | undefined;
  readonly to: string[] = [];
  /** The pair that holds the text, or −1. */
  text = -1;
  utf8 = false;
  /** The pair that holds the time, or −1. */
  time = -1;
  /** The pair that holds the other side's network, or −1. */
  network = -1;
  id: string | undefined;
  /** Keys that it has, as bits of `ONCE`. */
  seen = 0;
}

/**
 * Adds a pair's text to an event: as people read it, and the original where that was marked up.
 * False where there is nothing to read.
 */
export function addText(facts: ImFacts, packet: Packet, pair: number, utf8 = packet.utf8): boolean {
  const raw = packet.textAt(pair, utf8);
  const text = plainText(raw);
  if (text === '') return false;
  if (text.startsWith('?OTR')) {
    facts.encrypted = 'otr';
    return true;
  }
  facts.text = text;
  if (text.length !== raw.length && text !== raw.replace(/\r\n?/g, '\n')) {
    facts.format = 'html';
    facts.html = raw;
  }
  return true;
}

/** Keys of which a message has one: when one comes again, the next message has begun. */
const ONCE: ReadonlyMap<number, number> = new Map(
  [KEY.RECORD, KEY.RECORD_KIND, KEY.FROM, KEY.TEXT, KEY.TIME, KEY.UTF8, KEY.MESSAGE_ID, KEY.TO].map(
    (key, i): [number, number] => [key, 1 << i],
  ),
);

/**
 * The messages of a packet, their keys in any order. Key 5 is repeated within one message only on
 * the way to the server (mass messages).
 */
function messagesOf(packet: Packet, direction: Direction): Message[] {
  let message = new Message();
  const messages = [message];
  for (let pair = 0; pair < packet.count; pair++) {
    const key = packet.keyAt(pair);
    const bit = key === KEY.TO && direction === TO_SERVER ? 0 : (ONCE.get(key) ?? 0);
    if ((message.seen & bit) !== 0) {
      message = new Message();
      messages.push(message);
    }
    message.seen |= bit;
    readField(message, packet, pair, direction);
  }
  return messages;
}

function readField(message: Message, packet: Packet, pair: number, direction: Direction): void {
  switch (packet.keyAt(pair)) {
    case KEY.FROM:
      message.from = packet.idAt(pair);
      break;
    case KEY.ACTIVE_ID:
      if (direction === TO_CLIENT) message.from ??= packet.idAt(pair);
      break;
    case KEY.TO: {
      const to = packet.idAt(pair);
      if (to !== undefined && message.to.length < MAX_VALUES) message.to.push(to);
      break;
    }
    case KEY.TEXT:
      message.text = pair;
      break;
    case KEY.UTF8:
      message.utf8 = packet.isOne(pair);
      break;
    case KEY.TIME:
      message.time = pair;
      break;
    case KEY.MESSAGE_ID:
      message.id = packet.wordAt(pair);
      break;
    case KEY.FEDERATION:
      message.network = pair;
      break;
  }
}

/** 06, and 17 to many: {1 from, 5 to, 14 text} up, {4 from, 5 to, 14 text} down. */
function onMessage(session: Session, packet: Packet, direction: Direction): void {
  if (direction === TO_CLIENT && packet.status === STATUS.NOT_DONE) {
    const text = packet.text(KEY.TEXT) ?? packet.text(KEY.ERROR_TEXT);
    session.tell(packet, direction, 'notice', { text, to: packet.ids(KEY.TO), code: 'message-not-sent' });
    return;
  }
  if (direction === TO_SERVER && !session.clientTold) tellClient(session, packet, direction);
  const self = session.self(packet);
  for (const message of messagesOf(packet, direction)) {
    if (direction === TO_SERVER) message.from = self;
    tellMessage(session, packet, direction, message);
  }
}

function tellClient(session: Session, packet: Packet, direction: Direction): void {
  const client = identifyByMessage(packet);
  if (!client) return;
  session.clientTold = true;
  session.tell(packet, direction, 'client', { client });
}

function tellMessage(session: Session, packet: Packet, direction: Direction, message: Message): void {
  const facts = session.facts('message');
  if (message.text < 0 || !addText(facts, packet, message.text, message.utf8)) return;
  if (message.to.length >= MAX_VALUES) session.anomaly(packet, direction, 'ymsg_too_many_values');
  addPeople(facts, direction, message.from, message.to);
  if (message.id) facts.message_id = message.id;
  const evidence = federated(networkAt(packet, message.network));
  if (evidence) facts.evidence = evidence;
  if (direction === TO_CLIENT && packet.status === STATUS.CONTINUED) {
    facts.offline = true;
    facts.copy = 'offline';
    const time = originalTime(packet, message.time);
    if (time !== undefined) facts.original_time = time;
  }
  session.emit(packet, direction, facts);
  noteImvironment(session, packet, direction, message.from, message.to);
  if (facts.text !== undefined && isBuzz(facts.text)) tellBuzz(session, packet, direction, message);
}

/** What the messenger shows by shaking its window. */
function isBuzz(text: string): boolean {
  return text.length < 12 && text.trim().toLowerCase() === '<ding>';
}

function tellBuzz(session: Session, packet: Packet, direction: Direction, message: Message): void {
  const facts = addPeople(session.facts('attention'), direction, message.from, message.to);
  facts.state = 'buzz';
  if (message.id) facts.ref = message.id;
  session.emit(packet, direction, facts);
}

/** Key 15 is in seconds since 1970, of some servers with a fraction. */
function originalTime(packet: Packet, pair: number): string | undefined {
  const seconds = pair < 0 ? undefined : leadingNumber(packet.wordAt(pair));
  if (seconds === undefined || seconds <= 0 || seconds > 0xffffffff) return undefined;
  return formatTime(seconds, 0);
}

/** 2EA: {1 from, 5 telephone number, 14 text} up, {4 telephone number, 14 text} down. */
function onSms(session: Session, packet: Packet, direction: Direction): void {
  const pair = packet.find(KEY.TEXT);
  const number = packet.id(direction === TO_SERVER ? KEY.TO : KEY.FROM);
  if (pair < 0 || number === undefined || packet.status === STATUS.DISCONNECTED) return;
  const phone = number.startsWith('+') ? number : `+${number}`;
  const facts = session.facts('message');
  if (!addText(facts, packet, pair, true)) return;
  const up = direction === TO_SERVER;
  session.emit(
    packet,
    direction,
    addPeople(facts, direction, up ? session.self(packet) : phone, up ? [phone] : []),
  );
}

/** Key 14 of 4B with the word WEBCAMINVITE; anything else invites. */
const WEBCAM: Readonly<Record<string, string>> = { '1': 'accept', '-1': 'decline' };

/** 4B: {49 TYPING | GAME | WEBCAMINVITE | IMVIRONMENT, 13 begins (1) or ends (0), 14 the game or the answer}. */
function onNotify(session: Session, packet: Packet, direction: Direction): void {
  const word = packet.word(KEY.SERVICE_WORD)?.toUpperCase() ?? '';
  const begins = packet.word(KEY.FLAG) === '1';
  if (word.startsWith('TYPING')) {
    const facts = between(session, packet, direction, 'typing');
    facts.state = begins ? 'typing' : 'stopped';
    session.emit(packet, direction, facts);
  } else if (word.startsWith('GAME')) {
    tellCall(session, packet, direction, 'game', begins ? 'start' : 'end');
  } else if (word.startsWith('WEBCAMINVITE')) {
    tellCall(session, packet, direction, 'webcam', WEBCAM[packet.word(KEY.TEXT)?.trim() ?? ''] ?? 'invite');
  } else if (word.startsWith('IMVIRONMENT')) {
    onImvironment(session, packet, direction);
  }
}

function tellCall(
  session: Session,
  packet: Packet,
  direction: Direction,
  media: string,
  state: string,
): void {
  const facts = between(session, packet, direction, 'call');
  facts.call = { media, state };
  session.emit(packet, direction, facts);
}

/** FB: {1 or 4 who got it, 5 who sent it, 430 the id that its message had in 429}. */
function onAck(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.word(KEY.ACKNOWLEDGED_ID);
  if (id === undefined) return;
  const facts = between(session, packet, direction, 'receipt');
  facts.message_id = id;
  facts.state = 'delivered';
  session.emit(packet, direction, facts);
}

/** D0: {230 which sound, 231 the words it says}. */
function onAudible(session: Session, packet: Packet, direction: Direction): void {
  const facts = between(session, packet, direction, 'attention');
  facts.state = 'audible';
  const id = packet.word(KEY.AUDIBLE_ID);
  if (id !== undefined) facts.ref = id;
  const text = packet.text(KEY.AUDIBLE_TEXT);
  if (text !== undefined) facts.text = text;
  session.emit(packet, direction, facts);
}

/** 4A and B7: somebody wants to talk or to play. */
const onInvite =
  (media: string): Handler =>
  (session, packet, direction) => {
    tellCall(session, packet, direction, media, 'invite');
  };

export const messageHandlers: Handlers = {
  [SERVICE.MESSAGE]: onMessage,
  [SERVICE.MASSMESSAGE]: onMessage,
  [SERVICE.CHATMSG]: onMessage,
  [SERVICE.GAMEMSG]: onMessage,
  [SERVICE.SMS_MSG]: onSms,
  [SERVICE.NOTIFY]: onNotify,
  [SERVICE.MESSAGE_ACK]: onAck,
  [SERVICE.AUDIBLE]: onAudible,
  [SERVICE.VOICECHAT]: onInvite('voice'),
  [SERVICE.GAME_INVITE]: onInvite('game'),
};
