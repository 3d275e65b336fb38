import { TO_SERVER } from '../../src/sdk/index.ts';
import type { XmlElement } from '../../src/sdk/index.ts';
import { parties } from './address.ts';
import { parseJid } from './jid.ts';
import type { Facts, Stanza, XmppSession } from './session.ts';
import { NS } from './wire.ts';

type Contact = NonNullable<Facts['contact']>;

/** Contacts that a stanza of roster item exchange (XEP-0144) may bring before it looks like an attack. */
const MANY_SUGGESTED = 20;

/** Of one stanza, those that are told. */
const MOST_SUGGESTED = 100;
const SUGGESTED: ReadonlyMap<string, string> = new Map([
  ['add', 'add'],
  ['delete', 'delete'],
  ['modify', 'modify'],
]);

/** The roster (RFC 6121, 2): the list, the client's changes, and the server's pushes. */
export function onRoster(session: XmppSession, stanza: Stanza, query: XmlElement): void {
  const sent = stanza.direction === TO_SERVER;
  if (stanza.type === 'set' && !sent && session.role === 'client' && !session.isOwn(stanza.from)) {
    session.odd(stanza, 'xmpp_roster_push_spoofed');
    return;
  }
  if (stanza.type !== 'set' && (stanza.type !== 'result' || sent)) return;
  for (const item of query.children) {
    if (item.name === 'item') onItem(session, stanza, item, stanza.type === 'result');
  }
}

function onItem(session: XmppSession, stanza: Stanza, item: XmlElement, listed: boolean): void {
  const jid = parseJid(item.attr('jid'));
  if (!jid) return;
  const key = `roster ${jid.bare}`;
  const removed = item.attr('subscription') === 'remove';
  const known = session.lastTold(key);
  const contact: Contact = {
    op: listed || (known !== undefined && known !== 'removed') ? 'list' : 'add',
    id: jid.bare,
  };
  if (removed) contact.op = 'remove';
  const name = item.attr('name');
  if (name && !removed) contact.name = name;
  const groups = item.children.filter((c) => c.name === 'group').map((c) => c.text());
  const named = groups.filter((group) => group !== '');
  if (named.length > 0) contact.groups = named;
  // The server's push repeats what the client asked for, and every change of a subscription.
  const state = removed ? 'removed' : `${name ?? ''}\n${named.join('\n')}`;
  if (session.news(key, state)) session.tell(stanza, { kind: 'contact', contact });
}

/** Blocking (XEP-0191). */
export function onBlocking(session: XmppSession, stanza: Stanza, child: XmlElement): void {
  const op = child.name === 'unblock' ? 'unblock' : 'block';
  const list = child.name === 'blocklist' && stanza.type === 'result' && stanza.direction !== TO_SERVER;
  if (!list && (stanza.type !== 'set' || (child.name !== 'block' && child.name !== 'unblock'))) return;
  for (const item of child.children) {
    const jid = item.name === 'item' ? parseJid(item.attr('jid')) : undefined;
    if (jid) tellBlock(session, stanza, op, jid.bare);
  }
}

/** Privacy lists (XEP-0016): an item that denies a JID blocks it. */
export function onPrivacy(session: XmppSession, stanza: Stanza, query: XmlElement): void {
  if (stanza.type !== 'set') return;
  for (const item of query.child('list')?.children ?? []) {
    if (item.attr('type') !== 'jid' || item.attr('action') !== 'deny') continue;
    const jid = parseJid(item.attr('value'));
    if (jid) tellBlock(session, stanza, 'block', jid.bare);
  }
}

function tellBlock(session: XmppSession, stanza: Stanza, op: 'block' | 'unblock', id: string): void {
  if (session.news(`block ${id}`, op)) session.tell(stanza, { kind: 'contact', contact: { op, id } });
}

/** Roster item exchange (XEP-0144): somebody suggests contacts; a worm or a spammer suggests many. */
export function onSuggested(session: XmppSession, stanza: Stanza): void {
  const x = stanza.element.inNamespace(NS.ROSTERX);
  if (!x || stanza.type === 'error') return;
  if (x.children.length >= MANY_SUGGESTED) session.odd(stanza, 'xmpp_rosterx_mass');
  for (const item of x.children.slice(0, MOST_SUGGESTED)) {
    const jid = item.name === 'item' ? parseJid(item.attr('jid')) : undefined;
    if (jid)
      session.tell(stanza, { kind: 'contact', ...parties(session, stanza), ...suggestion(item, jid.bare) });
  }
}

/** `<item action='add' jid name><group/></item>`: without an action it is to be added (3.1). */
function suggestion(item: XmlElement, id: string): Pick<Facts, 'contact' | 'evidence'> {
  const action = SUGGESTED.get(item.attr('action') || 'add') ?? 'list';
  const contact: Contact = { op: 'list', id };
  const name = item.attr('name');
  if (name) contact.name = name;
  const groups = item.children.filter((c) => c.name === 'group').map((c) => c.text());
  const named = groups.filter((group) => group !== '');
  if (named.length > 0) contact.groups = named;
  return { contact, evidence: [`rosterx: suggested, to ${action}`] };
}
