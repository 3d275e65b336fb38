import { formatTime } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';
import { setText } from './body.ts';
import type { Conn, Facts, Handlers, SnacHeader } from './conn.ts';
import { factsOf, readEnvelopeHead, setMessageId, textStyle } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { inspectName, inspectText } from './inspect.ts';
import { KNOWN } from './known.ts';
import { onICQMessage } from './icq-channel.ts';
import { ICBM_CHANNEL, ICBM_TLV, SNAC } from './numbers.ts';
import { onClientEvent, onRendezvous } from './rendezvous.ts';
import { CHARSET, decodeText } from './text.ts';
import { normalise, readName, readTLVs, readUserInfo, readUserInfoRest } from './tlv.ts';

/** Messages and what belongs to them: typing, acks, warnings, missed messages (family 4). */

type ChannelHandler = (conn: Conn, envelope: Envelope) => void;

const CHANNELS: ReadonlyMap<number, ChannelHandler> = new Map([
  [ICBM_CHANNEL.TEXT, onTextMessage],
  [ICBM_CHANNEL.RENDEZVOUS, onRendezvous],
  [ICBM_CHANNEL.ICQ, onICQMessage],
]);

/** 04/06: cookie, channel, name, TLVs. */
function onSend(conn: Conn, body: Cursor, { requestId }: SnacHeader): void {
  const { cookie, channel, name } = readEnvelopeHead(body);
  const tlvs = readTLVs(body);
  if (!body.ok) return;
  conn.check(tlvs, KNOWN.ICBM);
  inspectName(conn, name);
  conn.receivers.set(requestId, normalise(name));
  CHANNELS.get(channel)?.(conn, { cookie, channel, name, sent: true, tlvs });
}

/** 04/07: cookie, channel, the sender's user-info block, TLVs. */
function onReceive(conn: Conn, body: Cursor): void {
  const { cookie, channel, name } = readEnvelopeHead(body);
  const info = readUserInfoRest(body, name);
  const tlvs = readTLVs(body);
  if (!body.ok) return;
  conn.check(tlvs, KNOWN.ICBM);
  conn.check(info.tlvs, KNOWN.USER);
  inspectName(conn, name);
  CHANNELS.get(channel)?.(conn, { cookie, channel, name, sent: false, tlvs, info });
}

/** Channel 1: TLV 2 holds the fragments. */
function onTextMessage(conn: Conn, envelope: Envelope): void {
  const { tlvs, name } = envelope;
  const value = tlvs.value(ICBM_TLV.MESSAGE);
  const raw = readFragments(conn, value);
  if (!value.ok) {
    if (tlvs.has(ICBM_TLV.MESSAGE)) conn.anomaly('oscar_snac_truncated');
    return;
  }
  const facts = factsOf(conn, envelope, 'message');
  inspectText(conn, raw);
  if (!setText(facts, raw, textStyle(conn, name))) return;
  if (tlvs.has(ICBM_TLV.AUTO_RESPONSE)) facts.auto = true;
  setOffline(conn, envelope, facts);
  conn.tell(facts, normalise(name));
}

const FRAGMENT_TEXT = 0x01;

/** Fragments: id u8, version u8, length u16; of id 1: charset u16, subset u16, text. Texts are joined. */
function readFragments(conn: Conn, cursor: Cursor): string {
  let text = '';
  while (cursor.has(4)) {
    const id = cursor.u8();
    cursor.skip(1);
    const fragment = cursor.sub(cursor.u16());
    if (id !== FRAGMENT_TEXT || !fragment.ok) continue;
    const labelled = fragment.left >= 4;
    const charset = labelled ? fragment.u16() : CHARSET.UNKNOWN;
    if (labelled) fragment.skip(2);
    const decoded = decodeText(fragment.bytes, fragment.pos, fragment.end, charset, conn.codePage);
    if (decoded.mislabelled) conn.anomaly('oscar_charset_mislabelled');
    text += decoded.text;
  }
  return text;
}

/** A delivery this much later than its sending was stored in between. */
const STORED_SECONDS = 120;

/**
 * A stored message comes with the time of its sending, and keeps the wish to be stored. ICQ's servers of
 * 2013 and later put the time on live messages too: these are told apart by how old it is.
 */
