import type { Cursor } from '../../src/sdk/index.ts';
import { isUIN } from './conn.ts';
import type { Conn, Facts } from './conn.ts';
import { ICBM_TLV, USER_TLV } from './numbers.ts';
import { readName } from './tlv.ts';
import type { TLVs, UserInfo } from './tlv.ts';
import { normalise } from './tlv.ts';
import { hex } from './wire.ts';

/** What every ICBM has, in both directions. */
export interface Envelope {
  /** Chosen by the sender; it comes again in acks and answers. Not unique across people. */
  cookie: string;
  channel: number;
  /** The other person's name as on the wire. */
  name: string;
  /** The client of this connection sent it. */
  sent: boolean;
  tlvs: TLVs;
  /** The sender's, where it was received. */
  info?: UserInfo;
}

const NO_COOKIE = '0'.repeat(16);

/** Cookie (8 bytes), channel u16, name. */
export function readEnvelopeHead(body: Cursor): { cookie: string; channel: number; name: string } {
  const cookie = hex(body.take(8));
  const channel = body.u16();
  const name = readName(body);
  if (name === '') body.ok = false;
  return { cookie, channel, name };
}

/** Facts of this kind with who, whom and the message's id. */
export function factsOf(conn: Conn, envelope: Envelope, kind: Facts['kind']): Facts {
  const facts = conn.between({ kind }, envelope.name, envelope.sent);
  const { info, tlvs } = envelope;
  const nick = info && (info.tlvs.text(USER_TLV.NICK) ?? tlvs.text(ICBM_TLV.FRIENDLY_NAME));
  if (nick !== undefined) facts.from_name = nick;
  setMessageId(facts, envelope.cookie);
  return facts;
}

export function setMessageId(facts: Facts, cookie: string): void {
  if (cookie !== NO_COOKIE) facts.message_id = cookie;
}

/** Texts between two UINs are plain by default; AIM's are HTML. */
export function textStyle(conn: Conn, peer: string): 'always' | 'tagged' {
  const own = conn.account;
  return isUIN(normalise(peer)) && (own === '' || isUIN(own)) ? 'tagged' : 'always';
}
