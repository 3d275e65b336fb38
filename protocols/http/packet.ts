import { decodeUtf8 } from '../../src/sdk/index.ts';

/** What the packet before an upload to Yahoo says of the file. */
export interface Upload {
  readonly name: string;
  readonly size: number;
  readonly from?: string;
  readonly to?: string;
  /** Where the file begins. */
  readonly begin: number;
}

/** Bytes within which the packet's keys must stand. */
export const MOST_PACKET = 2_048;
const HEADER = 20;
const KEY = { FROM: 0, ACTIVE: 1, TO: 5, NAME: 27, SIZE: 28, DATA: 29 } as const;

/**
 * Reads the packet of service 46 hex with which an upload begins: keys and values, each ended by C0 80, up to key 29, behind
 * which the file stands. Undefined while that is not there, null where it is no such packet.
 */
export function readUpload(bytes: Uint8Array, end: number): Upload | null | undefined {
  if (end < HEADER) return undefined;
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== 'YMSG') return null;
  const values = new Map<number, string>();
  for (let at = HEADER; ;) {
    const key = part(bytes, at, end);
    if (key < 0) return undefined;
    const number = Number(decodeUtf8(bytes, at, key) || Number.NaN);
    if (!Number.isInteger(number)) return null;
    at = key + 2;
    if (number === KEY.DATA) return uploadOf(values, at);
    const value = part(bytes, at, end);
    if (value < 0) return undefined;
    values.set(number, decodeUtf8(bytes, at, value));
    at = value + 2;
  }
}

function uploadOf(values: ReadonlyMap<number, string>, begin: number): Upload | null {
  const name = values.get(KEY.NAME);
  const size = values.get(KEY.SIZE) ?? '';
  if (name === undefined || !/^\d{1,15}$/.test(size)) return null;
  const from = values.get(KEY.FROM) ?? values.get(KEY.ACTIVE);
  const to = values.get(KEY.TO);
  return {
    ...{ name, size: Number(size), begin },
    ...(from ? { from: from.toLowerCase() } : {}),
    ...(to ? { to: to.toLowerCase() } : {}),
  };
}

/** Where the part that begins at `at` ends, −1 where its end is not there. */
function part(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i + 1 < end; i++) if (bytes[i] === 0xc0 && bytes[i + 1] === 0x80) return i;
  return -1;
}
