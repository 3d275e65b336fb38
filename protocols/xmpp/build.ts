import { joinBytes } from '../../src/core/bytes.ts';
import type { Step } from '../../src/sdk/testing.ts';

/** Builders of XMPP streams for tests and generators of captures. */

const text = new TextEncoder();

/** Bytes from the client, or from the server. */
export const client = (xml: string): Step => ({ direction: 0, bytes: text.encode(xml) });
export const server = (xml: string): Step => ({ direction: 1, bytes: text.encode(xml) });

/** Both directions end. */
export const END: readonly Step[] = [
  { direction: 0, end: true },
  { direction: 1, end: true },
];

/** Bytes of text and bytes. */
export const bytesOf = (...parts: (Uint8Array | string)[]): Uint8Array => joinBytes(...parts);

/** Base64 of UTF-8 text. */
export const base64 = (plain: string): string => btoa(String.fromCharCode(...text.encode(plain)));

const STREAMS = 'http://etherx.jabber.org/streams';

export const header = (to = 'corp.test', ns = 'jabber:client'): string =>
  `<?xml version='1.0'?><stream:stream xmlns='${ns}' xmlns:stream='${STREAMS}' to='${to}' version='1.0'>`;

export const answer = (from = 'corp.test', ns = 'jabber:client'): string =>
  `<?xml version='1.0'?><stream:stream xmlns:stream="${STREAMS}" xmlns="${ns}" id="s1" from="${from}" version="1.0">`;

export const features = (...mechanisms: string[]): string =>
  `<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>` +
  mechanisms.map((m) => `<mechanism>${m}</mechanism>`).join('') +
  `</mechanisms></stream:features>`;

export const sasl = (name: string, inner = '', attributes = ''): string =>
  `<${name} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'${attributes}>${inner}</${name}>`;

export const auth = (mechanism: string, initial = ''): string =>
  sasl('auth', initial === '' ? '' : base64(initial), ` mechanism='${mechanism}'`);

export const iq = (type: string, id: string, inner = '', addresses = ''): string =>
  `<iq type='${type}' id='${id}'${addresses}>${inner}</iq>`;

export const query = (ns: string, inner = '', name = 'query'): string =>
  `<${name} xmlns='${ns}'>${inner}</${name}>`;

export const bind = (jid: string): string =>
  iq('result', 'b1', query('urn:ietf:params:xml:ns:xmpp-bind', `<jid>${jid}</jid>`, 'bind'));

export const message = (addresses: string, inner: string, type = 'chat', id = 'm1'): string =>
  `<message type='${type}' id='${id}' ${addresses}>${inner}</message>`;

export const body = (words: string): string => `<body>${words}</body>`;

/** A sign-on with PLAIN as somebody of corp.test, up to the bound resource. */
export function signOn(user = 'alice', password = 's3cret', resource = 'laptop'): Step[] {
  return [
    client(header()),
    server(answer() + features('PLAIN')),
    client(auth('PLAIN', `\0${user}\0${password}`)),
    server(sasl('success')),
    client(header()),
    server(`${answer()}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>`),
    client(
      iq('set', 'b1', query('urn:ietf:params:xml:ns:xmpp-bind', `<resource>${resource}</resource>`, 'bind')),
    ),
    server(bind(`${user}@corp.test/${resource}`)),
  ];
}
