/**
 * What a name looks like: characters that are mistaken for one another are made one. The pairs are from
 * Unicode's confusables (UTS 39), as far as they look like the letters and digits of screen names; digits and signs that
 * people write for letters are added.
 */

/** Longest name that is compared, in UTF-16 units. */
export const LONGEST_LOOK = 64;

const LOOKS: readonly (readonly [string, string])[] = [
  // Latin, and digits read as letters. i, l and 1 (and | and !) are one, and so are o and 0.
  ['i', 'l'],
  ['1', 'l'],
  ['|', 'l'],
  ['!', 'l'],
  ['0', 'o'],
  ['3', 'e'],
  ['4', 'a'],
  ['5', 's'],
  ['$', 's'],
  ['7', 't'],
  ['8', 'b'],
  ['9', 'g'],
  ['ı', 'l'],
  ['ɩ', 'l'],
  ['ɪ', 'l'],
  ['ƚ', 'l'],
  ['ł', 'l'],
  ['ɑ', 'a'],
  ['ɡ', 'g'],
  ['ƅ', 'b'],
  ['ƃ', 'b'],
  ['đ', 'd'],
  ['ɗ', 'd'],
  ['ħ', 'h'],
  ['ɦ', 'h'],
  ['ƙ', 'k'],
  ['ĸ', 'k'],
  ['ɱ', 'm'],
  ['ɴ', 'n'],
  ['ŋ', 'n'],
  ['ø', 'o'],
  ['ɵ', 'o'],
  ['ơ', 'o'],
  ['ƿ', 'p'],
  ['ʀ', 'r'],
  ['ꜱ', 's'],
  ['ƨ', 's'],
  ['ŧ', 't'],
  ['ʋ', 'u'],
  ['ʊ', 'u'],
  ['ʏ', 'y'],
  ['ɣ', 'y'],
  ['ʐ', 'z'],
  ['ƶ', 'z'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ß', 'ss'],
  // Cyrillic.
  ['а', 'a'],
  ['ь', 'b'],
  ['в', 'b'],
  ['с', 'c'],
  ['ԁ', 'd'],
  ['е', 'e'],
  ['ё', 'e'],
  ['ҽ', 'e'],
  ['һ', 'h'],
  ['н', 'h'],
  ['і', 'l'],
  ['ї', 'l'],
  ['ӏ', 'l'],
  ['ј', 'j'],
  ['к', 'k'],
  ['м', 'm'],
  ['п', 'n'],
  ['о', 'o'],
  ['р', 'p'],
  ['ԛ', 'q'],
  ['г', 'r'],
  ['ѕ', 's'],
  ['т', 't'],
  ['у', 'y'],
  ['ү', 'y'],
  ['ѵ', 'v'],
  ['ԝ', 'w'],
  ['ѡ', 'w'],
  ['х', 'x'],
  ['ҳ', 'x'],
  ['з', 'e'],
  // Greek.
  ['α', 'a'],
  ['β', 'b'],
  ['ϲ', 'c'],
  ['ε', 'e'],
  ['η', 'n'],
  ['ι', 'l'],
  ['κ', 'k'],
  ['ν', 'v'],
  ['ο', 'o'],
  ['ρ', 'p'],
  ['σ', 'o'],
  ['τ', 't'],
  ['υ', 'u'],
  ['χ', 'x'],
  ['γ', 'y'],
  ['ω', 'w'],
  ['μ', 'u'],
  // Armenian, Hebrew and others whose shapes are Latin ones.
  ['ո', 'n'],
  ['օ', 'o'],
  ['ս', 'u'],
  ['հ', 'h'],
  ['ց', 'g'],
  ['զ', 'q'],
  ['ס', 'o'],
  ['ו', 'l'],
  ['ן', 'l'],
  ['٥', 'o'],
  ['ه', 'o'],
  ['ا', 'l'],
  ['०', 'o'],
  ['০', 'o'],
  ['੦', 'o'],
  ['ഠ', 'o'],
  ['ᴀ', 'a'],
  ['ᴄ', 'c'],
  ['ᴅ', 'd'],
  ['ᴇ', 'e'],
  ['ᴊ', 'j'],
  ['ᴋ', 'k'],
  ['ᴍ', 'm'],
  ['ᴏ', 'o'],
  ['ᴘ', 'p'],
  ['ᴛ', 't'],
  ['ᴜ', 'u'],
  ['ᴠ', 'v'],
  ['ᴡ', 'w'],
  ['ᴢ', 'z'],
];

const LOOK = new Map<number, readonly number[]>(
  LOOKS.map(([from, to]) => [from.codePointAt(0) ?? 0, [...to].map((c) => c.charCodeAt(0))]),
);

/** Letters, digits and @ of ASCII by code: what they look like; 0 for what separates and is left out. */
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const lower = String.fromCharCode(code).toLowerCase();
  const look = LOOK.get(lower.charCodeAt(0))?.[0];
  return look ?? (/[a-z0-9@]/.test(lower) ? lower.charCodeAt(0) : 0);
});

