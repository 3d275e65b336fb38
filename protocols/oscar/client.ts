import type { ClientSoftware } from '../../src/sdk/index.ts';
import { decodeGuess, decodeLatin1 } from '../../src/sdk/index.ts';
import { CLIENT_MARKS } from './capabilities.ts';
import { cleanName } from './tlv.ts';
import type { TLVs } from './tlv.ts';

/** Who the software is, from the TLVs of a sign-on and from capabilities (section 1.5). */

const TLV = {
  STRING: 0x03,
  COUNTRY: 0x0e,
  LANGUAGE: 0x0f,
  DISTRIBUTION: 0x14,
  CLIENT_ID: 0x16,
  MAJOR: 0x17,
  MINOR: 0x18,
  POINT: 0x19,
  BUILD: 0x1a,
} as const;

/** Names by TLV 0x16, for sign-ons without a client string. */
const CLIENT_IDS: ReadonlyMap<number, string> = new Map([
  [0x0001, 'AIM for Java'],
  [0x0004, 'AIM'],
  [0x0109, 'AIM'],
  [0x010a, 'ICQ'],
  [0x1d09, 'AIM for Linux'],
]);

/** TLV 0x14 of libpurple, whatever its client string says. */
const LIBPURPLE_DISTRIBUTION = 0x611;

const SYSTEMS: readonly (readonly [mark: string, os: string])[] = [
  ['WIN32', 'Windows'],
  ['Windows', 'Windows'],
  ['MAC', 'macOS'],
  ['Linus', 'Linux'],
  ['Linux', 'Linux'],
];

/** Longest client string looked into; the rest is only kept. */
const STRING_LIMIT = 512;

/** The client of a sign-on; undefined where its TLVs say nothing. */
export function identifyClient(tlvs: TLVs): ClientSoftware | undefined {
  const value = tlvs.value(TLV.STRING);
  const raw = decodeGuess(value.bytes, value.pos, value.end);
  const id = tlvs.u16(TLV.CLIENT_ID);
  if (raw === '' && id === undefined) return undefined;
  const numbers = versionNumbers(tlvs);
  const named = nameOf(raw);
  const client: ClientSoftware = {
    name: named.name ?? CLIENT_IDS.get(id ?? 0) ?? 'unknown',
    raw: raw === '' ? `client id ${id ?? 0}` : raw,
    evidence: evidenceOf(tlvs, raw, numbers),
  };
  if (client.name === 'AIM' && id === 0x1d09) client.name = 'AIM for Linux';
  const version = named.version ?? numbers;
  if (version !== undefined) client.version = version;
  const os = SYSTEMS.find(([mark]) => raw.slice(0, STRING_LIMIT).includes(mark))?.[1];
  if (os !== undefined) client.os = os;
  else if (client.name === 'AIM for Linux') client.os = 'Linux';
  if (named.official && (tlvs.u32(TLV.DISTRIBUTION) ?? 0) === LIBPURPLE_DISTRIBUTION) {
    client.masquerade = `${client.name} ${version ?? ''}`.trim();
  }
  return client;
}

function versionNumbers(tlvs: TLVs): string | undefined {
  const numbers = [TLV.MAJOR, TLV.MINOR, TLV.POINT, TLV.BUILD].map((type) => tlvs.u16(type));
  return numbers[0] === undefined ? undefined : numbers.map((n) => n ?? 0).join('.');
}

function evidenceOf(tlvs: TLVs, raw: string, numbers: string | undefined): string[] {
  const evidence: string[] = [];
  const id = tlvs.u16(TLV.CLIENT_ID);
  const distribution = tlvs.u32(TLV.DISTRIBUTION);
  const language = tlvs.text(TLV.LANGUAGE);
  const country = tlvs.text(TLV.COUNTRY);
  if (raw !== '') evidence.push('TLV 0x03 client string');
  if (id !== undefined) evidence.push(`TLV 0x16 client id 0x${id.toString(16).padStart(4, '0')}`);
  if (numbers !== undefined) evidence.push(`TLV 0x17-0x1a version ${numbers}`);
  if (distribution !== undefined) evidence.push(`TLV 0x14 distribution ${distribution}`);
  if (language !== undefined || country !== undefined) {
    evidence.push(`TLV 0x0f/0x0e locale ${language ?? ''}-${country ?? ''}`);
  }
  return evidence;
}

interface Named {
  name?: string;
  version?: string;
  /** It says that it is AOL's or ICQ's own. */
  official: boolean;
}

const ICQ_OWN = 'Product of ICQ (TM).';

function nameOf(raw: string): Named {
  const string = raw.slice(0, STRING_LIMIT);
  if (string.includes(ICQ_OWN)) {
    const version = string.slice(string.indexOf(ICQ_OWN) + ICQ_OWN.length).trim();
    return version === ''
      ? { name: 'ICQ', official: true }
      : { name: 'ICQ', version: cleanName(version), official: true };
  }
  if (string.startsWith('AOL Instant Messenger')) {
    const name = string.includes('for Java') ? 'AIM for Java' : 'AIM';
    const version = /version (\d[\d.]*)/.exec(string)?.[1];
    return version === undefined ? { name, official: true } : { name, version, official: true };
  }
  const slash = /^([A-Za-z][\w+-]{0,30})\/(\d[\w.-]{0,30})/.exec(string);
  if (slash?.[1] !== undefined && slash[2] !== undefined) {
    return { name: slash[1] === 'Purple' ? 'libpurple' : slash[1], version: slash[2], official: false };
  }
  return string === ''
    ? { official: false }
    : { name: cleanName(string).slice(0, 64) || 'unknown', official: false };
}

/** Third-party clients that name themselves in a capability: the value of TLV 0x0d or 0x05, 16 bytes each. */
export function identifyByCapabilities(
  bytes: Uint8Array,
  start: number,
  end: number,
): ClientSoftware | undefined {
  for (let at = start; at + 16 <= end; at += 16) {
    const text = decodeLatin1(bytes, at, at + 16);
    const mark = CLIENT_MARKS.find(([prefix]) => text.startsWith(prefix));
    if (mark) {
      return { name: mark[1], raw: cleanName(text), evidence: [`capability that starts with "${mark[0]}"`] };
    }
  }
  return undefined;
}
