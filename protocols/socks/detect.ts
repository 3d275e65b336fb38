import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import {
  COMMAND,
  LONGEST_TEXT,
  METHOD,
  METHODS,
  PRIVATE_METHODS,
  REPLY_4,
  REQUEST_4,
  VERSION_4,
  VERSION_5,
} from './wire.ts';

/**
 * A greeting of version 5 that fills what was sent, confirmed by the server's choice or by a request
 * behind it; or a request of version 4 with its NUL where the segment ends.
 */
export const DETECTOR: Detector = {
  firstBytes: [
    [VERSION_4, VERSION_5],
    [REPLY_4, VERSION_5],
  ],
  probe(probe: Probe): ProbeAnswer {
    if (probe.midstream) return PROBE.NO;
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    // A SOCKS server never speaks first.
    if (end === start) return PROBE.NO;
    return bytes[start] === VERSION_5 ? version5(probe) : version4(probe);
  },
};

function version5(probe: Probe): ProbeAnswer {
  const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
  if (end - start < 2) return more(probe);
  const count = bytes[start + 1] ?? 0;
  const past = start + 2 + count;
  if (count === 0) return PROBE.NO;
  for (let i = start + 2; i < past && i < end; i++) if (!isMethod(bytes[i] ?? 0)) return PROBE.NO;
  if (probe.serverEnd > probe.serverStart) return end < past ? PROBE.NO : chosen(probe, start + 2, past);
  // One side only: the request, or the password before it, follows the greeting.
  if (end < past + 4) return more(probe);
  return isRequest(bytes, past) ? probe.yes('medium', 'client: SOCKS5 greeting and request') : PROBE.NO;
}

/** The beginning of a request of version 5: version, command, a zero. */
function isRequest(bytes: Uint8Array, at: number): boolean {
  const command = bytes[at + 1] ?? 0;
  return (
    bytes[at] === VERSION_5 && command >= COMMAND.CONNECT && command <= COMMAND.UDP && bytes[at + 2] === 0
  );
}

/** The server chose one of the offered methods, or none. */
function chosen(probe: Probe, from: number, to: number): ProbeAnswer {
  const { serverBytes, serverStart, serverEnd } = probe;
  if (serverBytes[serverStart] !== VERSION_5) return PROBE.NO;
  if (serverEnd - serverStart < 2) return more(probe);
  const method = serverBytes[serverStart + 1] ?? 0;
  if (method !== METHOD.REFUSED && !offered(probe.clientBytes, from, to, method)) return PROBE.NO;
  return probe.yes('high', 'client: SOCKS5 greeting at byte 0', 'server: SOCKS5 method');
}

function isMethod(method: number): boolean {
  return method < METHODS || (method >= PRIVATE_METHODS && method !== METHOD.REFUSED);
}

function version4(probe: Probe): ProbeAnswer {
  const { clientBytes: bytes, clientStart: start, clientEnd: end, serverBytes, serverStart } = probe;
  if (end - start >= 2) {
    const command = bytes[start + 1];
    if (command !== COMMAND.CONNECT && command !== COMMAND.BIND) return PROBE.NO;
  }
  if (end - start > REQUEST_4 + 2 * (LONGEST_TEXT + 1)) return PROBE.NO;
  if (end - start <= REQUEST_4) return more(probe);
  for (let i = start + REQUEST_4; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte !== 0 && byte < 0x20) return PROBE.NO;
  }
  if (bytes[start + 2] === 0 && bytes[start + 3] === 0) return PROBE.NO;
  if (bytes[end - 1] !== 0) return more(probe);
  if (probe.serverEnd > serverStart && serverBytes[serverStart] !== REPLY_4) return PROBE.NO;
  return probe.yes('medium', 'client: SOCKS4 request at byte 0');
}

function more(probe: Probe): ProbeAnswer {
  return probe.final ? PROBE.NO : PROBE.MORE;
}

function offered(bytes: Uint8Array, from: number, to: number, method: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] === method) return true;
  return false;
}
