import { ANSWER, TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { shapeOf } from './detect.ts';
import type { Shape } from './shape.ts';

/** Tells a recognised beginning once, and reads nothing more. */
export class ShapeDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #shapes: readonly Shape[];
  #shape: Shape | undefined;
  #from = 0;

  constructor(flow: FlowContext, shapes: readonly Shape[]) {
    this.#flow = flow;
    this.#shapes = shapes;
  }

  data(direction: Direction, cursor: Cursor): number {
    const { bytes, pos, end } = cursor;
    const client = direction === TO_SERVER;
    const offset = cursor.tell();
    cursor.pos = end;
    this.#shape ??= shapeOf(this.#shapes, client, bytes, pos, end);
    const shape = this.#shape;
    if (!shape) return ANSWER.DONE;
    // Where the server greets, the account is in the client's answer.
    const waits = shape.account !== undefined && shape.server === true && !client;
    if (waits && ++this.#from < 2) return ANSWER.DONE;
    this.#tell(direction, offset, shape, shape.account?.(bytes, pos, end));
    return ANSWER.SKIP;
  }

  gap(): void {
    // What was told is told; what was not is not guessed.
  }

  end(): void {
    // The same.
  }

  #tell(direction: Direction, offset: number, shape: Shape, account: string | undefined): void {
    this.#flow.emit(direction, offset, {
      ...{ kind: 'service', service: shape.service, confidence: shape.confidence },
      evidence: [`first bytes: ${shape.name} (${shape.source}, ${shape.date})`],
      ...(account === undefined ? {} : { account }),
    });
  }
}
