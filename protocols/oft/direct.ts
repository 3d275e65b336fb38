import { messageText } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';
import type { Peers, Place } from './peer.ts';
import { Pictures } from './pictures.ts';
import type { OdcHeader } from './wire.ts';
import { decodeText, ODC_FLAG } from './wire.ts';

/**
 * Direct IM. A message's payload is its text and, after it, pictures as raw bytes between
 * `<BINARY>` and `</BINARY>`: the text is read, the rest carved as it passes.
 */

/** As much of a payload as is held for its text; what follows is not. */
export const TEXT_MAX = 65_536;

/** `<BINARY>`, in any case. */
const BINARY = [0x3c, 0x42, 0x49, 0x4e, 0x41, 0x52, 0x59, 0x3e];

/** A message whose payload has not passed to its end. */
export interface PendingMessage {
  at: Place;
  header: OdcHeader;
  text: string;
  pictures: Pictures;
  truncated: boolean;
}

/** A header without payload: the opening of the conversation, or a typing notice. */
export function onNotice(peers: Peers, at: Place, { flags }: OdcHeader): void {
  if ((flags & ODC_FLAG.TYPING) === 0) return;
  const state =
    (flags & ODC_FLAG.TYPES) !== 0 ? 'typing' : (flags & ODC_FLAG.TYPED) !== 0 ? 'paused' : 'stopped';
  peers.tell(at, { kind: 'typing', ...peers.between(at.direction), state });
}

/** Reads the text of a payload of which the first bytes (all, or `TEXT_MAX`) stand at the cursor. */
export function readMessage(peers: Peers, at: Place, header: OdcHeader, cursor: Cursor): PendingMessage {
  const held = Math.min(header.length, TEXT_MAX);
  const start = cursor.pos;
  const found = findBinary(cursor.bytes, start, start + held);
  const end = found < 0 ? start + held : found;
  const text = decodeText(cursor.bytes, start, end, header.encoding);
  const pictures = new Pictures(peers, at, text, found < 0 ? 0 : header.length - (found - start));
  if (found >= 0) pictures.pass(cursor.bytes, found, start + held);
  cursor.skip(held);
  return { at, header, text, pictures, truncated: found < 0 && header.length > held };
}

/** Tells a message whose payload has passed, and the pictures in it. */
export function tellMessage(peers: Peers, message: PendingMessage): void {
  const { at, header } = message;
  const parties = peers.between(at.direction);
  const text = messageText(message.text);
  if (text !== undefined) {
    peers.tell(at, {
      kind: 'message',
      ...parties,
      ...text,
      ...((header.flags & ODC_FLAG.AUTO) !== 0 && { auto: true }),
      ...(message.truncated && { truncated: true }),
    });
  }
  message.pictures.tell();
}

function findBinary(bytes: Uint8Array, start: number, end: number): number {
  for (
    let at = bytes.indexOf(0x3c, start);
    at >= 0 && at + BINARY.length <= end;
    at = bytes.indexOf(0x3c, at + 1)
  ) {
    let i = 1;
    while (i < BINARY.length && upper(bytes[at + i] ?? 0) === BINARY[i]) i++;
    if (i === BINARY.length) return at;
  }
  return -1;
}

function upper(c: number): number {
  return c >= 0x61 && c <= 0x7a ? c - 0x20 : c;
}
