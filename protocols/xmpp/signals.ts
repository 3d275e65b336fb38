import type { XmlElement } from '../../src/sdk/index.ts';
import { isOccupant, parties, privateParties, roomParties } from './address.ts';
import type { Facts, Stanza, XmppSession } from './session.ts';
import { cutText } from './text.ts';
import { NS } from './wire.ts';

/** Chat states (XEP-0085). */
const CHAT_STATES: ReadonlySet<string> = new Set(['active', 'composing', 'paused', 'inactive', 'gone']);

/** Names of receipts (XEP-0184) and chat markers (XEP-0333), and what they say. */
const RECEIPTS: ReadonlyMap<string, string> = new Map([
  ['received', 'delivered'],
  ['displayed', 'displayed'],
  ['acknowledged', 'acknowledged'],
]);

const LONGEST_REACTION = 64;

type Signal = (session: XmppSession, stanza: Stanza, child: XmlElement, withText: boolean) => void;

const SIGNALS: ReadonlyMap<string, Signal> = new Map<string, Signal>([
  [NS.CHATSTATES, onChatState],
  [NS.EVENT, onOldEvent],
  [NS.RECEIPTS, onReceipt],
  [NS.MARKERS, onReceipt],
  [NS.ATTENTION, (session, stanza) => tellSignal(session, stanza, 'attention', 'attention')],
  [NS.REACTIONS, onReactions],
]);

/** What a message signals beside or instead of its text: typing, receipts, attention, reactions. */
export function onSignals(session: XmppSession, stanza: Stanza, withText: boolean): void {
  for (const child of stanza.element.children) SIGNALS.get(child.ns)?.(session, stanza, child, withText);
}

/** With a text, a chat state says only that the author is there. */
function onChatState(session: XmppSession, stanza: Stanza, child: XmlElement, withText: boolean): void {
  if (!withText && CHAT_STATES.has(child.name)) tellSignal(session, stanza, 'typing', child.name);
}

/** Message events (XEP-0022): with a text they ask to be told, with an `<id/>` they tell. */
function onOldEvent(session: XmppSession, stanza: Stanza, x: XmlElement, withText: boolean): void {
  const ref = x.childText('id');
  if (withText || (ref === undefined && !x.child('id'))) return;
  if (x.child('composing')) tellSignal(session, stanza, 'typing', 'composing');
  else if (x.child('displayed')) tellSignal(session, stanza, 'receipt', 'displayed', ref);
  else if (x.child('delivered')) tellSignal(session, stanza, 'receipt', 'delivered', ref);
  else tellSignal(session, stanza, 'typing', 'paused');
}

function onReceipt(session: XmppSession, stanza: Stanza, child: XmlElement): void {
  const state = RECEIPTS.get(child.name);
  if (state !== undefined) tellSignal(session, stanza, 'receipt', state, child.attr('id'));
}

function onReactions(session: XmppSession, stanza: Stanza, reactions: XmlElement): void {
  const ref = reactions.attr('id');
  const emoji = reactions.children.filter((c) => c.name === 'reaction').map((c) => c.text());
  const state = cutText(emoji.join(' '), LONGEST_REACTION);
  tellSignal(session, stanza, 'attention', state === '' ? 'reaction removed' : `reaction ${state}`, ref);
}

function tellSignal(
  session: XmppSession,
  stanza: Stanza,
  kind: 'typing' | 'receipt' | 'attention',
  state: string,
  ref?: string,
): void {
  const facts: Facts = { kind, state, ...signalParties(session, stanza) };
  if (ref) facts.ref = ref;
  session.tell(stanza, facts);
}

function signalParties(session: XmppSession, stanza: Stanza): Partial<Facts> {
  if (stanza.type === 'groupchat') return roomParties(session, stanza);
  if (isOccupant(session, stanza.to) || isOccupant(session, stanza.from))
    return privateParties(session, stanza);
  return parties(session, stanza);
}
