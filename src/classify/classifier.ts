import type { HostFact } from '../core/host-fact.ts';
import type { EveEvent, FlowHeader, ImObject } from '../event/eve.ts';
import type { Verdict } from '../event/im.ts';
import type { Finding } from './alert.ts';
import { Behaviour } from './behaviour/behaviour.ts';
import { isWatched } from './behaviour/settings.ts';
import { packetSeconds } from './clock.ts';
import { Clients } from './clients.ts';
import { Content } from './content/content.ts';
import { Findings } from './findings.ts';
import type { FindingCounts } from './findings.ts';
import { FirstSeen } from './hosts/first-seen.ts';
import { Hosts } from './hosts/hosts.ts';
import type { ClientEnd } from './hosts/hosts.ts';
import { SharedAddressJudge } from './hosts/shared-address.ts';
import { Uses } from './hosts/uses.ts';
import { AtOnceJudge } from './names/at-once.ts';
import { OwnerJudge } from './names/owners.ts';
import { SignedOn } from './names/signed-on.ts';
import { Strangers } from './names/strangers.ts';
import { makeClassifyLimits } from './limits.ts';
import type { ClassifyLimits } from './limits.ts';
import { UseWatcher } from './policy/uses.ts';
import { WallWatcher } from './policy/wall-watcher.ts';
import type { Rulebook } from './rulebook.ts';
import type { Watcher } from './watcher.ts';

export interface ClassifierOptions {
  rulebook: Rulebook;
  /** Takes each alert, at once. */
  emit: (alert: EveEvent) => void;
  limits?: Partial<ClassifyLimits>;
  /** The packet clock, seconds: what one wrong stamp does not move. The events' own times where not given. */
  now?: () => number;
}

/**
 * Judges what the session stage tells: hands every event, in order, to the watchers, whose findings become
 * alerts. Its only clock is packet time.
 */
export class Classifier {
  readonly #clients: Clients;
  readonly #owners: OwnerJudge;
  readonly #signedOn: SignedOn;
  readonly #content: Content;
  readonly #limits: ClassifyLimits;
  #behaviour: Behaviour;
  #rulebook: Rulebook;
  #watchers: readonly Watcher[];
  readonly #hosts: Hosts;
  readonly #findings: Findings;
  readonly #clock: (() => number) | undefined;
  #now = 0;

