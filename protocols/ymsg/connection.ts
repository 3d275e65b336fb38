/** A connection of Yahoo! Messenger: what its first bytes are decides what reads it. */
import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { YmsgDissector } from './dissector.ts';
import { LOOK_WEB, WebDissector, webLook } from './web.ts';
import { LOOK_WEBCAM, WebcamDissector, webcamLook } from './webcam.ts';

/** Made when the first bytes come. */
export class Connection implements Dissector {
  readonly #flow: FlowContext;
  #reader: Dissector | undefined;

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(direction: Direction, cursor: Cursor): number {
    this.#reader ??= readerOf(this.#flow, direction, cursor);
    return this.#reader.data(direction, cursor);
  }

  gap(direction: Direction, length: number): void {
    this.#reader ??= new YmsgDissector(this.#flow);
    this.#reader.gap(direction, length);
  }

  end(direction: Direction): void {
    this.#reader?.end(direction);
  }
}

function readerOf(flow: FlowContext, direction: Direction, { bytes, pos, end }: Cursor): Dissector {
  if (direction === TO_SERVER) {
    if (webcamLook(bytes, pos, end) !== LOOK_WEBCAM.NO) return new WebcamDissector(flow);
    if (webLook(bytes, pos, end) !== LOOK_WEB.NO) return new WebDissector(flow);
  }
  return new YmsgDissector(flow);
}
