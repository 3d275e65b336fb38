/** Builders of TOC messages for tests and capture generators. */
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
