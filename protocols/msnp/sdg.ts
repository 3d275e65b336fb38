import { decodeGuess } from '../../src/sdk/index.ts';
import { dispatch, tellAttention } from './content.ts';
import type { Message, Parts } from './content.ts';
import { tellContact, tellName, tellOwn } from './presence.ts';
import type { Command } from './reader.ts';
import { lookUp, parseId, parseIdentity, parseMime } from './text.ts';
import type { Headers } from './text.ts';
import { PRESENCE } from './commands.ts';
import { elementText } from './xml.ts';

/**
 * MSNP21 carries everything in three blocks of headers and a body: `Routing: 1.0` with `To` and
 * `From`, `Reliability: 1.0`, then `Messaging: 2.0`, `Notification: 1.0` or `Publication: 1.0`.
 */

/** Network ids before an identity that name a group: a circle, a temporary group. */
const GROUP_NETWORK = /^(9|10):/;

interface Routed {
  routing: Headers;
  headers: Headers;
  start: number;
}

function parseRouted(bytes: Uint8Array, start: number, end: number): Routed {
  const routing = parseMime(bytes, start, end);
  const reliability = parseMime(bytes, routing.body, end);
  const inner = parseMime(bytes, reliability.body, end);
  return { routing: routing.headers, headers: inner.headers, start: inner.body };
}

type MessageHandler = (parts: Parts, message: Message) => void;

/** Handlers by `Message-Type`. */
const MESSAGE_TYPES: Readonly<Record<string, MessageHandler>> = {
  text: dispatch,
  nudge: (parts, message) => tellAttention(parts, message, 'nudge'),
  wink: (parts, message) => tellAttention(parts, message, 'wink'),
  control: onControl,
  'control/typing': onControl,
};

/** `SDG TrID length`: a message between people (MSNP21). */
export function onDatagram(parts: Parts, command: Command): void {
  const { bytes, end } = command;
  if (command.start === end) return;
  const { routing, headers, start } = parseRouted(bytes, command.start, end);
  const kind = headers.get('message-type')?.toLowerCase() ?? '';
  const handle = lookUp(MESSAGE_TYPES, kind);
  if (!handle) return;
  const { session } = parts;
  const to = routing.get('to') ?? '';
  const sender = parseId(routing.get('from'));
  const target = parseId(to);
  if (command.direction === 0 && sender && !session.account) session.account = sender;
  const envelope = session.envelope(command, routing.get('from'), headers.get('im-display-name'));
  if (sender) envelope.from = sender;
  if (GROUP_NETWORK.test(to)) envelope.room = target;
  envelope.to = target ? [target] : [];
  handle(parts, { envelope, headers, bytes, start, end });
}

/** `Message-Subtype: Typing`. */
function onControl(parts: Parts, message: Message): void {
  const { headers } = message;
  const subtype = headers.get('message-subtype') ?? headers.get('message-type') ?? '';
  if (!subtype.toLowerCase().endsWith('typing')) return;
  const { session } = parts;
  const facts = session.said('typing', message.envelope);
  facts.state = 'typing';
  session.flow.emit(message.envelope.direction, message.envelope.offset, facts);
}

/** `PUT TrID length` from the client, `NFY PUT length` from the server: presence as `<user>` XML (MSNP21). */
export function onPublication(parts: Parts, command: Command): void {
  const { bytes, end } = command;
  if (command.start === end || command.args[0] === 'DEL') return;
  const { session } = parts;
  const { routing, start } = parseRouted(bytes, command.start, end);
  const id = parseIdentity(routing.get('from') ?? '').id;
  const xml = decodeGuess(bytes, start, end);
  const show = lookUp(PRESENCE, elementText(xml, 'Status')?.trim());
  const text = elementText(xml, 'PSM')?.trim();
  const name = elementText(xml, 'FriendlyName')?.trim() ?? '';
  if (command.direction === 0 || id === session.account) {
    if (command.direction === 0 && id && !session.account) session.account = id;
    tellName(session, command, name);
    tellOwn(session, command, show ?? session.own.show, text ?? session.own.text);
  } else tellContact(session, command, id, { name, show, text });
}
