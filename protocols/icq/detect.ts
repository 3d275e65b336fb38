import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { commandV4, commandV5, tableFitsV5 } from './crypt.ts';
import {
  CLIENT_COMMANDS,
  CLIENT_HEADER,
  CMD,
  isClientV5,
  SERVER_COMMANDS,
  SERVER_HEADER,
  SRV,
  versionAt,
} from './wire.ts';

/**
 * What a datagram says, taken as a client's or as a server's: NO, WEAK (a known command and a
 * plausible account, no more), or STRONG (its body has the lengths that the command asks for, or a
 * scramble's check code fits).
 */
const SAYS = { NO: 0, WEAK: 1, STRONG: 2 } as const;
type Says = (typeof SAYS)[keyof typeof SAYS];

const UIN_MIN = 1000;
const UIN_MAX = 0x7fffffff;

/**
 * One strong datagram decides, as do weak ones of both sides that belong together: the server
 * repeats the client's sequence number (version 2) or account (later).
 */
export const detector: Detector = {
  firstBytes: [
    [2, 3, 4, 5],
    [2, 3, 4, 5],
  ],
  probe(probe: Probe): ProbeAnswer {
    const {
      clientBytes: c,
      clientStart: cs,
      clientEnd: ce,
      serverBytes: s,
      serverStart: ss,
      serverEnd: se,
    } = probe;
    if (ss >= se) return probeOne(probe, c, cs, ce, true);
    if (cs >= ce) return probeOne(probe, s, ss, se, false);
    if (belong(c, cs, ce, s, ss, se)) {
      return probe.yes('high', 'client: ICQ datagram', 'server: ICQ datagram');
    }
    if (belong(s, ss, se, c, cs, ce)) {
      probe.flip = true;
      return probe.yes('high', 'server side: ICQ client datagram', 'client side: ICQ server datagram');
    }
    return PROBE.NO;
  },
};

/** Only one side has spoken. */
function probeOne(
  probe: Probe,
  bytes: Uint8Array,
  start: number,
  end: number,
  isClient: boolean,
): ProbeAnswer {
  const asClient = examineClient(bytes, start, end);
  const asServer = examineServer(bytes, start, end);
  if (asClient === SAYS.NO && asServer === SAYS.NO) return PROBE.NO;
  const likely = Math.max(asClient, asServer);
  if (likely !== SAYS.STRONG) return probe.final ? PROBE.NO : PROBE.MORE;
  const fromClient = asClient === SAYS.STRONG && (isClient || asServer !== SAYS.STRONG);
  probe.flip = fromClient !== isClient;
  return probe.yes('medium', fromClient ? 'client: ICQ datagram' : 'server: ICQ datagram');
}

/** A client's datagram and a server's of one exchange. */
function belong(c: Uint8Array, cs: number, ce: number, s: Uint8Array, ss: number, se: number): boolean {
  const server = examineServer(s, ss, se);
  if (server === SAYS.NO) return false;
  if (s[ss] === 5 && c[cs] === 5) {
    return versionAt(c, cs, ce) === 5 && isClientV5(c, cs) && u32(c, cs + 6) === u32(s, ss + 13);
  }
  const client = examineClient(c, cs, ce);
  if (client === SAYS.NO || client === SAYS.STRONG || server === SAYS.STRONG) return client !== SAYS.NO;
  const repeats = s[ss] === 2 ? u16(s, ss + 2) === SRV.ACK && u16(c, cs + 4) === u16(s, ss + 4) : false;
  return repeats || (s[ss] === 3 && c[cs] === 3 && u32(c, cs + 8) === u32(s, ss + 8));
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) + u16(bytes, at + 2) * 0x10000;
}

function isAccount(uin: number): boolean {
  return uin >= UIN_MIN && uin <= UIN_MAX;
}

function examineClient(bytes: Uint8Array, start: number, end: number): Says {
  const version = versionAt(bytes, start, end);
  const header = CLIENT_HEADER[version] ?? 0;
  if (version === 0 || end - start < header) return SAYS.NO;
  if (version === 5) return examineV5(bytes, start, end);
  if (version === 4) return CLIENT_COMMANDS.has(commandV4(bytes, start, end)) ? SAYS.STRONG : SAYS.NO;
  const command = u16(bytes, start + 2);
  if (!CLIENT_COMMANDS.has(command)) return SAYS.NO;
  const uin = u32(bytes, start + (version === 2 ? 6 : 8));
  const register = command === CMD.REGISTER || command === CMD.FIRST_LOGIN;
  if (!register && !isAccount(uin)) return SAYS.NO;
  return clientBody(command, bytes, start + header, end);
}

function examineV5(bytes: Uint8Array, start: number, end: number): Says {
  if (!isClientV5(bytes, start) || !CLIENT_COMMANDS.has(commandV5(bytes, start, end))) return SAYS.NO;
  return tableFitsV5(bytes, start) ? SAYS.STRONG : SAYS.WEAK;
}

/** The lengths in a body in clear; commands without any say little. */
function clientBody(command: number, bytes: Uint8Array, body: number, end: number): Says {
  if (command === CMD.LOGIN) {
    return endsText(bytes, body + 4, end) || endsText(bytes, body + 8, end) ? SAYS.STRONG : SAYS.NO;
  }
  if (command === CMD.SEND_MESSAGE || command === CMD.AUTHORIZE) {
    return isAccount(u32(bytes, body)) && endsText(bytes, body + 6, end) ? SAYS.STRONG : SAYS.NO;
  }
  if (command === CMD.CONTACT_LIST) {
    const count = bytes[body] ?? 0;
    return body < end && end - body >= 1 + 4 * count ? (count > 0 ? SAYS.STRONG : SAYS.WEAK) : SAYS.NO;
  }
  return SAYS.WEAK;
}

function examineServer(bytes: Uint8Array, start: number, end: number): Says {
  const version = versionAt(bytes, start, end);
  const header = SERVER_HEADER[version] ?? 0;
  if (version === 0 || end - start < header) return SAYS.NO;
  if (version === 5 && (bytes[start + 2] !== 0 || isClientV5(bytes, start))) return SAYS.NO;
  const command = u16(bytes, start + (version === 5 ? 7 : 2));
  if (!SERVER_COMMANDS.has(command)) return SAYS.NO;
  if (version > 2 && !isAccount(u32(bytes, start + (version === 5 ? 13 : 8)))) return SAYS.NO;
  return serverBody(command, bytes, start + header, end);
}

function serverBody(command: number, bytes: Uint8Array, body: number, end: number): Says {
  if (command === SRV.MESSAGE) {
    return isAccount(u32(bytes, body)) && endsText(bytes, body + 6, end) ? SAYS.STRONG : SAYS.NO;
  }
  if (command === SRV.USER_ONLINE) {
    return end - body >= 21 && isAccount(u32(bytes, body)) ? SAYS.WEAK : SAYS.NO;
  }
  if (command === SRV.USER_OFFLINE || command === SRV.STATUS_UPDATE) {
    return isAccount(u32(bytes, body)) && end - body >= 4 ? SAYS.WEAK : SAYS.NO;
  }
  return SAYS.WEAK;
}

/** True where a length u16 at `at` leads to a NUL inside of the datagram, with text before it. */
function endsText(bytes: Uint8Array, at: number, end: number): boolean {
  const length = u16(bytes, at);
  const last = at + 2 + length - 1;
  return (
    at + 2 <= end && length >= 1 && last < end && bytes[last] === 0 && (length < 2 || bytes[last - 1] !== 0)
  );
}
