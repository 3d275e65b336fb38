/**
 * YMSG's framing: a header of 20 bytes and a body of `key C0 80 value C0 80` pairs, the key in
 * ASCII digits. The length in the header is trusted first: a separator inside file data (key 29)
 * is no separator.
 */
import { decodeLatin1, decodeUtf8 } from '../../src/sdk/index.ts';
import { decodeLocal, JAPANESE } from './charset.ts';
import { isKnownKey, KEY, longestValue, serviceName, VENDOR_JAPAN } from './numbers.ts';

/** `YMSG`, version u16, vendor u16, length u16, service u16, status u32, session id u32. */
export const HEADER = 20;
/** Header and the longest body that its length field can tell. */
export const MAX_PACKET = HEADER + 0xffff;
/** `Y`, with which every packet begins. */
export const FIRST_BYTE = 0x59;
export const MAGIC_LENGTH = 4;
/** Values of one key that are kept of a packet. */
export const MAX_VALUES = 1000;

const LENGTH_AT = 8;
const VERSION_AT = 4;
const SERVICE_AT = 10;
const MAX_KEY_DIGITS = 5;
/** Gaim up to 0.75 copied a key into 64 bytes. */
const MAX_KEY_BYTES = 63;
/** Keys of the table are below this. */
const INDEXED_KEYS = 1024;
/** Versions 1 to 32, and the web messenger's 101 and 102. */
const LAST_VERSION = 32;
const WEB_VERSIONS: readonly number[] = [0x65, 0x66];

/** How far a body can be split. */
export const READ = {
  /** All of it is pairs. */
  WHOLE: 0,
  /** It ends inside a pair: more must follow, or it was cut. */
  SHORT: 1,
  /** A key is not a number, or no separator follows it. */
  BAD: 2,
  /** So is one whose separator is not there yet: it may grow into the next. */
  OPEN_KEY: 3,
  /** A key has more bytes than any reader has room for. */
  LONG_KEY: 4,
} as const;
export type ReadResult = (typeof READ)[keyof typeof READ];

/** True when the bytes from `at` are `YMSG`, or its beginning where `end` comes first. */
export function isMagic(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    (at >= end || bytes[at] === FIRST_BYTE) &&
    (at + 1 >= end || bytes[at + 1] === 0x4d) &&
    (at + 2 >= end || bytes[at + 2] === 0x53) &&
    (at + 3 >= end || bytes[at + 3] === 0x47)
  );
}

/**
 * The version of the header at `at`. Official 5.x clients write it little-endian, all others
 * big-endian; servers leave it 0. −1 where neither reading is a version.
 */
export function versionAt(bytes: Uint8Array, at: number): number {
  const high = bytes[at + VERSION_AT] ?? 0;
  const low = bytes[at + VERSION_AT + 1] ?? 0;
  if (high !== 0 && low !== 0) return -1;
  const version = high | low;
  return version <= LAST_VERSION || WEB_VERSIONS.includes(version) ? version : -1;
}

export function lengthAt(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + LENGTH_AT);
}

export function serviceAt(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + SERVICE_AT);
}

/** True when a whole header at `at` can be one: magic, a version, a known service. */
export function isPlausibleHeader(bytes: Uint8Array, at: number): boolean {
  return (
    isMagic(bytes, at, at + MAGIC_LENGTH) &&
    versionAt(bytes, at) >= 0 &&
    serviceName(serviceAt(bytes, at)) !== undefined
  );
}

/**
 * Walks the pairs of a body without keeping them. `end` may lie before the body's own end: SHORT
 * then means that what is there is consistent.
 */
export function checkBody(bytes: Uint8Array, start: number, end: number): ReadResult {
  return walk(bytes.subarray(start, end), undefined);
}

/** One packet: its header's fields and the places of its pairs. Reused; values are made when asked for. */
export class Packet {
  version = 0;
  /** The version was written in little-endian order. */
  littleEndian = false;
  vendor = 0;
  service = 0;
  status = 0;
  /** Stream offset of the header. */
  offset = 0;
  /** Number of pairs. */
  count = 0;
  /** Every key is one of the table. */
  knowsAllKeys = true;
  /** A value is longer than its key's can be. */
  hasLongValue = false;
  /** Key 97 says that text is UTF-8. */
  utf8 = false;
  /** The code page of the account's country, where it is known and is not Windows-1252; stays until it is set anew. */
  codePage: string | undefined;
  #body: Uint8Array = new Uint8Array(0);
  /** Key, start and end of each pair, one after the other. */
  #places = new Int32Array(3 * 64);
  /** The first pair of each key, and the reading in which it was found. */
  readonly #first = new Int32Array(INDEXED_KEYS);
  readonly #foundIn = new Uint32Array(INDEXED_KEYS);
  #reading = 0;

