import type { XmlElement } from '../../src/sdk/index.ts';
import { omemoFacts, otrFacts, pgpRecipients } from './keys.ts';
import { cutText } from './text.ts';

/** What the body of a message is, once marks of encryption are looked for. */
export interface Sealed {
  /** The scheme, where the text is not readable. */
  scheme?: string;
  /** The text that is readable. */
  text: string;
  /** What is public of the encryption: devices, keys. */
  evidence?: string[];
}

/** Child elements that hold an encrypted message, by namespace, and what their scheme is called. */
const SEALED_BY: ReadonlyMap<string, string> = new Map([
  ['jabber:x:encrypted', 'openpgp'], // XEP-0027
  ['urn:xmpp:openpgp:0', 'openpgp'], // XEP-0373
  ['eu.siacs.conversations.axolotl', 'omemo'], // XEP-0384, before its 0.4
  ['urn:xmpp:omemo:0', 'omemo'],
  ['urn:xmpp:omemo:1', 'omemo'],
  ['urn:xmpp:omemo:2', 'omemo'],
  ['urn:ietf:params:xml:ns:xmpp-e2e', 'e2e'], // RFC 3923
  ['http://www.xmpp.org/extensions/xep-0116.html#ns', 'esessions'],
]);

/** Namespaces that Explicit Message Encryption (XEP-0380) announces. */
const ANNOUNCED: ReadonlyMap<string, string> = new Map([...SEALED_BY, ['urn:xmpp:otr:0', 'otr']]);
const EME = 'urn:xmpp:eme:0';
const LONGEST_SCHEME = 40;

/** OMEMO sends keys without a message, too: those have no payload. */
const OMEMO = 'omemo';

/**
 * The scheme that a message's elements or body show, and the text where it can be read.
 * Undefined where there is neither.
 */
export function openBody(message: XmlElement, body: string | undefined): Sealed | undefined {
  const sealed = sealedBy(message);
  if (sealed) return sealed;
  if (body === undefined || body === '') return undefined;
  if (body.startsWith('?OTR')) return OTR_DATA.test(body) ? sealedIn('otr', otrFacts(body)) : undefined;
  const announced = announcedScheme(message.child('encryption', EME));
  if (announced !== undefined) return { scheme: announced, text: '' };
  const text = withoutOtrTag(body);
  return text === '' ? undefined : { text };
}

function sealedBy(message: XmlElement): Sealed | undefined {
  for (const child of message.children) {
    const scheme = SEALED_BY.get(child.ns);
    if (scheme === undefined || (scheme === OMEMO && !hasPayload(child))) continue;
    if (scheme === OMEMO) return sealedIn(scheme, omemoFacts(child));
    return sealedIn(scheme, scheme === 'openpgp' ? pgpRecipients(child.text()) : []);
  }
  return undefined;
}

function sealedIn(scheme: string, evidence: string[]): Sealed {
  return evidence.length === 0 ? { scheme, text: '' } : { scheme, text: '', evidence };
}

function hasPayload(encrypted: XmlElement): boolean {
  return encrypted.name === 'encrypted' && encrypted.child('payload') !== undefined;
}

/** With an announcement, the body only says that there is something to decrypt. */
function announcedScheme(eme: XmlElement | undefined): string | undefined {
  const ns = eme?.attr('namespace') ?? '';
  const name = ANNOUNCED.get(ns) ?? (eme?.attr('name') || ns);
  return name === '' ? undefined : cutText(name, LONGEST_SCHEME).toLowerCase();
}

/**
 * OTR messages that hold a text: those of type data (version 2 to 4, base64 of `00 0v 03`), and fragments
 * (`?OTR,1,3,...`, `?OTR|...`), of which any may. Queries and the key exchange are no messages of a person's.
 */
const OTR_DATA = /^\?OTR(?:[,|]|:AA[IMQ]D)/;

/** The white space tag by which OTR offers itself: 16 characters and 8 for each version. */
const OTR_TAG = ' \t  \t\t\t\t \t \t \t  ';

function withoutOtrTag(body: string): string {
  const at = body.indexOf(OTR_TAG);
  if (at < 0) return body;
  let end = at + OTR_TAG.length;
  while (body[end] === ' ' || body[end] === '\t') end++;
  return body.slice(0, at) + body.slice(end);
}
