import { ANSWER, evidenceOf, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { askedName, askedRow, HEADER, offersEch } from './wire.ts';

/** Messages of one flow that are looked at. */
const MAX_MESSAGES = 64;

/** Reads queries, or answers, one datagram each; of TCP one behind its length. */
export class DnsDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #told = new Set<string>();
  #messages = 0;

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(direction: Direction, cursor: Cursor): number {
    if (this.#flow.transport === 'udp') {
      this.#message(direction, cursor.tell(), cursor.bytes, cursor.pos, cursor.end);
      cursor.pos = cursor.end;
      return this.#messages >= MAX_MESSAGES ? ANSWER.SKIP : ANSWER.DONE;
    }
    while (cursor.left >= 2) {
      const length = (cursor.peek() << 8) | cursor.peek(1);
      if (length < HEADER) return ANSWER.SKIP;
      if (!cursor.has(2 + length)) return 2 + length;
      const offset = cursor.tell();
      cursor.skip(2);
      this.#message(direction, offset, cursor.bytes, cursor.pos, cursor.pos + length);
      cursor.skip(length);
      if (this.#messages >= MAX_MESSAGES) return ANSWER.SKIP;
    }
    return ANSWER.DONE;
  }

  gap(): void {
    // What follows is read as it comes: a message that does not fit says nothing.
  }

  end(): void {
    // All was told when it was read.
  }

  #message(direction: Direction, offset: number, bytes: Uint8Array, start: number, end: number): void {
    this.#messages++;
    const row = askedRow(bytes, start, end);
    if (!row) return;
    const name = askedName(bytes, start, end);
    const ech = direction === TO_CLIENT && offersEch(bytes, start, end);
    const key = `${name} ${ech}`;
    if (this.#told.has(key) || (direction === TO_CLIENT && !ech && this.#told.size > 0)) return;
    this.#told.add(key);
    this.#flow.emit(direction, offset, {
      ...{ kind: 'service', service: row.service, confidence: 'low' },
      evidence: [
        `dns: ${direction === TO_SERVER ? 'query' : 'answer'} for ${name}`,
        evidenceOf(row),
        ...(ech ? ['dns: HTTPS record offers ECH'] : []),
      ],
    });
  }
}
