import type { Cursor, Direction, FileTransfer } from '../../src/sdk/index.ts';
import type { Peers, Place } from './peer.ts';
import { Transfer } from './transfer.ts';
import type { OftHeader } from './wire.ts';
import { isFramePrefix, OFT_TYPE } from './wire.ts';

/**
 * File transfers of one connection, one after the other. The side that sends the prompt sends the
 * bytes, whichever side opened the connection.
 */
export class FileTransfers {
  readonly #peers: Peers;
  #current: Transfer | undefined;
  /** The last transfer that was concluded: its `done` may come again. */
  #last: Transfer | undefined;
  #count = 0;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  /** A header of `at.direction`, whole. */
  onHeader(at: Place, header: OftHeader): void {
    HANDLERS.get(header.type)?.call(this, at, header);
  }

  /**
   * True where the next byte of a direction belongs to a file. Before the receiver's answer is
   * seen a header may still follow: file bytes are then what does not begin like one.
   */
  isFileData(direction: Direction, cursor: Cursor): boolean {
    const transfer = this.#current;
    if (transfer === undefined || transfer.direction !== direction || transfer.left === 0) return false;
    if (transfer.started && !transfer.resuming) return true;
    return !isFramePrefix(cursor.bytes, cursor.pos, cursor.end);
  }

  /** Passes the file's bytes at the cursor, as far as they are there. */
  passData(at: Place, cursor: Cursor): void {
    const transfer = this.#current;
    if (transfer === undefined) return;
    this.#start(at, transfer);
    const length = Math.min(transfer.left, cursor.left);
    transfer.pass(cursor.bytes, cursor.pos, cursor.pos + length);
    cursor.skip(length);
  }

  /** Bytes of a direction were lost. Returns how many of them were not the file's: −1 where none of it was under way. */
  miss(direction: Direction, length: number): number {
    const transfer = this.#current;
    if (transfer === undefined || transfer.direction !== direction || !transfer.started) return -1;
    const lost = Math.min(transfer.left, length);
    transfer.miss(lost);
    return length - lost;
  }

  /** The connection is over. */
  end(at: Place): void {
    if (this.#current !== undefined) this.#conclude(at, this.#current, this.#current.left === 0);
  }

  prompt(at: Place, header: OftHeader): void {
    const before = this.#current;
    if (before !== undefined) this.#conclude(at, before, before.started && before.left === 0);
    this.#current = this.#open(at.direction, header);
  }

  /** The receiver takes the file. Where the prompt was not seen the answer repeats what it said. */
  ack(at: Place, header: OftHeader): void {
    const transfer = this.#receiverOf(at, header);
    if (transfer === undefined) return;
    this.#learnCookie(transfer, header);
    this.#start(at, transfer);
  }

  /** The receiver has a part: `received` bytes with a checksum. The sender answers with the place to go on from. */
  resume(at: Place, header: OftHeader): void {
    const transfer = this.#receiverOf(at, header);
    if (transfer === undefined) return;
    this.#learnCookie(transfer, header);
    transfer.resuming = true;
    transfer.resumeAt(header.received, header.receivedChecksum);
  }

  resumeAccept(at: Place, header: OftHeader): void {
    const transfer = this.#current;
    if (transfer === undefined || transfer.direction !== at.direction) return;
    if (transfer.position !== header.received) transfer.resumeFrom(header.received);
    this.#start(at, transfer);
  }

  done(at: Place, header: OftHeader): void {
    const transfer = this.#current;
    if (transfer !== undefined) {
      const all = transfer.left === 0 || header.received === transfer.header.size;
      if (transfer.direction !== at.direction) this.#conclude(at, transfer, all);
      return;
    }
    if (this.#last?.header.cookie === header.cookie && this.#last.header.name === header.name) return;
    // Only the end of this transfer is in view: the receiver's word is all there is.
    const late = this.#open(at.direction === 0 ? 1 : 0, header);
    late.miss(Math.min(header.received, header.size));
    this.#conclude(at, late, header.received === header.size);
  }

  #open(direction: Direction, header: OftHeader): Transfer {
    return new Transfer(this.#peers.flow, direction, header, this.#count++);
  }

  #receiverOf(at: Place, header: OftHeader): Transfer | undefined {
    this.#current ??= this.#open(at.direction === 0 ? 1 : 0, header);
    return this.#current.direction === at.direction ? undefined : this.#current;
  }

  /** libpurple's prompt has no cookie: the receiver's answer brings the rendezvous' own. */
  #learnCookie(transfer: Transfer, header: OftHeader): void {
    if (!/^0+$/.test(header.cookie)) transfer.header = { ...transfer.header, cookie: header.cookie };
  }

  #start(at: Place, transfer: Transfer): void {
    transfer.resuming = false;
    if (transfer.started) return;
    transfer.started = true;
    this.#claim(transfer);
    this.#tell(at, transfer, 'start');
  }

  #conclude(at: Place, transfer: Transfer, complete: boolean): void {
    this.#current = undefined;
    this.#last = transfer;
    if (complete && transfer.verified === false) this.#peers.anomaly(at, 'oft_checksum_mismatch');
    this.#claim(transfer);
    transfer.close(at.offset, complete);
    this.#tell(at, transfer, complete ? 'complete' : 'failed');
  }

  /** The rendezvous on the server connections says who sends to whom. */
  #claim(transfer: Transfer): void {
    const { flow } = this.#peers;
    transfer.service = this.#peers.service;
    const { cookie } = transfer;
    if (cookie !== undefined) flow.claim(transfer.file(flow, 'start').id, 'oft', cookie, transfer.direction);
  }

  #tell(at: Place, transfer: Transfer, state: FileTransfer['state']): void {
    const file = transfer.file(this.#peers.flow, state);
    this.#peers.tell(at, { kind: 'file', ...this.#peers.between(transfer.direction), file });
  }
}

type Handler = (this: FileTransfers, at: Place, header: OftHeader) => void;

const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [OFT_TYPE.PROMPT, FileTransfers.prototype.prompt],
  [OFT_TYPE.LISTING_PROMPT, FileTransfers.prototype.prompt],
  [OFT_TYPE.ACK, FileTransfers.prototype.ack],
  [OFT_TYPE.LISTING_ACK, FileTransfers.prototype.ack],
  [OFT_TYPE.RESUME, FileTransfers.prototype.resume],
  [OFT_TYPE.RESUME_ACCEPT, FileTransfers.prototype.resumeAccept],
  [OFT_TYPE.DONE, FileTransfers.prototype.done],
  [OFT_TYPE.LISTING_DONE, FileTransfers.prototype.done],
]);
