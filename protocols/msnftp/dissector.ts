import { ANSWER } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FileTransfer,
  FileWriter,
  FlowContext,
  ImFacts,
} from '../../src/sdk/index.ts';
import { BLOCK, BLOCK_HEADER, BYE, USUAL_BLOCK, parseNumber, readLine } from './wire.ts';

const SERVICE = 'msn';
/** Joins the transfer with the switchboard on which it was agreed. */
const REALM = 'msnftp';
/** The dialogue has no file name: it is in the invitation on the switchboard. */
const UNNAMED = '(unnamed)';
const MAX_ADDRESS = 320;

/** How a direction is read. */
const MODE = { LINES: 0, BLOCKS: 1, PASSED_OVER: 2 } as const;
type Mode = (typeof MODE)[keyof typeof MODE];

/**
 * Reads one transfer. The receiver (who usually connects) sends `USR address cookie`, `TFR` and `BYE code`;
 * the sender `FIL size` and then blocks, which are carved.
 */
export class MsnftpDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #modes: [Mode, Mode] = [MODE.LINES, MODE.LINES];
  readonly #ended: [boolean, boolean] = [false, false];
  readonly #seen: [number, number] = [0, 0];
  #receiver = '';
  #receiverSide: Direction | undefined;
  #cookie = '';
  #size = -1;
  /** Data bytes that were counted, and what is left of the block at hand. */
  #received = 0;
  #left = 0;
  #started = false;
  #writer: FileWriter | undefined;
  #over = false;

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(direction: Direction, cursor: Cursor): number {
    let more = true;
    while (more && cursor.left > 0) {
      const mode = this.#modes[direction];
      if (mode === MODE.LINES) more = this.#line(direction, cursor);
      else if (mode === MODE.BLOCKS) more = this.#block(direction, cursor);
      else cursor.pos = cursor.end;
    }
    this.#seen[direction] = cursor.tell();
    return ANSWER.DONE;
  }

  /** Inside a block a gap costs nothing but its bytes; elsewhere the place in the dialogue is lost. */
  gap(direction: Direction, length: number): void {
    if (this.#modes[direction] === MODE.BLOCKS && length <= this.#left) {
      this.#left -= length;
      this.#received += length;
      this.#carve();
    } else if (this.#modes[direction] === MODE.BLOCKS) {
      this.#modes[direction] = MODE.PASSED_OVER;
    }
  }

  end(direction: Direction): void {
    this.#ended[direction] = true;
    if (!this.#ended[0] || !this.#ended[1] || !this.#started) return;
    const whole = this.#size >= 0 && this.#received >= this.#size;
    this.#tell(direction, Math.max(0, this.#seen[direction] - 1), whole ? 'complete' : 'failed');
  }

  /** Reads a line of the dialogue; false where it is not whole. */
  #line(direction: Direction, cursor: Cursor): boolean {
    const offset = cursor.tell();
    const line = readLine(cursor);
    if (line === undefined) return false;
    if (line === '') return true;
    const [word = '', first, second] = line.split(' ');
    const known = LINES.get(word);
    if (!known) {
      this.#flow.anomaly(direction, offset, 'msnftp_bad_line');
      this.#modes[direction] = MODE.PASSED_OVER;
      return true;
    }
    if (known === 'user') this.#onUser(direction, first, second);
    else if (known === 'file') this.#onFile(direction, first);
    else if (known === 'start') this.#onStart(direction, offset);
    else if (known === 'end') this.#tell(direction, offset, BYE.get(first ?? '') ?? 'failed');
    else if (known === 'cancel') this.#tell(direction, offset, 'cancel');
    return true;
  }

  #onUser(direction: Direction, address = '', cookie = ''): void {
    const id = address.toLowerCase();
    if (id.includes('@') && id.length <= MAX_ADDRESS) this.#receiver = id;
    this.#receiverSide = direction;
    this.#cookie = cookie;
    if (direction === 0 && cookie) this.#flow.present(REALM, cookie);
    if (cookie) this.#flow.claim(this.#id, REALM, cookie, this.#senderSide);
  }

  #onFile(direction: Direction, size: string | undefined): void {
    this.#size = parseNumber(size);
    this.#receiverSide ??= direction === 0 ? 1 : 0;
    this.#modes[direction] = MODE.BLOCKS;
  }

  /** `TFR`: the receiver is ready; or, where that was not seen, the first block. */
  #onStart(direction: Direction, offset: number): void {
    if (this.#started) return;
    this.#started = true;
    this.#tell(direction, offset, 'start');
  }

  /** Reads a block, or what is there of it; false where more must come. */
  #block(direction: Direction, cursor: Cursor): boolean {
    if (this.#left === 0) {
      // A sender that gives up before the first block says so in a line.
      if (this.#received === 0 && cursor.peek() === 'C'.charCodeAt(0)) return this.#line(direction, cursor);
      if (!cursor.has(BLOCK_HEADER)) return false;
      this.#blockHeader(direction, cursor);
      return true;
    }
    const n = Math.min(this.#left, cursor.left);
    if (!this.#over) this.#carve().write(this.#received, cursor.bytes, cursor.pos, cursor.pos + n);
    cursor.skip(n);
    this.#left -= n;
    this.#received += n;
    return true;
  }

  #blockHeader(direction: Direction, cursor: Cursor): void {
    const offset = cursor.tell();
    const type = cursor.u8();
    const length = cursor.u16le();
    this.#onStart(direction, offset);
    if (type === BLOCK.DATA) {
      this.#left = length;
      if (length > USUAL_BLOCK) this.#flow.anomaly(direction, offset, 'msnftp_large_block');
      if (this.#size >= 0 && this.#received + length > this.#size) {
        this.#flow.anomaly(direction, offset, 'msnftp_too_much_data');
      }
      return;
    }
    if (type !== BLOCK.END) this.#flow.anomaly(direction, offset, 'msnftp_bad_block');
    this.#modes[direction] = MODE.PASSED_OVER;
  }

  get #id(): string {
    return this.#flow.hash(REALM, this.#flow.id);
  }

  get #senderSide(): Direction {
    return this.#receiverSide === 1 ? 0 : 1;
  }

  #carve(): FileWriter {
    const size = this.#size;
    return (this.#writer ??= this.#flow.carve({
      ...{ id: this.#id, name: UNNAMED, service: SERVICE },
      ...(size >= 0 ? { size } : {}),
      ...(this.#receiver ? { to: [this.#receiver] } : {}),
    }));
  }

  /** Tells a state; after one that ends the transfer, nothing more. */
  #tell(direction: Direction, offset: number, state: FileTransfer['state']): void {
    if (this.#over) return;
    this.#over = state !== 'start';
    const flow = this.#flow;
    const whole = state === 'complete' && this.#received >= this.#size;
    if (this.#over) this.#carve().close(this.#senderSide, offset, { complete: whole });
    const file: FileTransfer = {
      id: this.#id,
      name: UNNAMED,
      method: 'msnftp',
      state,
    };
    if (this.#size >= 0) file.size = this.#size;
    const facts: ImFacts = { kind: 'file', service: SERVICE, file };
    if (this.#receiver) {
      facts.to = [this.#receiver];
      if (this.#receiverSide === 0) facts.account = this.#receiver;
    }
    // The file goes to the receiver, whoever speaks.
    if (this.#receiverSide !== undefined) facts.sent = this.#receiverSide === 1;
    flow.emit(direction, offset, facts);
  }
}

/** Lines of the dialogue. */
const LINES = new Map<string, 'version' | 'user' | 'file' | 'start' | 'end' | 'cancel'>([
  ['VER', 'version'],
  ['USR', 'user'],
  ['FIL', 'file'],
  ['TFR', 'start'],
  ['BYE', 'end'],
  ['CCL', 'cancel'],
]);
