/** Ids of other networks, which Yahoo! lets its people talk to: key 241 behind the id says which. */
import type { ImFacts } from '../../src/sdk/index.ts';
import { KEY, NETWORK } from './numbers.ts';
import { leadingNumber } from './wire.ts';
import type { Packet } from './wire.ts';

/** Keys at which a record of a contact ends. */
const ENDS: ReadonlySet<number> = new Set([
  KEY.BUDDY,
  KEY.GROUP,
  KEY.LIST_BEGIN,
  KEY.LIST_NEXT,
  KEY.LIST_OPEN,
  KEY.LIST_CLOSE,
]);
/** Pairs behind an id among which key 241 is looked for. */
const LONGEST_RECORD = 24;

/** The network in a pair with key 241; undefined for Yahoo!'s own. */
export function networkAt(packet: Packet, pair: number): string | undefined {
  const number = pair < 0 ? undefined : leadingNumber(packet.wordAt(pair));
  return number === undefined || number === 0 ? undefined : (NETWORK[number] ?? `network-${number}`);
}

/** The network of the contact whose id (key 7) is in `pair`. */
export function networkBehind(packet: Packet, pair: number): string | undefined {
  if (!packet.has(KEY.FEDERATION)) return undefined;
  const end = Math.min(packet.count, pair + LONGEST_RECORD);
  for (let next = pair + 1; next < end; next++) {
    const key = packet.keyAt(next);
    if (key === KEY.FEDERATION) return networkAt(packet, next);
    if (ENDS.has(key)) return undefined;
  }
  return undefined;
}

/** What is told of it; without the id, which stands in the event already. */
export function federated(network: string | undefined): NonNullable<ImFacts['evidence']> | undefined {
  return network === undefined ? undefined : [`key 241: the other side is of ${network}`];
}
