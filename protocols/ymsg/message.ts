/** Messages, typing, receipts and what else is said from one person to another. */
import { formatTime, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { identifyByMessage } from './client.ts';
import { KEY, SERVICE, STATUS } from './numbers.ts';
import type { Handlers, Parts, Session } from './session.ts';
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
  id: string | undefined;
  /** Keys that it has, as bits of `ONCE`. */
  seen = 0;
}

/** A text by its pair: as people read it, and the original where that differs. */
export function textParts(packet: Packet, pair: number, utf8 = packet.utf8): Parts {
  const raw = packet.textAt(pair, utf8);
  const text = plainText(raw);
  if (text.startsWith('?OTR')) return { encrypted: 'otr' };
  const marked = text.length !== raw.length && text !== raw.replace(/\r\n?/g, '\n');
  return marked ? { text, format: 'html', html: raw } : { text };
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
  if (message.text < 0) return;
  const said = textParts(packet, message.text, message.utf8);
  if (!said.text && !said.encrypted) return;
  if (message.to.length >= MAX_VALUES) session.anomaly(packet, direction, 'ymsg_too_many_values');
  const up = direction === TO_SERVER;
  const offline = !up && packet.status === STATUS.CONTINUED;
  const who: Parts = {
    from: message.from,
    to: message.to.length > 0 || up || session.account === undefined ? message.to : [session.account],
    sent: up,
  };
  session.tell(packet, direction, 'message', {
    ...who,
    ...said,
    message_id: message.id,
    offline: offline || undefined,
    copy: offline ? 'offline' : undefined,
    original_time: offline ? originalTime(packet, message.time) : undefined,
  });
  if (said.text?.trim().toLowerCase() === '<ding>') {
    session.tell(packet, direction, 'attention', { ...who, state: 'buzz', ref: message.id });
  }
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
  const up = direction === TO_SERVER;
  const said = textParts(packet, pair, true);
  if (!said.text && !said.encrypted) return;
  session.tell(packet, direction, 'message', {
    from: up ? session.self(packet) : phone,
    to: up ? [phone] : session.account === undefined ? [] : [session.account],
    sent: up,
    ...said,
  });
}

/** Who said something to whom, in a packet that says one thing. */
export function people(session: Session, packet: Packet, direction: Direction): Parts {
  const up = direction === TO_SERVER;
  const to = session.ids(packet, direction, KEY.TO);
  return {
    from: up ? session.self(packet) : (packet.id(KEY.FROM) ?? packet.id(KEY.ACTIVE_ID)),
    to: to.length > 0 || up || session.account === undefined ? to : [session.account],
    sent: up,
  };
}

/** 4B: {49 TYPING | GAME | WEBCAMINVITE, 13 begins (1) or ends (0), 14 the game}. */
function onNotify(session: Session, packet: Packet, direction: Direction): void {
  const word = packet.word(KEY.SERVICE_WORD)?.toUpperCase() ?? '';
  const begins = packet.word(KEY.FLAG) === '1';
  const who = people(session, packet, direction);
  if (word.startsWith('TYPING')) {
    session.tell(packet, direction, 'typing', { ...who, state: begins ? 'typing' : 'stopped' });
  } else if (word.startsWith('GAME')) {
    session.tell(packet, direction, 'call', {
      ...who,
      call: { media: 'game', state: begins ? 'start' : 'end' },
    });
  } else if (word.startsWith('WEBCAMINVITE')) {
    session.tell(packet, direction, 'call', { ...who, call: { media: 'webcam', state: 'invite' } });
  }
}

/** FB: {1 or 4 who got it, 5 who sent it, 430 the id that its message had in 429}. */
function onAck(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.word(KEY.ACKNOWLEDGED_ID);
  if (id === undefined) return;
  session.tell(packet, direction, 'receipt', {
    ...people(session, packet, direction),
    message_id: id,
    state: 'delivered',
  });
}

/** D0: {230 which sound, 231 the words it says}. */
function onAudible(session: Session, packet: Packet, direction: Direction): void {
  session.tell(packet, direction, 'attention', {
    ...people(session, packet, direction),
    state: 'audible',
    ref: packet.word(KEY.AUDIBLE_ID),
    text: packet.text(KEY.AUDIBLE_TEXT),
  });
}

/** 4A and B7: somebody wants to talk or to play. */
function onInvite(media: string): Handlers[number] {
  return (session, packet, direction) => {
    session.tell(packet, direction, 'call', {
      ...people(session, packet, direction),
      call: { media, state: 'invite' },
    });
  };
}

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
