import { decodeGuess, formatIPv4 } from '../../src/sdk/index.ts';
import type { Cursor, FileTransfer } from '../../src/sdk/index.ts';
import { CALL_MEDIA, CAPABILITY } from './capabilities.ts';
import { serviceOf } from './conn.ts';
import type { Conn, Facts, Offer } from './conn.ts';
import { factsOf, readEnvelopeHead, setMessageId } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { ICBM_CHANNEL, ICBM_TLV, RENDEZVOUS_TLV, RENDEZVOUS_TYPE } from './numbers.ts';
import { KNOWN } from './known.ts';
import { onRelay, onRelayAnswer } from './relay.ts';
import { tellContact } from './contacts.ts';
import { charsetByName, decodeText } from './text.ts';
import { checkCount, cleanName, normalise, readTLVs } from './tlv.ts';
import type { TLVs } from './tlv.ts';
import { hex } from './wire.ts';

/** ICBM channel 2: what two clients agree on through the server (files, chat invitations, direct IM). */

/** One rendezvous message, read. */
interface Rendezvous {
  type: number;
  cookie: string;
  capability: string;
  tlvs: TLVs;
}

/** TLV 5: type u16, cookie (8 bytes), capability (16 bytes), TLVs. */
export function onRendezvous(conn: Conn, envelope: Envelope): void {
  const value = envelope.tlvs.value(ICBM_TLV.DATA);
  const type = value.u16();
  const cookie = hex(value.take(8));
  const capability = hex(value.take(16));
  const tlvs = readTLVs(value);
  if (!value.ok) return;
  conn.check(tlvs, KNOWN.RENDEZVOUS);
  const rendezvous = { type, cookie, capability, tlvs };
  if (capability === CAPABILITY.SEND_FILE) onFile(conn, envelope, rendezvous);
  else if (capability === CAPABILITY.GET_FILE) onGetFile(conn, envelope, rendezvous);
  else if (capability === CAPABILITY.CHAT) onInvitation(conn, envelope, rendezvous);
  else if (capability === CAPABILITY.ICQ_RELAY)
    onRelay(conn, envelope, tlvs.value(RENDEZVOUS_TLV.SERVICE_DATA));
  else if (capability === CAPABILITY.CONTACT_LIST) onContactList(conn, rendezvous);
  else if (capability === CAPABILITY.TRILLIAN_SECUREIM) onSecureIM(conn, envelope, rendezvous);
  else if (CALL_MEDIA.has(capability)) onCall(conn, envelope, rendezvous);
}

type FileHandler = (conn: Conn, envelope: Envelope, rendezvous: Rendezvous) => void;

const FILE_TYPES: ReadonlyMap<number, FileHandler> = new Map([
  [RENDEZVOUS_TYPE.PROPOSE, onFilePropose],
  [RENDEZVOUS_TYPE.ACCEPT, onFileAccept],
  [RENDEZVOUS_TYPE.CANCEL, onFileCancel],
]);

function onFile(conn: Conn, envelope: Envelope, rendezvous: Rendezvous): void {
  FILE_TYPES.get(rendezvous.type)?.(conn, envelope, rendezvous);
}

/** The first proposal offers; a later one of the other side asks to be connected to, and so accepts. */
function onFilePropose(conn: Conn, envelope: Envelope, rendezvous: Rendezvous): void {
  if ((rendezvous.tlvs.u16(RENDEZVOUS_TLV.SEQUENCE) ?? 1) > 1) {
    onFileAccept(conn, envelope, rendezvous);
    return;
  }
  const offer = readOffer(conn, envelope, rendezvous);
  if (offer === undefined) return;
  conn.offers.set(rendezvous.cookie, offer);
  tellFile(conn, envelope, offer, 'offer', addressOf(rendezvous.tlvs));
  announce(conn, envelope, rendezvous, offer);
}

