/** IPv4 and IPv6 addresses from bytes to their text, in RFC 5952 form. */

/** Four bytes at `at` as dotted decimal. */
export function formatIPv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]!}.${bytes[at + 1]!}.${bytes[at + 2]!}.${bytes[at + 3]!}`;
}

/** Sixteen bytes at `at` in RFC 5952 form: lower case, the longest run of zero groups as `::`. */
export function formatIPv6(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[at + i]! << 8) | bytes[at + i + 1]!);
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === 0) n++;
    if (n > bestLength) {
      best = i;
      bestLength = n;
    }
    i += n;
  }
  const mapped = best === 0 && bestLength === 5 && groups[5] === 0xffff;
  if (mapped) return `::ffff:${formatIPv4(bytes, at + 12)}`;
  const hex = groups.map((g) => g.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}
