/**
 * The XML form in which web and mobile clients speak through a gateway that is no HTTP server:
 * `<Session ...><Ymsg Command="6" ...>`, or a line with the length before it. Recognised, not read.
 */
import { ANSWER, TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { startsWith } from './webcam.ts';

const SESSION = '<Session ';
const COMMAND = '<Ymsg Command=';
const LENGTH = 'content-length: ';
/** Bytes among which the command must begin. */
const LOOKED_AT = 1024;
export const WEB_FIRST_BYTES: readonly number[] = [0x3c, 0x63];

export const LOOK_WEB = { NO: 0, OPEN: 1, SURE: 2 } as const;

/** Judges the first bytes of the client: the element or the line, and behind it the command. */
export function webLook(bytes: Uint8Array, start: number, end: number): 0 | 1 | 2 {
  const byLength = startsWith(bytes, start, end, LENGTH);
  const bySession = startsWith(bytes, start, end, SESSION);
  if (!byLength && !bySession && !startsWith(bytes, start, end, COMMAND)) return LOOK_WEB.NO;
  const limit = Math.min(end, start + LOOKED_AT);
  for (let at = bytes.indexOf(0x3c, start); at >= 0 && at < limit; at = bytes.indexOf(0x3c, at + 1))
    if (end - at >= COMMAND.length && startsWith(bytes, at, end, COMMAND)) return LOOK_WEB.SURE;
  return end - start < LOOKED_AT ? LOOK_WEB.OPEN : LOOK_WEB.NO;
}

/** What the detector saw, for the `flow` and the `service` event. */
export const WEB_EVIDENCE = 'client: <Ymsg Command=...> in XML';

/** Tells once that the service is used. */
export class WebDissector implements Dissector {
  readonly #flow: FlowContext;

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(_direction: 0 | 1, cursor: Cursor): number {
    this.#flow.emit(TO_SERVER, cursor.tell(), {
      kind: 'service',
      service: 'yahoo',
      evidence: [WEB_EVIDENCE],
      confidence: 'medium',
    });
    return ANSWER.SKIP;
  }

  gap(): void {
    // Nothing more is read.
  }

  end(): void {
    // Nothing was begun.
  }
}