/** The peer connection shows the cookie: it learns from here who sends to whom. */
function announce(conn: Conn, envelope: Envelope, { cookie, tlvs }: Rendezvous, offer: Offer): void {
  const { from, to } = factsOf(conn, envelope, 'file');
  const service = serviceOf(conn.account || normalise(envelope.name));
  const { id, name, size } = offer;
  const many = (tlvs.value(RENDEZVOUS_TLV.SERVICE_DATA).u16() ?? 0) === MULTIPLE;
  conn.flow.announce('oft', cookie, {
    ...{ id, name, service },
    ...(size > 0 ? { size } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(many ? { many } : {}),
  });
}

/** What is asked for, by the type of the rendezvous. */
const GET_FILE_STATE = ['invite', 'cancel', 'accept'];

/**
 * "Get file": the proposer wants to look through what the other shares, and to fetch some of it. Their peer connection begins
 * with the list, told there by its own name; whoever answers is its sender.
 */
function onGetFile(conn: Conn, envelope: Envelope, { type, cookie, tlvs }: Rendezvous): void {
  const state = GET_FILE_STATE[type];
  const again = (tlvs.u16(RENDEZVOUS_TLV.SEQUENCE) ?? 1) > 1;
  if (state === undefined || again) return;
  const facts = factsOf(conn, envelope, 'call');
  facts.call = { media: 'shared-files', state };
  if (type === RENDEZVOUS_TYPE.PROPOSE) {
    const sender = facts.to?.[0];
    conn.flow.announce('oft', cookie, {
      ...{ id: conn.flow.hash('oft', cookie), name: '', many: true },
      service: serviceOf(conn.account || normalise(envelope.name)),
      ...(sender === undefined ? {} : { from: sender }),
      ...(facts.from === undefined ? {} : { to: [facts.from] }),
    });
  }
  conn.tell(facts, normalise(envelope.name));
}

/** Multiple flag: several files or a folder. */
const MULTIPLE = 2;

/** Service data: multiple flag u16, file count u16, total bytes u32, name (to the first zero). */
function readOffer(conn: Conn, envelope: Envelope, { cookie, tlvs }: Rendezvous): Offer | undefined {
  const data = tlvs.value(RENDEZVOUS_TLV.SERVICE_DATA);
  data.skip(4);
  const size = data.u32();
  const zero = data.find(0);
  const end = zero < 0 ? data.end : zero;
  const label = tlvs.text(RENDEZVOUS_TLV.NAME_CHARSET);
  const raw =
    label === undefined
      ? decodeGuess(data.bytes, data.pos, end)
      : decodeText(data.bytes, data.pos, label.includes('unicode-2') ? data.end : end, charsetByName(label))
          .text;
  const name = cleanName(raw);
  if (!data.ok || name === '') return undefined;
  const id = conn.flow.hash('oft', cookie, name, size);
  return { id, name, size, sent: envelope.sent, accepted: false };
}

function onFileAccept(conn: Conn, envelope: Envelope, { cookie, tlvs }: Rendezvous): void {
  const offer = conn.offers.get(cookie);
  if (offer === undefined || offer.accepted || offer.sent === envelope.sent) return;
  offer.accepted = true;
  tellFile(conn, envelope, offer, 'accept', addressOf(tlvs));
}

/** The side that offered cancels; the other declines, unless it had accepted. */
function onFileCancel(conn: Conn, envelope: Envelope, { cookie }: Rendezvous): void {
  const offer = conn.offers.take(cookie);
  if (offer === undefined) return;
  const declined = offer.sent !== envelope.sent && !offer.accepted;
  tellFile(conn, envelope, offer, declined ? 'decline' : 'cancel', {});
}

type Peer = Pick<FileTransfer, 'peer_ip' | 'peer_port'>;

/** Where the sender of a proposal listens: its own address, else the one it proposes. */
function addressOf(tlvs: TLVs): Peer {
  const peer: Peer = {};
  const own = tlvs.value(
    tlvs.has(RENDEZVOUS_TLV.REQUESTER_IP) ? RENDEZVOUS_TLV.REQUESTER_IP : RENDEZVOUS_TLV.PROPOSED_IP,
  );
  const port = tlvs.u16(RENDEZVOUS_TLV.PORT);
  if (own.left === 4 && own.peek() !== 0) peer.peer_ip = formatIPv4(own.bytes, own.pos);
  if (port !== undefined && port !== 0) peer.peer_port = port;
  return peer;
}

function tellFile(
  conn: Conn,
  envelope: Envelope,
  offer: Offer,
  state: FileTransfer['state'],
  peer: Peer,
): void {
  const facts = factsOf(conn, envelope, 'file');
  facts.file = { id: offer.id, name: offer.name, method: 'oft', state, ...peer };
  if (offer.size > 0) facts.file.size = offer.size;
  conn.tell(facts, normalise(envelope.name));
}

/** Service data of a chat invitation: exchange u16, room cookie (length u8), instance u16. */
function onInvitation(conn: Conn, envelope: Envelope, { type, tlvs }: Rendezvous): void {
  const data = tlvs.value(RENDEZVOUS_TLV.SERVICE_DATA);
  data.skip(2);
  const length = data.u8();
  const id = cleanName(data.utf8(length));
  if (type !== RENDEZVOUS_TYPE.PROPOSE || !data.ok || id === '') return;
  const facts = factsOf(conn, envelope, 'room');
  facts.op = 'invite';
  facts.room = roomOf(id);
  const value = tlvs.value(RENDEZVOUS_TLV.TEXT);
  const text = decodeText(
    value.bytes,
    value.pos,
    value.end,
    charsetByName(tlvs.text(RENDEZVOUS_TLV.CHARSET) ?? ''),
  ).text;
  if (text !== '') facts.text = text;
  conn.tell(facts, normalise(envelope.name));
}

/** Room cookies of rooms that people made are `exchange-instance-name`. */
export function roomOf(id: string): { id: string; name?: string } {
  const name = /^\d{1,5}-\d{1,5}-(.+)$/su.exec(id)?.[1];
  return name === undefined ? { id } : { id, name };
}

/** Service data of a contact list: group (length u16), count u16, names (length u16); repeated. */
function onContactList(conn: Conn, { type, tlvs }: Rendezvous): void {
  const data = tlvs.value(RENDEZVOUS_TLV.SERVICE_DATA);
  const contacts: { id: string; group: string }[] = [];
  while (data.left > 0) {
    const group = cleanName(data.utf8(data.u16()));
    const count = data.u16();
    checkCount(data, count, 2);
    for (let i = 0; i < count && data.ok; i++) {
      contacts.push({ id: normalise(cleanName(data.utf8(data.u16()))), group });
    }
  }
  if (type !== RENDEZVOUS_TYPE.PROPOSE || !data.ok) return;
  for (const { id, group } of contacts) {
    if (id !== '') tellContact(conn, 'list', id, undefined, group === '' ? undefined : group);
  }
}

/** Trillian's own encryption: what was said, and the exchange of keys before it, cannot be read. */
function onSecureIM(conn: Conn, envelope: Envelope, { type }: Rendezvous): void {
  if (type !== RENDEZVOUS_TYPE.PROPOSE) return;
  conn.tell({ ...factsOf(conn, envelope, 'message'), encrypted: 'secureim' }, normalise(envelope.name));
}

const CALL_STATE = ['invite', 'cancel', 'accept'];

/** A game's service data longer than this overflowed AIM up to 4.8 (CVE-2002-0005). */
const GAME_DATA_LIMIT = 0x400;

/** As with files, a later proposal accepts; what was accepted so is not accepted again. */
function onCall(conn: Conn, envelope: Envelope, { type, cookie, capability, tlvs }: Rendezvous): void {
  const media = CALL_MEDIA.get(capability);
  const again = type === RENDEZVOUS_TYPE.PROPOSE && (tlvs.u16(RENDEZVOUS_TLV.SEQUENCE) ?? 1) > 1;
  const state = CALL_STATE[again ? RENDEZVOUS_TYPE.ACCEPT : type];
  const key = `call ${cookie}`;
  if (media === undefined || state === undefined || conn.asked.get(key) === state) return;
  conn.asked.set(key, state);
  if (media === 'game' && tlvs.value(RENDEZVOUS_TLV.SERVICE_DATA).left > GAME_DATA_LIMIT) {
    conn.anomaly('oscar_game_data_overlong');
  }
  const facts = factsOf(conn, envelope, 'call');
  facts.call = { media, state };
  conn.tell(facts, normalise(envelope.name));
}

/** Reason of 04/0B: what follows is of the channel's own kind. */
const CHANNEL_DATA = 3;

/**
 * 04/0B: cookie, channel, name, reason u16, data. On channel 2 it refuses a proposal, on others it
 * acknowledges.
 */
export function onClientEvent(conn: Conn, body: Cursor): void {
  const head = readEnvelopeHead(body);
  const reason = body.u16();
  if (!body.ok) return;
  const sent = conn.direction === 0;
  if (head.channel === ICBM_CHANNEL.RENDEZVOUS) {
    const envelope: Envelope = { ...head, sent, tlvs: readTLVs(body.sub(0)) };
    const answer = body.sub(body.left);
    if (reason === CHANNEL_DATA && onRelayAnswer(conn, envelope, answer)) return;
    const offer = conn.offers.take(head.cookie);
    if (offer !== undefined) tellFile(conn, envelope, offer, 'decline', {});
    return;
  }
  const facts: Facts = { kind: 'receipt', state: 'received' };
  setMessageId(facts, head.cookie);
  conn.tell(conn.between(facts, head.name, sent), normalise(head.name));
}
