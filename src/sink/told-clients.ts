import { BoundedMap } from '../core/cache.ts';
import type { EveEvent, ImObject } from '../event/eve.ts';

type Software = NonNullable<ImObject['client']>;

/** People of whom it is remembered what was told, the one first told of forgotten first. */
const MAX_PEOPLE = 1_024;
/** Clients of one of them. */
const MAX_CLIENTS = 16;

/** Which clients were told of whom, so that a person is not shown the same again at each further hint of it. */
export class ToldClients {
  readonly #told = new BoundedMap<string, Software[]>(MAX_PEOPLE);

  /** False where what the event says of somebody's client is no more than what an earlier one of the same capture said. */
  isNews({ im, src_ip, pcap_filename }: EveEvent): boolean {
    const { client } = im ?? {};
    if (im === undefined || client === undefined) return true;
    const key = `${pcap_filename ?? ''}\0${im.service ?? ''}\0${im.from ?? im.account ?? src_ip ?? ''}`;
    const told = this.#told.get(key) ?? [];
    if (told.some((known) => saysAll(known, client))) return false;
    const others = told.filter((known) => !saysAll(client, known));
    this.#told.set(key, [...others.slice(1 - MAX_CLIENTS), client]);
    return true;
  }
}

/** What is known says all that the other does. */
function saysAll(known: Software, other: Software): boolean {
  if (known.name !== other.name) return false;
  return FACTS.every((fact) => other[fact] === undefined || other[fact] === known[fact]);
}

const FACTS = ['version', 'os', 'masquerade'] as const;
