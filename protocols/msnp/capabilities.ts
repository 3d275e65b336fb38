import type { ClientSoftware } from '../../src/sdk/index.ts';

/**
 * The capability number that clients publish (`CHG`, `NLN`, `ILN`, `JOI`, `IRO`, `<Capabilities>`): 32 bits, of
 * which the top four say the generation of the client and the others what it can do. From MSNP16 on a
 * second number follows a colon. Bits as in libpurple's `msn.h` and msnp-sharp's `ClientCapabilities`.
 */

/** Generations, by the top four bits, and the versions that publish each. */
const GENERATIONS: readonly (readonly string[])[] = [
  [],
  ['6.0'],
  ['6.1'],
  ['6.2'],
  ['7.0'],
  ['7.5'],
  ['8.0'],
  ['8.1'],
  ['8.5'],
  ['14.0'],
  ['14.0'],
  ['15.3', '15.4', '16.4'],
  ['16.4'],
];

const FEATURES: readonly (readonly [number, string])[] = [
  [0x01, 'mobile device'],
  [0x04, 'ink (GIF)'],
  [0x08, 'ink (ISF)'],
  [0x10, 'webcam'],
  [0x20, 'multi-packet messages'],
  [0x40, 'pager'],
  [0x200, 'web messenger'],
  [0x4000, 'direct connections'],
  [0x8000, 'winks'],
  [0x1_0000, 'shared search'],
  [0x2_0000, 'bot'],
  [0x4_0000, 'voice clips'],
  [0x8_0000, 'secure channel'],
  [0x10_0000, 'SIP'],
  [0x40_0000, 'shared folders'],
  [0x200_0000, 'TURN'],
  [0x400_0000, 'bootstrap over UUN'],
];

/** Numbers that only clients of others publish, whatever generation they name. */
const THIRD_PARTY: readonly (readonly [number, string, string])[] = [
  [0x4000_0020, 'libpurple', 'Pidgin/libpurple 2.0 to 2.6'],
  [0x9004_0024, 'libpurple', 'Pidgin/libpurple 2.7 to 2.14'],
  [0x0000_c000, 'BitlBee', 'BitlBee'],
];

const WEB_MESSENGER = 0x200;
const BOT = 0x2_0000;

/** What a capability number says. */
export interface Capabilities {
  /** The number as it is on the wire, with the second one where there is one. */
  readonly raw: string;
  readonly bits: number;
  /** Versions of the official client that publish this generation; empty before 6.0. */
  readonly versions: readonly string[];
}

/** Reads `number` or `number:number`; undefined where it is neither. */
export function readCapabilities(text: string | undefined): Capabilities | undefined {
  if (!text || !/^\d{1,10}(:\d{1,10})?$/.test(text)) return undefined;
  const bits = Number.parseInt(text, 10);
  if (bits > 0xffff_ffff) return undefined;
  return { raw: text, bits, versions: GENERATIONS[Math.floor(bits / 0x1000_0000)] ?? [] };
}

/** Names of the bits that are set. */
function featuresOf({ bits }: Capabilities): string[] {
  return FEATURES.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
}

/** The client of somebody whose number was published with `place` (`NLN`, `JOI`); undefined where it names none. */
export function clientOfNumber(capabilities: Capabilities, place: string): ClientSoftware | undefined {
  const { bits, raw, versions } = capabilities;
  const features = featuresOf(capabilities);
  const evidence = [`${place} capability number`];
  if (features.length > 0) evidence.push(`capabilities: ${features.join(', ')}`);
  const other = thirdParty(capabilities);
  if (other) {
    const [, name, whose] = other;
    return { name, raw, evidence: [`${place} capability number is that of ${whose}`] };
  }
  if ((bits & BOT) !== 0) return { name: 'MSN bot', raw, evidence };
  if ((bits & WEB_MESSENGER) !== 0) return { name: 'MSN Web Messenger', raw, evidence };
  const [version] = versions;
  if (version === undefined) return undefined;
  return { name: officialName(version), version, raw, evidence };
}

/** Whose number it is where no official client publishes it: the number, the name, and which versions. */
export function thirdParty({ bits }: Capabilities): (typeof THIRD_PARTY)[number] | undefined {
  return THIRD_PARTY.find(([number]) => number === bits);
}

/** What the official client of a version was called. */
export function officialName(version: string): string {
  return Number.parseInt(version, 10) >= 8 ? 'Windows Live Messenger' : 'MSN Messenger';
}

/**
 * Whether a client that says it is `version` cannot be the official one, for it publishes the generation of
 * another. Only where both are known: versions before 6.0 have none.
 */
export function contradicts({ versions }: Capabilities, version: string): boolean {
  const short = /^\d+\.\d/.exec(version)?.[0];
  if (short === undefined || versions.length === 0) return false;
  return GENERATIONS.some((known) => known.includes(short)) && !versions.includes(short);
}

/** The first dialect for which a product id, with which clients answer challenges (`QRY`), was given out. */
const PRODUCTS: Readonly<Record<string, number>> = {
  'msmsgs@msnmsgr.com': 6,
  'PROD0038W!61ZTF9': 6,
  'PROD0058#7IL2{QD': 6,
  'PROD0061VRRZH@4F': 6,
  'PROD00504RLUG%WL': 6,
  'PROD0076ENE8*@AW': 6,
  'PROD0090YUAUV{2B': 11,
  'PROD0101{0RM?UBW': 11,
  'PROD01065C%ZFN6F': 13,
  'PROD0112J1LW7%NB': 13,
  PROD0113H11T8$X_: 15,
  'PROD0114ES4Z%Q5W': 15,
  'PROD0118R6%2WYOS': 15,
  PROD0119GSJUC$18: 15,
  'PROD0120PW!CCV9@': 15,
};

/** An official client may be held to a dialect a little older than its own, not to one of another generation. */
const OLDER = 2;

/** The dialect from which on a product id is used, where it is too new for the dialect that is spoken; else 0. */
export function foreignProduct(product: string, dialect: number): number {
  const since = Object.hasOwn(PRODUCTS, product) ? (PRODUCTS[product] ?? 0) : 0;
  return dialect > 0 && since > dialect + OLDER ? since : 0;
}
