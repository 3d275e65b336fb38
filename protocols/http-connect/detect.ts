import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';

const CONNECT = Uint8Array.from('CONNECT ', (c) => c.charCodeAt(0));
const VERSION = Uint8Array.from(' HTTP/1.', (c) => c.charCodeAt(0));
const LONGEST_LINE = 512;

/** A request line `CONNECT host:port HTTP/1.x`; with a server's first bytes only if they answer in HTTP. */
export const DETECTOR: Detector = {
  firstBytes: [[0x43], [0x48]],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    const length = Math.min(end - start, CONNECT.length);
    for (let i = 0; i < length; i++) if (bytes[start + i] !== CONNECT[i]) return PROBE.NO;
    const eol = bytes.indexOf(0x0a, start);
    if (eol < 0 || eol >= end) return unfinished(probe, end - start);
    if (eol - start > LONGEST_LINE || !isLine(bytes, start, eol)) return PROBE.NO;
    return probe.yes('high', 'client: HTTP CONNECT at byte 0');
  },
};

/** A line typed or sent byte by byte: a carrier that turns out to be none tells nothing. */
function unfinished(probe: Probe, length: number): ProbeAnswer {
  if (length > LONGEST_LINE) return PROBE.NO;
  if (!probe.final) return PROBE.MORE;
  return length > CONNECT.length ? probe.yes('low', 'client: beginning of HTTP CONNECT') : PROBE.NO;
}

/** `CONNECT`, one word with a colon and digits behind it, and the version. */
function isLine(bytes: Uint8Array, start: number, eol: number): boolean {
  let i = start + CONNECT.length;
  let colon = -1;
  for (; i < eol && bytes[i] !== 0x20; i++) {
    if (bytes[i] === 0x3a) colon = i;
    else if (colon >= 0 && !isDigit(bytes[i] ?? 0)) colon = -1;
  }
  if (colon < 0 || colon + 1 === i) return false;
  for (let k = 0; k < VERSION.length; k++) if (bytes[i + k] !== VERSION[k]) return false;
  return i + VERSION.length < eol;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