  constructor({ rulebook, emit, limits: set, now }: ClassifierOptions) {
    const limits = (this.#limits = makeClassifyLimits(set));
    this.#clock = now;
    this.#rulebook = rulebook;
    const hosts = (this.#hosts = new Hosts(limits, rulebook.leases));
    const { policy, memory, lists = {} } = rulebook;
    const tell = (alert: EveEvent): void => {
      this.#complete(alert);
      emit(alert);
    };
    const findings = (this.#findings = new Findings(tell, limits, { rules: policy.alerts, memory }));
    const uses = new Uses(findings, hosts, rulebook.firstSeen ?? new FirstSeen(limits.first_seen), limits);
    this.#clients = new Clients(policy, findings, limits, uses);
    this.#owners = new OwnerJudge(rulebook.names, hosts, findings, limits);
    const judges = [
      this.#owners,
      new AtOnceJudge(findings, limits),
      new SharedAddressJudge(findings, limits),
    ];
    this.#signedOn = new SignedOn(hosts, judges, limits);
    this.#content = new Content(policy.content, lists, findings, limits);
    this.#behaviour = new Behaviour(policy.behaviour, findings, limits);
    this.#watchers = this.#assemble(rulebook);
  }

  /** All that watch, by what the rulebook has. */
  #assemble({ policy, names }: Rulebook): Watcher[] {
    const findings = this.#findings;
    const limits = this.#limits;
    return [
      this.#clients,
      this.#signedOn,
      ...(names ? [new Strangers(names, findings, limits)] : []),
      // What a policy has switched off costs nothing.
      ...(policy.content.on.size > 0 ? [this.#content] : []),
      ...(isWatched(policy.behaviour) ? [this.#behaviour] : []),
      ...(policy.ofUses || policy.timed ? [new UseWatcher(policy, findings, this.#clients, limits)] : []),
      ...(policy.walls === undefined ? [] : [new WallWatcher(policy.walls, findings, limits)]),
    ];
  }

  /**
   * Another rulebook holds from the next event on. Connections, accounts, machines and findings stay as they are
   * known; the windows of behaviour begin anew only where its settings are others. `memory` stays that of the run.
   */
  reload(rulebook: Rulebook): void {
    const { policy, names, leases, lists = {} } = rulebook;
    const before = JSON.stringify(this.#rulebook.policy.behaviour);
    this.#rulebook = rulebook;
    this.#findings.reload(policy.alerts);
    this.#hosts.leases = leases;
    this.#owners.registry = names;
    this.#clients.reload(policy);
    this.#content.reload(policy.content, lists);
    if (JSON.stringify(policy.behaviour) !== before)
      this.#behaviour = new Behaviour(policy.behaviour, this.#findings, this.#limits);
    this.#watchers = this.#assemble(rulebook);
    for (const watcher of this.#watchers) watcher.tick?.(this.#now);
  }

  /** Tells a finding about the watching itself; it belongs to no event. */
  tell(finding: Finding): void {
    this.#findings.tell(finding);
  }

  get counts(): FindingCounts {
    return this.#findings.counts;
  }

  /** The detector has recognised a flow; `service` is the network it is taken for until an event says better. */
  verdict(header: FlowHeader, verdict: Verdict, service: string): void {
    this.#clients.verdict(header, verdict, service);
  }

  /** The wire told of a machine. */
  learnHost(fact: HostFact): void {
    this.#hosts.learn(fact, this.#time());
  }

  /** What is known of the link of a flow's client. */
  client(ip: string, end: ClientEnd): void {
    this.#hosts.client(ip, end, this.#time());
  }

  /** The machine that has an address now. */
  hostOf(ip: string): ImObject['host'] {
    return this.#hosts.of(ip, this.#time());
  }

  /** Whose an account is, by the registry; of one that is not registered, or whose row does not hold, nothing. */
  ownerOf(service: string, account: string): { person?: string; department?: string } | undefined {
    const row = this.#rulebook.names?.find(service, account, this.#time());
    if (!row || row.expired) return undefined;
    const { person, department } = row.entry;
    return {
      ...(person === undefined ? {} : { person }),
      ...(department === undefined ? {} : { department }),
    };
  }

  /** The flow's server was seen under this name (TLS server name, HTTP host, DNS). */
  serverName(flowId: number, name: string): void {
    this.#clients.serverName(flowId, name);
  }

  /** Takes an event. True where an alert was raised for its flow (EVE's `flow.alerted`), by this event or before. */
  on(event: EveEvent): boolean {
    this.tick(this.#clock?.() ?? packetSeconds(event.timestamp));
    let alerted = false;
    for (const watcher of this.#watchers) if (watcher.on(event)) alerted = true;
    return alerted;
  }

  #time(): number {
    return this.#clock?.() ?? this.#now;
  }

  /** Adds the machine and the owner of the account. */
  #complete({ im, src_ip }: EveEvent): void {
    if (im === undefined) return;
    if (src_ip !== undefined) im.host = this.#hosts.of(src_ip, this.#time());
    if (im.service !== undefined && im.account !== undefined)
      Object.assign(im, this.ownerOf(im.service, im.account));
  }

  /** Packet time is now so many seconds: raises what has waited long enough. */
  tick(seconds: number): void {
    if (seconds === this.#now) return;
    this.#now = seconds;
    this.#findings.tick(seconds);
    for (const watcher of this.#watchers) watcher.tick?.(seconds);
  }

  /** The input is over: raises all that still waits. */
  finish(): void {
    for (const watcher of this.#watchers) watcher.finish?.();
    this.#findings.finish();
  }
}
