import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { ACK, u32 } from './wire.ts';

/**
 * What carries a file has no header: the sender, who was connected to, sends the file's bytes, and the receiver answers
 * with how many it has, four bytes each time. So it is recognised by numbers that grow and of which one is
 * exactly what was sent so far. A server that speaks first and gets such answers does nothing else.
 */
export const detector: Detector = {
  // A receiver's first number is less than 16 MiB.
  firstBytes: [[0], null],
  midstream: false,
  probe(probe: Probe): ProbeAnswer {
    if (probe.midstream) return PROBE.NO;
    const sent = probe.serverLength;
    // Who speaks first is the sender.
    if (sent === 0) return PROBE.NO;
    const { clientBytes: bytes, clientStart, clientEnd } = probe;
    if (clientEnd === clientStart) return probe.final ? PROBE.NO : PROBE.MORE;
    let last = 0;
    let count = 0;
    for (let at = clientStart; at + ACK <= clientEnd; at += ACK) {
      const number = u32(bytes, at);
      // Some clients say the last number again.
      if (number < last || number === 0 || number > sent) return PROBE.NO;
      last = number;
      count++;
    }
    if (last === sent && last >= LEAST && (count > 1 || probe.final || sent < SEGMENT || sent % UNIT === 0)) {
      return probe.yes('medium', `dcc: the receiver counts ${last} of ${sent} bytes`);
    }
    return probe.final ? PROBE.NO : PROBE.MORE;
  },
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return !greets(bytes, start, end);
  },
};

/** Numbers below are in many a protocol's length field. */
const LEAST = 64;
/** A sender fills segments and buffers. */
const SEGMENT = 1_460;
const UNIT = 512;

const GREETINGS = [
  ...['SSH-', '220 ', '220-', '200 ', '+OK', '* OK', 'RFB ', '<?xm', '<str', ':', '@RSY', 'NOTI', '*'],
  // Of a client's first bytes, which are no file either.
  ...['HTTP', 'GET ', 'POST', 'PUT ', 'HEAD', 'CONN', 'OPTI', 'USR ', 'VER '],
];
/** Types of a record of TLS, before its version: 3. */
const TLS_FIRST = 0x14;
const TLS_LAST = 0x17;

/** The greeting of a server that people and machines sign on to: its connections need no object. In place. */
function greets(bytes: Uint8Array, start: number, end: number): boolean {
  for (const greeting of GREETINGS) {
    let i = 0;
    while (i < greeting.length && start + i < end && bytes[start + i] === greeting.charCodeAt(i)) i++;
    if (i === greeting.length) return true;
  }
  const first = bytes[start] ?? 0;
  if (first >= TLS_FIRST && first <= TLS_LAST && bytes[start + 1] === 3) return true;
  // MySQL and MariaDB: length, number 0, version 10 (protocol of the handshake).
  return end - start > 5 && bytes[start + 3] === 0 && bytes[start + 4] === 10 && bytes[start + 2] === 0;
}
