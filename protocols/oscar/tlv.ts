import { Cursor, decodeGuess, decodeLatin1 } from '../../src/sdk/index.ts';

/** TLVs and the blocks built of them: type u16, length u16, value; and the user-info block. */

const NO_LIMIT = 0x1_0000;
/** Type and length. */
const TLV_HEADER = 4;

/** What was wrong with the blocks of the SNAC being read; the reader of SNACs clears and asks it. */
export const trouble = {
  /** A TLV says that it is longer than what is there. */
  overrun: false,
  /** A count says that there are more than fit. */
  count: false,
};

/** Numbers kept of each TLV: type, start and end of its value. */
const KEPT = 3;

/** The TLVs of one block: where each value lies in the bytes of the cursor they were read from. */
export class TLVs {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #kept: number[] = [];

  constructor(cursor: Cursor) {
    this.#bytes = cursor.bytes;
    this.#base = cursor.base;
  }

  /** Number of TLVs read. */
  get size(): number {
    return this.#kept.length / KEPT;
  }

  add(type: number, start: number, end: number): void {
    this.#kept.push(type, start, end);
  }

  has(type: number): boolean {
    return this.#find(type) >= 0;
  }

  #find(type: number): number {
    for (let i = 0; i < this.#kept.length; i += KEPT) if (this.#kept[i] === type) return i;
    return -1;
  }

  #cursorAt(i: number): Cursor {
    return new Cursor(this.#bytes, this.#kept[i + 1] ?? 0, this.#kept[i + 2] ?? 0, this.#base);
  }

  /** True where all types are known ones. */
  areKnown(known: ReadonlySet<number>): boolean {
    for (let i = 0; i < this.#kept.length; i += KEPT) if (!known.has(this.#kept[i] ?? 0)) return false;
    return true;
  }

  /** A cursor over the first value of this type; an empty one that is not ok where there is none. */
  value(type: number): Cursor {
    const i = this.#find(type);
    const cursor = i < 0 ? new Cursor(this.#bytes, 0, 0, this.#base) : this.#cursorAt(i);
    cursor.ok = i >= 0;
    return cursor;
  }

  /** Cursors over each value of this type. */
  values(type: number): Cursor[] {
    const found: Cursor[] = [];
    for (let i = 0; i < this.#kept.length; i += KEPT) {
      if (this.#kept[i] === type) found.push(this.#cursorAt(i));
    }
    return found;
  }

  /** The value as u16, or undefined where it is absent or short. */
  u16(type: number): number | undefined {
    const cursor = this.value(type);
    const value = cursor.u16();
    return cursor.ok ? value : undefined;
  }

  u32(type: number): number | undefined {
    const cursor = this.value(type);
    const value = cursor.u32();
    return cursor.ok ? value : undefined;
  }

  /** The value as cleaned text (see `decodeName`), or undefined where absent or empty. */
  text(type: number): string | undefined {
    const cursor = this.value(type);
    return decodeName(cursor.bytes, cursor.pos, cursor.end) || undefined;
  }
}

/**
 * Reads TLVs to the end of the cursor, or at most `limit` of them. A length that passes the end makes
 * the cursor not ok. Fewer than four bytes left over are padding and are skipped.
 */
export function readTLVs(cursor: Cursor, limit = NO_LIMIT): TLVs {
  const tlvs = new TLVs(cursor);
  const { ok } = cursor;
  if (limit !== NO_LIMIT) checkCount(cursor, limit, TLV_HEADER);
  while (tlvs.size < limit && cursor.has(TLV_HEADER)) {
    const type = cursor.u16();
    const length = cursor.u16();
    const start = cursor.pos;
    cursor.skip(length);
    if (!cursor.ok) {
      trouble.overrun ||= ok;
      return tlvs;
    }
    tlvs.add(type, start, start + length);
  }
  if (limit === NO_LIMIT) cursor.skip(cursor.left);
  else if (tlvs.size < limit) cursor.skip(cursor.left + 1);
  return tlvs;
}

/** Notes a count of things of at least `size` bytes that cannot be there. */
export function checkCount(cursor: Cursor, count: number, size: number): void {
  if (cursor.ok && count * size > cursor.left) trouble.count = true;
}

export interface UserInfo {
  /** As displayed; never empty in an ok block. */
  name: string;
  /** Warning level in tenths of a percent. */
  warning: number;
  tlvs: TLVs;
}

/** Name (length u8), warning level u16, TLV count u16, TLVs. Without a name the cursor is not ok. */
export function readUserInfo(cursor: Cursor): UserInfo {
  return readUserInfoRest(cursor, readName(cursor));
}

/** What follows the name in a user-info block. */
export function readUserInfoRest(cursor: Cursor, name: string): UserInfo {
  const warning = cursor.u16();
  const tlvs = readTLVs(cursor, cursor.u16());
  if (name === '') cursor.ok = false;
  return { name, warning, tlvs };
}

/** User-info blocks to the end; none where one of them is not whole. */
export function readUserInfos(cursor: Cursor): UserInfo[] {
  const infos: UserInfo[] = [];
  while (cursor.left > 0) infos.push(readUserInfo(cursor));
  return cursor.ok ? infos : [];
}

/** Length u8, then the name: cleaned, perhaps empty. */
export function readName(cursor: Cursor): string {
  const length = cursor.u8();
  const start = cursor.pos;
  cursor.skip(length);
  return cursor.ok ? decodeName(cursor.bytes, start, start + length) : '';
}

/** Bytes as a cleaned name. */
export function decodeName(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c < 0x20 || c >= 0x7f) return cleanName(decodeGuess(bytes, start, end));
  }
  return decodeLatin1(bytes, start, end).trim();
}

/** Without control characters and outer white space: names are shown in tables and logs. */
export function cleanName(text: string): string {
  return text.replace(/\p{Cc}+/gu, '').trim();
}

/** Screen names ignore case and spaces. */
export function normalise(name: string): string {
  return name.replace(/ +/g, '').toLowerCase();
}
