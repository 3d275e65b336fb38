import { TO_CLIENT, htmlToText } from '../../src/sdk/index.ts';
import type { XmlElement } from '../../src/sdk/index.ts';
import { isOccupant, parties, privateParties, roomParties, towardsRoom } from './address.ts';
import { onInlineBob } from './bob.ts';
import { openBody } from './encryption.ts';
import type { Sealed } from './encryption.ts';
import { onError } from './errors.ts';
import { onMessageCall } from './jingle.ts';
import { onPersonalEvent } from './profile.ts';
import { onInvitation, onSubject } from './rooms.ts';
import type { Facts, Place, Stanza, XmppSession } from './session.ts';
import { onSignals } from './signals.ts';
import { parseStamp } from './time.ts';
import { onIbbData, onLinks } from './transfer.ts';
import { MAM_PREFIX, NS, STANZA_NAMESPACES } from './wire.ts';

/** How a message came that is not a live one. */
type Copy = NonNullable<Facts['copy']>;
interface Wrapping {
  copy: Copy;
  stamp?: string;
}

/** A `<message/>`: of a live conversation, or a copy of one in a wrapper. */
export function onMessage(session: XmppSession, stanza: Stanza): void {
  if (stanza.type === 'error') {
    onError(session, stanza);
    return;
  }
  if (unwrap(session, stanza)) return;
  onInlineBob(session, stanza);
  onContent(session, stanza, undefined);
}

/** Carbons (XEP-0280) and archive results (XEP-0313) hold a forwarded message (XEP-0297). True where it was one. */
function unwrap(session: XmppSession, stanza: Stanza): boolean {
  for (const child of stanza.element.children) {
    const carbon = child.ns === NS.CARBONS && (child.name === 'sent' || child.name === 'received');
    const archived = child.name === 'result' && child.ns.startsWith(MAM_PREFIX);
    if (!carbon && !archived) continue;
    const forwarded = child.child('forwarded', NS.FORWARD);
    const inner = forwarded?.children.find((c) => c.name === 'message' && STANZA_NAMESPACES.has(c.ns));
    if (!forwarded || !inner) continue;
    const stamp = stampOf(session, stanza, delayOf(forwarded));
    const copy: Wrapping = { copy: carbon ? 'carbon' : 'archive', ...(stamp === undefined ? {} : { stamp }) };
    onForwarded(session, stanza, inner, copy);
    return true;
  }
  return false;
}

/**
 * Only the account's own server may send carbons and the account's archive, and only a room its
 * own archive: from others they are made up (CVE-2017-5589 and its kin).
 */
function onForwarded(session: XmppSession, outer: Stanza, element: XmlElement, wrapping: Wrapping): void {
  const inner = session.nested(element, outer);
  const ofRoom = wrapping.copy === 'archive' && inner.from?.bare === outer.from?.bare;
  if (session.role === 'client' && !session.isOwn(outer.from) && !ofRoom) {
    session.odd(outer, 'xmpp_forward_spoofed');
    return;
  }
  if (inner.type !== 'error') onContent(session, inner, wrapping);
}

/** What a message says. */
function onContent(session: XmppSession, stanza: Stanza, wrapping: Wrapping | undefined): void {
  if (wrapping === undefined && onService(session, stanza)) return;
  const { element } = stanza;
  const html = element.child('html', NS.XHTML_IM)?.child('body', NS.XHTML);
  const body = element.child('body');
  const sealed = openBody(element, body?.text() || (html ? htmlToText(html.inner()) : undefined));
  if (wrapping === undefined) {
    if (stanza.type === 'groupchat' && !sealed && !body) onSubject(session, stanza);
    onSignals(session, stanza, sealed !== undefined);
  }
  const text = sealed ?? subjectOf(stanza);
  if (text && !isReflection(session, stanza)) tellMessage(session, stanza, text, html, wrapping);
}

/** What uses a message only to travel. True where it was that, and no message of a person's. */
function onService(session: XmppSession, stanza: Stanza): boolean {
  return (
    onPersonalEvent(session, stanza) ||
    onInvitation(session, stanza) ||
    onMessageCall(session, stanza) ||
    onIbbData(session, stanza)
  );
}

