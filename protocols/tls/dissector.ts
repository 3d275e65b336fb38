import {
  ANSWER,
  APPS,
  askedEvidence,
  evidenceOf,
  isOuterName,
  rowOfText,
  TlsWatch,
  TO_SERVER,
} from '../../src/sdk/index.ts';
import type {
  AskedName,
  Cursor,
  Direction,
  Dissector,
  EveTls,
  FlowContext,
  ImFacts,
  ServiceRow,
} from '../../src/sdk/index.ts';
import { directXmpp } from './direct.ts';
import { XMPP_CLIENT, XMPP_SERVER } from './wire.ts';

/** Reads the clear part of a handshake with a host of an IM network and tells it once. */
export class TlsDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #watch = new TlsWatch();
  readonly #ended: [boolean, boolean] = [false, false];
  #told = false;

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(direction: Direction, cursor: Cursor): number {
    if (direction === TO_SERVER) this.#watch.awaitsHello = true;
    const over = this.#watch.data(direction, cursor);
    if (this.#watch.bad) {
      this.#flow.anomaly(direction, cursor.tell(), 'tls_not_a_handshake');
    } else if (!over) return ANSWER.DONE;
    this.#tell();
    return ANSWER.SKIP;
  }

  gap(direction: Direction): void {
    if (this.#watch.gap(direction)) this.#tell();
  }

  end(direction: Direction): void {
    this.#ended[direction] = true;
    if (this.#ended[0] && this.#ended[1]) this.#tell();
  }

  /** One event a flow: as of the client's hello, told when all is seen that will be. */
  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    const tls = this.#watch.facts();
    const facts = serviceOf(tls, this.#flow);
    if (facts) this.#flow.emit(TO_SERVER, 0, { ...facts, tls });
  }
}

/** What network a handshake belongs to and why. Undefined where it shows none (what showed it to the detector was lost). */
function serviceOf(tls: EveTls, flow: FlowContext): ImFacts | undefined {
  const alpn = tls.client_alpns?.find((name) => name === XMPP_CLIENT || name === XMPP_SERVER);
  const row = tls.sni === undefined ? undefined : rowOfText(tls.sni);
  if (alpn !== undefined) return xmpp(tls, alpn, row);
  if (row)
    return {
      kind: 'service',
      service: row.service,
      confidence: row.confidence,
      evidence: because(`SNI ${tls.sni ?? ''}`, row),
    };
  const names = tls.subjectaltname ?? commonName(tls.subject);
  for (const name of names) {
    const named = rowOfText(name);
    // Of a messenger of today all names have to be a messenger's: its maker serves much else under the same certificate.
    const alone = named && (!APPS.has(named.service) || names.every((one) => rowOfText(one) !== undefined));
    if (named?.confidence === 'high' && alone)
      return {
        kind: 'service',
        service: named.service,
        confidence: 'medium',
        evidence: because(`certificate ${name}`, named),
      };
  }
  if (tls.sni !== undefined && isOuterName(tls.sni))
    return lookedUp(flow.asked(), `tls: ECH, outer name ${tls.sni}`);
  if (tls.sni !== undefined) return direct(tls, tls.sni, flow.serverPort);
  return lookedUp(flow.asked());
}

/** XMPP in direct TLS by a client that says nothing of it. */
function direct(tls: EveTls, sni: string, port: number): ImFacts | undefined {
  const evidence = tls.client_alpns ? undefined : directXmpp(sni, port);
  if (!evidence) return undefined;
  const to = [sni.toLowerCase().replace(/\.$/, '')];
  return { kind: 'service', service: 'xmpp', confidence: 'low', evidence, to };
}

/** Neither client nor certificate name the server: the name that it was looked up by may. */
function lookedUp(asked: AskedName | undefined, why = 'tls: no server name'): ImFacts | undefined {
  const row = asked && rowOfText(asked.name);
  if (!row) return undefined;
  const evidence = [why, askedEvidence(asked), evidenceOf(row)];
  return { kind: 'service', service: row.service, confidence: 'low', evidence };
}

/** The name that an XMPP client asks for is the domain of its accounts (XEP-0368, 3). */
function xmpp(tls: EveTls, alpn: string, row: ServiceRow | undefined): ImFacts {
  const facts: ImFacts = {
    kind: 'service',
    service: row?.service ?? 'xmpp',
    confidence: 'high',
    evidence: [`tls: ALPN ${alpn}`],
  };
  if (tls.sni !== undefined) {
    facts.evidence?.push(`tls: SNI ${tls.sni}`);
    facts.to = [tls.sni.toLowerCase().replace(/\.$/, '')];
  }
  return facts;
}

function because(seen: string, row: ServiceRow): string[] {
  return [`tls: ${seen}`, evidenceOf(row)];
}

function commonName(subject: string | undefined): string[] {
  const name = /(?:^|, )CN=([^,]+)/.exec(subject ?? '')?.[1];
  return name === undefined ? [] : [name];
}
