import { ByteWriter } from '../byte-writer.ts';
import { CLIENT, type Side } from '../path.ts';
import type { Random } from '../random.ts';
import { sendBytes, type Step } from '../step.ts';

export const CHANNEL = { SIGNON: 1, DATA: 2, SIGNOFF: 4, KEEP_ALIVE: 5 } as const;

/** SNACs by food group and subtype. */
export const SNAC = {
  BUCP_CHALLENGE_REQUEST: [0x17, 0x06],
  BUCP_CHALLENGE: [0x17, 0x07],
  BUCP_LOGIN: [0x17, 0x02],
  BUCP_REPLY: [0x17, 0x03],
  HOST_ONLINE: [0x01, 0x03],
  CLIENT_ONLINE: [0x01, 0x02],
  CLIENT_VERSIONS: [0x01, 0x17],
  HOST_VERSIONS: [0x01, 0x18],
  RATE_QUERY: [0x01, 0x06],
  RATE_REPLY: [0x01, 0x07],
  RATE_ADD: [0x01, 0x08],
  SELF_QUERY: [0x01, 0x0e],
  SELF_INFO: [0x01, 0x0f],
  SET_INFO: [0x02, 0x04],
  ARRIVED: [0x03, 0x0b],
  ICBM_SETUP: [0x04, 0x02],
  ICBM_TO_HOST: [0x04, 0x06],
  ICBM_TO_CLIENT: [0x04, 0x07],
  ICBM_ACK: [0x04, 0x0c],
  ICBM_TYPING: [0x04, 0x14],
  FEEDBAG_QUERY: [0x13, 0x04],
  FEEDBAG_REPLY: [0x13, 0x06],
  FEEDBAG_USE: [0x13, 0x07],
} as const satisfies Record<string, readonly [number, number]>;
export type SnacName = readonly [number, number];

/** Longest first: the shares of 1, 1, 2 and 2 bytes are how one server in ten writes a FLAP header. */
const HEADER_FIELDS = [1, 1, 2, 2] as const;

/** Frames of one connection: FLAP numbers them by side. */
export class FlapWriter {
  private readonly sequences: [number, number];
  private readonly splitsHeaders: boolean;
  private requests = 0;

  constructor(random: Random) {
    this.sequences = [random.below(0x8000), random.below(0x8000)];
    this.splitsHeaders = random.chance(0.1);
  }

  frame(from: Side, channel: number, body: Uint8Array, wait = 0): Step[] {
    const sequence = this.sequences[from];
    this.sequences[from] = (sequence + 1) & 0xffff;
    const bytes = new ByteWriter().u8(0x2a).u8(channel).u16(sequence).u16(body.length).raw(body).take();
    return from === CLIENT || !this.splitsHeaders
      ? [sendBytes(from, bytes, wait)]
      : splitHeader(from, bytes, wait);
  }

  snac(from: Side, [family, subtype]: SnacName, body: Uint8Array, wait = 0): Step[] {
    const request = from === CLIENT ? ++this.requests : this.requests;
    const out = new ByteWriter().u16(family).u16(subtype).u16(0).u32(request);
    return this.frame(from, CHANNEL.DATA, out.raw(body).take(), wait);
  }
}

function splitHeader(from: Side, bytes: Uint8Array, wait: number): Step[] {
  const steps: Step[] = [];
  let at = 0;
  for (const length of [...HEADER_FIELDS, bytes.length]) {
    const end = Math.min(bytes.length, at + length);
    if (end > at) steps.push(sendBytes(from, bytes.slice(at, end), at === 0 ? wait : 0));
    at = end;
  }
  return steps;
}

/** Appends a TLV of bytes, of a text or of a 16-bit number. */
export function tlv(out: ByteWriter, type: number, value: Uint8Array | string | number): ByteWriter {
  out.u16(type);
  const place = out.open(2);
  if (typeof value === 'number') out.u16(value);
  else if (typeof value === 'string') out.text(value);
  else out.raw(value);
  return out.close(place, 2);
}
