import { APPS } from '../core/apps.ts';
import type { Tally } from '../app/tally.ts';
import { neutralise } from '../sink/neutralise.ts';
import { plural } from './words.ts';

const NETWORKS: Readonly<Record<string, string>> = {
  aim: 'AIM',
  icq: 'ICQ',
  msn: 'MSN',
  yahoo: 'Yahoo',
  xmpp: 'XMPP',
  irc: 'IRC',
  gtalk: 'Google Talk',
  facebook: 'Facebook Chat',
};
/** Addresses named of each. */
const NAMED = 3;

/** A network or messenger as people call it. */
export function networkName(service: string): string {
  return NETWORKS[service] ?? APPS.get(service) ?? neutralise(service, 20);
}

/** What was recognised without being read: at how many client addresses, the most used first. */
export function sightedLines({ sighted }: Tally): string[] {
  const services = [...sighted].sort(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1));
  return services.map(([service, addresses]) => {
    const first = [...addresses].slice(0, NAMED).map((address) => neutralise(address, 40));
    const more = addresses.size > NAMED ? ` and ${addresses.size - NAMED} more` : '';
    const at = plural(addresses.size, 'client address', 'client addresses');
    return `  ${networkName(service)}: recognised, not read, at ${at}: ${first.join(', ')}${more}`;
  });
}
