import { TO_SERVER } from '../../src/sdk/index.ts';
import { occupant, parties } from './address.ts';
import { onInlineBob } from './bob.ts';
import { onCaps } from './client.ts';
import { onError } from './errors.ts';
import { fullJid } from './jid.ts';
import { pgpSigner } from './keys.ts';
import { onPhotoHash } from './profile.ts';
import { onRoomPresence } from './rooms.ts';
import type { Facts, Stanza, XmppSession } from './session.ts';
import { NS } from './wire.ts';

/** What a subscription presence does to a contact (RFC 6121, 3). */
const SUBSCRIPTIONS: ReadonlyMap<string, 'request' | 'accept' | 'remove' | 'deny'> = new Map([
  ['subscribe', 'request'],
  ['subscribed', 'accept'],
  ['unsubscribe', 'remove'],
  ['unsubscribed', 'deny'],
]);

/** Values of `<show/>`; without one a presence is plainly available. */
const SHOWS: ReadonlySet<string> = new Set(['away', 'chat', 'dnd', 'xa']);

/** A `<presence/>`: status, a subscription, or something of a chat room. */
export function onPresence(session: XmppSession, stanza: Stanza): void {
  const caps = stanza.element.child('c', NS.CAPS);
  const inRoom = stanza.type !== 'error' && onRoomPresence(session, stanza);
  const room = inRoom && stanza.direction !== TO_SERVER ? stanza.from : undefined;
  const who = room ? occupant(session, room) : session.sender(stanza);
  // A room reflects the client's own presence, which has told it already.
  const reflected = room !== undefined && who?.bare === session.account;
  if (caps && stanza.type === '' && !reflected) onCaps(session, stanza, who, caps);
  if (stanza.type === '' && !reflected) {
    onPhotoHash(session, stanza, who);
    onInlineBob(session, stanza);
  }
  if (inRoom) return;
  const op = SUBSCRIPTIONS.get(stanza.type);
  if (op !== undefined) onSubscription(session, stanza, op);
  else if (stanza.type === 'error') onError(session, stanza);
  else if (stanza.type !== 'probe') onStatus(session, stanza);
}

/** The contact is the other one, whoever of the two sends. */
function onSubscription(session: XmppSession, stanza: Stanza, op: NonNullable<Facts['contact']>['op']): void {
  const own = session.role === 'client' && stanza.direction === TO_SERVER;
  const contact = own || session.role !== 'client' ? stanza.to : stanza.from;
  if (!contact) return;
  const facts: Facts = { kind: 'contact', ...parties(session, stanza), contact: { op, id: contact.bare } };
  const text = stanza.element.childText('status');
  if (text !== undefined) facts.text = text;
  session.tell(stanza, facts);
}

function onStatus(session: XmppSession, stanza: Stanza): void {
  if (isReflection(session, stanza)) return;
  const { element } = stanza;
  const show = element.childText('show')?.trim() ?? '';
  const status: NonNullable<Facts['status']> = { show: shown(stanza.type, show) };
  const text = element.childText('status');
  if (text !== undefined) status.text = text;
  const priority = Number.parseInt(element.childText('priority') ?? '', 10);
  if (priority >= -128 && priority <= 127) status.priority = priority;
  const facts: Facts = { kind: 'presence', ...parties(session, stanza), status };
  const signed = element.child('x', NS.SIGNED);
  const evidence = signed ? pgpSigner(signed.text()) : [];
  if (evidence.length > 0) facts.evidence = evidence;
  // A broadcast has no recipient but the server.
  if (!stanza.to) delete facts.to;
  if (isNews(session, stanza, status)) session.tell(stanza, facts);
}

/** Servers repeat a contact's presence (after probes, subscriptions, changes of capabilities): only changes are told. */
function isNews(session: XmppSession, stanza: Stanza, status: NonNullable<Facts['status']>): boolean {
  const sender = session.sender(stanza);
  const directed = stanza.direction === TO_SERVER && session.role === 'client' ? (stanza.to?.bare ?? '') : '';
  const said = `${status.show} ${status.priority ?? ''} ${status.text ?? ''}`;
  return session.news(`presence ${sender ? fullJid(sender) : ''} ${directed}`, said);
}

/** A server sends a client's own presence back to it, too. */
function isReflection(session: XmppSession, stanza: Stanza): boolean {
  if (session.role !== 'client' || stanza.direction === TO_SERVER || session.blind(TO_SERVER)) return false;
  const { from } = stanza;
  return from !== undefined && from.bare === session.account && from.resource === session.resource;
}

function shown(type: string, show: string): string {
  if (type === 'unavailable' || type === 'invisible') return type;
  return SHOWS.has(show) ? show : 'available';
}
