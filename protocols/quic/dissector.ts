import {
  ANSWER,
  askedEvidence,
  evidenceOf,
  isOuterName,
  QUIC_HELLO,
  QuicWatch,
  rowOfText,
  TO_SERVER,
} from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, EveTls, FlowContext, ImFacts } from '../../src/sdk/index.ts';

/** Datagrams of the client within which its hello is whole. */
const MAX_DATAGRAMS = 8;

/** Reads the hello of one QUIC connection and tells it where it names a messenger. */
export class QuicDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #watch = new QuicWatch();
  #datagrams = 0;

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(direction: Direction, cursor: Cursor): number {
    const { bytes, pos, end } = cursor;
    cursor.pos = end;
    if (direction !== TO_SERVER) return ANSWER.DONE;
    const seen = this.#watch.datagram(bytes, pos, end);
    if (seen === QUIC_HELLO.BAD) return ANSWER.BAD;
    const over = seen === QUIC_HELLO.WHOLE || ++this.#datagrams >= MAX_DATAGRAMS;
    if (!over) return ANSWER.DONE;
    return this.#tell() ? ANSWER.SKIP : ANSWER.BAD;
  }

  gap(): void {
    // Datagrams have no gaps: what is lost is missing from the hello.
  }

  end(): void {
    // A hello that was not whole by now says nothing more.
  }

  #tell(): boolean {
    const hello = this.#watch.hello();
    const facts = hello && serviceOf(hello.tls, hello.ech, this.#flow);
    if (!facts) return false;
    facts.evidence?.unshift(`quic: ${this.#watch.version}`);
    this.#flow.emit(TO_SERVER, 0, { ...facts, tls: hello.tls });
    return true;
  }
}

/** What a hello asks for; of one that is encrypted or has no name, what its server was looked up by. */
function serviceOf({ sni }: EveTls, ech: boolean, flow: FlowContext): ImFacts | undefined {
  const row = sni === undefined ? undefined : rowOfText(sni);
  if (row)
    return {
      ...{ kind: 'service', service: row.service, confidence: row.confidence },
      evidence: [`quic: SNI ${sni ?? ''}`, evidenceOf(row)],
    };
  if (sni !== undefined && !(ech && isOuterName(sni))) return undefined;
  const asked = flow.asked();
  const named = asked && rowOfText(asked.name);
  if (!named) return undefined;
  const why = sni === undefined ? 'quic: no server name' : `quic: ECH, outer name ${sni}`;
  return {
    ...{ kind: 'service', service: named.service, confidence: 'low' },
    evidence: [why, askedEvidence(asked), evidenceOf(named)],
  };
}
