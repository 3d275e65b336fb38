/**
 * First-byte tables of the detectors: which of them (a bit each) can begin with this byte, by
 * direction (`table[direction * 256 + byte]`).
 */
export interface Prefilter {
  readonly tcp: Int32Array;
  readonly udp: Int32Array;
}
