import { PcapReader } from './pcap.ts';
import { PcapngReader } from './pcapng.ts';
import type { Trouble } from './problem.ts';
import type { FrameReader } from './reader.ts';
import { BLOCK, FOREIGN, GZIP, PCAP_VARIANTS } from './wire.ts';

/** Bytes that `identify` needs: fewer only where the input has no more. */
export const MAGIC_LENGTH = 4;

/** What an input is, by its first bytes alone; a name proves nothing. */
export type Identity = 'pcap' | 'pcapng' | 'gzip' | 'foreign';

/** Judges `bytes[at..end)`, which hold `MAGIC_LENGTH` bytes or all that there are. */
export function identify(bytes: Uint8Array, at: number, end: number): Identity {
  if (end - at >= 2 && ((bytes[at]! << 8) | bytes[at + 1]!) === GZIP.MAGIC) return 'gzip';
  if (end - at < MAGIC_LENGTH) return 'foreign';
  const magic = magicAt(bytes, at);
  if (magic === BLOCK.SHB) return 'pcapng';
  return PCAP_VARIANTS.has(magic) ? 'pcap' : 'foreign';
}

/** The reader for what begins at `at`, or undefined where it is neither pcap nor pcapng. */
export function createFrameReader(bytes: Uint8Array, at: number, end: number): FrameReader | undefined {
  if (end - at < MAGIC_LENGTH) return undefined;
  const magic = magicAt(bytes, at);
  if (magic === BLOCK.SHB) return new PcapngReader();
  const variant = PCAP_VARIANTS.get(magic);
  return variant === undefined ? undefined : new PcapReader(variant);
}

/** Says what an input that is no capture is instead, or that it ends inside the magic bytes. */
export function foreignTrouble(bytes: Uint8Array, at: number, end: number): Trouble {
  const start = Buffer.from(bytes.subarray(at, Math.min(end, at + 16))).toString('hex');
  if (end - at < MAGIC_LENGTH && KNOWN_MAGICS.some((magic) => magic.startsWith(start))) {
    return { kind: 'cut', message: 'cut short in the file header', offset: 0 };
  }
  const known = FOREIGN.find(([magic]) => start.startsWith(magic));
  return { kind: 'foreign', message: known?.[1] ?? 'not a capture (pcap or pcapng, plain or in gzip)' };
}

const KNOWN_MAGICS = [...PCAP_VARIANTS.keys(), BLOCK.SHB, GZIP.MAGIC * 0x10000].map((magic) =>
  magic.toString(16).padStart(8, '0'),
);

function magicAt(b: Uint8Array, at: number): number {
  return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
}
