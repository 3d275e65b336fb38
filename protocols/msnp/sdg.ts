import { decodeGuess } from '../../src/sdk/index.ts';
import { dispatch, tellAttention } from './content.ts';
import type { Message, Parts } from './content.ts';
import { GROUP_NETWORK, onGroup } from './circle.ts';
import type { Routed } from './circle.ts';
import { checkObject } from './object.ts';
import { onOwnCapabilities, tellContact, tellEndpoints, tellName, tellOwn } from './presence.ts';
import type { Command } from './reader.ts';
import type { Session } from './session.ts';
import { lookUp, parseId, parseIdentity, parseMime } from './text.ts';
import { PRESENCE } from './commands.ts';
import { elementText } from './xml.ts';

/**
 * MSNP21 carries everything in three blocks of headers and a body: `Routing: 1.0` with `To` and
 * `From`, `Reliability: 1.0`, then `Messaging: 2.0`, `Notification: 1.0` or `Publication: 1.0`.
 */

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
  const { endpoint } = parseIdentity(routing.get('from') ?? '');
  if (endpoint) envelope.resource = endpoint;
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

/**
 * `PUT TrID length` and `DEL TrID length` from the client, `NFY PUT length` and `NFY DEL length` from the
 * server: presence as `<user>` XML, groups as `<circle>` XML (MSNP18 and later).
 */
export function onPublication(parts: Parts, command: Command): void {
  const { bytes, end } = command;
  if (command.start === end) return;
  const { session } = parts;
  const { routing, headers, start } = parseRouted(bytes, command.start, end);
  if (onGroup(session, command, { routing, headers, start })) return;
  if (command.name === 'DEL' || command.args[0] === 'DEL') return;
  const id = parseId(routing.get('from'));
  onUser(session, command, id, decodeGuess(bytes, start, end));
}

/** `<user>`: what the client publishes of itself, or what is published of a contact. */
function onUser(session: Session, command: Command, id: string, xml: string): void {
  const show = lookUp(PRESENCE, elementText(xml, 'Status')?.trim());
  const text = elementText(xml, 'PSM')?.trim();
  const name = elementText(xml, 'FriendlyName')?.trim() ?? '';
  const capabilities = elementText(xml, 'Capabilities');
  if (command.direction === 1 && id !== session.account) {
    checkObject(session, command, elementText(xml, 'UserTileLocation') ?? '');
    tellContact(session, command, id, { name, show, text, capabilities });
    return;
  }
  if (id && !session.account) session.account = id;
  tellName(session, command, name);
  tellOwn(session, command, show ?? session.own.show, text ?? session.own.text);
  onOwnCapabilities(session, command, capabilities ?? '');
  tellEndpoints(session, command, xml);
}
