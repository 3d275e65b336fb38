import type { Cursor, FileTarget } from '../../src/sdk/index.ts';
import { serviceOf } from './conn.ts';
import type { Conn, Handlers } from './conn.ts';
import { SNAC } from './numbers.ts';
import { normalise, readName } from './tlv.ts';
import { hex } from './wire.ts';

/** Buddy icons and their like, which a service of its own keeps (family 10): told as files and carved. */

/** What an item is, by its type; others are told by number. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [0x00, 'small buddy icon'],
  [0x01, 'buddy icon'],
  [0x0c, 'large buddy icon'],
]);

/** The id under which clients set "no icon": its picture is an empty one that everybody shares. */
const NO_ICON = '0201d20472';
/** Length of an id that is the MD5 of the item's bytes. */
const MD5 = 16;

interface Item {
  kind: string;
  /** Hex digits; absent where the server has not named it yet. */
  id?: string;
  /** Whose it is. */
  owner: string;
}

/** Type u16, flags u8, id (length u8). */
function readId(body: Cursor): { kind: string; id: string } {
  const type = body.u16();
  body.skip(1);
  const id = hex(body.take(body.u8()));
  return { kind: KINDS.get(type) ?? `item of type ${type}`, id };
}

/** 10/02: type u16, bytes (length u16). */
function onUpload(conn: Conn, body: Cursor): void {
  const type = body.u16();
  tellItem(conn, body, { kind: KINDS.get(type) ?? `item of type ${type}`, owner: conn.account });
}

/** 10/05: name of the owner, id, bytes (length u16). */
function onDownload(conn: Conn, body: Cursor): void {
  const owner = normalise(readName(body));
  tellItem(conn, body, { ...readId(body), owner });
}

/** 10/07: name of the owner, the id that was asked for, code u8 (0: here it is), the id that it has, bytes (length u16). */
function onDownloadBest(conn: Conn, body: Cursor): void {
  const owner = normalise(readName(body));
  readId(body);
  if (body.u8() === 0) tellItem(conn, body, { ...readId(body), owner });
}

/** Tells an item whose bytes are at the cursor. */
function tellItem(conn: Conn, body: Cursor, { kind, id, owner }: Item): void {
  const size = body.u16();
  const start = body.pos;
  body.skip(size);
  if (!body.ok || size === 0 || id === NO_ICON) return;
  const { flow, direction, offset, account } = conn;
  const sent = id === undefined;
  const target: FileTarget = {
    id: flow.hash('bart', flow.id, direction, offset),
    name: kind,
    service: serviceOf(account || owner),
    size,
    ...(owner === '' ? {} : { from: owner }),
    ...(sent || account === '' ? {} : { to: [account] }),
    ...(id?.length === MD5 * 2 ? { digest: { algorithm: 'md5', value: id } } : {}),
  };
  const { service: _, digest, from, to, ...file } = target;
  conn.tell(
    {
      kind: 'file',
      sent,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to: [...to] }),
      file: {
        ...file,
        method: 'bart',
        state: 'complete',
        ...(digest ? { hash: digest.value } : {}),
      },
    },
    owner,
  );
  const writer = flow.carve(target);
  writer.write(0, body.bytes, start, start + size);
  writer.close(direction, offset, { complete: true });
}

export const ICON_HANDLERS: Handlers = [
  [SNAC.BART_UPLOAD, 'client', onUpload],
  [SNAC.BART_DOWNLOADED, 'server', onDownload],
  [SNAC.BART_DOWNLOADED_BEST, 'server', onDownloadBest],
];
