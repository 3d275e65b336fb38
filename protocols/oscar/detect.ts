import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { CHANNEL, FLAP_VERSION, PORTS, SIGNON_TLV, SNAC } from './numbers.ts';
import { FLAP_HEADER, FLAP_START, isFLAP, isSNAC, SNAC_HEADER } from './wire.ts';

/** What the first bytes of one direction hold. Reused for each probe: detection allocates nothing. */
class Side {
  /** Bytes that cannot be FLAP: the answer is NO. */
  broken = false;
  /** The first frame is a sign-on. */
  hello = false;
  /** ... with TLVs that fill it exactly: a client's. */
  signOn = false;
  /** Whole or begun channel-2 frames with a plausible SNAC. */
  snacs = 0;
  /** Frames of which the header was seen. */
  frames = 0;
  /** Bytes end where a frame ends. */
  exact = false;
  /** SNACs that only a client, or only a server sends. */
  ofClient = 0;
  ofServer = 0;

  judge(bytes: Uint8Array, start: number, end: number, midstream: boolean): void {
    this.broken = this.hello = this.signOn = this.exact = false;
    this.snacs = this.frames = this.ofClient = this.ofServer = 0;
    let at = start;
    while (at < end && !this.broken) {
      const begins = bytes[at] === FLAP_START && (at + 1 === end || isFLAP(FLAP_START, u8(bytes, at + 1)));
      if (!begins) this.broken = true;
      if (this.broken || at + FLAP_HEADER > end) return;
      const next = at + FLAP_HEADER + u16(bytes, at + 4);
      this.frame(bytes, at, next, end, midstream);
      at = next;
    }
    this.exact = at === end && end > start;
  }

  /** One frame, of which the header is there and perhaps not all of the payload. */
  frame(bytes: Uint8Array, at: number, next: number, end: number, midstream: boolean): void {
    const channel = u8(bytes, at + 1);
    const payload = at + FLAP_HEADER;
    this.frames++;
    if (this.frames === 1 && channel !== CHANNEL.SIGNON && !midstream) this.broken = true;
    else if (channel === CHANNEL.SIGNON) this.helloFrame(bytes, payload, next, end);
    else if (channel === CHANNEL.DATA) this.dataFrame(bytes, payload, next, end);
    else if (next - payload > CONTROL_LENGTH) this.broken = true;
    if (next < end && bytes[next] !== FLAP_START) this.broken = true;
  }

  helloFrame(bytes: Uint8Array, payload: number, next: number, end: number): void {
    if (next - payload < 4) this.broken = true;
    if (this.broken || payload + 4 > end) return;
    if (u16(bytes, payload) !== 0 || u16(bytes, payload + 2) !== FLAP_VERSION) this.broken = true;
    if (this.frames === 1) this.hello = true;
    if (next > end || next - payload === 4) return;
    if (isNameAlone(bytes, payload + 4, next)) this.broken = true;
    this.signOn = tlvsFill(bytes, payload + 4, next);
  }

  dataFrame(bytes: Uint8Array, payload: number, next: number, end: number): void {
    if (next - payload < SNAC_HEADER) this.broken = true;
    if (this.broken || payload + 6 > end) return;
    const family = u16(bytes, payload);
    const subtype = u16(bytes, payload + 2);
    if (!isSNAC(family, subtype, u16(bytes, payload + 4))) this.broken = true;
    else this.snacs++;
    const code = family * 0x1_0000 + subtype;
    if (FROM_CLIENT.has(code)) this.ofClient++;
    if (FROM_SERVER.has(code)) this.ofServer++;
  }
}

/** Sign-offs and errors are short, keep-alives empty. */
const CONTROL_LENGTH = 0x800;

const FROM_CLIENT: ReadonlySet<number> = new Set([
  SNAC.ICBM_SEND,
  SNAC.CHAT_SEND,
  SNAC.BUCP_LOGIN,
  SNAC.BUCP_KEY_REQUEST,
  SNAC.LOCATE_SET_INFO,
  SNAC.ICQ_REQUEST,
  SNAC.OSERVICE_SET_STATUS,
  SNAC.OSERVICE_CLIENT_ONLINE,
]);

