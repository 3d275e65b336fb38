/** Link addresses (EUI-48): six bytes, as a whole number below 2^48 or as text. */

/** The address at `at` as a number; 0 where it is nobody's own: all zero, or a group's (broadcast, multicast). */
export function macNumber(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 1;
  if ((first & 1) !== 0) return 0;
  const high = (first << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  const low = ((bytes[at + 3] ?? 0) << 16) | ((bytes[at + 4] ?? 0) << 8) | (bytes[at + 5] ?? 0);
  return high * 0x1_00_00_00 + low;
}

/** `00:11:22:aa:bb:cc`. */
export function formatMac(mac: number): string {
  const hex = mac.toString(16).padStart(12, '0');
  return hex.replace(/(..)(?=.)/g, '$1:');
}

/** Reads the usual ways to write one (`00:11:…`, `00-11-…`, `0011.22aa.bbcc`, twelve digits); undefined for anything else. */
export function parseMac(text: string): string | undefined {
  if (text.length > 17) return undefined;
  const digits = text.replace(/[:.-]/g, '').toLowerCase();
  if (!/^[0-9a-f]{12}$/.test(digits)) return undefined;
  const mac = Number.parseInt(digits, 16);
  const group = (Number.parseInt(digits.slice(0, 2), 16) & 1) !== 0;
  return mac === 0 || group ? undefined : formatMac(mac);
}