  /** Reads the whole packet at `at`; SHORT here is a body that ends inside a pair. */
  read(bytes: Uint8Array, at: number, offset: number): ReadResult {
    this.version = Math.max(0, versionAt(bytes, at));
    this.littleEndian = this.version > 0 && bytes[at + VERSION_AT] !== 0;
    this.vendor = u16(bytes, at + 6);
    this.service = serviceAt(bytes, at);
    this.status = u16(bytes, at + 12) * 0x10000 + u16(bytes, at + 14);
    this.offset = offset;
    this.count = 0;
    this.knowsAllKeys = true;
    this.hasLongValue = false;
    this.#reading = (this.#reading + 1) >>> 0;
    this.#body = bytes.subarray(at + HEADER, at + HEADER + lengthAt(bytes, at));
    const result = walk(this.#body, this);
    const utf8 = this.find(KEY.UTF8);
    this.utf8 = utf8 >= 0 && this.isOne(utf8);
    return result;
  }

  /** Keeps a pair's place; for `walk`. */
  add(key: number, start: number, end: number): void {
    const at = this.count * 3;
    if (at === this.#places.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places[at] = key;
    this.#places[at + 1] = start;
    this.#places[at + 2] = end;
    if (!isKnownKey(key)) {
      this.knowsAllKeys = false;
    } else if (this.#foundIn[key] !== this.#reading) {
      this.#foundIn[key] = this.#reading;
      this.#first[key] = this.count;
    }
    if (end - start > longestValue(key)) this.hasLongValue = true;
    this.count++;
  }

  keyAt(pair: number): number {
    return this.#places[pair * 3] ?? -1;
  }

  /** The length of a pair's value in bytes. */
  lengthAt(pair: number): number {
    return this.#end(pair) - this.#start(pair);
  }

  /** Index of the first pair with this key, one of the table, or −1. */
  find(key: number): number {
    return this.#foundIn[key] === this.#reading ? (this.#first[key] ?? -1) : -1;
  }

  has(key: number): boolean {
    return this.#foundIn[key] === this.#reading;
  }

  /** A pair's value is `1`. */
  isOne(pair: number): boolean {
    return this.lengthAt(pair) === 1 && this.#body[this.#start(pair)] === 0x31;
  }

  /** A pair's value, one character a byte: for numbers and words of the protocol. */
  wordAt(pair: number): string {
    return decodeLatin1(this.#body, this.#start(pair), this.#end(pair));
  }

  /**
   * A pair's value as people's text: UTF-8 where the packet (or the caller, for one record of it)
   * says so; else UTF-8 where it is valid UTF-8, else the code page of the vendor's or account's country.
   */
  textAt(pair: number, utf8 = this.utf8): string {
    const start = this.#start(pair);
    const end = this.#end(pair);
    if (utf8) return decodeUtf8(this.#body, start, end);
    return decodeLocal(this.#body, start, end, this.vendor === VENDOR_JAPAN ? JAPANESE : this.codePage);
  }

  /** The id in a pair's value, normalised; undefined where it is empty. */
  idAt(pair: number): string | undefined {
    return normalId(this.textAt(pair));
  }

  /** The first value of a key as a word; undefined where it is absent or empty. */
  word(key: number): string | undefined {
    const pair = this.find(key);
    return pair < 0 ? undefined : this.wordAt(pair) || undefined;
  }

  /** The first value of a key as text; undefined where it is absent or empty. */
  text(key: number): string | undefined {
    const pair = this.find(key);
    return pair < 0 ? undefined : this.textAt(pair) || undefined;
  }

  /** The first value of a key as a normalised id. */
  id(key: number): string | undefined {
    const pair = this.find(key);
    return pair < 0 ? undefined : this.idAt(pair);
  }

  /** The digits with which the first value of a key begins; undefined where there are none. */
  number(key: number): number | undefined {
    const pair = this.find(key);
    return pair < 0 ? undefined : leadingNumber(this.wordAt(pair));
  }

  /** All ids of a key, each once, in order; at most `MAX_VALUES`. A value may hold several between commas. */
  ids(key: number): string[] {
    const first = this.find(key);
    if (first < 0) return [];
    if (this.#only(key, first)) {
      const id = this.idAt(first);
      return id === undefined ? [] : [id];
    }
    const found = new Set<string>();
    for (let pair = first; pair < this.count && found.size < MAX_VALUES; pair++) {
      if (this.keyAt(pair) !== key) continue;
      for (const part of this.textAt(pair).split(',')) {
        const id = normalId(part);
        if (id !== undefined && found.size < MAX_VALUES) found.add(id);
      }
    }
    return [...found];
  }

  /** The pair is its key's only one, and holds one value. */
  #only(key: number, first: number): boolean {
    for (let pair = first + 1; pair < this.count; pair++) if (this.keyAt(pair) === key) return false;
    const comma = this.#body.indexOf(0x2c, this.#start(first));
    return comma < 0 || comma >= this.#end(first);
  }

  #start(pair: number): number {
    return this.#places[pair * 3 + 1] ?? 0;
  }

  #end(pair: number): number {
    return this.#places[pair * 3 + 2] ?? 0;
  }
}

/** Lower case without surrounding blanks; undefined for nothing. Ids of other networks keep their e-mail form. */
export function normalId(id: string): string | undefined {
  return id.trim().toLowerCase() || undefined;
}

/** The number in the digits at the beginning of a word (`999` of `999\x021051022787`). */
export function leadingNumber(word: string): number | undefined {
  const value = Number.parseInt(word, 10);
  return Number.isSafeInteger(value) ? value : undefined;
}

function walk(body: Uint8Array, packet: Packet | undefined): ReadResult {
  const end = body.length;
  let at = 0;
  while (at < end) {
    const resumed = skipFiller(body, at);
    if (resumed !== at) {
      at = resumed;
      continue;
    }
    const keyEnd = findKeyEnd(body, at);
    if (keyEnd === CUT) return READ.SHORT;
    if (keyEnd === NO_KEY) return badKey(body, at);
    const key = digits(body, at, keyEnd);
    const start = keyEnd + 2;
    const stop = key === KEY.FILE_DATA ? end : findSeparator(body, start);
    if (stop < 0) return READ.SHORT;
    packet?.add(key, start, stop);
    at = stop + 2;
  }
  return READ.WHOLE;
}

const CUT = -1;
const NO_KEY = -2;

/** Where the key's digits end and its separator begins; CUT where the body ends first, NO_KEY for anything else. */
function findKeyEnd(body: Uint8Array, at: number): number {
  let stop = at;
  while (stop < body.length && isDigit(body[stop] ?? 0)) stop++;
  if (stop - at > MAX_KEY_DIGITS) return NO_KEY;
  if (stop === body.length) return CUT;
  if (stop === at || body[stop] !== 0xc0) return NO_KEY;
  if (stop + 1 === body.length) return CUT;
  return body[stop + 1] === 0x80 ? stop : NO_KEY;
}

/** What is wrong with what stands where a key should. */
function badKey(body: Uint8Array, at: number): ReadResult {
  const stop = findSeparator(body, at);
  const length = (stop < 0 ? body.length : stop) - at;
  if (length > MAX_KEY_BYTES) return READ.LONG_KEY;
  return stop < 0 ? READ.OPEN_KEY : READ.BAD;
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

function digits(body: Uint8Array, at: number, stop: number): number {
  let value = 0;
  for (let i = at; i < stop; i++) value = value * 10 + (body[i] ?? 0) - 0x30;
  return value;
}

/**
 * Where a key should begin, old servers put two kinds of filler: a NUL, after the last pair or
 * before a stray value in chat packets (it ends at the next separator), and a 0x01 in packets
 * that tell of mail (their first key begins with 9). Returns where to go on; `at` for neither.
 */
function skipFiller(body: Uint8Array, at: number): number {
  if (body[at] === 0x01 && body[0] === 0x39) return at + 1;
  if (body[at] !== 0x00) return at;
  const stop = findSeparator(body, at);
  return stop < 0 ? body.length : stop + 2;
}

/** Most values are short: a call of `indexOf` costs as much as the loop over so many bytes. */
const SHORT_VALUE = 32;

function findSeparator(body: Uint8Array, from: number): number {
  const near = Math.min(body.length, from + SHORT_VALUE);
  for (let at = from; at < near; at++) if (body[at] === 0xc0 && body[at + 1] === 0x80) return at;
  let at = body.indexOf(0xc0, near);
  while (at >= 0 && body[at + 1] !== 0x80) at = body.indexOf(0xc0, at + 1);
  return at;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
