import { TO_SERVER } from '../../src/sdk/index.ts';
import type { XmlElement } from '../../src/sdk/index.ts';
import type { Jid } from './jid.ts';
import { fullJid, hasLocal } from './jid.ts';
import type { Place, Stanza, XmppSession } from './session.ts';
import type { Software } from './software.ts';
import { isServerNode, softwareOfName, softwareOfNode, softwareOfStanzaId, withVersion } from './software.ts';
import { cutText } from './text.ts';

const CAPS_EVIDENCE = 'presence: caps node';

/** The longest text of a client's own words that is told. */
const LONGEST = 256;

/** Own stanzas whose ids are looked at: a client numbers all of them in one way. */
const IDS_LOOKED_AT = 16;

/** True where this evidence of a JID's software was not told yet. */
function isNews(session: XmppSession, who: Jid | undefined, evidence: string, raw: string): boolean {
  return raw !== '' && session.news(`client ${who ? fullJid(who) : ''} ${evidence}`, raw);
}

/**
 * Tells what software a JID uses; once for each kind of evidence, and again when it says something
 * else. `who` is the account's own address or a contact's.
 */
export function clientSeen(
  session: XmppSession,
  at: Place,
  who: Jid | undefined,
  evidence: string,
  raw: string,
  software: Software,
): void {
  if (isNews(session, who, evidence, raw)) tellClient(session, at, who, evidence, raw, software);
}

function tellClient(
  session: XmppSession,
  at: Place,
  who: Jid | undefined,
  evidence: string,
  raw: string,
  software: Software,
): void {
  if (software.name === '') return;
  const words = cutText(raw, LONGEST);
  const client = { ...software, name: cutText(software.name, LONGEST) };
  session.tell(at, {
    kind: 'client',
    ...(who ? { from: who.bare } : {}),
    ...(who?.resource === undefined ? {} : { from_resource: who.resource }),
    client: { ...client, raw: words, evidence: [evidence] },
  });
}

/** `<c node='' ver=''/>` of a presence (XEP-0115); `ver` is a version only where there is no hash. */
export function onCaps(session: XmppSession, at: Place, who: Jid | undefined, caps: XmlElement): void {
  const node = caps.attr('node');
  if (!node || !isNews(session, who, CAPS_EVIDENCE, node) || isServerNode(node)) return;
  const version = caps.attr('hash') === undefined ? caps.attr('ver') : undefined;
  const plausible = version !== undefined && /^[\w.+ -]{1,40}$/.test(version) ? version : undefined;
  tellClient(session, at, who, CAPS_EVIDENCE, node, softwareOfNode(node, plausible));
}

/** An answer to jabber:iq:version (XEP-0092). */
export function onVersion(session: XmppSession, stanza: Stanza, query: XmlElement): void {
  const who = answerer(session, stanza);
  const name = query.childText('name');
  if (stanza.type !== 'result' || !who || name === undefined) return;
  const software = withVersion(name, query.childText('version'), query.childText('os'));
  const raw = [software.name, software.version, software.os].filter((part) => part !== undefined).join(' ');
  clientSeen(session, stanza, who, 'iq: jabber:iq:version answer', raw, software);
}

/** An answer of service discovery (XEP-0030) with an identity of category `client`. */
export function onDiscoInfo(session: XmppSession, stanza: Stanza, query: XmlElement): void {
  const who = answerer(session, stanza);
  if (stanza.type !== 'result' || !who) return;
  for (const identity of query.children) {
    if (identity.name !== 'identity' || identity.attr('category') !== 'client') continue;
    const name = identity.attr('name');
    if (!name) continue;
    clientSeen(session, stanza, who, 'iq: disco#info identity', name, softwareOfName(name));
    return;
  }
}

/** Looks at the ids of the client's first stanzas. */
export class IdWatch {
  #left = IDS_LOOKED_AT;
  #found: { id: string; software: Software } | undefined;

  look(session: XmppSession, stanza: Stanza): void {
    if (this.#left === 0) return;
    if (stanza.direction !== TO_SERVER || stanza.id === undefined || session.role !== 'client') return;
    // An answer has the id of the peer's request.
    if (stanza.type === 'result' || stanza.type === 'error') return;
    this.#left--;
    const software = this.#found ? undefined : softwareOfStanzaId(stanza.id);
    if (software) this.#found = { id: stanza.id, software };
    // The address is known only after the sign-on; the evidence waits for it.
    if (session.resource !== undefined) this.finish(session, stanza);
  }

  /** Tells what was found; at the end of the flow without an address, where none was learnt. */
  finish(session: XmppSession, at: Place): void {
    const found = this.#found;
    if (!found) return;
    this.#found = undefined;
    this.#left = 0;
    clientSeen(session, at, session.own(), 'stanza: id', found.id, found.software);
  }
}

/** Whose software an answer speaks of: a person's client, not a server or a service. */
function answerer(session: XmppSession, stanza: Stanza): Jid | undefined {
  const who = session.sender(stanza);
  return who && hasLocal(who) ? who : undefined;
}
