import type { EveEvent } from '../event/eve.ts';

/** One account as it was seen, for the summary. */
export interface SeenAccount {
  service: string;
  account: string;
  hosts: Set<string>;
  clients: Set<string>;
  sent: number;
  received: number;
  exposed: boolean;
  failed: number;
  signedOn: boolean;
}

/** Entries kept of each kind; beyond it events are only counted. */
export const MAX_KEPT = 2_000;
const MAX_PER_ACCOUNT = 20;

/** Gathers from the events what the summary at the end tells. Bounded. */
export class Tally {
  readonly accounts: SeenAccount[] = [];
  readonly alerts = new Map<string, { count: number; severity: number }>();
  readonly hosts = new Set<string>();
  readonly protocols = new Map<
    string,
    { flows: number; midstream: number; oneSided: number; gaps: number }
  >();
  /** Client addresses at which a service was recognised without being read, by service; the first `MAX_KEPT` of each. */
  readonly sighted = new Map<string, Set<string>>();
  readonly kinds = new Map<string, number>();
  readonly anomalies = new Map<string, number>();
  alertCount = 0;
  events = 0;
  /** Messages of all conversations. */
  messages = 0;
  encryptedMessages = 0;
  /** Events of the accounts, client addresses and kinds of alert beyond the first `MAX_KEPT` of each. */
  readonly beyond = { accounts: 0, addresses: 0, alerts: 0 };
  readonly #byService = new Map<string, Map<string, SeenAccount>>();

  event(event: EveEvent): void {
    this.events++;
    switch (event.event_type) {
      case 'im':
        this.#im(event);
        break;
      case 'alert':
        this.#alert(event);
        break;
      case 'flow':
        this.#flow(event);
        break;
      case 'anomaly':
        count(this.anomalies, event.anomaly?.event ?? 'unknown');
        break;
      default:
    }
  }

  #im(event: EveEvent): void {
    const { im } = event;
    if (!im) return;
    count(this.kinds, im.kind ?? 'unknown');
    if (im.kind === 'conversation') this.#conversation(im.messages ?? {});
    if (im.kind === 'service' && event.src_ip !== undefined)
      this.#sight(im.service ?? 'unknown', event.src_ip);
    if (im.encrypted !== undefined) this.encryptedMessages++;
    const account = im.account ?? (im.kind === 'login' ? im.from : undefined);
    const seen = account === undefined ? undefined : this.#account(im.service ?? 'unknown', account);
    if (!seen) return;
    if (event.src_ip !== undefined) put(seen.hosts, event.src_ip);
    if (im.second_leg_of === undefined) this.#doing(seen, im);
  }

  #doing(seen: SeenAccount, im: NonNullable<EveEvent['im']>): void {
    const own = im.from === undefined || im.from === seen.account;
    if (im.client && own) putClient(seen.clients, im.client.name, im.client.version);
    if (im.kind === 'message') {
      if (im.sent) seen.sent++;
      else seen.received++;
    }
    if (im.kind !== 'login') return;
    if (im.auth?.exposed === 'password') seen.exposed = true;
    if (im.auth?.result === 'failure') seen.failed++;
    else seen.signedOn = true;
  }

  #sight(service: string, address: string): void {
    let addresses = this.sighted.get(service);
    if (addresses === undefined) {
      if (this.sighted.size >= MAX_KEPT) return;
      this.sighted.set(service, (addresses = new Set()));
    }
    if (addresses.size < MAX_KEPT) addresses.add(address);
  }

  /** A conversation counts its messages once though they may have passed on two legs. */
  #conversation(messages: Record<string, number>): void {
    for (const n of Object.values(messages)) this.messages += n;
  }

  #account(service: string, account: string): SeenAccount | undefined {
    let ofService = this.#byService.get(service);
    if (!ofService) this.#byService.set(service, (ofService = new Map()));
    let seen = ofService.get(account);
    if (seen) return seen;
    if (this.accounts.length >= MAX_KEPT) {
      this.beyond.accounts++;
      return undefined;
    }
    seen = {
      service,
      account,
      hosts: new Set(),
      clients: new Set(),
      sent: 0,
      received: 0,
      exposed: false,
      failed: 0,
      signedOn: false,
    };
    ofService.set(account, seen);
    this.accounts.push(seen);
    return seen;
  }

  #alert(event: EveEvent): void {
    this.alertCount++;
    // It tells again what was counted when it was new, here or in a run before.
    if (event.alert?.metadata.update !== undefined) return;
    const signature = event.alert?.signature ?? 'unknown';
    const kept = this.alerts.get(signature);
    if (kept) kept.count++;
    else if (this.alerts.size < MAX_KEPT) {
      this.alerts.set(signature, { count: 1, severity: event.alert?.severity ?? 3 });
    } else this.beyond.alerts++;
  }

  #flow(event: EveEvent): void {
    const { im } = event;
    if (!im?.verdict) return;
    if (event.src_ip !== undefined) {
      if (this.hosts.size < MAX_KEPT) this.hosts.add(event.src_ip);
      else if (!this.hosts.has(event.src_ip)) this.beyond.addresses++;
    }
    const { protocol } = im.verdict;
    const of = this.protocols.get(protocol) ?? { flows: 0, midstream: 0, oneSided: 0, gaps: 0 };
    this.protocols.set(protocol, of);
    of.flows++;
    if (im.midstream) of.midstream++;
    if (im.seen !== 'both') of.oneSided++;
    if (event.tcp?.tc_gap || event.tcp?.ts_gap) of.gaps++;
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

/** A client without its version says nothing beside the same with one. */
function putClient(set: Set<string>, name: string, version: string | undefined): void {
  if (version !== undefined) {
    set.delete(name);
    put(set, `${name} ${version}`);
  } else if (![...set].some((known) => known.startsWith(`${name} `))) put(set, name);
}

function put(set: Set<string>, value: string): void {
  if (set.size < MAX_PER_ACCOUNT) set.add(value);
}
