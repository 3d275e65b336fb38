import type { ClientSoftware } from '../../src/sdk/index.ts';
import { decodeGuess, decodeLatin1 } from '../../src/sdk/index.ts';
import { CLIENT_MARKS } from './capabilities.ts';
import { CLIENT_TLV } from './numbers.ts';
import { cleanName } from './tlv.ts';
import type { TLVs } from './tlv.ts';

/** Who the software is, from the TLVs of a sign-on and from capabilities. */

const AIM_FOR_LINUX = 0x1d09;
/** Names by TLV 0x16, for sign-ons without a client string. */
const CLIENT_IDS: ReadonlyMap<number, string> = new Map([
  [0x0001, 'AIM for Java'],
  [0x0004, 'AIM'],
  [0x0109, 'AIM'],
  [0x010a, 'ICQ'],
  [AIM_FOR_LINUX, 'AIM for Linux'],
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
const NAME_LIMIT = 64;

/** The client of a sign-on; undefined where its TLVs say nothing. */
export function identifyClient(tlvs: TLVs): ClientSoftware | undefined {
  const value = tlvs.value(CLIENT_TLV.STRING);
  const raw = decodeGuess(value.bytes, value.pos, value.end);
  const id = tlvs.u16(CLIENT_TLV.CLIENT_ID);
  if (raw === '' && id === undefined) return undefined;
  const numbers = versionNumbers(tlvs);
  const claim = nameOf(raw);
  claim.name ??= CLIENT_IDS.get(id ?? 0) ?? 'unknown';
  if (claim.name === 'AIM' && id === AIM_FOR_LINUX) claim.name = 'AIM for Linux';
  claim.version ??= numbers;
  const client: ClientSoftware = {
    name: claim.name,
    raw: raw === '' ? `client id ${id ?? 0}` : raw,
    evidence: evidenceOf(tlvs, raw, numbers),
  };
  const os = systemOf(raw, claim.name);
  if (os !== undefined) client.os = os;
  if (claim.official && tlvs.u32(CLIENT_TLV.DISTRIBUTION) === LIBPURPLE_DISTRIBUTION) {
    client.name = 'libpurple';
    client.masquerade = `${claim.name} ${claim.version ?? ''}`.trim();
  } else if (claim.version !== undefined) client.version = claim.version;
  return client;
}

function systemOf(raw: string, name: string): string | undefined {
  const start = raw.slice(0, STRING_LIMIT);
  const found = SYSTEMS.find(([mark]) => start.includes(mark))?.[1];
  return found ?? (name === 'AIM for Linux' ? 'Linux' : undefined);
}

function versionNumbers(tlvs: TLVs): string | undefined {
  const numbers = [CLIENT_TLV.MAJOR, CLIENT_TLV.MINOR, CLIENT_TLV.POINT, CLIENT_TLV.BUILD].map((type) =>
    tlvs.u16(type),
  );
  return numbers[0] === undefined ? undefined : numbers.map((n) => n ?? 0).join('.');
}

function evidenceOf(tlvs: TLVs, raw: string, numbers: string | undefined): string[] {
  const evidence: string[] = [];
  const id = tlvs.u16(CLIENT_TLV.CLIENT_ID);
  const distribution = tlvs.u32(CLIENT_TLV.DISTRIBUTION);
  const language = tlvs.text(CLIENT_TLV.LANGUAGE);
  const country = tlvs.text(CLIENT_TLV.COUNTRY);
  if (raw !== '') evidence.push('TLV 0x03 client string');
  if (id !== undefined) evidence.push(`TLV 0x16 client id 0x${id.toString(16).padStart(4, '0')}`);
  if (numbers !== undefined) evidence.push(`TLV 0x17-0x1a version ${numbers}`);
  if (distribution !== undefined) evidence.push(`TLV 0x14 distribution ${distribution}`);
  if (language !== undefined || country !== undefined) {
    evidence.push(`TLV 0x0f/0x0e locale ${language ?? ''}-${country ?? ''}`);
  }
  return evidence;
}

/** What a client string says. */
interface Claim {
  name: string | undefined;
  version: string | undefined;
  /** It says that it is AOL's or ICQ's own. */
  official: boolean;
}

const ICQ_OWN = 'Product of ICQ (TM).';

function nameOf(raw: string): Claim {
  const string = raw.slice(0, STRING_LIMIT);
  if (string.includes(ICQ_OWN)) {
    const version = cleanName(string.slice(string.indexOf(ICQ_OWN) + ICQ_OWN.length));
    return { name: 'ICQ', version: version === '' ? undefined : version, official: true };
  }
  if (string.startsWith('AOL Instant Messenger')) {
    const name = string.includes('for Java') ? 'AIM for Java' : 'AIM';
    return { name, version: /version (\d[\d.]*)/.exec(string)?.[1], official: true };
  }
  const [, product, version] = /^([A-Za-z][\w+-]{0,30})\/(\d[\w.-]{0,30})/.exec(string) ?? [];
  const name = product === 'Purple' ? 'libpurple' : (product ?? cleanName(string).slice(0, NAME_LIMIT));
  return { name: name === '' ? undefined : name, version, official: false };
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
