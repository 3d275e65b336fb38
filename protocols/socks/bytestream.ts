import type { Cursor, Direction, FileTransfer, FileWriter, FlowContext } from '../../src/sdk/index.ts';

/**
 * SOCKS5 bytestreams of XMPP (XEP-0065): the client asks for a SHA-1 in hex as host name, port 0, and what
 * follows is a file. The offer on the XMPP connections knows its name, its size and its people by that SHA-1.
 */

const REALM = 'xmpp-s5b';
const SERVICE = 'xmpp';
const UNNAMED = '(unnamed)';

/** True for what only a bytestream asks for. */
export function isStreamAddress(host: string | undefined): host is string {
  return host !== undefined && /^[0-9a-f]{40}$/i.test(host);
}

/** One direction's file. */
interface Side {
  writer: FileWriter | undefined;
  length: number;
  offset: number;
}

export class Bytestream {
  readonly #flow: FlowContext;
  readonly #address: string;
  readonly #sides: [Side, Side] = [
    { writer: undefined, length: 0, offset: 0 },
    { writer: undefined, length: 0, offset: 0 },
  ];

  constructor(flow: FlowContext, address: string) {
    this.#flow = flow;
    this.#address = address.toLowerCase();
  }

  /** Takes all that is at the cursor. */
  data(direction: Direction, cursor: Cursor): void {
    const side = this.#sides[direction];
    if (cursor.left > 0) {
      const { bytes, pos, end } = cursor;
      this.#begin(direction, side, cursor.tell()).write(side.length, bytes, pos, end);
      side.length += end - pos;
      cursor.pos = end;
    }
    side.offset = cursor.tell();
  }

  gap(direction: Direction, length: number): void {
    this.#sides[direction].length += length;
    this.#sides[direction].offset += length;
  }

  /** Who closes has sent all: the size in the offer says whether it was. */
  end(direction: Direction): void {
    const { writer, offset, length } = this.#sides[direction];
    if (!writer) return;
    writer.close(direction, offset, { complete: true });
    this.#tell(direction, offset, 'complete', length);
  }

  #begin(direction: Direction, side: Side, offset: number): FileWriter {
    if (side.writer) return side.writer;
    const id = this.#id(direction);
    this.#flow.claim(id, REALM, this.#address, direction);
    this.#tell(direction, offset, 'start');
    return (side.writer = this.#flow.carve({ id, name: UNNAMED, service: SERVICE }));
  }

  #id(direction: Direction): string {
    return this.#flow.hash(REALM, this.#flow.id, direction);
  }

  /** `size`: bytes that passed; the session stage holds it against what was offered. */
  #tell(direction: Direction, offset: number, state: FileTransfer['state'], size?: number): void {
    const file: FileTransfer = { id: this.#id(direction), name: UNNAMED, method: 'socks5', state };
    if (size !== undefined) file.size = size;
    this.#flow.carry?.as('socks5');
    this.#flow.emit(direction, offset, {
      ...{ kind: 'file', service: SERVICE, file, confidence: 'high' },
      evidence: ['socks5: CONNECT to a SHA-1, port 0 (XEP-0065)'],
    });
  }
}
