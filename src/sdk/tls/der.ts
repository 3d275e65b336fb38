/** One element of DER (X.690), found in place. */
export class Der {
  tag = 0;
  /** Its content. */
  start = 0;
  end = 0;

  /**
   * The element at `at`; false where none begins there. Where it reaches past `end` it is cut there if
   * `clamp` says so, else there is none.
   */
  read(bytes: Uint8Array, at: number, end: number, clamp = false): boolean {
    if (end - at < 2) return false;
    this.tag = bytes[at] ?? 0;
    // Tags of several bytes do not occur in certificates.
    if ((this.tag & 0x1f) === 0x1f) return false;
    let length = bytes[at + 1] ?? 0;
    let start = at + 2;
    if (length >= 0x80) {
      const n = length & 0x7f;
      if (n === 0 || n > 3 || start + n > end) return false;
      length = 0;
      for (let i = 0; i < n; i++) length = (length << 8) | (bytes[start + i] ?? 0);
      start += n;
    }
    if (start + length > end) {
      if (!clamp) return false;
      length = end - start;
    }
    this.start = start;
    this.end = start + length;
    return true;
  }

  /** The same where it has that tag. */
  readAs(tag: number, bytes: Uint8Array, at: number, end: number, clamp = false): boolean {
    return this.read(bytes, at, end, clamp) && this.tag === tag;
  }
}

/** Tags that certificates use. */
export const DER = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  OCTETS: 0x04,
  OID: 0x06,
  SEQUENCE: 0x30,
  SET: 0x31,
  VERSION: 0xa0,
  EXTENSIONS: 0xa3,
  DNS_NAME: 0x82,
} as const;
