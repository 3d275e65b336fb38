/** Messages in the order in which they came, from `head` on; those before `next` are sent and not yet confirmed. */
export interface Batch {
  readonly messages: readonly Buffer[];
  /** Position behind its last message: what `confirm` is told. */
  readonly end: number;
}

/** What waits for a collector. Positions count messages; they begin at 0 when the backlog is opened. */
export interface Backlog {
  /** Takes a message; false where there is no room for it, and it is lost. */
  append(message: Buffer): boolean;
  /** The next messages to send, at least one and about `bytes` of them; undefined where none waits. */
  read(bytes: number): Batch | undefined;
  /** All before this position has arrived: it may be forgotten. */
  confirm(end: number): void;
  /** Reading begins anew with the first message that is not confirmed. */
  rewind(): void;
  /** Position up to which all is confirmed. */
  readonly confirmed: number;
  /** Messages that were not read, and their bytes. */
  readonly unread: number;
  readonly unreadBytes: number;
  /** Messages that are not confirmed. */
  readonly kept: number;
  /** Writes down what is confirmed. */
  sync(): void;
  close(): void;
}

/** What a message costs in memory beside its bytes. */
export const MESSAGE_COST = 128;
/** Forgotten places at the front of the list at which it is moved together. */
const COMPACT = 4_096;

/** A backlog in memory, of at most `limit` bytes with `MESSAGE_COST` a message. What is lost is what comes when it is full. */
export class MemoryBacklog implements Backlog {
  readonly #limit: number;
  #list: (Buffer | undefined)[] = [];
  #head = 0;
  #next = 0;
  #bytes = 0;
  #unreadBytes = 0;
  confirmed = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get unread(): number {
    return this.#list.length - this.#next;
  }

  get unreadBytes(): number {
    return this.#unreadBytes;
  }

  get kept(): number {
    return this.#list.length - this.#head;
  }

  append(message: Buffer): boolean {
    const cost = message.length + MESSAGE_COST;
    // What was sent has most likely arrived: it goes before what was not.
    while (this.#bytes + cost > this.#limit && this.#head < this.#next) this.#forget();
    if (this.#bytes + cost > this.#limit) return false;
    this.#list.push(message);
    this.#bytes += cost;
    this.#unreadBytes += message.length;
    return true;
  }

  read(bytes: number): Batch | undefined {
    const messages: Buffer[] = [];
    let size = 0;
    while (this.#next < this.#list.length && size < bytes) {
      const message = this.#list[this.#next++];
      if (message === undefined) continue;
      messages.push(message);
      size += message.length;
    }
    this.#unreadBytes -= size;
    return messages.length === 0 ? undefined : { messages, end: this.confirmed + (this.#next - this.#head) };
  }

  confirm(end: number): void {
    while (this.confirmed < end && this.#head < this.#next) this.#forget();
    if (this.#head < COMPACT || this.#head < this.#list.length / 2) return;
    this.#list = this.#list.slice(this.#head);
    this.#next -= this.#head;
    this.#head = 0;
  }

  #forget(): void {
    const message = this.#list[this.#head];
    this.#list[this.#head++] = undefined;
    this.#bytes -= (message?.length ?? 0) + MESSAGE_COST;
    this.confirmed++;
  }

  rewind(): void {
    while (this.#next > this.#head) this.#unreadBytes += this.#list[--this.#next]?.length ?? 0;
  }

  sync(): void {
    // Nothing is written down.
  }

  close(): void {
    this.#list = [];
    this.#head = this.#next = this.#bytes = this.#unreadBytes = 0;
  }
}
