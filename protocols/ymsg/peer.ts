/**
 * What leads to connections beside the server's: 4F and 4D with the word PEERTOPEER tell the address
 * of the sender's own machine, 50 hands out the key of a webcam.
 */
import { formatIPv4, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { KEY, SERVICE } from './numbers.ts';
import { between } from './people.ts';
import type { Handlers, Session } from './session.ts';
import type { Packet } from './wire.ts';

/** Addresses that are remembered as told. */
const MAX_TOLD = 64;

/** {1 or 4 who, 5 whom, 12 address, 49 PEERTOPEER, 13 step}. */
export function onPeerToPeer(session: Session, packet: Packet, direction: Direction): void {
  const ip = addressOf(packet.word(KEY.PEER_ADDRESS));
  if (ip === undefined) return;
  const facts = between(session, packet, direction, 'profile');
  const mark = `${facts.from ?? ''}\n${ip}`;
  if (session.addresses.has(mark)) return;
  if (session.addresses.size < MAX_TOLD) session.addresses.add(mark);
  facts.profile = { ip };
  session.emit(packet, direction, facts);
}

const bytes = new Uint8Array(4);

/** The address in key 12: base64 of its decimal number, whose lowest byte is the first one. */
export function addressOf(word: string | undefined): string | undefined {
  if (word === undefined || word.length > 16 || !/^[A-Za-z0-9+/]{2,16}={0,2}$/.test(word)) return undefined;
  if (word.length % 4 !== 0) return undefined;
  const digits = atob(word);
  const number = /^-?\d{1,10}$/.test(digits) ? Number(digits) : NaN;
  if (!(number >= -0x80000000 && number <= 0xffffffff) || number === 0) return undefined;
  for (let i = 0; i < 4; i++) bytes[i] = number >>> (8 * i);
  return formatIPv4(bytes, 0);
}

/** 50 up: {1 us, 5 whose picture is wanted}. Down: {5 us, 61 key, 102 server}: who shows the key belongs to us. */
function onWebcam(session: Session, packet: Packet, direction: Direction): void {
  const key = packet.word(KEY.PEER_FLAG);
  if (direction === TO_CLIENT && key !== undefined) {
    session.flow.issue('yahoo-webcam', key, session.account);
    return;
  }
  const to = packet.id(KEY.TO);
  if (direction !== TO_SERVER || to === undefined || to === session.self(packet)) return;
  const facts = between(session, packet, direction, 'call');
  facts.call = { media: 'webcam', state: 'request' };
  session.emit(packet, direction, facts);
}

export const peerHandlers: Handlers = {
  [SERVICE.PEERTOPEER]: onPeerToPeer,
  [SERVICE.WEBCAM]: onWebcam,
};
