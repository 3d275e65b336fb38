/**
 * File transfers from version 15 on: DC offers and answers, DD says how the bytes shall travel, DE agrees. They then go over HTTP,
 * from machine to machine or through a relay; whoever shows the relay's token, or the path at the peer, carries the file.
 */
import type { Direction, FileTransfer, ImFacts } from '../../src/sdk/index.ts';
import { METHOD, parseUrl, ticketOf } from './files.ts';
import { KEY, SERVICE, STATUS, TRANSFER } from './numbers.ts';
import { between } from './people.ts';
import type { Handlers, Session, Transfer } from './session.ts';
import { leadingNumber } from './wire.ts';
import type { Packet } from './wire.ts';

/** Transfers that are remembered, and files of one. */
const MAX_TRANSFERS = 64;
const MAX_FILES = 256;

/** DC, from version 15 on: {265 id, 222 offer, cancel, accept or decline; 27 and 28 of each file}. */
function onTransfer(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.word(KEY.TRANSFER_ID);
  if (id === undefined) return;
  const action = packet.number(KEY.TRANSFER_ACTION);
  if (action === TRANSFER.OFFER) {
    const transfer: Transfer = { files: filesOf(packet) };
    remember(session, id, transfer);
    notePeople(transfer, between(session, packet, direction, 'file'), true);
    tellFiles(session, packet, direction, id, transfer, 'offer');
    return;
  }
  const transfer = session.transfers.get(id);
  const state = stateOf(action, packet.status);
  if (!transfer || !state) return;
  tellFiles(session, packet, direction, id, transfer, state);
  if (state !== 'accept') session.transfers.delete(id);
}

function stateOf(action: number | undefined, status: number): FileTransfer['state'] | undefined {
  if (action === TRANSFER.ACCEPT) return 'accept';
  if (action === TRANSFER.DECLINE) return 'decline';
  return action === TRANSFER.CANCEL || status === STATUS.DISCONNECTED ? 'cancel' : undefined;
}

function filesOf(packet: Packet): Transfer['files'] {
  const files: Transfer['files'] = [];
  for (let pair = 0; pair < packet.count && files.length < MAX_FILES; pair++) {
    const key = packet.keyAt(pair);
    if (key === KEY.FILE_NAME) {
      const name = packet.textAt(pair);
      if (name !== '') files.push({ name });
    } else if (key === KEY.FILE_SIZE) {
      const size = leadingNumber(packet.wordAt(pair));
      const last = files.at(-1);
      if (last && size !== undefined && size >= 0) last.size = size;
    }
  }
  return files;
}

/** Keeps a transfer; the oldest gives way. */
function remember(session: Session, id: string, transfer: Transfer): void {
  const { transfers } = session;
  if (transfers.size >= MAX_TRANSFERS) {
    const [oldest] = transfers.keys();
    if (oldest !== undefined) transfers.delete(oldest);
  }
  transfers.set(id, transfer);
}

/** Key 249: the sender's machine (1), the receiver's (2) or a relay (3) hands the file on. */
const WAY: Readonly<Record<number, string>> = { 1: METHOD.PEER, 2: METHOD.PEER, 3: METHOD.SERVER };

/** Who sends to whom: by a packet of the sender, or of the receiver. */
function notePeople(transfer: Transfer, { from, to }: ImFacts, bySender: boolean): void {
  const other = to?.[0];
  transfer.from ??= bySender ? from : other;
  transfer.to ??= bySender ? other : from;
}

/** Key 251 of DD and DE, the relay's token, and key 250, the file's URL at a peer. */
function issueTickets(session: Session, packet: Packet, id: string, transfer: Transfer): void {
  const token = packet.word(KEY.RELAY_TOKEN);
  if (token !== undefined) {
    session.flow.issue('yahoo-relay', token, session.account);
    announce(session, packet, id, transfer, 'yahoo-relay', token);
  }
  const url = packet.text(KEY.RELAY_HOST);
  if (url === undefined || transfer.method !== METHOD.PEER || !url.includes('://')) return;
  const path = ticketOf(url);
  if (path !== '/') announce(session, packet, id, transfer, 'yahoo-file', path);
}

