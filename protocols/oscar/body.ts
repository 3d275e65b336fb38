import { hasMarkup, htmlToText } from '../../src/sdk/index.ts';
import type { Facts } from './conn.ts';

/** What a message's text says: plain or HTML, encrypted or not. */

/** Prefixes and marks of text that is a ciphertext or a key exchange. */
const ENCRYPTED: readonly (readonly [mark: string, name: string])[] = [
  ['?OTR', 'otr'],
  ['*** Encrypted', 'secureim'],
];
/** AIM's own encryption: an S/MIME body in place of the text. */
const SMIME = 'application/pkcs7-mime';
const SMIME_WITHIN = 512;

/** White space by which OTR offers itself behind a plain text, and the versions that may follow it. */
const OTR_OFFER = ' \t  \t\t\t\t \t \t \t  ';
const OTR_OFFER_REST = /^(?:[ \t]{8})*/;

/**
 * Sets text, format and html (or `encrypted`) of a message. `html` says how the sender writes:
 * AIM's text is HTML, ICQ's is plain unless it has tags. False where there is nothing to tell.
 */
export function setText(facts: Facts, raw: string, html: 'always' | 'tagged' | 'never'): boolean {
  const source = withoutOtrOffer(trimZeros(raw));
  const markup = html === 'always' ? hasMarkup(source) : html === 'tagged' && hasTag(source);
  const text = markup ? htmlToText(source) : source;
  const encrypted = encryptionOf(text);
  if (encrypted !== undefined) {
    facts.encrypted = encrypted;
    return true;
  }
  if (text === '') return false;
  facts.text = text;
  facts.format = markup ? 'html' : 'plain';
  if (markup) facts.html = source;
  return true;
}

/** True where text has tags of HTML; entities alone do not make a plain text HTML. */
function hasTag(text: string): boolean {
  return text.includes('<') && hasMarkup(text.replaceAll('&', ''));
}

function encryptionOf(text: string): string | undefined {
  const mark = ENCRYPTED.find(([prefix]) => text.startsWith(prefix));
  if (mark) return mark[1];
  return text.slice(0, SMIME_WITHIN).includes(SMIME) ? 'smime' : undefined;
}

/** C strings of old clients end in zeros. */
export function trimZeros(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return end === text.length ? text : text.slice(0, end);
}

function withoutOtrOffer(text: string): string {
  const at = text.indexOf(OTR_OFFER);
  if (at < 0) return text;
  const rest = text.slice(at + OTR_OFFER.length);
  return text.slice(0, at) + rest.slice(OTR_OFFER_REST.exec(rest)?.[0].length ?? 0);
}
