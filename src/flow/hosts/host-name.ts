import { decodeLatin1 } from '../../core/text.ts';

/** Names of hosts as the wire has them. What is no usual name of a host is none: a stranger wrote it. */

const LONGEST_NAME = 253;
/** Turns in following the pointers of one compressed name. */
const MAX_POINTERS = 16;
const USUAL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;

/** A plain text, lower case, without zeros or a dot behind; undefined where it is no name of a host. */
export function hostName(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > LONGEST_NAME) return undefined;
  // A row of zeros is padding (RFC 2132, 2).
  return usual(decodeLatin1(bytes, start, end).replace(/[.\0]+$/, ''));
}

/** Labels behind their lengths, to `end` or to the root (a client's name without domain has no root: RFC 4702, 2.3.1). */
export function nameOfLabels(bytes: Uint8Array, start: number, end: number): string | undefined {
  return dnsName(bytes, start, end, end);
}

/** A name in a DNS message that begins at `message`: its labels may end in a pointer (RFC 1035, 4.1.4). */
export function dnsName(bytes: Uint8Array, start: number, end: number, message: number): string | undefined {
  const labels: string[] = [];
  let at = start;
  let length = 0;
  for (let pointers = 0; at < end;) {
    const size = bytes[at] ?? 0;
    if (size === 0) break;
    if (size >= 0xc0) {
      const to = message + (((size & 0x3f) << 8) | (bytes[at + 1] ?? 0));
      if (to >= at || ++pointers > MAX_POINTERS) return undefined;
      at = to;
      continue;
    }
    length += size + 1;
    if (size > 63 || at + 1 + size > end || length > LONGEST_NAME + 1) return undefined;
    const label = decodeLatin1(bytes, at + 1, at + 1 + size);
    if (label.includes('.')) return undefined;
    labels.push(label);
    at += 1 + size;
  }
  return usual(labels.join('.'));
}

function usual(text: string): string | undefined {
  const name = text.toLowerCase();
  return USUAL.test(name) ? name : undefined;
}
