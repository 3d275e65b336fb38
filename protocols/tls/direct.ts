import { PORT_XMPP_TLS } from './wire.ts';

/** Labels that people give hosts of XMPP. */
const LABELS = [/^xmpps?\d*$/, /^xmpp-client$/, /^jabber\d*$/];
/**
 * Who else uses 5223: Apple's and Samsung's push services, LINE, PlayStation, Xiaomi. Their names are not
 * those of a domain of accounts; the list is for the few that are short. Looked at in 2026-11; from general knowledge.
 */
const OTHERS: ReadonlySet<string> = new Set([
  'apple.com',
  'icloud.com',
  'samsungosp.com',
  'samsung.com',
  'line.me',
  'playstation.net',
  'xiaomi.com',
  'threema.ch',
]);

/**
 * Why a hello without ALPN may be that of XMPP in direct TLS (XEP-0368), which says nothing in clear; undefined where
 * nothing says so. A guess from names and the port: never sure.
 */
export function directXmpp(sni: string, port: number): string[] | undefined {
  const labels = sni.toLowerCase().replace(/\.$/, '').split('.');
  if (labels.length < 2 || /^\d+$/.test(labels.at(-1) ?? '')) return undefined;
  const named = labels.slice(0, -1).find((label) => LABELS.some((pattern) => pattern.test(label)));
  if (OTHERS.has(labels.slice(-2).join('.'))) return undefined;
  if (named !== undefined) return [`tls: SNI ${labels.join('.')} has the label ${named}`];
  // An XMPP client asks for the domain of its account (XEP-0368, 3), a client of another service for a host.
  if (port !== PORT_XMPP_TLS || labels.length !== 2) return undefined;
  return [`tls: SNI ${labels.join('.')} is a domain, not a host`, `tls: port ${port}, no ALPN`];
}