/** The largest code of a look that `neighbours` tries: letters, the digits 2 and 6, and @. */
const ALPHABET: readonly (readonly number[])[] = [...'abcdefghjklmnopqrstuvwxyz26@'].map((c) => [
  c.charCodeAt(0),
]);

/** Codes of what the name looks like, without separators; `rn` looks like m, and `vv` like w. */
export function lookOf(name: string): number[] {
  const codes: number[] = [];
  let plain = true;
  const length = Math.min(name.length, LONGEST_LOOK);
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    if (code > 127) {
      plain = false;
      break;
    }
    push(codes, ASCII[code] ?? 0);
  }
  return plain ? codes : lookOfUnicode(name);
}

function lookOfUnicode(name: string): number[] {
  const codes: number[] = [];
  // Compatibility forms (full width, mathematical, ligatures) are made plain, and accents taken off.
  const plain = name.slice(0, LONGEST_LOOK).normalize('NFKD').toLowerCase();
  for (const c of plain) {
    const code = c.codePointAt(0) ?? 0;
    if (codes.length >= LONGEST_LOOK) break;
    const looks = LOOK.get(code);
    if (looks) for (const look of looks) push(codes, look);
    else if (code < 128) push(codes, ASCII[code] ?? 0);
    else if (/[\p{L}\p{N}]/u.test(c)) push(codes, code);
  }
  return codes;
}

const [R, N, M, V, W_] = [...'rnmvw'].map((c) => c.charCodeAt(0));

function push(codes: number[], code: number): void {
  if (code === 0) return;
  const last = codes.length - 1;
  if (code === N && codes[last] === R) codes[last] = M ?? 0;
  else if (code === V && codes[last] === V) codes[last] = W_ ?? 0;
  else codes.push(code);
}

/** Odd, so that no code is lost in 32 bits. */
const BASE = 0x01000193;

/** A hash of the codes, 32 bits, never 0: that of a look which is one step away follows from those of its parts. */
export function hashOf(codes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < codes.length; i++) sum = (Math.imul(sum, BASE) + (codes[i] ?? 0)) | 0;
  return mixed(sum);
}

function mixed(sum: number): number {
  let h = sum ^ (sum >>> 15);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16) || 1;
}

/**
 * Every look that is one step away: a code more, less or another, or two neighbours exchanged. There are a thousand and more:
 * `mayBe` is asked for the hash of each, and those that pass go to `take`. Stops where that returns true.
 */
export function someNeighbour(
  codes: readonly number[],
  mayBe: (hash: number) => boolean,
  take: (codes: readonly number[]) => boolean,
): boolean {
  const sums = new Sums(codes);
  /** `count` codes from `i` on are others, whose sum is given. */
  const isIt = (i: number, count: number, sum: number, others: readonly number[]): boolean =>
    mayBe(mixed(sums.joined(i, sum, others.length, i + count))) && take(codes.toSpliced(i, count, ...others));
  for (let i = 0; i <= codes.length; i++) {
    const [one, two] = [codes[i], codes[i + 1]];
    if (one !== undefined && isIt(i, 1, 0, NOTHING)) return true;
    if (one !== undefined && two !== undefined && one !== two) {
      if (isIt(i, 2, Math.imul(two, BASE) + one, [two, one])) return true;
    }
    for (const single of ALPHABET) {
      const [code = 0] = single;
      if (one !== undefined && code !== one && isIt(i, 1, code, single)) return true;
      if (isIt(i, 0, code, single)) return true;
    }
  }
  return false;
}

const NOTHING: readonly number[] = [];

/** Sums of the beginnings and ends of a look, before they are mixed. */
class Sums {
  readonly #before: Int32Array;
  readonly #behind: Int32Array;
  readonly #powers: Int32Array;
  readonly #length: number;

  constructor(codes: readonly number[]) {
    const n = (this.#length = codes.length);
    this.#before = new Int32Array(n + 1);
    this.#behind = new Int32Array(n + 1);
    this.#powers = new Int32Array(n + 3).fill(1);
    for (let i = 1; i < n + 3; i++) this.#powers[i] = Math.imul(this.#powers[i - 1] ?? 0, BASE);
    for (let i = 0; i < n; i++) this.#before[i + 1] = Math.imul(this.#before[i] ?? 0, BASE) + (codes[i] ?? 0);
    for (let i = n - 1; i >= 0; i--)
      this.#behind[i] = Math.imul(codes[i] ?? 0, this.#powers[n - 1 - i] ?? 0) + (this.#behind[i + 1] ?? 0);
  }

  /** The sum of the first `i` codes, of `length` others whose sum is `middle`, and of those from `j` on. */
  joined(i: number, middle: number, length: number, j: number): number {
    const head = Math.imul(this.#before[i] ?? 0, this.#powers[length] ?? 0) + middle;
    return (Math.imul(head, this.#powers[this.#length - j] ?? 0) + (this.#behind[j] ?? 0)) | 0;
  }
}
