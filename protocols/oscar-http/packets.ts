import { decodeLatin1 } from '../../src/sdk/index.ts';
import { COUNTED, HEADER, PACKET, VERSION } from './wire.ts';

/** What is told of the packets of one body. */
export interface PacketHandler {
  /** A virtual connection is asked for. */
  login(connection: number, host: string, port: number): void;
  /** Bytes of a virtual connection's FLAP stream; valid during the call only. */
  flap(connection: number, bytes: Uint8Array, from: number, to: number): void;
  /** Of which this many bytes are not there. */
  missing(connection: number, length: number): void;
  closed(connection: number): void;
  bad(): void;
  cut(): void;
}

/** A host with its length and a port. */
const LONGEST_LOGIN = 2 + 255 + 2;

/** Reads the packets of bodies, which come in pieces. FLAP bytes pass in place; only a header, or a log-in, waits. */
export class PacketReader {
  readonly #to: PacketHandler;
  readonly #header = new Uint8Array(HEADER);
  readonly #login = new Uint8Array(LONGEST_LOGIN);
  #got = 0;
  /** Payload bytes that were read of a log-in, and that are to come of any packet. */
  #filled = 0;
  #left = 0;
  #type = 0;
  #connection = 0;
  #broken = false;

  constructor(to: PacketHandler) {
    this.#to = to;
  }

  /** A body begins. */
  begin(): void {
    this.#got = this.#left = 0;
    this.#broken = false;
  }

  data(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && !this.#broken) {
      if (this.#left > 0) {
        const n = Math.min(this.#left, to - at);
        this.#payload(bytes, at, at + n);
        at += n;
        this.#left -= n;
        if (this.#left === 0) this.#whole();
      } else {
        this.#header[this.#got++] = bytes[at++] ?? 0;
        if (this.#got === HEADER) this.#begun();
      }
    }
  }

  /** The body is over. */
  end(): void {
    if (!this.#broken && (this.#got > 0 || this.#left > 0)) {
      this.#to.cut();
      if (this.#type === PACKET.FLAP && this.#left > 0) this.#to.missing(this.#connection, this.#left);
    }
    this.begin();
  }

  #begun(): void {
    const header = new DataView(this.#header.buffer);
    const length = header.getUint16(0);
    this.#got = 0;
    if (header.getUint16(2) !== VERSION || length < COUNTED) {
      this.#broken = true;
      this.#to.bad();
      return;
    }
    this.#type = header.getUint16(4);
    this.#connection = header.getUint32(10);
    this.#left = length - COUNTED;
    this.#filled = 0;
    if (this.#left === 0) this.#whole();
  }

  #payload(bytes: Uint8Array, from: number, to: number): void {
    if (this.#type === PACKET.FLAP) {
      this.#to.flap(this.#connection, bytes, from, to);
    } else if (this.#type === PACKET.LOGIN) {
      const n = Math.min(to - from, LONGEST_LOGIN - this.#filled);
      this.#login.set(bytes.subarray(from, from + n), this.#filled);
      this.#filled += n;
    }
  }

  #whole(): void {
    if (this.#type === PACKET.LOGIN) this.#readLogin();
    else if (this.#type === PACKET.CLOSE) this.#to.closed(this.#connection);
  }

  #readLogin(): void {
    const view = new DataView(this.#login.buffer);
    const end = 2 + view.getUint16(0);
    if (end + 2 !== this.#filled) return;
    this.#to.login(this.#connection, decodeLatin1(this.#login, 2, end), view.getUint16(end));
  }
}
