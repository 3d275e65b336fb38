import { Leaf } from './certificate.ts';
import type { NameTest } from './certificate.ts';
import { SIGHT } from './sight.ts';
import { EXTENSION, HANDSHAKE, MESSAGE_HEAD, RECORD, RECORD_HEAD, TLS13 } from './wire.ts';

/**
 * Finds the server's own certificate in the first bytes of its direction, in place, for detectors. A
 * Certificate message that lies in several records is not joined: its leaf is then read as far as the first holds it.
 */
export class ServerSight {
  readonly leaf = new Leaf();
  #bytes: Uint8Array = new Uint8Array(0);

  /**
   * NOTHING, PART (more bytes are needed), NO (no certificate will come in clear), or SERVER: the leaf
   * is there, whole unless `final` says that no more of it will be shown.
   */
  look(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    if (start >= end) return SIGHT.NOTHING;
    this.#bytes = bytes;
    let hello = false;
    for (let at = start; ;) {
      const past = pastRecord(bytes, at, end);
      if (past < 0) return past === MORE_BYTES ? SIGHT.PART : SIGHT.NO;
      for (let m = at + RECORD_HEAD; m < past;) {
        if (end - m < MESSAGE_HEAD) return SIGHT.PART;
        const next = m + MESSAGE_HEAD + ((bytes[m + 1] ?? 0) << 16) + u16(bytes, m + 2);
        if (hello) {
          if (bytes[m] !== HANDSHAKE.CERTIFICATE) return SIGHT.NO;
          return this.#certificate(m + MESSAGE_HEAD, Math.min(next, past), end, final);
        }
        const answer = lookAtHello(bytes, m, next, past, end);
        if (answer !== SIGHT.SERVER) return answer;
        hello = true;
        m = next;
      }
      at = past;
    }
  }

  #certificate(start: number, past: number, end: number, final: boolean): number {
    const there = Math.min(past, end);
    const found = there - start > 6 && this.leaf.find(this.#bytes, start, there);
    if (found && (this.leaf.whole || final || past <= end)) return SIGHT.SERVER;
    if (past <= end || final) return SIGHT.NO;
    return SIGHT.PART;
  }

  /** True where a name of the certificate that was found passes the test. */
  some(test: NameTest): boolean {
    return this.leaf.some(this.#bytes, test);
  }
}

const MORE_BYTES = -1;
const NO_RECORD = -2;

/** Index behind the handshake record at `at`, or MORE_BYTES, NO_RECORD. */
function pastRecord(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return MORE_BYTES;
  if (bytes[at] !== RECORD.HANDSHAKE) return NO_RECORD;
  if (end - at < RECORD_HEAD) return MORE_BYTES;
  const length = u16(bytes, at + 3);
  return bytes[at + 1] !== 3 || length < MESSAGE_HEAD ? NO_RECORD : at + RECORD_HEAD + length;
}

/** The first message: SERVER for a ServerHello behind which a certificate comes in clear, else PART or NO. */
function lookAtHello(bytes: Uint8Array, at: number, next: number, record: number, end: number): number {
  if (bytes[at] !== HANDSHAKE.SERVER_HELLO || next > record) return SIGHT.NO;
  if (next > end) return SIGHT.PART;
  return isReadable(bytes, at + MESSAGE_HEAD, next) ? SIGHT.SERVER : SIGHT.NO;
}

/** A ServerHello of TLS 1.2 or before, behind which the certificate comes in clear. */
function isReadable(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 38 || bytes[start] !== 3) return false;
  let at = start + 35 + (bytes[start + 34] ?? 0) + 3;
  if (at + 2 > end) return at === end;
  at += 2;
  while (at + 4 <= end) {
    const length = u16(bytes, at + 2);
    if (u16(bytes, at) === EXTENSION.VERSIONS && length === 2 && u16(bytes, at + 4) >= TLS13) return false;
    at += 4 + length;
  }
  return true;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
