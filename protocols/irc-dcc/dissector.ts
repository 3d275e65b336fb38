import { ANSWER, TO_CLIENT } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FileTransfer,
  FileWriter,
  FlowContext,
} from '../../src/sdk/index.ts';
import { ACK, DCC_REALM, dccToken, u32 } from './wire.ts';

const UNNAMED = '(unnamed)';
const WRAP = 2 ** 32;

/** Reads one transfer: the server sends the file, the client counts. */
export class DccDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #id: string;
  #writer: FileWriter | undefined;
  readonly #ended: [boolean, boolean] = [false, false];
  #sent = 0;
  #counted = 0;
  #over = false;
  /** Of the receiver's numbers bytes are missing: what follows may be their middles. */
  #deaf = false;

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#id = flow.hash(DCC_REALM, flow.id);
  }

  /** The first bytes are there: only now is there a flow of which something can be told. */
  #begin(): FileWriter {
    if (this.#writer) return this.#writer;
    const flow = this.#flow;
    flow.claim(this.#id, DCC_REALM, dccToken(flow.serverIp, flow.serverPort), TO_CLIENT);
    this.#writer = flow.carve({ id: this.#id, name: UNNAMED, service: 'irc' });
    this.#tell(TO_CLIENT, 0, 'start');
    return this.#writer;
  }

  data(direction: Direction, cursor: Cursor): number {
    const writer = this.#begin();
    if (direction === TO_CLIENT) {
      const n = cursor.left;
      if (!this.#over) writer.write(this.#sent, cursor.bytes, cursor.pos, cursor.end);
      this.#sent += n;
      cursor.skip(n);
      return ANSWER.DONE;
    }
    while (cursor.has(ACK)) {
      const number = u32(cursor.bytes, cursor.pos);
      cursor.skip(ACK);
      if (!this.#deaf) this.#counted = number;
    }
    return ANSWER.DONE;
  }

  gap(direction: Direction, length: number): void {
    if (direction === TO_CLIENT) this.#sent += length;
    else this.#deaf = true;
  }

  /** Neither side says that the file is whole: that the receiver has counted all is what shows it. */
  end(direction: Direction): void {
    this.#ended[direction] = true;
    if (!this.#ended[0] || !this.#ended[1] || this.#over || !this.#writer) return;
    this.#over = true;
    const complete = this.#deaf || this.#counted === this.#sent % WRAP;
    const last = Math.max(0, this.#sent - 1);
    this.#writer.close(TO_CLIENT, last, { complete });
    this.#tell(TO_CLIENT, last, complete ? 'complete' : 'failed');
  }

  #tell(direction: Direction, offset: number, state: FileTransfer['state']): void {
    const { serverIp, serverPort } = this.#flow;
    this.#flow.emit(direction, offset, {
      kind: 'file',
      service: 'irc',
      sent: false,
      file: {
        ...{ id: this.#id, name: UNNAMED, method: 'dcc', state, peer_ip: serverIp, peer_port: serverPort },
        ...(state === 'complete' ? { size: this.#sent } : {}),
      },
    });
  }
}