/** The connection that shows the token carries the file that the packet names, or the transfer's only one. */
function announce(
  session: Session,
  packet: Packet,
  id: string,
  transfer: Transfer,
  realm: string,
  token: string,
): void {
  const { files, from, to } = transfer;
  const named = packet.text(KEY.FILE_NAME);
  const file = files.length === 1 ? files[0] : files.find(({ name }) => name === named);
  if (!file) return;
  const { name, size } = file;
  session.flow.announce(realm, token, {
    ...{ id: idOf(session, id, name), name, service: 'yahoo' },
    ...(size === undefined ? {} : { size }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to: [to] }),
  });
}

function idOf(session: Session, id: string, name: string): string {
  return session.flow.hash('ymsg-transfer', id, name);
}

/** Key 249 and, from peer to peer, the address in key 250. */
function noteWay(packet: Packet, transfer: Transfer): void {
  const way = WAY[packet.number(KEY.TRANSFER_MODE) ?? 0];
  if (way !== undefined) transfer.method = way;
  const host = packet.word(KEY.RELAY_HOST);
  if (host === undefined || transfer.method !== METHOD.PEER) return;
  const place = parseUrl(host) ?? parseUrl(`http://${host}`);
  if (place?.ip !== undefined) transfer.peerIp = place.ip;
  if (place?.port !== undefined) transfer.peerPort = place.port;
}

/** DD: the sender tells how {27 name, 249 way, 250 relay's address or URL, 251 token}. It is remembered for DE. */
function onTransferInfo(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.word(KEY.TRANSFER_ID);
  if (id === undefined) return;
  const transfer = transferOf(session, packet, id);
  if (packet.status === STATUS.DISCONNECTED) {
    tellFiles(session, packet, direction, id, transfer, 'cancel');
    session.transfers.delete(id);
    return;
  }
  notePeople(transfer, between(session, packet, direction, 'file'), true);
  noteWay(packet, transfer);
  issueTickets(session, packet, id, transfer);
}

/** DE: the receiver agrees to the way, and the bytes begin to flow; 66 −1 where it does not. */
function onTransferAccept(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.word(KEY.TRANSFER_ID);
  if (id === undefined) return;
  const transfer = transferOf(session, packet, id);
  notePeople(transfer, between(session, packet, direction, 'file'), false);
  noteWay(packet, transfer);
  issueTickets(session, packet, id, transfer);
  const failed = packet.status === STATUS.DISCONNECTED || packet.number(KEY.ERROR) === -1;
  tellFiles(session, packet, direction, id, transfer, failed ? 'failed' : 'start');
  if (failed) session.transfers.delete(id);
}

/** The transfer; where its offer was not seen, one of the file that this packet names. */
function transferOf(session: Session, packet: Packet, id: string): Transfer {
  const known = session.transfers.get(id);
  if (known) return known;
  const transfer: Transfer = { files: filesOf(packet) };
  remember(session, id, transfer);
  return transfer;
}

/** Tells a state of the file that the packet names, or of all files of the transfer. */
function tellFiles(
  session: Session,
  packet: Packet,
  direction: Direction,
  id: string,
  transfer: Transfer,
  state: FileTransfer['state'],
): void {
  const named = state === 'offer' ? undefined : packet.text(KEY.FILE_NAME);
  for (const { name, size } of transfer.files) {
    if (named !== undefined && named !== name) continue;
    const file: FileTransfer = {
      id: idOf(session, id, name),
      name,
      method: transfer.method ?? METHOD.SERVER,
      state,
    };
    if (size !== undefined) file.size = size;
    if (transfer.peerIp !== undefined) file.peer_ip = transfer.peerIp;
    if (transfer.peerPort !== undefined) file.peer_port = transfer.peerPort;
    const facts = between(session, packet, direction, 'file');
    facts.file = file;
    session.emit(packet, direction, facts);
  }
}

export const transferHandlers: Handlers = {
  [SERVICE.FILETRANS_15]: onTransfer,
  [SERVICE.FILETRANS_INFO_15]: onTransferInfo,
  [SERVICE.FILETRANS_ACC_15]: onTransferAccept,
};
