import type { Cursor } from '../../core/cursor.ts';
import { decodeLatin1 } from '../../core/text.ts';
import { XML_SPACE } from './scanner.ts';

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;

/** A name longer than this is none of those that are searched for. */
const LONGEST_NAME = 40;

/** What the tag before a place was. */
const BEFORE = { UNKNOWN: 0, TOP: 1, INSIDE: 2 } as const;

/**
 * Finds where an element directly below the root begins, in bytes that start anywhere. A start tag
 * by name alone is not enough: a forwarded `<message>` stands inside another. So the tag before it
 * must have ended a top-level element, or must be unknown.
 */
export class XmlSync {
  /** Bytes passed since `begin`. */
  passed = 0;
  /** The element found had nothing known before it: `wasNested` may show that it was not top-level. */
  suspect = false;
  /** Another name that begins a piece: what a carrier wraps pieces in. */
  wrapper: string | undefined = undefined;
  readonly #root: string;
  readonly #starts: ReadonlySet<string>;
  #before: number = BEFORE.UNKNOWN;

  constructor(root: string, starts: ReadonlySet<string>) {
    this.#root = root;
    this.#starts = starts;
  }

  begin(): void {
    this.passed = 0;
    this.suspect = false;
    this.#before = BEFORE.UNKNOWN;
  }

  /** Moves the cursor to the next plausible piece; false (and the cursor where to go on) where there is none yet. */
  search(cursor: Cursor): boolean {
    const { bytes, end } = cursor;
    const from = cursor.pos;
    let i = from;
    let found = false;
    for (;;) {
      i = bytes.indexOf(LT, i);
      if (i < 0 || i >= end) {
        i = end;
        break;
      }
      const nameEnd = endOfName(bytes, i + 1, end);
      if (nameEnd < 0) break;
      found = this.#judge(decodeLatin1(bytes, i + 1, nameEnd));
      if (found) break;
      i++;
    }
    cursor.pos = i;
    this.passed += i - from;
    return found;
  }

  /** True where what follows a suspect element is the end tag of something around it. */
  wasNested(cursor: Cursor): boolean {
    const { bytes, end } = cursor;
    let i = cursor.pos;
    while (i < end && XML_SPACE[bytes[i] ?? 0]) i++;
    if (i + 1 >= end || bytes[i] !== LT || bytes[i + 1] !== SLASH) return false;
    const nameEnd = endOfName(bytes, i + 2, end);
    if (nameEnd >= 0 && this.#isRoot(decodeLatin1(bytes, i + 2, nameEnd))) return false;
    this.#before = BEFORE.INSIDE;
    return true;
  }

  /** `name` follows a `<`: true where a piece begins here. */
  #judge(name: string): boolean {
    const closing = name.startsWith('/');
    const bare = closing ? name.slice(1) : name;
    if (closing && this.#isRoot(bare)) return true;
    const known = bare === this.wrapper || this.#starts.has(bare);
    if (closing || !known) {
      this.#before = closing && known ? BEFORE.TOP : BEFORE.INSIDE;
      return false;
    }
    if (this.#before === BEFORE.INSIDE) return false;
    this.suspect = this.#before === BEFORE.UNKNOWN;
    return true;
  }

  #isRoot(name: string): boolean {
    return name.slice(name.indexOf(':') + 1) === this.#root;
  }
}

/** Index of the byte that ends a name which begins at `i`; −1 where the bytes end inside it. */
function endOfName(bytes: Uint8Array, i: number, end: number): number {
  let at = bytes[i] === SLASH ? i + 1 : i;
  const most = at + LONGEST_NAME;
  for (; at < end; at++) {
    const c = bytes[at] ?? 0;
    if (c === GT || c === SLASH || XML_SPACE[c] || at === most) return at;
  }
  return -1;
}
