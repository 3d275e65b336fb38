/**
 * Fingerprints of TLS implementations: JA3 and JA3S (Salesforce, BSD-3-Clause), JA4 of clients (FoxIO,
 * BSD-3-Clause). They tell which library and settings speak, not who; written after their descriptions.
 */
import { createHash } from 'node:crypto';
import { withoutGrease } from './hello.ts';
import type { ClientHello, ServerHello } from './hello.ts';
import { EXTENSION } from './wire.ts';

export interface Fingerprint {
  /** MD5 of `string`, 32 hex digits. */
  hash: string;
  string: string;
}

/** `version,ciphers,extensions,groups,point formats` in decimal, GREASE left out. Undefined for hellos of SSL 2.0. */
export function ja3(hello: ClientHello): Fingerprint | undefined {
  if (hello.v2) return undefined;
  const lists = [hello.ciphers, hello.extensions, hello.groups].map((list) => withoutGrease(list).join('-'));
  return hashed([hello.version, ...lists, hello.formats.join('-')].join(','));
}

/** `version,cipher,extensions`. */
export function ja3s(hello: ServerHello): Fingerprint {
  return hashed([hello.legacy, hello.cipher, withoutGrease(hello.extensions).join('-')].join(','));
}

function hashed(string: string): Fingerprint {
  return { hash: createHash('md5').update(string).digest('hex'), string };
}

/** `t13d1516h2_8daaf6152771_e5627efa2ab1`. Undefined for hellos of SSL 2.0. */
export function ja4(hello: ClientHello): string | undefined {
  if (hello.v2) return undefined;
  const ciphers = withoutGrease(hello.ciphers);
  const extensions = withoutGrease(hello.extensions);
  const head = [
    't',
    ja4Version(hello),
    hello.named ? 'd' : 'i',
    count(ciphers),
    count(extensions),
    ja4Alpn(hello.alpn),
  ].join('');
  const told = extensions.filter((type) => type !== EXTENSION.SERVER_NAME && type !== EXTENSION.ALPN);
  const signatures = withoutGrease(hello.signatures).map(hex4).join(',');
  const second = [...told].map(hex4).sort().join(',') + (signatures === '' ? '' : `_${signatures}`);
  return `${head}_${short(ciphers.map(hex4).sort().join(','))}_${short(extensions.length === 0 ? '' : second)}`;
}

const JA4_VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
  [0x0002, 's2'],
]);

/** The highest version that is offered. */
function ja4Version(hello: ClientHello): string {
  const offered = withoutGrease(hello.versions);
  const highest = offered.length > 0 ? Math.max(...offered) : hello.version;
  return JA4_VERSIONS.get(highest) ?? '00';
}

/** First and last character of the first protocol; of its hex digits where one of them is no letter or digit. */
function ja4Alpn(alpn: Uint8Array | undefined): string {
  if (alpn === undefined || alpn.length === 0) return '00';
  const first = alpn[0] ?? 0;
  const last = alpn[alpn.length - 1] ?? 0;
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last);
  return `${(first >> 4).toString(16)}${(last & 0xf).toString(16)}`;
}

function isAlphanumeric(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a);
}

function count(list: readonly number[]): string {
  return String(Math.min(99, list.length)).padStart(2, '0');
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function short(text: string): string {
  return text === '' ? '000000000000' : createHash('sha256').update(text).digest('hex').slice(0, 12);
}
