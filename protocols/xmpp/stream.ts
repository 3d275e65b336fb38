import { TO_SERVER } from '../../src/sdk/index.ts';
import type { EveTls, XmlElement } from '../../src/sdk/index.ts';
import { hasLocal, parseJid } from './jid.ts';
import type { Facts, Place, XmppSession } from './session.ts';
import { errorCondition } from './errors.ts';
import { cutText } from './text.ts';
import { NS } from './wire.ts';

/** The start tag of a stream (RFC 6120, 4.7), or what stands for it in BOSH and WebSocket. */
export function onHeader(session: XmppSession, at: Place, header: XmlElement): void {
  const to = parseJid(header.attr('to'));
  const from = parseJid(header.attr('from'));
  const toServer = at.direction === TO_SERVER;
  const host = toServer ? to : session.domain === undefined ? from : undefined;
  session.opened(host && !hasLocal(host) ? host.bare : undefined, contentNamespace(header));
  // At the far end of a link-local stream (XEP-0174) is a person, who opened none to a server.
  const peer = toServer ? to : from;
  if (peer && hasLocal(peer)) session.peer = peer;
  // Clients may name themselves before TLS (RFC 6120, 4.7.1).
  if (toServer && from && session.account === undefined) session.identify(from);
}

/** The namespace of the stanzas to come: the default one of the header. */
function contentNamespace(header: XmlElement): string {
  return header.attr('xmlns') ?? '';
}

/** `<stream:error/>` (RFC 6120, 4.9): the stream is closed after it. */
export function onStreamError(session: XmppSession, at: Place, error: XmlElement): string | undefined {
  const condition = errorCondition(error);
  const words =
    error.child('text', NS.STREAM_ERRORS)?.text() || (condition === undefined ? error.text() : '');
  const facts: Facts = { kind: 'notice' };
  if (condition !== undefined) facts.code = condition;
  if (words) facts.text = words;
  if (condition !== undefined || words) session.tell(at, facts);
  return condition ?? (words || undefined);
}

/** A result of server dialback (XEP-0220): whether a domain may speak on this link. */
export function onDialback(session: XmppSession, at: Place, element: XmlElement): void {
  const type = element.attr('type');
  const from = parseJid(element.attr('from'));
  const to = parseJid(element.attr('to'));
  if (element.name !== 'result' || type === undefined || !from || !to) return;
  const code = `dialback-${cutText(type, 20)}`;
  // The answer goes back to the domain that asked.
  session.tell(at, { kind: 'notice', from: to.bare, to: [from.bare], code });
}

/** The stream goes on in TLS: what is known of it, and what its handshake shows, is told, since nothing more can be read. */
export function tellEncrypted(session: XmppSession, at: Place, tls: EveTls): void {
  const evidence = ['server: STARTTLS proceed'];
  if (session.domain !== undefined) evidence.push(`client: stream to ${session.domain}`);
  const alpn = tls.client_alpns?.find((name) => name.startsWith('xmpp-'));
  if (tls.sni !== undefined) evidence.push(`tls: SNI ${tls.sni}`);
  if (alpn !== undefined) evidence.push(`tls: ALPN ${alpn}`);
  const facts: Facts = { kind: 'service', evidence, confidence: 'high' };
  if (session.domain !== undefined && session.role === 'client') facts.to = [session.domain];
  if (Object.keys(tls).length > 0) facts.tls = tls;
  session.tell(at, facts);
}
