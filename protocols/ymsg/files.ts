/** File transfers: what the messenger connection says of them. The bytes go over HTTP. */
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, FileTransfer, ImFacts } from '../../src/sdk/index.ts';
import { onImvironment } from './imvironment.ts';
import { onPeerToPeer } from './peer.ts';
import { between } from './people.ts';
import { KEY, SERVICE, STATUS, TRANSFER } from './numbers.ts';
import type { Handlers, Session, Transfer } from './session.ts';
import { leadingNumber } from './wire.ts';
import type { Packet } from './wire.ts';

/** Transfers that are remembered, and files of one. */
const MAX_TRANSFERS = 64;
const MAX_FILES = 256;

/** How the bytes travel. */
const METHOD = { SERVER: 'http', PEER: 'p2p-http' } as const;

/** What a URL of key 20 tells; its query is a ticket to the file and is not kept. */
interface Place {
  url: string;
  name?: string;
  ip?: string;
  port?: number;
}

/** `scheme://host:port/path/name?ticket`; undefined for what is not of this form. */
export function parseUrl(text: string): Place | undefined {
  const scheme = text.indexOf('://');
  if (scheme < 1 || scheme > 5) return undefined;
  const host = scheme + 3;
  const query = text.search(/[?#]/);
  const end = query < 0 ? text.length : query;
  const slash = text.indexOf('/', host);
  const hostEnd = slash < 0 || slash > end ? end : slash;
  const place: Place = { url: text.slice(0, end) };
  const name = unescapeUrl(text.slice(Math.max(text.lastIndexOf('/', end - 1) + 1, hostEnd), end));
  if (hostEnd < end && name !== '') place.name = name;
  const authority = /^(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?$/.exec(text.slice(host, hostEnd).slice(0, 32));
  if (authority?.[1] !== undefined) place.ip = authority[1];
  if (authority?.[2] !== undefined && Number(authority[2]) <= 0xffff) place.port = Number(authority[2]);
  return place;
}

function unescapeUrl(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** 46: {0 or 1 from, 5 to, 27 name, 28 size, 29 data} in an upload; {4 from, 5 to, 20 URL} to who shall fetch it. */
function onFileTransfer(session: Session, packet: Packet, direction: Direction): void {
  offerByUrl(session, packet, direction, METHOD.SERVER);
}

/**
 * 4D, by its word: FILEXFER {13 step, 20 URL at the sender's own machine, 27 name, 28 size}, where step 1
 * offers; PEERTOPEER and IMVIRONMENT came in this service before they had their own.
 */
function onPeerTransfer(session: Session, packet: Packet, direction: Direction): void {
  const word = packet.word(KEY.SERVICE_WORD)?.toUpperCase();
  if (word === 'PEERTOPEER') onPeerToPeer(session, packet, direction);
  else if (word === 'IMVIRONMENT') onImvironment(session, packet, direction);
  else if (word !== 'FILEXFER') return;
  else if (packet.word(KEY.FLAG) === '1') offerByUrl(session, packet, direction, METHOD.PEER);
  else tellAnswer(session, packet, direction);
}

/** No source says which of the other steps takes a file and which refuses it: the step is told as it is. */
function tellAnswer(session: Session, packet: Packet, direction: Direction): void {
  const step = packet.number(KEY.FLAG);
  const text = packet.text(KEY.FILE_NAME);
  if (step === undefined || text === undefined) return;
  const { from, to } = between(session, packet, direction, 'notice');
  session.tell(packet, direction, 'notice', { from, to, text, code: `file-transfer-step ${step}` });
}

function offerByUrl(session: Session, packet: Packet, direction: Direction, method: string): void {
  const address = packet.text(KEY.URL);
  const place = address === undefined ? undefined : parseUrl(address);
  const name = packet.text(KEY.FILE_NAME) ?? place?.name;
  const size = packet.number(KEY.FILE_SIZE);
  if (name === undefined || (place === undefined && size === undefined)) return;
  const facts = between(session, packet, direction, 'file');
  if (direction === TO_CLIENT) turnRound(facts);
  if (address !== undefined)
    session.flow.issue('yahoo-file', ticketOf(address), facts.from ?? session.account);
  const id = session.flow.hash('ymsg-file', address ?? `${facts.from ?? ''}\n${name}\n${size ?? 0}`);
  facts.file = { id, name, method, state: 'offer' };
  if (size !== undefined && size >= 0) facts.file.size = size;
  if (place) addPlace(facts.file, place);
  addComment(facts, packet);
  announceFile(session, facts, facts.file, address);
  session.emit(packet, direction, facts);
}

/** The connection that asks for the file's URL carries it. */
function announceFile(
  session: Session,
  { from, to }: ImFacts,
  file: FileTransfer,
  address: string | undefined,
): void {
  if (address === undefined) return;
  const { id, name, size } = file;
  session.flow.announce('yahoo-file', ticketOf(address), {
    ...{ id, name, service: 'yahoo' },
    ...(size === undefined ? {} : { size }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
}

/** What a request for the file shows again: the URL behind its host. */
function ticketOf(url: string): string {
  const host = url.indexOf('://') + 3;
  const slash = url.indexOf('/', host);
  return slash < 0 ? '/' : url.slice(slash);
}

/** The address in a URL is the sender's own only from peer to peer. */
function addPlace(file: FileTransfer, place: Place): void {
  file.url = place.url;
  if (file.method === METHOD.SERVER) return;
  if (place.ip !== undefined) file.peer_ip = place.ip;
  if (place.port !== undefined) file.peer_port = place.port;
}

/** Key 14: what the sender says of the file, up to a 0x06 that begins something else. */
function addComment(facts: ImFacts, packet: Packet): void {
  const text = packet.text(KEY.TEXT)?.split('\x06', 1)[0];
  if (text) facts.text = text;
}

/** The revived Yahoo! server ("escargot") writes the receiver in key 4 and the sender in key 5 of 46. */
function turnRound(facts: ImFacts): void {
  const { from, account } = facts;
  const [to] = facts.to ?? [];
  if (from === undefined || from !== account || to === undefined || to === from) return;
  facts.from = to;
  facts.to = [from];
}

/** DC, from version 15 on: {265 id, 222 offer, cancel, accept or decline; 27 and 28 of each file}. */
function onTransfer(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.word(KEY.TRANSFER_ID);
  if (id === undefined) return;
  const action = packet.number(KEY.TRANSFER_ACTION);
  if (action === TRANSFER.OFFER) {
    const transfer: Transfer = { files: filesOf(packet) };
    remember(session, id, transfer);
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

/** Key 249: whose machine hands the file on. */
const WAY: Readonly<Record<number, string>> = { 1: METHOD.PEER, 2: METHOD.PEER, 3: METHOD.SERVER };

/** Key 251 of DD and DE: the relay's token, or the path at the peer. Whoever shows it carries this file. */
function issueTicket(session: Session, packet: Packet): void {
  const ticket = packet.word(KEY.RELAY_TOKEN);
  if (ticket !== undefined) session.flow.issue('yahoo-relay', ticket, session.account);
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
  const host = packet.word(KEY.RELAY_HOST);
  const place = host === undefined ? undefined : (parseUrl(host) ?? parseUrl(`http://${host}`));
  if (place?.ip !== undefined) transfer.peerIp = place.ip;
  if (place?.port !== undefined) transfer.peerPort = place.port;
  const way = WAY[packet.number(KEY.TRANSFER_MODE) ?? 0];
  if (way !== undefined) transfer.method = way;
  issueTicket(session, packet);
}

/** DE: the receiver agrees to the way, and the bytes begin to flow; 66 −1 where it does not. */
function onTransferAccept(session: Session, packet: Packet, direction: Direction): void {
  const id = packet.word(KEY.TRANSFER_ID);
  if (id === undefined) return;
  const transfer = transferOf(session, packet, id);
  issueTicket(session, packet);
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
      id: session.flow.hash('ymsg-transfer', id, name),
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

/** Services whose packet, in the body of an upload over HTTP, is followed by the file. */
const UPLOADS: ReadonlySet<number> = new Set([SERVICE.FILETRANSFER, SERVICE.PICTURE_UPLOAD]);

/** How many bytes of file data follow behind a packet with key 29: all of the file but what is in it. */
export function dataBehind(packet: Packet, direction: Direction): number {
  const data = packet.find(KEY.FILE_DATA);
  if (data < 0 || direction !== TO_SERVER || !UPLOADS.has(packet.service)) return 0;
  return Math.max(0, (packet.number(KEY.FILE_SIZE) ?? 0) - packet.lengthAt(data));
}

export const fileHandlers: Handlers = {
  [SERVICE.FILETRANSFER]: onFileTransfer,
  [SERVICE.P2PFILEXFER]: onPeerTransfer,
  [SERVICE.FILETRANS_15]: onTransfer,
  [SERVICE.FILETRANS_INFO_15]: onTransferInfo,
  [SERVICE.FILETRANS_ACC_15]: onTransferAccept,
};
