/** File transfers before version 15: what the messenger connection says of them. The bytes go over HTTP. */
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, FileTransfer, ImFacts } from '../../src/sdk/index.ts';
import { onImvironment } from './imvironment.ts';
import { onPeerToPeer } from './peer.ts';
import { between } from './people.ts';
import { KEY, SERVICE } from './numbers.ts';
import type { Handlers, Session } from './session.ts';
import type { Packet } from './wire.ts';

/** How the bytes travel. */
export const METHOD = { SERVER: 'http', PEER: 'p2p-http' } as const;

/** What a URL of key 20 tells; its query is a ticket to the file and is not kept. */
export interface Place {
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
export function ticketOf(url: string): string {
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
};
