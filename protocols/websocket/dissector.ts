import { ANSWER, field, HttpDialog, Keep, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FlowContext,
  HttpHandler,
  HttpHead,
  InnerStream,
} from '../../src/sdk/index.ts';
import { FrameReader } from './frames.ts';
import { TEXT_FRAME } from './wire.ts';

/** XMPP over WebSocket (RFC 7395): an HTTP upgrade, then frames whose texts are the XMPP stream's pieces. */
export class WebSocketDissector implements Dissector, HttpHandler<null> {
  readonly #dialog: HttpDialog<null>;
  readonly #flow: FlowContext;
  readonly #frames: readonly [FrameReader, FrameReader];
  #stream: InnerStream | undefined;
  #refused = false;
  #begins = true;

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#dialog = new HttpDialog(flow, this);
    const room = new Keep((bytes) => flow.reserve(bytes));
    this.#frames = [this.#reader(TO_SERVER, room), this.#reader(TO_CLIENT, room)];
  }

  #reader(direction: Direction, room: Keep): FrameReader {
    return new FrameReader(
      room,
      (bytes, from, to) => {
        this.#stream?.data(direction, bytes, from, to);
      },
      (code, offset) => {
        this.#flow.anomaly(direction, offset, code);
      },
    );
  }

  data(direction: Direction, cursor: Cursor): number {
    if (this.#begins) {
      this.#begins = false;
      // The request is missing: frames from the first byte on.
      if (this.#flow.midstream && cursor.peek() === TEXT_FRAME) this.#upgrade(undefined);
    }
    if (!this.#dialog.upgraded) {
      const answer = this.#dialog.data(direction, cursor);
      if (answer < 0 || this.#refused) return ANSWER.BAD;
      // Bytes of the client behind its request, where the answer is not in view.
      if (!this.#dialog.upgraded) return answer;
    }
    return cursor.left > 0 ? this.#frames[direction].data(cursor) : ANSWER.DONE;
  }

  gap(direction: Direction, length: number): void {
    if (!this.#dialog.upgraded && direction === TO_CLIENT) this.#upgrade(undefined);
    if (!this.#dialog.upgraded) this.#dialog.gap(direction, length);
    else this.#frames[direction].gap(length);
    this.#stream?.gap(direction, length);
  }

  end(): void {
    // The engine ends the stream.
  }

  request(): null {
    return null;
  }

  response(head: HttpHead): null {
    if (head.status === 101) this.#upgrade(head);
    else if (head.status !== 401 && head.status !== 407) this.#refused = true;
    return null;
  }

  body(): void {
    // Of a refusal, or a request for a password.
  }

  done(): void {
    // Nothing waits for it.
  }

  #upgrade(head: HttpHead | undefined): void {
    this.#dialog.upgrade();
    this.#stream = this.#flow.carry?.open({
      carrier: 'websocket',
      evidence: 'http: WebSocket for XMPP',
      protocol: 'xmpp',
      midstream: this.#flow.midstream,
    });
    const extensions = head ? (field(head, 'sec-websocket-extensions') ?? '') : '';
    if (!extensions.includes('permessage-deflate')) return;
    this.#frames[TO_SERVER].compressed(!extensions.includes('client_no_context_takeover'));
    this.#frames[TO_CLIENT].compressed(!extensions.includes('server_no_context_takeover'));
  }
}
