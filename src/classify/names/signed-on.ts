import { BoundedMap } from '../../core/cache.ts';
import type { EveEvent, ImObject } from '../../event/eve.ts';
import type { Hosts } from '../hosts/hosts.ts';
import { cut } from '../watch.ts';
import type { ClassifyLimits } from '../limits.ts';
import type { Watcher } from '../watcher.ts';

/** An account in use on one connection. */
export interface Use {
  readonly flow: number;
  readonly service: string;
  readonly account: string;
  readonly ip: string;
  /** What tells machines apart: see `Hosts.key`. */
  readonly host: string;
  /** For judges: at the connection's last act, how often another machine had taken over. */
  turn: number;
  alerted: boolean;
}

/** An event of a connection, whole enough to tell findings of. */
export interface UseEvent extends EveEvent {
  flow_id: number;
  src_ip: string;
  im: ImObject;
}

/** Judges of accounts in use. Each answers whether it raised an alert. */
export interface UseJudge {
  /** The account is in use on another connection. */
  began?(use: Use, event: UseEvent, now: number): boolean;
  /** Its client sent something. */
  acted?(use: Use, event: UseEvent, now: number): boolean;
  ended?(use: Use): void;
}

/** Follows which accounts are in use on which connections, and hands that to judges. */
export class SignedOn implements Watcher {
  readonly #hosts: Hosts;
  readonly #judges: readonly UseJudge[];
  readonly #uses: BoundedMap<number, Use>;
  readonly #longest: number;
  #now = 0;

  constructor(hosts: Hosts, judges: readonly UseJudge[], limits: ClassifyLimits) {
    this.#hosts = hosts;
    this.#judges = judges;
    this.#uses = new BoundedMap(limits.watched_flows, (use) => this.#ended(use));
    this.#longest = limits.alert_field;
  }

  on(event: EveEvent): boolean {
    const { flow_id, im } = event;
    if (flow_id === undefined || im === undefined) return false;
    const known = this.#uses.get(flow_id);
    if (event.event_type === 'flow') {
      if (!known) return false;
      this.#uses.delete(flow_id);
      this.#ended(known);
      return known.alerted;
    }
    if (event.event_type !== 'im' || im.kind === 'conversation') return known?.alerted ?? false;
    const use = known?.account === im.account || im.account === undefined ? known : undefined;
    if (use) return this.#acted(use, event as UseEvent);
    return im.account === undefined ? false : this.#began(known, event as UseEvent, im.account);
  }

  tick(seconds: number): void {
    this.#now = seconds;
  }

  #began(before: Use | undefined, event: UseEvent, name: string): boolean {
    const account = cut(name, this.#longest);
    if (before?.account === account) return this.#acted(before, event);
    if (before) this.#ended(before);
    const { flow_id: flow, src_ip: ip } = event;
    const use: Use = {
      ...{ flow, ip, account, service: event.im.service ?? event.app_proto ?? 'unknown' },
      host: this.#hosts.key(ip, this.#now),
      turn: 0,
      alerted: before?.alerted ?? false,
    };
    this.#uses.set(flow, use);
    for (const judge of this.#judges) if (judge.began?.(use, event, this.#now)) use.alerted = true;
    return this.#acted(use, event);
  }

  #acted(use: Use, event: UseEvent): boolean {
    if (event.direction === 'to_server')
      for (const judge of this.#judges) if (judge.acted?.(use, event, this.#now)) use.alerted = true;
    return use.alerted;
  }

  #ended(use: Use): void {
    for (const judge of this.#judges) judge.ended?.(use);
  }
}