/** A mail-like message may be all subject. */
function subjectOf(stanza: Stanza): Sealed | undefined {
  if (stanza.type !== '' && stanza.type !== 'normal' && stanza.type !== 'headline') return undefined;
  const text = stanza.element.childText('subject');
  return text === undefined ? undefined : { text };
}

/** A room sends each line back to its author: that is not a second message. */
function isReflection(session: XmppSession, stanza: Stanza): boolean {
  if (stanza.type !== 'groupchat') return false;
  const line = messageId(stanza) ?? stanza.element.childText('body');
  if (line === undefined) return false;
  if (towardsRoom(session, stanza)) {
    if (stanza.to) session.rooms.sent(stanza.to.bare, line);
    return false;
  }
  return stanza.from !== undefined && session.rooms.reflected(stanza.from.bare, line);
}

function tellMessage(
  session: XmppSession,
  stanza: Stanza,
  sealed: Sealed,
  html: XmlElement | undefined,
  wrapping: Wrapping | undefined,
): void {
  const facts: Facts = { kind: 'message', ...partiesOf(session, stanza) };
  if (sealed.evidence) facts.evidence = sealed.evidence;
  if (sealed.scheme !== undefined) facts.encrypted = sealed.scheme;
  else {
    facts.text = sealed.text;
    const markup = html?.inner();
    facts.format = markup ? 'html' : 'plain';
    if (markup) facts.html = markup;
  }
  const id = messageId(stanza);
  if (id !== undefined) facts.message_id = id;
  const nick = stanza.element.child('nick', NS.NICK)?.text();
  if (nick && facts.from_name === undefined) facts.from_name = nick;
  const replaced = stanza.element.child('replace', NS.CORRECT)?.attr('id');
  if (replaced) facts.replaces = replaced;
  addCopy(session, stanza, facts, wrapping);
  session.tell(stanza, facts);
  if (sealed.scheme === undefined) onLinks(session, stanza, facts);
}

function partiesOf(session: XmppSession, stanza: Stanza): Partial<Facts> {
  if (stanza.type === 'groupchat') return roomParties(session, stanza);
  if (isOccupant(session, stanza.to) || isOccupant(session, stanza.from))
    return privateParties(session, stanza);
  return parties(session, stanza);
}

/** Marks what is not live: a copy in a wrapper, a room's history, what waited for the recipient. */
function addCopy(session: XmppSession, stanza: Stanza, facts: Facts, wrapping: Wrapping | undefined): void {
  const delay = delayOf(stanza.element);
  const stamp = wrapping?.stamp ?? stampOf(session, stanza, delay);
  if (stamp !== undefined) facts.original_time = stamp;
  if (wrapping) {
    facts.copy = wrapping.copy;
    if (session.role === 'client' && facts.from === session.account) facts.sent = false;
  } else if (delay && (session.role !== 'client' || stanza.direction === TO_CLIENT)) {
    facts.copy = stanza.type === 'groupchat' ? 'history' : 'offline';
    if (facts.copy === 'offline') facts.offline = true;
  }
}

/** The mark of delayed delivery (XEP-0203, and XEP-0091 before it) among an element's children. */
function delayOf(holder: XmlElement): XmlElement | undefined {
  return holder.child('delay', NS.DELAY) ?? holder.child('x', NS.OLD_DELAY);
}

function stampOf(session: XmppSession, at: Place, delay: XmlElement | undefined): string | undefined {
  const text = delay?.attr('stamp');
  if (text === undefined) return undefined;
  const stamp = parseStamp(text);
  if (stamp === undefined) session.odd(at, 'xmpp_bad_timestamp');
  return stamp;
}

/** The id that stays the same on every leg: the author's own (XEP-0359) where given, else the stanza's. */
function messageId(stanza: Stanza): string | undefined {
  return stanza.element.child('origin-id', NS.STANZA_ID)?.attr('id') || stanza.id;
}
