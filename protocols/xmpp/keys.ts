import { Cursor, decodeBase64Strict } from '../../src/sdk/index.ts';
import type { XmlElement } from '../../src/sdk/index.ts';
import { listed } from './text.ts';

/** Devices or keys that are named; the rest is counted. */
const NAMED = 8;
/** Base64 that is looked at for the keys: they stand first. */
const LOOKED_AT = 4_096;

/** The devices of an OMEMO message (XEP-0384): who sent it, and whom its key is wrapped for. */
export function omemoFacts(encrypted: XmlElement): string[] {
  const header = encrypted.child('header');
  const sender = deviceId(header?.attr('sid'));
  if (!header || sender === undefined) return [];
  // Since version 0.4 the keys stand in an element for each person.
  const keys = header.children.flatMap((c) => (c.name === 'keys' ? c.children : c.name === 'key' ? [c] : []));
  const devices = keys.flatMap((key) => deviceId(key.attr('rid')) ?? []);
  return [
    `omemo: from device ${sender}${devices.length > 0 ? `, for devices ${listed(devices, NAMED)}` : ''}`,
  ];
}

function deviceId(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? text : undefined;
}

const OTR_DATA_TYPE = 3;

/**
 * The keys of an OTR data message (OTR protocol version 2 and 3, "Data Message"): version (2 bytes), type (1), from version 3
 * on instance tags of sender and receiver (4 each), flags (1), key ids of sender and recipient (4 each).
 */
export function otrFacts(body: string): string[] {
  const at = body.indexOf('?OTR:');
  const bytes = at < 0 ? undefined : decodeBase64Strict(body.slice(at + 5, at + 5 + 40));
  if (!bytes) return [];
  const cursor = new Cursor(bytes);
  const version = cursor.u16();
  const type = cursor.u8();
  const tags = version >= 3 ? ` from instance ${hex(cursor.u32())} to ${hex(cursor.u32())}` : '';
  cursor.skip(1);
  const sender = cursor.u32();
  const recipient = cursor.u32();
  if (!cursor.ok || type !== OTR_DATA_TYPE || version < 2 || version > 4) return [];
  return [`otr: version ${version}${tags}, key ${sender} of the sender, ${recipient} of the recipient`];
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

/** Packets of OpenPGP (RFC 9580, 5). */
const TAG = { PKESK: 1, SIGNATURE: 2 } as const;
const PKESK_V3 = 3;
const SIGNATURE_V4 = 4;
const SUBPACKET = { ISSUER: 16, ISSUER_FINGERPRINT: 33 } as const;

/** The keys that a base64 OpenPGP message without armour is encrypted for (XEP-0027, XEP-0373): 16 hex digits each. */
export function pgpRecipients(base64: string): string[] {
  const keys: string[] = [];
  eachPacket(base64, (tag, packet) => {
    if (tag !== TAG.PKESK || packet.u8() !== PKESK_V3) return;
    const id = keyId(packet);
    // A recipient may be hidden: all zero.
    if (packet.ok) keys.push(/^0+$/.test(id) ? 'hidden' : id);
  });
  return keys.length === 0 ? [] : [`openpgp: for keys ${listed(keys, NAMED)}`];
}

/** The key that made a base64 OpenPGP signature (XEP-0027): that of its issuer subpacket. */
export function pgpSigner(base64: string): string[] {
  const signers: string[] = [];
  eachPacket(base64, (tag, packet) => {
    if (tag !== TAG.SIGNATURE || packet.u8() !== SIGNATURE_V4) return;
    packet.skip(3);
    const hashed = packet.sub(packet.u16());
    const other = packet.sub(packet.u16());
    const id = issuer(hashed) ?? issuer(other);
    if (id !== undefined) signers.push(`openpgp: signed by key ${id}`);
  });
  return signers.slice(0, 1);
}

function issuer(subpackets: Cursor): string | undefined {
  while (subpackets.ok && subpackets.left > 1) {
    const body = subpackets.sub(packetLength(subpackets));
    const type = body.u8() & 0x7f;
    if (type === SUBPACKET.ISSUER && body.left === 8) return keyId(body);
    if (type !== SUBPACKET.ISSUER_FINGERPRINT || body.left !== 21) continue;
    // The id of a version 4 key is the end of its fingerprint.
    body.skip(13);
    return keyId(body);
  }
  return undefined;
}

function keyId(cursor: Cursor): string {
  return Array.from(cursor.take(8), (b) => b.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

/** Shows the packets that stand whole in the first bytes of a message, each without its header. */
function eachPacket(base64: string, look: (tag: number, packet: Cursor) => void): void {
  const bytes = decodeBase64Strict(base64.slice(0, LOOKED_AT));
  const cursor = new Cursor(bytes ?? new Uint8Array(0));
  while (cursor.left > 2) {
    const head = cursor.u8();
    if ((head & 0x80) === 0) return;
    const tag = (head & 0x40) !== 0 ? head & 0x3f : (head >> 2) & 0x0f;
    const length = (head & 0x40) !== 0 ? packetLength(cursor) : oldLength(cursor, head & 3);
    const packet = cursor.sub(length);
    if (!packet.ok) return;
    look(tag, packet);
  }
}

/** The old form of a packet's length: 1, 2 or 4 bytes, or all that follows. */
function oldLength(cursor: Cursor, type: number): number {
  if (type === 0) return cursor.u8();
  if (type === 1) return cursor.u16();
  return type === 2 ? cursor.u32() : cursor.left;
}

/** The new form, which subpackets have, too: 1, 2 or 5 bytes; a partial one counts as longer than all. */
function packetLength(cursor: Cursor): number {
  const first = cursor.u8();
  if (first < 192) return first;
  if (first < 224) return ((first - 192) << 8) + cursor.u8() + 192;
  return first === 255 ? cursor.u32() : cursor.left + 1;
}
