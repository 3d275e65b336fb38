import { createHash } from 'node:crypto';

/** What a text or file offer is compared by. */
export interface Likeness {
  /** Names of what was sent (`link host/path`, `file name`, ...): one in common makes two the same. */
  readonly marks: readonly string[];
  /** Hashes of its words, sorted, each once. */
  readonly words: Uint32Array;
  /** A bit for each word, and how many words share their bit with another: most pairs are told apart by them alone. */
  readonly low: number;
  readonly high: number;
  readonly crowded: number;
  /** It carries a link that is not the house's own. */
  readonly link: boolean;
  /** A hash of all, for ids: the same for the same text with other numbers. */
  readonly id: string;
}

/** Characters of a text that are looked at; a lure is shorter. */
const MOST_LOOKED_AT = 512;
const MOST_WORDS = 64;
const MOST_LINKS = 4;
/** So much of two texts' words are the same in near copies: one word of five replaced leaves 4 of 6. */
const NEAR = 0.6;
/** Texts of fewer words are the same only if all are. */
const FEW_WORDS = 4;

const LINK = /(?:https?:\/\/|ftp:\/\/|\bwww\.)[^\s<>"']{1,400}/giu;
const WORD = /[\p{L}\p{N}#]+/gu;

/** Of a message's text. `isOwn` says of which hosts a link is none; `people` are names to leave out. */
export function likenessOf(
  text: string,
  people: readonly string[],
  isOwn: (host: string) => boolean,
): Likeness {
  const cut = text.slice(0, MOST_LOOKED_AT);
  // ASCII is its own normal form.
  const looked = (isAscii(cut) ? cut : cut.normalize('NFKC')).toLowerCase();
  const marks: string[] = [];
  let bare = looked;
  if (hasLink(looked)) {
    bare = looked.replace(LINK, (link) => {
      const mark = markOf(link);
      const [host = ''] = mark.split('/', 1);
      if (marks.length < MOST_LINKS && host !== '' && !isOwn(host)) marks.push(`link ${mark}`);
      return ' ';
    });
  }
  for (const name of people) {
    if (name.length > 2) bare = bare.replaceAll(name.toLowerCase(), ' ');
  }
  return made(marks, wordsOf(bare), marks.length > 0);
}

/** Of a file offer. A worm that changes the name offers the same bytes. */
export function fileLikeness(file: { name?: string; size?: number; hash?: string; url?: string }): Likeness {
  const name = (file.name ?? '').slice(-MOST_LOOKED_AT).toLowerCase();
  const marks: string[] = [];
  if (name !== '') marks.push(`file ${unnumbered(name)}`);
  if (file.hash !== undefined) marks.push(`hash ${file.hash.slice(0, 128)}`);
  if (file.size !== undefined && file.size > 0)
    marks.push(`size ${file.size} ${/\.[^.]{1,8}$/.exec(name)?.[0] ?? ''}`);
  return made(marks, new Uint32Array(0), false);
}

/** The two are copies, or near copies. */
export function isLike(a: Likeness, b: Likeness): boolean {
  if (a === b) return true;
  if (a.marks.length > 0 && b.marks.length > 0) {
    for (const mark of a.marks) if (b.marks.includes(mark)) return true;
  }
  if (!canShareEnough(a, b)) return false;
  const shared = common(a.words, b.words);
  const all = a.words.length + b.words.length - shared;
  if (a.words.length < FEW_WORDS || b.words.length < FEW_WORDS) return shared === all;
  return shared / all >= NEAR;
}

/** False where the lengths or the bits of the words say that too few can be shared: nearly always. */
function canShareEnough(a: Likeness, b: Likeness): boolean {
  const [m, n] = [a.words.length, b.words.length];
  const fewer = m < n ? m : n;
  if (fewer === 0 || fewer < NEAR * (m < n ? n : m)) return false;
  // Each shared word has its bit in both; no more words of one can hide behind the same bits than are crowded in it.
  const crowded = a.crowded < b.crowded ? a.crowded : b.crowded;
  const most = bitsIn(a.low & b.low) + bitsIn(a.high & b.high) + crowded;
  return most >= NEAR * (m + n - most);
}

/** The part of a text that is looked at, as a string of its own: a part of V8's keeps the whole alive. */
export function lookedAt(text: string): string {
  return Buffer.from(text.slice(0, MOST_LOOKED_AT), 'utf16le').toString('utf16le');
}

/** Fast: most texts have none. */
export function hasLink(text: string): boolean {
  return text.includes('://') || text.includes('www.') || text.includes('WWW.');
}

/** Enough words, or a mark, to say that two are no chance. `hi` and `ok` go to everybody. */
export function saysEnough({ marks, words }: Likeness): boolean {
  return marks.length > 0 || words.length >= FEW_WORDS;
}

/** Host and path of a link in lower case; what differs from one recipient to the next (numbers, values) left out. */
function markOf(link: string): string {
  const rest = link.replace(/^[a-z]{3,5}:\/\//, '').replace(/[.,;:!?)\]]{1,400}$/, '');
  const end = rest.search(/[?#]/);
  const place = end < 0 ? rest : rest.slice(0, end);
  const slash = place.indexOf('/');
  const host = (slash < 0 ? place : place.slice(0, slash))
    .replace(/^[^@]{0,400}@/, '')
    .replace(/:\d{1,5}$/, '');
  // The host stays whole: numbers in it are an address.
  return host + unnumbered(slash < 0 ? '' : place.slice(slash));
}

function unnumbered(text: string): string {
  return text.replace(/\d+/g, '#');
}

function wordsOf(text: string): Uint32Array {
  const count = isAscii(text) ? asciiWords(text) : anyWords(text);
  return FOUND.slice(0, count).sort();
}

/** Words of the text in hand, each once. */
const FOUND = new Uint32Array(MOST_WORDS);

/** Puts a word behind `count` others where it is none of them; how many there are then. */
function note(hash: number, count: number): number {
  for (let i = 0; i < count; i++) if (FOUND[i] === hash) return count;
  FOUND[count] = hash;
  return count + 1;
}

function anyWords(text: string): number {
  let count = 0;
  for (const [word] of unnumbered(text).matchAll(WORD)) {
    count = note(hash32(word), count);
    if (count >= MOST_WORDS) break;
  }
  return count;
}

/** The same of a text in ASCII (lower case), in one pass: nearly every one. */
function asciiWords(text: string): number {
  let count = 0;
  let hash = OFFSET_BASIS;
  let before = 0;
  for (let i = 0; i <= text.length && count < MOST_WORDS; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0;
    const isDigit = code >= 0x30 && code <= 0x39;
    const unit = isDigit ? 0x23 : code;
    if (unit === 0x23 || (unit >= 0x61 && unit <= 0x7a)) {
      // Digits in a row are one `#`.
      if (!(isDigit && before === 1)) hash = step(hash, unit);
      before = isDigit ? 1 : 2;
    } else if (before !== 0) {
      count = note(hash >>> 0, count);
      hash = OFFSET_BASIS;
      before = 0;
    }
  }
  return count;
}

function made(marks: readonly string[], words: Uint32Array, link: boolean): Likeness {
  let low = 0;
  let high = 0;
  for (const word of words) {
    if ((word & 32) === 0) low |= 1 << (word & 31);
    else high |= 1 << (word & 31);
  }
  return new Compared(marks, words, link, low, high);
}

class Compared implements Likeness {
  readonly marks: readonly string[];
  readonly words: Uint32Array;
  readonly link: boolean;
  readonly low: number;
  readonly high: number;
  readonly crowded: number;

  constructor(marks: readonly string[], words: Uint32Array, link: boolean, low: number, high: number) {
    this.marks = marks;
    this.words = words;
    this.link = link;
    this.low = low;
    this.high = high;
    this.crowded = words.length - bitsIn(low) - bitsIn(high);
  }

  /** Few are ever told. */
  get id(): string {
    const { marks, words } = this;
    return createHash('sha256').update(marks.join('\0')).update('\0').update(words.join(' ')).digest('hex');
  }
}

/** How many bits of a 32-bit number are set. */
function bitsIn(field: number): number {
  let n = field - ((field >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

const OFFSET_BASIS = 0x811c9dc5;

function step(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** FNV-1a over the code units. */
function hash32(text: string): number {
  let hash = OFFSET_BASIS;
  for (let i = 0; i < text.length; i++) hash = step(hash, text.charCodeAt(i));
  return hash >>> 0;
}

/** Words that both have; each list is sorted. */
function common(a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const x = a[i] ?? 0;
    const y = b[j] ?? 0;
    if (x === y) shared++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return shared;
}