function setOffline(conn: Conn, envelope: Envelope, facts: Facts): void {
  const time = envelope.tlvs.u32(ICBM_TLV.SEND_TIME);
  if (envelope.sent || time === undefined) return;
  if (!envelope.tlvs.has(ICBM_TLV.STORE_OFFLINE) && conn.flow.seconds() - time < STORED_SECONDS) return;
  facts.offline = true;
  facts.original_time = formatTime(time, 0);
}

const TYPING = new Map([
  [0x0000, 'stopped'],
  [0x0001, 'paused'],
  [0x0002, 'typing'],
  [0x000f, 'gone'],
]);

/** 04/14: cookie, channel, name, event u16. The same both ways. */
function onTyping(conn: Conn, body: Cursor): void {
  const { name } = readEnvelopeHead(body);
  const state = TYPING.get(body.u16());
  if (!body.ok || state === undefined) return;
  const sent = conn.direction === 0;
  const facts = conn.between({ kind: 'typing' }, name, sent);
  facts.state = state;
  conn.tell(facts, normalise(name));
}

/** 04/0C: cookie, channel, name: the server took a message. */
function onHostAck(conn: Conn, body: Cursor): void {
  const { cookie, channel, name } = readEnvelopeHead(body);
  if (!body.ok || channel === ICBM_CHANNEL.RENDEZVOUS) return;
  const facts = conn.between({ kind: 'receipt', state: 'accepted' }, name, true);
  setMessageId(facts, cookie);
  conn.tell(facts, normalise(name));
}

const MISSED = [
  'invalid',
  'too large',
  'sent too fast',
  'the sender is warned too much',
  'the receiver is warned too much',
];

/** 04/0A: channel u16, user info, count u16, reason u16; repeated. */
function onMissed(conn: Conn, body: Cursor): void {
  const missed: { name: string; count: number; reason: number }[] = [];
  while (body.left > 0) {
    body.skip(2);
    missed.push({ name: readUserInfo(body).name, count: body.u16(), reason: body.u16() });
  }
  if (!body.ok) return;
  for (const { name, count, reason } of missed) {
    const text = `${count} messages were not delivered: ${MISSED[reason] ?? `reason ${reason}`}`;
    conn.tell({ ...conn.between({ kind: 'notice' }, name, false), text, code: reason }, normalise(name));
  }
}

function percent(tenths: number): string {
  return `${(tenths / 10).toFixed(1)}%`;
}

/** 04/08: anonymous u16, name: a warning is asked for. */
function onEvilRequest(conn: Conn, body: Cursor): void {
  const anonymous = body.u16();
  const name = readName(body);
  if (!body.ok || name === '') return;
  const text = anonymous === 0 ? 'warning sent' : 'warning sent anonymously';
  conn.tell({ ...conn.between({ kind: 'notice' }, name, true), text, code: 'warning' }, normalise(name));
}

/** 04/09: added level u16, new level u16, both in tenths of a percent. */
function onEvilReply(conn: Conn, body: Cursor): void {
  const added = body.u16();
  const level = body.u16();
  if (!body.ok) return;
  const text = `warning accepted: +${percent(added)}, now ${percent(level)}`;
  conn.tell({ kind: 'notice', text, code: 'warning' });
}

/** 01/10: new level u16, and the user info of who warned unless it was anonymous. */
function onEvilNotification(conn: Conn, body: Cursor): void {
  const level = body.u16();
  const name = body.left > 0 ? readUserInfo(body).name : '';
  if (!body.ok) return;
  const facts: Facts = { kind: 'notice', text: `warned: level now ${percent(level)}`, code: 'warning' };
  if (name !== '') conn.between(facts, name, false);
  else if (conn.account !== '') facts.to = [conn.account];
  conn.tell(facts);
}

export const ICBM_HANDLERS: Handlers = [
  [SNAC.ICBM_SEND, 'client', onSend],
  [SNAC.ICBM_RECEIVE, 'server', onReceive],
  [SNAC.ICBM_EVIL_REQUEST, 'client', onEvilRequest],
  [SNAC.ICBM_EVIL_REPLY, 'server', onEvilReply],
  [SNAC.ICBM_MISSED, 'server', onMissed],
  [SNAC.ICBM_CLIENT_EVENT, 'both', onClientEvent],
  [SNAC.ICBM_HOST_ACK, 'server', onHostAck],
  [SNAC.ICBM_TYPING, 'both', onTyping],
  [SNAC.OSERVICE_EVIL_NOTIFICATION, 'server', onEvilNotification],
];
