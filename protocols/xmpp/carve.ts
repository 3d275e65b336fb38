import type { FileAnnouncement, FileDigest, XmlElement } from '../../src/sdk/index.ts';
import { sha1Hex, decodeBase64Strict } from '../../src/sdk/index.ts';
import { parties } from './address.ts';
import { fullJid } from './jid.ts';
import type { Stanza, XmppSession } from './session.ts';
import type { Transfer } from './transfer-book.ts';
import { parseSize } from './transfer-book.ts';

/** The bytes of files: those that go through the stream itself, and the announcement of those that do not. */

/** Joins a SOCKS5 bytestream with its offer, by the address that the client asks the other end for. */
const REALM = 'xmpp-s5b';
/** Numbers of blocks are 16 bits (XEP-0047, 2.2). */
const BLOCKS = 0x10000;
/** Blocks that can have been lost at once; a number farther away is not believed. */
const MOST_LOST = 4_096;

/** A block of an in-band bytestream. Its number says whether others before it were lost. */
export function carveBlock(session: XmppSession, stanza: Stanza, transfer: Transfer, data: XmlElement): void {
  const bytes = decodeBase64Strict(data.text());
  if (bytes === undefined) {
    session.odd(stanza, 'xmpp_ibb_not_base64');
    return;
  }
  if (transfer.over) return;
  const number = parseSize(data.attr('seq')) ?? transfer.block;
  const lost = (number - transfer.block + BLOCKS) % BLOCKS;
  if (lost >= BLOCKS - MOST_LOST) return;
  if (lost > 0 && lost <= MOST_LOST) transfer.carried += lost * (transfer.blockSize || bytes.length);
  transfer.block = (number + 1) % BLOCKS;
  transfer.sender ??= stanza.direction;
  transfer.writer ??= session.flow.carve(about(session, stanza, transfer));
  transfer.writer.write(transfer.carried, bytes, 0, bytes.length);
  transfer.carried += bytes.length;
}

/** The stream that carried a file in the connection itself is closed. */
export function closeCarved(stanza: Stanza, transfer: Transfer, complete: boolean): void {
  transfer.writer?.close(transfer.sender ?? stanza.direction, stanza.offset, { complete });
}

/** A bytestream between `stanza`'s two ends will carry the file; either of them may be the one that asks for it. */
export function announceStream(session: XmppSession, stanza: Stanza, transfer: Transfer, sid: string): void {
  const [a, b] = [session.sender(stanza), session.recipient(stanza)];
  if (!a || !b) return;
  const file = about(session, stanza, transfer);
  for (const ends of [fullJid(a) + fullJid(b), fullJid(b) + fullJid(a)])
    session.flow.announce(REALM, sha1Hex(sid + ends), file);
}

/** Another connection will ask for this very address (XEP-0260, 2.2). */
export function announceAddress(
  session: XmppSession,
  stanza: Stanza,
  transfer: Transfer,
  address: string,
): void {
  session.flow.announce(REALM, address.toLowerCase(), about(session, stanza, transfer));
}

/** Another connection will put or fetch the file at this address; only in clear is there something to be read. */
export function announceUrl(session: XmppSession, file: FileAnnouncement, url: string): void {
  const [, host, path] = /^http:\/\/([^/?#@]{1,300})(\/.{0,1024})$/i.exec(url) ?? [];
  if (host === undefined || path === undefined) return;
  session.flow.announce('xmpp-upload', host.toLowerCase().replace(/:80$/, '') + path, file);
}

function about(session: XmppSession, stanza: Stanza, transfer: Transfer): FileAnnouncement {
  const { id, file, people } = transfer;
  const { from, to } = people ?? parties(session, stanza);
  const digest = file.hash === undefined ? undefined : digestOf(file.hash);
  return {
    ...{ id, name: file.name, service: session.service },
    ...(file.size === undefined ? {} : { size: file.size }),
    ...(file.mime === undefined ? {} : { mime: file.mime }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(digest ? { digest } : {}),
  };
}

const ALGORITHMS: ReadonlyMap<number, FileDigest['algorithm']> = new Map([
  [16, 'md5'],
  [20, 'sha1'],
  [32, 'sha256'],
]);

/** A checksum in hex (XEP-0096: MD5) or base64 (XEP-0300); its length says which one it is. */
export function digestOf(text: string): FileDigest | undefined {
  const trimmed = text.trim();
  const hex = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i.test(trimmed);
  const bytes = hex || trimmed.length > 64 ? undefined : decodeBase64Strict(trimmed);
  const value = hex
    ? trimmed.toLowerCase()
    : Array.from(bytes ?? [], (byte) => byte.toString(16).padStart(2, '0')).join('');
  const algorithm = ALGORITHMS.get(value.length / 2);
  return algorithm && { algorithm, value };
}
