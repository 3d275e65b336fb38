import { rowOfText } from '../services/match.ts';

/** Ports that only IM uses; enough to call a refused attempt, with low confidence. */
const PORTS: ReadonlyMap<number, string> = new Map([
  [5190, 'aim'],
  [1863, 'msn'],
  [5050, 'yahoo'],
  [5222, 'xmpp'],
  [5223, 'xmpp'],
]);

export interface KnownService {
  readonly service: string;
  readonly confidence: 'low' | 'medium';
}

/**
 * The network of `host` and `port`, where one is known to live there. Only for attempts that a proxy refused: a
 * name is a hint, never a verdict on what a connection carries.
 */
export function serviceOf(host: string, port: number): KnownService | undefined {
  const row = rowOfText(host);
  if (row) return { service: row.service, confidence: row.confidence === 'low' ? 'low' : 'medium' };
  const service = PORTS.get(port);
  return service === undefined ? undefined : { service, confidence: 'low' };
}
