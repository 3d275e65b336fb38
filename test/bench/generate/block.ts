/**
 * Payload bytes that know the Internet checksum (RFC 1071) of any part of themselves. A large block
 * that many packets are cut from keeps prefix sums, so that a part costs the same whatever its length.
 */
export class Block {
  readonly bytes: Uint8Array;
  /** Sums of the bytes at even and at odd places, before each pair. */
  private readonly evens: Uint32Array | null;
  private readonly odds: Uint32Array | null;

  /** With `indexed`, at most 32 MiB: sums are 32 bits wide. */
  constructor(bytes: Uint8Array, indexed = false) {
    this.bytes = bytes;
    this.evens = indexed ? prefixSums(bytes, 0) : null;
    this.odds = indexed ? prefixSums(bytes, 1) : null;
  }

  get length(): number {
    return this.bytes.length;
  }

  /** The sum of the 16-bit words of `[start, end)`, not folded; an odd last byte counts as if a zero followed. */
  sum(start: number, end: number): number {
    if (this.evens === null || this.odds === null) return sumWords(this.bytes, start, end);
    const even = (this.evens[(end + 1) >> 1] ?? 0) - (this.evens[(start + 1) >> 1] ?? 0);
    const odd = (this.odds[end >> 1] ?? 0) - (this.odds[start >> 1] ?? 0);
    return (start & 1) === 0 ? even * 256 + odd : odd * 256 + even;
  }
}

export function sumWords(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at + 1 < end; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return at < end ? sum + ((bytes[at] ?? 0) << 8) : sum;
}

/** Folds a sum into the 16-bit checksum field that makes its words add up to nothing. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded % 0x10000);
  return ~folded & 0xffff;
}

function prefixSums(bytes: Uint8Array, parity: number): Uint32Array {
  const sums = new Uint32Array((bytes.length >> 1) + 2);
  let sum = 0;
  for (let pair = 0; pair + 1 < sums.length; pair++) {
    sum += bytes[pair * 2 + parity] ?? 0;
    sums[pair + 1] = sum;
  }
  return sums;
}
