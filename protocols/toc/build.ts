/** Builders of TOC messages and conversations for tests and capture generators. */
import type { Step } from '../../src/sdk/testing.ts';
import { FLAPON, CHANNEL } from './wire.ts';

const ROAST_KEY = 'Tic/Toc';
const encoder = new TextEncoder();

/** One FLAP frame. */
export function flap(channel: number, sequence: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(6 + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x2a;
  frame[1] = channel;
  view.setUint16(2, sequence & 0xffff);
  view.setUint16(4, payload.length);
  frame.set(payload, 6);
  return frame;
}

/** What the client sends first. */
export function greeting(): Uint8Array {
  return encoder.encode(FLAPON);
}

/** The server's answer to it. */
export function hello(sequence = 0): Uint8Array {
  return flap(CHANNEL.SIGNON, sequence, Uint8Array.of(0, 0, 0, 1));
}

/** The client's channel-1 frame with its name. */
export function signOnFrame(name: string, sequence = 0): Uint8Array {
  const bytes = encoder.encode(name);
  return flap(CHANNEL.SIGNON, sequence, Uint8Array.of(0, 0, 0, 1, 0, 1, 0, bytes.length, ...bytes));
}

/** A client's line: the text and a NUL. */
export function command(line: string | Uint8Array, sequence = 0): Uint8Array {
  const bytes = typeof line === 'string' ? encoder.encode(line) : line;
  return flap(CHANNEL.DATA, sequence, Uint8Array.of(...bytes, 0));
}

/** A server's line. */
export function reply(line: string | Uint8Array, sequence = 0): Uint8Array {
  return flap(CHANNEL.DATA, sequence, typeof line === 'string' ? encoder.encode(line) : line);
}

/** A password as the sign-on commands carry it. */
export function roast(password: string): string {
  let hex = '0x';
  encoder.encode(password).forEach((byte, i) => {
    hex += (byte ^ ROAST_KEY.charCodeAt(i % ROAST_KEY.length)).toString(16).padStart(2, '0');
  });
  return hex;
}

/** An argument in quotes, with the escapes that TOC asks for. */
export function quote(text: string): string {
  return `"${text.replace(/["\\$(){}[\]]/g, '\\$&')}"`;
}

/** Bytes of the client, a step each. */
export function up(...parts: Uint8Array[]): Step[] {
  return parts.map((bytes) => ({ direction: 0, bytes }));
}

/** Bytes of the server, a step each. */
export function down(...parts: Uint8Array[]): Step[] {
  return parts.map((bytes) => ({ direction: 1, bytes }));
}

/** The end of both directions. */
export const over: readonly Step[] = [
  { direction: 0, end: true },
  { direction: 1, end: true },
];

/** The password of `signOn`, which no event may show. */
export const PASSWORD = 'glass-onion-77';

/** Signed on as `Copper Hare`. */
export const signOn: readonly Step[] = [
  ...up(greeting()),
  ...down(hello()),
  ...up(
    signOnFrame('copperhare'),
    command(
      `toc2_login login.oscar.aol.com 5190 copperhare ${roast(PASSWORD)} english "TIC:AIM Express 3.0" ` +
        '160 US "" "" 3 0 30303 -kentucky -utf8 102664640',
    ),
  ),
  ...down(reply('SIGN_ON:TOC2.0'), reply('NICK:Copper Hare'), reply('CONFIG2:done:\n')),
];

/** A short session with something of everything. */
export const conversation: readonly Step[] = [
  ...signOn,
  ...up(
    command('toc2_new_buddies "\\{g:Buddies\nb:millpond\n\\}"'),
    command('toc2_send_im millpond "hi there"'),
  ),
  ...down(
    reply('UPDATE_BUDDY2:Mill Pond:T:0:1795493372:0: O :'),
    reply('IM_IN_ENC2:Mill Pond:F:F:T: U :F:L:en:<HTML><BODY>Grüße</BODY></HTML>'),
    reply('CHAT_INVITE:Garden Party 7:0:northgate:you too'),
  ),
  ...up(command('toc_chat_accept 0'), command('toc_chat_send 0 "a line"'), flap(5, 3, new Uint8Array(0))),
  ...over,
];

/** Byte arrays one after the other. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** One byte a character. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
