import { createHash } from 'node:crypto';
import { decodeLatin1, decodeUtf16be, decodeUtf8 } from '../../core/text.ts';
import { DER, Der } from './der.ts';
import { printable } from './hello.ts';
import { TLS_LIMITS } from './limits.ts';

/** What is told of a server's own certificate. */
export interface CertificateFacts {
  subject?: string;
  issuer?: string;
  /** DNS names of the subject's alternative names. */
  names: string[];
  /** SHA-1 of the whole certificate, as `aa:bb:...`; absent where its end is missing. */
  fingerprint?: string;
}

/** Looks at one name in place; true ends the search. */
export type NameTest = (bytes: Uint8Array, start: number, end: number) => boolean;

/**
 * Finds the places of what is told of a certificate (RFC 5280, 4.1) in a TLS Certificate message's
 * body (RFC 5246, 7.4.2), without copying. One that is cut is read as far as it goes. Nothing is verified.
 */
export class Leaf {
  start = 0;
  end = 0;
  whole = false;
  readonly issuer = new Der();
  readonly subject = new Der();
  /** The list of alternative names; empty where there is none. */
  readonly names = new Der();
  readonly #field = new Der();
  readonly #list = new Der();
  readonly #one = new Der();
  readonly #part = new Der();

  /** False where the body does not begin with a certificate. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    this.names.start = this.names.end = 0;
    this.start = start + 6;
    const length = ((bytes[start + 3] ?? 0) << 16) | ((bytes[start + 4] ?? 0) << 8) | (bytes[start + 5] ?? 0);
    this.whole = this.start + length <= end;
    this.end = Math.min(end, this.start + length);
    const outer = this.#list;
    if (!outer.readAs(DER.SEQUENCE, bytes, this.start, this.end, true)) return false;
    if (!outer.readAs(DER.SEQUENCE, bytes, outer.start, outer.end, true)) return false;
    return this.#toBeSigned(bytes, outer.start, outer.end);
  }

  #toBeSigned(bytes: Uint8Array, start: number, end: number): boolean {
    const { issuer, subject } = this;
    const field = this.#field;
    const versioned = field.readAs(DER.VERSION, bytes, start, end);
    if (!field.readAs(DER.INTEGER, bytes, versioned ? field.end : start, end)) return false;
    if (!field.readAs(DER.SEQUENCE, bytes, field.end, end)) return false;
    if (!issuer.readAs(DER.SEQUENCE, bytes, field.end, end)) return false;
    if (!field.readAs(DER.SEQUENCE, bytes, issuer.end, end)) return false;
    if (!subject.readAs(DER.SEQUENCE, bytes, field.end, end)) return false;
    // The key, unique ids that nobody uses, then the extensions.
    for (let at = subject.end; field.read(bytes, at, end, true); at = field.end) {
      if (field.tag === DER.EXTENSIONS) this.#extensions(bytes, field.start, field.end);
    }
    return true;
  }

  #extensions(bytes: Uint8Array, start: number, end: number): void {
    const list = this.#list;
    const one = this.#one;
    const part = this.#part;
    if (!list.read(bytes, start, end, true)) return;
    for (let at = list.start; one.read(bytes, at, list.end, true); at = one.end) {
      if (!part.read(bytes, one.start, one.end) || !isAlternativeNames(bytes, part)) continue;
      const critical = part.end;
      if (part.readAs(DER.BOOLEAN, bytes, critical, one.end)) part.read(bytes, part.end, one.end, true);
      else part.read(bytes, critical, one.end, true);
      if (part.tag === DER.OCTETS) this.names.read(bytes, part.start, part.end, true);
      return;
    }
  }

  /** True where `test` says so of a DNS name; without those, of the common name. */
  some(bytes: Uint8Array, test: NameTest): boolean {
    const name = this.#one;
    const { start, end } = this.names;
    let named = false;
    for (let at = start; at < end && name.read(bytes, at, end); at = name.end) {
      if (name.tag !== DER.DNS_NAME) continue;
      named = true;
      if (test(bytes, name.start, name.end)) return true;
    }
    if (named) return false;
    const common = this.#part;
    return (
      commonName(bytes, this.subject, this.#list, this.#one, common) && test(bytes, common.start, common.end)
    );
  }
}

/** id-ce-subjectAltName, 2.5.29.17. */
function isAlternativeNames(bytes: Uint8Array, oid: Der): boolean {
  const at = oid.start;
  return (
    oid.tag === DER.OID &&
    oid.end - at === 3 &&
    bytes[at] === 0x55 &&
    bytes[at + 1] === 0x1d &&
    bytes[at + 2] === 0x11
  );
}

/** Sets `value` to the first common name of a distinguished name; false where it has none. */
function commonName(bytes: Uint8Array, dn: Der, set: Der, pair: Der, value: Der): boolean {
  for (let at = dn.start; set.read(bytes, at, dn.end); at = set.end) {
    if (!pair.read(bytes, set.start, set.end) || !value.read(bytes, pair.start, pair.end)) continue;
    if (attributeOf(bytes, value) !== 'CN') continue;
    return value.read(bytes, value.end, pair.end);
  }
  return false;
}

/** X.520 attributes of names (2.5.4.n), as Suricata and OpenSSL call them. */
const ATTRIBUTES: ReadonlyMap<number, string> = new Map([
  [3, 'CN'],
  [6, 'C'],
  [7, 'L'],
  [8, 'ST'],
  [10, 'O'],
  [11, 'OU'],
]);

function attributeOf(bytes: Uint8Array, oid: Der): string | undefined {
  const at = oid.start;
  const x520 = oid.tag === DER.OID && oid.end - at === 3 && bytes[at] === 0x55 && bytes[at + 1] === 0x04;
  return x520 ? ATTRIBUTES.get(bytes[at + 2] ?? 0) : undefined;
}

/** What is told of the leaf of a Certificate message; undefined where it has none. */
export function readCertificate(bytes: Uint8Array, start: number, end: number): CertificateFacts | undefined {
  const leaf = new Leaf();
  if (!leaf.find(bytes, start, end)) return undefined;
  const facts: CertificateFacts = { names: [] };
  const subject = distinguishedName(bytes, leaf.subject);
  const issuer = distinguishedName(bytes, leaf.issuer);
  if (subject !== '') facts.subject = subject;
  if (issuer !== '') facts.issuer = issuer;
  const name = new Der();
  for (
    let at = leaf.names.start;
    at < leaf.names.end && name.read(bytes, at, leaf.names.end);
    at = name.end
  ) {
    if (facts.names.length >= TLS_LIMITS.names) break;
    const text = name.tag === DER.DNS_NAME ? printable(bytes.subarray(name.start, name.end)) : undefined;
    if (text !== undefined) facts.names.push(text);
  }
  if (leaf.whole) facts.fingerprint = sha1(bytes.subarray(leaf.start, leaf.end));
  return facts;
}

/** `C=US, O=Example, CN=im.example.net`: the attributes that have a name here, in their order. */
function distinguishedName(bytes: Uint8Array, dn: Der): string {
  const parts: string[] = [];
  const set = new Der();
  const pair = new Der();
  const part = new Der();
  let length = 0;
  for (let at = dn.start; at < dn.end && set.read(bytes, at, dn.end); at = set.end) {
    if (!pair.read(bytes, set.start, set.end) || !part.read(bytes, pair.start, pair.end)) continue;
    const key = attributeOf(bytes, part);
    if (key === undefined || !part.read(bytes, part.end, pair.end)) continue;
    const text = `${key}=${textOf(bytes, part)}`;
    length += text.length;
    if (length > TLS_LIMITS.subject) break;
    parts.push(text);
  }
  return parts.join(', ');
}

/** Strings by their tag: BMPString is UTF-16, UTF8String UTF-8; the others are ASCII or meant as Latin-1. */
function textOf(bytes: Uint8Array, value: Der): string {
  if (value.tag === 0x1e) return decodeUtf16be(bytes, value.start, value.end);
  if (value.tag === 0x0c) return decodeUtf8(bytes, value.start, value.end);
  return decodeLatin1(bytes, value.start, value.end);
}

function sha1(bytes: Uint8Array): string {
  const hex = createHash('sha1').update(bytes).digest('hex');
  return (hex.match(/../g) ?? []).join(':');
}
