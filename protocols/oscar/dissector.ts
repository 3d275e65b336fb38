import { ANSWER, Cursor, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { ADMIN_HANDLERS, flushChange, onError, onFlapError } from './admin.ts';
import { CHAT_HANDLERS, flushLine, leaveRoom } from './chat.ts';
import { Conn } from './conn.ts';
import type { Handler, Handlers, Side, SnacHeader } from './conn.ts';
import { CONTACT_HANDLERS } from './contacts.ts';
import { FEEDBAG_HANDLERS } from './feedbag.ts';
import { DIRECTORY_HANDLERS } from './directory.ts';
import { ICBM_HANDLERS } from './icbm.ts';
import { ICON_HANDLERS } from './icons.ts';
import { ICQ_HANDLERS } from './icq.ts';
import { PRESENCE_HANDLERS } from './presence.ts';
import { flushClient, flushLogin, onSignOff, onSignOn, SIGNON_HANDLERS, tellLogout } from './signon.ts';
import { MAIL_HANDLERS } from './mail.ts';
import { isKnown } from './families.ts';
import { IDENTITY_HANDLERS } from './identity.ts';
import { CHANNEL, FAMILY, SNAC_FLAG, SUBTYPE_ERROR } from './numbers.ts';
import { trouble } from './tlv.ts';
import { findFrame, FLAP_HEADER, FLAP_START, isFLAP, peek16, SNAC_HEADER } from './wire.ts';

const TOPICS: readonly Handlers[] = [
  SIGNON_HANDLERS,
  IDENTITY_HANDLERS,
  ICBM_HANDLERS,
  PRESENCE_HANDLERS,
  CONTACT_HANDLERS,
  FEEDBAG_HANDLERS,
  CHAT_HANDLERS,
  DIRECTORY_HANDLERS,
  ICON_HANDLERS,
  ICQ_HANDLERS,
  ADMIN_HANDLERS,
  MAIL_HANDLERS,
];

const HANDLERS: ReadonlyMap<number, { side: Side; read: Handler }> = new Map(
  TOPICS.flat().map(([code, side, read]) => [code, { side, read }]),
);

/** Families that only BOS serves: they tell its role where the connection's beginning was not seen. */
const BOS_FAMILIES: ReadonlySet<number> = new Set([FAMILY.LOCATE, FAMILY.BUDDY, FAMILY.ICBM, FAMILY.FEEDBAG]);

/** Servers end old clients' connections with a channel-4 frame that stops before its length. */
const SHORT_SIGN_OFF = 4;

/** So many bytes without a frame, and it is no OSCAR any more. */
const LOST_LIMIT = 0x4_0000;

/** Reads one FLAP connection, whichever it is: authorisation, BOS, a service, a chat room. */
export class OscarDissector implements Dissector {
  readonly #conn: Conn;
  /** By direction: the next frame's start has to be searched. */
  readonly #lost: [boolean, boolean];
  /** By direction: bytes passed over since the last frame. */
  readonly #passed: [number, number] = [0, 0];
  /** By direction: the unread tail is a sign-off without its length. */
  readonly #shortSignOff: [boolean, boolean] = [false, false];
  /** By direction: stream offset behind the last frame; what the end tells stands there. */
  readonly #position: [number, number] = [0, 0];
  #ended = 0;

  constructor(flow: FlowContext) {
    this.#conn = new Conn(flow);
    this.#lost = [flow.midstream, flow.midstream];
  }

  data(direction: Direction, cursor: Cursor): number {
    this.#shortSignOff[direction] = false;
    for (;;) {
      if (this.#lost[direction]) {
        const need = this.#search(direction, cursor);
        if (need !== 0) return need;
      }
      if (cursor.left === 0) return ANSWER.DONE;
      if (!this.#begins(cursor)) {
        this.#conn.flow.anomaly(direction, cursor.tell(), 'oscar_flap_desync');
        this.#lost[direction] = true;
        continue;
      }
      const need = this.#need(cursor);
      if (cursor.left < need) {
        this.#shortSignOff[direction] = cursor.left === SHORT_SIGN_OFF && cursor.peek(1) === CHANNEL.SIGNOFF;
        return need;
      }
      this.#readFrame(direction, cursor);
    }
  }

  gap(direction: Direction, _length: number): void {
    this.#lost[direction] = true;
    this.#shortSignOff[direction] = false;
  }

  end(direction: Direction): void {
    this.#conn.direction = direction;
    this.#conn.offset = this.#position[direction];
    if (this.#shortSignOff[direction]) this.#signOff(direction, new Cursor(new Uint8Array(0)));
    if (++this.#ended < 2) return;
    flushLogin(this.#conn);
    flushClient(this.#conn);
    flushChange(this.#conn);
    flushLine(this.#conn);
    leaveRoom(this.#conn);
    tellLogout(this.#conn, 'connection closed');
  }

  /** True where a frame begins, as far as bytes are there. */
  #begins(cursor: Cursor): boolean {
    return cursor.left === 1 ? cursor.peek() === FLAP_START : isFLAP(cursor.peek(), cursor.peek(1));
  }

  /** Length of the frame at the cursor; before its length is there, how far to the next thing that tells. */
  #need(cursor: Cursor): number {
    if (cursor.left < SHORT_SIGN_OFF) return SHORT_SIGN_OFF;
    return cursor.left < FLAP_HEADER ? FLAP_HEADER : FLAP_HEADER + peek16(cursor, 4);
  }

  /** Returns 0 on a frame, else what `data` answers: bytes needed, or BAD after too many without a frame. */
  #search(direction: Direction, cursor: Cursor): number {
    const from = cursor.pos;
    const need = findFrame(cursor);
    this.#passed[direction] += cursor.pos - from;
    if (need !== 0) return this.#passed[direction] > LOST_LIMIT ? ANSWER.BAD : need;
    this.#lost[direction] = false;
    this.#passed[direction] = 0;
    return 0;
  }

  /** Start, channel u8, sequence u16, length u16, payload. The whole frame is there. */
  #readFrame(direction: Direction, cursor: Cursor): void {
    this.#conn.direction = direction;
    this.#conn.offset = cursor.tell();
    const channel = cursor.peek(1);
    cursor.skip(4);
    const payload = cursor.sub(cursor.u16());
    if (channel === CHANNEL.DATA) this.#readSNAC(direction, payload);
    else if (channel === CHANNEL.SIGNON) onSignOn(this.#conn, payload, direction === TO_SERVER);
    else if (channel === CHANNEL.SIGNOFF) this.#signOff(direction, payload);
    else if (channel === CHANNEL.ERROR) onFlapError(this.#conn, payload);
    this.#position[direction] = cursor.tell();
  }

  #signOff(direction: Direction, payload: Cursor): void {
    onSignOff(this.#conn, payload, direction === TO_SERVER);
  }

  /** Family u16, subtype u16, flags u16, request id u32, perhaps a block of its own length, body. */
  #readSNAC(direction: Direction, body: Cursor): void {
    const conn = this.#conn;
    if (body.left < SNAC_HEADER) {
      conn.anomaly('oscar_snac_truncated');
      return;
    }
    const family = body.u16();
    const subtype = body.u16();
    const flags = body.u16();
    const requestId = body.u32();
    if ((flags & SNAC_FLAG.EXTENDED) !== 0) body.skip(body.u16());
    if (conn.role === 'unknown' && BOS_FAMILIES.has(family)) conn.role = 'bos';
    trouble.overrun = trouble.count = false;
    this.#dispatch(direction, body, { code: family * 0x1_0000 + subtype, flags, requestId });
    if (trouble.overrun) conn.anomaly('oscar_tlv_overrun');
    else if (trouble.count) conn.anomaly('oscar_count_impossible');
    else if (!body.ok) conn.anomaly('oscar_snac_truncated');
  }

  #dispatch(direction: Direction, body: Cursor, header: SnacHeader): void {
    const conn = this.#conn;
    const { code, requestId } = header;
    const family = code >>> 16;
    const subtype = code & 0xffff;
    const handler = HANDLERS.get(code);
    if (subtype === SUBTYPE_ERROR && direction !== TO_SERVER) onError(conn, body, family, requestId);
    else if (handler && this.#expected(handler.side, direction)) handler.read(conn, body, header);
    else if (!handler && !isKnown(family, subtype)) conn.anomaly('oscar_snac_unknown');
  }

  /** In the middle of a conversation the sides may be known the wrong way round: then the SNAC is right. */
  #expected(side: Side, direction: Direction): boolean {
    const from = direction === TO_SERVER ? 'client' : 'server';
    if (side === 'both' || side === from || this.#conn.flow.midstream) return true;
    this.#conn.anomaly('oscar_snac_direction');
    return false;
  }
}
