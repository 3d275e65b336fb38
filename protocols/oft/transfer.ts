import type { Direction, FileTransfer, FileWriter, FlowContext } from '../../src/sdk/index.ts';
import type { OftHeader } from './wire.ts';
import { OftChecksum } from './wire.ts';

/** Checksum fields that say "not computed": 0, and the start value over a file that is not all zeros. */
const NOT_COMPUTED: ReadonlySet<number> = new Set([0, 0xffff]);

/**
 * One file on its way: which side sends it, how much has passed, and its checksum. All bytes of
 * the file go through `pass` or `miss`, in order, and are carved at `position`.
 */
export class Transfer {
  readonly direction: Direction;
  header: OftHeader;
  /** The receiver answered, or bytes came: `start` was told. */
  started = false;
  /** The receiver asked to continue a part that it has; the sender's answer says from where. */
  resuming = false;
  /** The next byte of the file. */
  position = 0;
  /** False where bytes of the file passed unseen: its checksum cannot be said. */
  whole = true;
  /** The network, for what is carved. */
  service = 'aim';
  #checksum = new OftChecksum();
  #writer: FileWriter | undefined;
  readonly #flow: FlowContext;
  readonly #id: string;

  constructor(flow: FlowContext, direction: Direction, header: OftHeader, ordinal: number) {
    this.direction = direction;
    this.header = header;
    this.#flow = flow;
    this.#id = flow.hash('oft', flow.id, ordinal);
  }

  /** The rendezvous' cookie; undefined in a prompt of libpurple until its peer fills it in. */
  get cookie(): string | undefined {
    return /^0+$/.test(this.header.cookie) ? undefined : this.header.cookie;
  }

  /** Bytes that are still to come. */
  get left(): number {
    return Math.max(0, this.header.size - this.position);
  }

  /** File bytes, as they stand in `bytes`. */
  pass(bytes: Uint8Array, start: number, end: number): void {
    this.#carved.write(this.position, bytes, start, end);
    this.#checksum.add(bytes, start, end);
    this.position += end - start;
  }

  /** File bytes that were not captured. */
  miss(length: number): void {
    this.position += length;
    this.whole = false;
  }

  /** The receiver has the first bytes: they do not pass again, their checksum is its word. */
  resumeAt(position: number, checksum: number): void {
    this.position = Math.min(position, this.header.size);
    this.#checksum = new OftChecksum(checksum, this.position % 2 === 1);
  }

  /** The sender goes on from a place that the receiver did not ask for: nothing is known of what precedes it. */
  resumeFrom(position: number): void {
    this.resumeAt(position, 0xffff);
    this.whole = this.position === 0;
  }

  /** Whether the bytes that passed give the sender's checksum; undefined where that cannot be said. */
  get verified(): boolean | undefined {
    if (!this.whole || this.left > 0 || NOT_COMPUTED.has(this.header.checksum)) return undefined;
    return this.#checksum.value === this.header.checksum;
  }

  get #carved(): FileWriter {
    if (this.#writer) return this.#writer;
    const { id, name, size } = this.file(this.#flow, 'start');
    return (this.#writer = this.#flow.carve({ id, name, size: size ?? 0, service: this.service }));
  }

  /** The file is over: what was carved of it is told. */
  close(offset: number, complete: boolean): void {
    const { verified } = this;
    this.#carved.close(this.direction, offset, { complete: complete && this.left === 0, verified });
  }

  /**
   * The `file` object in a state. The id is the offer's (rendezvous cookie, name, size) once the
   * cookie is known, so that both tell of one transfer.
   */
  file(flow: FlowContext, state: FileTransfer['state']): FileTransfer {
    const { name, size } = this.header;
    const { cookie } = this;
    const id = cookie === undefined ? this.#id : flow.hash('oft', cookie, name, size);
    const file: FileTransfer = { id, name: name === '' ? 'unnamed' : name, size, method: 'oft', state };
    const { verified } = this;
    if (verified !== undefined && state === 'complete') file.verified = verified;
    return file;
  }
}