const FROM_SERVER: ReadonlySet<number> = new Set([
  SNAC.ICBM_RECEIVE,
  SNAC.ICBM_HOST_ACK,
  SNAC.CHAT_RECEIVE,
  SNAC.CHAT_JOINED,
  SNAC.CHAT_LEFT,
  SNAC.CHAT_NAV_INFO,
  SNAC.BUCP_LOGIN_REPLY,
  SNAC.BUDDY_ARRIVED,
  SNAC.BUDDY_DEPARTED,
  SNAC.OSERVICE_HOST_ONLINE,
  SNAC.OSERVICE_USER_INFO,
  SNAC.OSERVICE_SERVICE_RESPONSE,
  SNAC.FEEDBAG_LIST,
  SNAC.FEEDBAG_STATUS,
  SNAC.ICQ_REPLY,
]);

function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function u16(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at) << 8) | u8(bytes, at + 1);
}

/** True where TLVs fill these bytes exactly. */
function tlvsFill(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at + 4 <= end) at += 4 + u16(bytes, at + 2);
  return at === end;
}

/** TOC's sign-on: the version, then TLV 1 and nothing else. */
function isNameAlone(bytes: Uint8Array, start: number, end: number): boolean {
  return u16(bytes, start) === SIGNON_TLV.NAME && start + 4 + u16(bytes, start + 2) === end;
}

const client = new Side();
const server = new Side();

/**
 * FLAP asks for two confirmations: the sign-on's version in both directions, or one of them with a SNAC
 * or TLVs behind it; in the middle of a conversation SNACs, whose family, subtype and flags must all be
 * known ones, in frames that follow each other or fill what was sent. A `*` alone is never enough (IMAP, Redis).
 */
function probe(probe: Probe): ProbeAnswer {
  client.judge(probe.clientBytes, probe.clientStart, probe.clientEnd, probe.midstream);
  server.judge(probe.serverBytes, probe.serverStart, probe.serverEnd, probe.midstream);
  if (client.broken || server.broken) return PROBE.NO;
  if (probe.midstream) setFlip(probe);
  if (client.hello || server.hello) return probeStart(probe);
  const snacs = client.snacs + server.snacs;
  if (snacs >= 2) return probe.yes('high', `SNACs in FLAP frames: ${snacs} in a row`);
  if (snacs === 1 && (client.exact || server.exact)) {
    return probe.yes('medium', 'one SNAC that fills a FLAP frame, and the frame its segment');
  }
  if (!probe.final) return PROBE.MORE;
  return probeControl(probe);
}

function probeStart(probe: Probe): ProbeAnswer {
  if (client.hello && server.hello) {
    return probe.yes('high', 'client: FLAP sign-on at byte 0', 'server: FLAP sign-on at byte 0');
  }
  const side = client.hello ? client : server;
  const name = client.hello ? 'client' : 'server';
  if (side.snacs > 0) return probe.yes('high', `${name}: FLAP sign-on at byte 0`, `${name}: SNAC behind it`);
  if (side.signOn && (probe.final || probe.midstream)) {
    return probe.yes('medium', `${name}: FLAP sign-on with TLVs at byte 0`);
  }
  return probe.final ? PROBE.NO : PROBE.MORE;
}

/** The end of a side connection: nothing but keep-alives or sign-offs, where OSCAR lives. */
function probeControl(probe: Probe): ProbeAnswer {
  const frames = client.frames + server.frames;
  const whole = (client.exact || probe.clientLength === 0) && (server.exact || probe.serverLength === 0);
  if (!whole || frames === 0 || !(PORTS.includes(probe.serverPort) || frames > 1)) return PROBE.NO;
  return probe.yes('low', `${frames} FLAP control frame${frames > 1 ? 's' : ''} and nothing else`);
}

/** Nobody saw the SYN: SNACs that only one side sends tell which is which. */
function setFlip(probe: Probe): void {
  probe.flip = client.ofServer + server.ofClient > client.ofClient + server.ofServer;
}

export const DETECTOR: Detector = {
  firstBytes: [[FLAP_START], [FLAP_START]],
  probe,
  /** IMAP and Redis begin with a `*` as well. */
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    client.judge(bytes, start, end, true);
    return !client.broken;
  },
};
