import { ANSWER, Cursor, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { onNotice, readMessage, tellMessage, TEXT_MAX } from './direct.ts';
import type { PendingMessage } from './direct.ts';
import { FileTransfers } from './files.ts';
import { Peers } from './peer.ts';
import type { Place } from './peer.ts';
import {
  ARS_ERROR_TEXT,
  ARS_TYPE,
  HEAD,
  KIND,
  kindAt,
  ODC_HEADER_MAX,
  ODC_PAYLOAD_MAX,
  OFT_HEADER_MAX,
  readArsFrame,
  readOdcHeader,
  readOftHeader,
} from './wire.ts';
import type { Kind } from './wire.ts';

/** One direction's reading. */
interface Side {
  /** False after damage or a gap outside of a file, until the next plausible header. */
  inStep: boolean;
  /** Bytes of a direct IM's payload that are to be skipped, and the message they end. */
  skip: number;
  pending: PendingMessage | undefined;
  ended: boolean;
  offset: number;
}

const newSide = (inStep: boolean): Side => ({ inStep, skip: 0, pending: undefined, ended: false, offset: 0 });

/** Reads one peer connection: proxy frames, then file transfers or direct IM, in any order. */
export class OftDissector implements Dissector {
  readonly #peers: Peers;
  readonly #files: FileTransfers;
  readonly #sides: [Side, Side];

  constructor(flow: FlowContext) {
    this.#peers = new Peers(flow);
    this.#files = new FileTransfers(this.#peers);
    this.#sides = [newSide(!flow.midstream), newSide(!flow.midstream)];
  }

  data(direction: Direction, cursor: Cursor): number {
    const side = this.#sides[direction];
    let wanted = 0;
    while (cursor.left > 0 && wanted === 0) {
      if (side.skip > 0) this.#skipPayload(side, cursor);
      else if (!side.inStep) wanted = this.#findHeader(side, cursor);
      else if (this.#files.isFileData(direction, cursor)) {
        this.#files.passData({ direction, offset: cursor.tell() }, cursor);
      } else wanted = this.#readFrame(direction, cursor);
    }
    side.offset = cursor.tell();
    return wanted === 0 ? ANSWER.DONE : wanted;
  }

  gap(direction: Direction, length: number): void {
    const side = this.#sides[direction];
    side.offset += length;
    let rest = length;
    if (side.skip > 0) {
      // The text of the message has passed; only its pictures have a hole.
      const lost = Math.min(side.skip, rest);
      side.skip -= lost;
      rest -= lost;
      side.pending?.pictures.miss(lost);
      if (side.skip === 0) this.#payloadPassed(side);
      if (rest === 0) return;
    }
    if (this.#files.miss(direction, rest) !== 0) side.inStep = false;
  }

  end(direction: Direction): void {
    const side = this.#sides[direction];
    side.ended = true;
    if (this.#sides[direction === 0 ? 1 : 0].ended) this.#files.end({ direction, offset: side.offset });
  }

  #skipPayload(side: Side, cursor: Cursor): void {
    const length = Math.min(side.skip, cursor.left);
    side.pending?.pictures.pass(cursor.bytes, cursor.pos, cursor.pos + length);
    cursor.skip(length);
    side.skip -= length;
    if (side.skip === 0) this.#payloadPassed(side);
  }

  #payloadPassed(side: Side): void {
    if (side.pending !== undefined) tellMessage(this.#peers, side.pending);
    side.pending = undefined;
  }

  #readFrame(direction: Direction, cursor: Cursor): number {
    if (!cursor.has(HEAD)) return HEAD;
    const kind = kindAt(cursor.bytes, cursor.pos);
    const at: Place = { direction, offset: cursor.tell() };
    if (kind === KIND.NONE) {
      this.#sides[direction].inStep = false;
      this.#peers.anomaly(at, 'oft_desync');
      return 0;
    }
    const needed = frameLength(kind, cursor);
    if (!cursor.has(needed)) return needed;
    if (kind === KIND.OFT) this.#onOft(at, cursor.sub(needed));
    else if (kind === KIND.ARS) this.#onArs(at, cursor.sub(needed));
    else return this.#onOdc(at, cursor, needed);
    return 0;
  }

  #onOft(at: Place, cursor: Cursor): void {
    const header = readOftHeader(cursor);
    if (cursor.ok) this.#files.onHeader(at, header);
  }

  /** Create and join name the account; an error ends the attempt; the rest only opens the way. */
  #onArs(at: Place, cursor: Cursor): void {
    const { type, name, code } = readArsFrame(cursor);
    if (!cursor.ok) {
      this.#peers.anomaly(at, 'oft_proxy_malformed');
      return;
    }
    this.#peers.proxied = true;
    if (name !== '' && at.direction === TO_SERVER) this.#peers.setName(TO_SERVER, name);
    if (type !== ARS_TYPE.ERROR) return;
    const text = `rendezvous proxy: ${ARS_ERROR_TEXT.get(code) ?? 'error'}`;
    this.#peers.tell(at, { kind: 'notice', ...this.#peers.between(at.direction), code, text });
  }

  /** A header of direct IM. Its payload is waited for as far as its text can reach. */
  #onOdc(at: Place, cursor: Cursor, headerLength: number): number {
    const side = this.#sides[at.direction];
    const header = readOdcHeader(new Cursor(cursor.bytes, cursor.pos, cursor.pos + headerLength));
    const overlong = header.length > ODC_PAYLOAD_MAX;
    const held = overlong ? 0 : Math.min(header.length, TEXT_MAX);
    if (!cursor.has(headerLength + held)) return headerLength + held;
    cursor.skip(headerLength);
    if (overlong) {
      side.inStep = false;
      this.#peers.anomaly(at, 'oft_payload_overlong');
      return 0;
    }
    this.#peers.setName(at.direction, header.name);
    if (header.length === 0) {
      onNotice(this.#peers, at, header);
      return 0;
    }
    side.pending = readMessage(this.#peers, at, header, cursor);
    side.skip = header.length - held;
    if (side.skip === 0) this.#payloadPassed(side);
    return 0;
  }

  /** Skips to the next place where a header can begin. */
  #findHeader(side: Side, cursor: Cursor): number {
    for (; cursor.left >= HEAD; cursor.skip(1)) {
      const first = cursor.peek();
      if ((first !== 0x4f && first !== 0) || kindAt(cursor.bytes, cursor.pos) === KIND.NONE) continue;
      side.inStep = true;
      return 0;
    }
    return HEAD;
  }
}

/** The length of the header (OFT, direct IM) or frame (proxy) at the cursor, which holds its first `HEAD` bytes. */
function frameLength(kind: Kind, cursor: Cursor): number {
  if (kind === KIND.ARS) return 2 + ((cursor.peek(0) << 8) | cursor.peek(1));
  return (cursor.peek(4) << 8) | cursor.peek(5);
}

/** The longest wait: a header, and of a direct IM's payload the part that is held for its text. */
export const MAX_MESSAGE = Math.max(OFT_HEADER_MAX, ODC_HEADER_MAX + TEXT_MAX);
