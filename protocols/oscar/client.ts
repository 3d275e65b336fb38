import type { ClientSoftware } from '../../src/sdk/index.ts';
import { decodeGuess, decodeLatin1 } from '../../src/sdk/index.ts';
import { CLIENT_MARKS } from './capabilities.ts';
import type { Mark } from './capabilities.ts';
import { CLIENT_IDS, DISTRIBUTIONS, FUTURES, OFFICIAL } from './fingerprints.ts';
import { CLIENT_TLV } from './numbers.ts';
import { cleanName } from './tlv.ts';
import type { TLVs } from './tlv.ts';
import { hex } from './wire.ts';

/** Who the software is: from the TLVs of a sign-on, from capabilities, from stamps in DC info. */

const AIM_FOR_LINUX = 0x1d09;

const SYSTEMS: readonly (readonly [mark: string, os: string])[] = [
  ['WIN32', 'Windows'],
  ['Windows', 'Windows'],
  ['MAC', 'macOS'],
  ['Mac', 'macOS'],
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
  if (claim.version !== undefined) client.version = claim.version;
  const truth = DISTRIBUTIONS.get(tlvs.u32(CLIENT_TLV.DISTRIBUTION) ?? 0);
  if (truth !== undefined && claim.official) unmask(client, truth);
  return client;
}

/** It claims to be the network's own client and is another: what it claims goes to `masquerade`. */
export function unmask(client: ClientSoftware, truth: string, version?: string): void {
  client.masquerade = `${client.name} ${client.version ?? ''}`.trim();
  client.name = truth;
  delete client.version;
  if (version !== undefined) client.version = version;
}

/** True where software says that it is AOL's or ICQ's own. */
export function claimsOfficial({ name, masquerade }: ClientSoftware): boolean {
  return masquerade === undefined && OFFICIAL.has(name);
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
  if (/^(?:AOL|America Online) Instant Messenger/.test(string)) {
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
    const digits = hex(bytes.subarray(at, at + 16));
    const mark = CLIENT_MARKS.find(({ prefix }) => digits.startsWith(prefix));
    if (mark) return clientOf(mark, bytes, at, digits);
  }
  return undefined;
}

function clientOf(mark: Mark, bytes: Uint8Array, at: number, digits: string): ClientSoftware {
  const text = cleanName(decodeLatin1(bytes, at, at + 16));
  const client: ClientSoftware = {
    name: mark.name,
    raw: text === '' || mark.prefix.length === 32 ? digits : text,
    evidence: [`capability ${digits}`],
  };
  if (mark.os !== undefined) client.os = mark.os;
  const version =
    mark.versionText === undefined
      ? (mark.version ?? []).map((i) => (bytes[at + i] ?? 0) & 0x7f).join('.')
      : cleanName(decodeLatin1(bytes, at + mark.versionText, at + 16));
  if (/[1-9]/.test(version)) client.version = version;
  return client;
}

/** Clones of ICQ that write a stamp of their own where ICQ has the times of its plug-ins' changes. */
export function identifyByFutures(first: number, second: number, third: number): ClientSoftware | undefined {
  const found = FUTURES.find(
    (f) =>
      (first & (f.mask ?? 0xffff_ffff)) >>> 0 === f.first &&
      (f.second === undefined || f.second === second) &&
      (f.third === undefined || f.third === third),
  );
  if (!found) return undefined;
  const stamp = [first, second, third].map((n) => n.toString(16).padStart(8, '0')).join(' ');
  const client: ClientSoftware = {
    name: found.name,
    raw: `DC info ${stamp}`,
    evidence: [`TLV 0x0c DC info stamps ${stamp}`],
  };
  const version = found.version?.(first, second);
  if (version !== undefined) client.version = version;
  return client;
}

/**
 * True where a client asked for families (01/17) in exactly the reverse of the server's order (01/03), which is
 * how libpurple's list comes out. A server whose list is in descending order proves nothing.
 */
export function isReversed(host: readonly number[], asked: readonly number[]): boolean {
  const known = host.filter((family) => asked.includes(family)).reverse();
  const ascending = known.every((family, i) => i === 0 || family > (known[i - 1] ?? 0));
  return asked.length >= 4 && !ascending && known.join() === asked.join();
}
