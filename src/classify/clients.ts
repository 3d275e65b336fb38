import type { LRUCache } from 'lru-cache';
import { APPS } from '../core/apps.ts';
import type { EveEvent, FlowHeader, ImObject } from '../event/eve.ts';
import type { ClientSoftware, Confidence, Verdict } from '../event/im.ts';
import { hash128 } from '../event/ids.ts';
import type { Finding } from './alert.ts';
import { BoundedMap, boundedCache } from '../core/cache.ts';
import { Deadlines } from './deadlines.ts';
import type { Findings } from './findings.ts';
import { asEvidence } from './hosts/uses.ts';
import type { Shown, Uses } from './hosts/uses.ts';
import type { ClassifyLimits } from './limits.ts';
import type { Decision, Policy, Severity } from './policy.ts';
import type { Connections } from './policy/uses.ts';
import { ProxiedUses } from './proxied.ts';
import { SIGNATURES, unauthorizedSignature } from './signatures.ts';
import type { Signature } from './signature.ts';
import {
  bringsNews,
  addName,
  createWatch,
  headerOf,
  learn,
  learnVerdict,
  moveTo,
  subjectOf,
} from './watch.ts';
import type { FlowWatch } from './watch.ts';
import type { Watcher } from './watcher.ts';

/**
 * Judges IM connections by the policy, and raises one alert for each client address, network, account and
 * server. Fed in order with all `im` and `flow` events of a run; its only clock is their time.
 *
 * A connection is judged once its account and its client software are known; it waits for the
 * software `client_patience` seconds after the account, for the account `account_patience`
 * seconds after the first event, and for either no longer than to its end.
 * An alert has the time and frame of its connection's last event.
 */
export class Clients implements Watcher, Connections {
  #policy: Policy;
  readonly #findings: Findings;
  readonly #limits: ClassifyLimits;
  readonly #flows: BoundedMap<number, FlowWatch>;
  /** Hosts that were judged on a connection to a server, by network. */
  readonly #judgedHosts: LRUCache<string, true>;
  /** How surely a messenger that cannot be read was seen of a client address, by both. */
  readonly #apps: LRUCache<string, { rank: number }>;
  readonly #sessionClients: LRUCache<string, ClientSoftware>;
  readonly #proxied: ProxiedUses;
  readonly #awaitingAccount: Deadlines;
  readonly #awaitingClient: Deadlines;
  readonly #uses: Uses | undefined;
  #now = 0;

  constructor(policy: Policy, findings: Findings, limits: ClassifyLimits, uses?: Uses) {
    this.#uses = uses;
    this.#policy = policy;
    this.#findings = findings;
    this.#limits = limits;
    this.#flows = new BoundedMap(limits.watched_flows);
    this.#judgedHosts = boundedCache(limits.watched_flows);
    this.#apps = boundedCache(limits.watched_flows);
    this.#sessionClients = boundedCache(limits.session_clients);
    this.#proxied = new ProxiedUses(limits.watched_flows);
    this.#awaitingAccount = new Deadlines(limits.account_patience, limits.watched_flows);
    this.#awaitingClient = new Deadlines(limits.client_patience, limits.watched_flows);
  }

  /** Another policy holds: what is not alerted on is judged anew with its next event, or its end. */
  reload(policy: Policy): void {
    this.#policy = policy;
    for (const watch of this.#flows.values()) {
      if (watch.outcome !== undefined && REJUDGED.has(watch.outcome)) watch.outcome = undefined;
    }
  }

  /** The detector has recognised a flow; `service` is the network it is taken for until an event says better. */
  verdict(header: FlowHeader, verdict: Verdict, service: string): void {
    const watch = this.#flows.get(header.flow_id) ?? createWatch(header, service);
    learnVerdict(watch, verdict);
    this.#flows.set(header.flow_id, watch);
  }

  /** The flow's server was seen under this name (TLS server name, HTTP host, DNS). */
  serverName(flowId: number, name: string): void {
    const watch = this.#flows.get(flowId);
    if (watch !== undefined && addName(watch.serverNames, name)) this.#reconsider(watch);
  }

  /**
   * Takes an event. True where an alert was raised for its flow (EVE's `flow.alerted`), by this
   * event or before. A `flow` event ends what is remembered of its flow.
   */
  on(event: EveEvent): boolean {
    if (event.flow_id === undefined) return false;
    if (event.event_type === 'flow') return this.#end(event, event.flow_id);
    if (event.event_type !== 'im' || event.im === undefined || event.im.kind === 'conversation') return false;
    const watch = this.#flows.get(event.flow_id) ?? this.#begin(event, event.im);
    if (watch === undefined) return false;
    const { service, confidence } = event.im;
    if (service !== undefined && confidence !== undefined && APPS.has(service))
      this.#noteApp(watch.header.src_ip, service, confidence);
    moveTo(watch, event);
    if (event.tls?.sni !== undefined && addName(watch.serverNames, event.tls.sni)) this.#reconsider(watch);
    if (watch.outcome === undefined || bringsNews(watch, event.im)) this.#take(watch, event.im);
    return watch.alerted;
  }

  /** Packet time is now so many seconds: raises what has waited long enough. */
  tick(seconds: number): void {
    this.#now = seconds;
    this.#settleDue(seconds);
  }

  /** The input is over: raises all that still waits. */
  finish(): void {
    this.#settleDue(Infinity);
  }

  #settleDue(now: number): void {
    for (const waiting of [this.#awaitingClient, this.#awaitingAccount]) {
      for (let id = waiting.next(now); id !== undefined; id = waiting.next(now)) {
        const watch = this.#flows.get(id);
        if (watch !== undefined && watch.outcome === undefined) this.#judge(watch);
      }
    }
  }

  #begin(event: EveEvent, im: ImObject): FlowWatch | undefined {
    const header = headerOf(event);
    if (header === undefined) return undefined;
    const protocol = event.app_proto ?? 'unknown';
    const service = im.service ?? SERVICES.get(protocol) ?? protocol;
    const watch = createWatch(header, service);
    if (im.verdict !== undefined) learnVerdict(watch, im.verdict);
    this.#flows.set(header.flow_id, watch);
    return watch;
  }

  #end(event: EveEvent, flowId: number): boolean {
    const known = this.#flows.get(flowId);
    const ours = event.im?.verdict !== undefined || event.im?.service !== undefined;
    const watch = known ?? (ours && event.im ? this.#begin(event, event.im) : undefined);
    if (watch === undefined) return false;
    const { service, ...facts }: Partial<ImObject> = event.im ?? {};
    // The network that the flow's own events named stands.
    if (service !== undefined && watch.place === undefined) watch.service = service;
    moveTo(watch, event);
    if (learn(watch, facts, this.#limits)) this.#reconsider(watch);
    if (watch.outcome === undefined) this.#judge(watch);
    this.#awaitingAccount.delete(flowId);
    this.#awaitingClient.delete(flowId);
    this.#flows.delete(flowId);
    return watch.alerted;
  }

  #take(watch: FlowWatch, im: ImObject): void {
    const news = learn(watch, im, this.#limits);
    if (watch.client !== undefined && watch.session !== undefined) {
      this.#sessionClients.set(watch.session, watch.client);
    }
    if (im.auth?.exposed === 'password') this.#passwordExposed(watch, im);
    if (news) this.#reconsider(watch);
    if (watch.outcome === undefined) this.#judgeOrWait(watch);
    else if (news && watch.client !== undefined) this.#uses?.unmasked(watch, watch.client, this.#now);
  }

  /** New facts: a judgement stands only where it was an alert about the same account. */
  #reconsider(watch: FlowWatch): void {
    const { outcome, account, judgedAccount } = watch;
    // The first account that shows after an alert without one is the account of that alert.
    if (outcome === 'unnamed' && judgedAccount === undefined) {
      watch.judgedAccount = account;
      return;
    }
    const told = outcome === 'alerted' || outcome === 'unnamed' || outcome === 'repeat';
    if (!told || account !== judgedAccount) watch.outcome = undefined;
  }

  #judgeOrWait(watch: FlowWatch): void {
    const { flow_id } = watch.header;
    if (watch.account === undefined && !watch.signedOn) this.#awaitingAccount.add(flow_id, this.#now);
    else if (watch.account === undefined || this.clientOf(watch) === undefined) {
      this.#awaitingClient.add(flow_id, this.#now);
    } else this.#judge(watch);
  }

  #judge(watch: FlowWatch): void {
    watch.judgedAccount = watch.account;
    this.#awaitingAccount.delete(watch.header.flow_id);
    this.#awaitingClient.delete(watch.header.flow_id);
    if (this.#isPeerOfJudged(watch) || this.#proxied.has(watch)) {
      watch.outcome = 'peer';
      return;
    }
    const client = this.clientOf(watch);
    const decision = this.#policy.decide(subjectOf(watch, client, this.#now));
    const shown = this.#uses?.shownBy(watch, client, decision.verdict !== 'alert', this.#now) ?? [];
    watch.outcome = decision.verdict === 'allow' ? 'allowed' : this.#raiseClient(watch, decision, shown);
    if (watch.outcome === 'alerted' || watch.outcome === 'repeat') this.#proxied.note(watch);
    if (watch.outcome === 'alerted' || watch.outcome === 'unnamed') this.#uses?.toldWithClient(shown);
    else this.#uses?.tell(watch, client, shown);
    if (client !== undefined && decision.verdict === 'alert')
      this.#uses?.clientSeen(watch, client, this.#now);
  }

  /** A transfer between two clients is part of the use that was judged where one of them signed on. */
  #isPeerOfJudged(watch: FlowWatch): boolean {
    const { src_ip, dest_ip, app_proto } = watch.header;
    const hosts = [src_ip, dest_ip].map((ip) => `${ip} ${FAMILIES.get(watch.service) ?? watch.service}`);
    if (app_proto !== undefined && PEER_PROTOCOLS.has(app_proto)) {
      return hosts.some((host) => this.#judgedHosts.has(host));
    }
    const [client] = hosts;
    if (client !== undefined) this.#judgedHosts.set(client, true);
    return false;
  }

  #raiseClient(watch: FlowWatch, decision: Decision, shown: readonly Shown[]): FlowWatch['outcome'] {
    const notice = decision.verdict === 'notice';
    const signature = signatureOf(decision, watch.service);
    const { src_ip, dest_ip } = watch.header;
    const isApp = APPS.has(watch.service);
    if (isApp && this.#isKnownBetter(watch)) {
      this.#findings.counts.repeats++;
      return notice ? 'noticed' : 'repeat';
    }
    // A messenger of today has servers without number: it is told once a client address, and again once it is surer.
    const server = isApp ? watch.confidence : dest_ip;
    const use = [signature.id, src_ip, watch.service, server] as const;
    const anyAccount = hash128('any', ...use);
    const finding = hash128('client', ...use, watch.account ?? UNNAMED);
    const told = this.#findings.isTold(finding);
    // An account that cannot be seen adds nothing where some account of this client was told.
    if (watch.account === undefined && !told && this.#findings.isTold(anyAccount)) {
      this.#findings.counts.repeats++;
      watch.alerted ||= !notice;
      return notice ? 'noticed' : 'repeat';
    }
    this.#tellClient(watch, decision, signature, finding, shown);
    if (this.#findings.isTold(finding)) this.#findings.markTold(anyAccount);
    if (notice) return 'noticed';
    watch.alerted ||= this.#findings.isTold(finding);
    if (told) return 'repeat';
    return watch.account === undefined ? 'unnamed' : 'alerted';
  }

  /** The messenger was seen more surely of this client address, on another connection. */
  #isKnownBetter({ header, service, confidence }: FlowWatch): boolean {
    const known = this.#apps.get(`${header.src_ip} ${service}`);
    return known !== undefined && RANK[confidence] < known.rank;
  }

  /** A messenger that cannot be read was seen. */
  #noteApp(client: string, service: string, confidence: Confidence): void {
    const key = `${client} ${service}`;
    const known = this.#apps.get(key);
    const rank = RANK[confidence];
    if (!known) this.#apps.set(key, { rank });
    else if (rank > known.rank) known.rank = rank;
  }

  #tellClient(
    watch: FlowWatch,
    decision: Decision,
    signature: Signature,
    finding: string,
    shown: readonly Shown[],
  ): void {
    const also = decision.verdict === 'notice' ? [] : asEvidence(shown);
    this.#raise(watch, {
      signature,
      finding,
      trigger: watch.trigger ?? watch.header.community_id,
      severity: severityOf(watch, decision),
      policy: decision.line,
      evidence: evidenceOf(watch, this.clientOf(watch), also),
      confidence: watch.confidence,
    });
  }

  #passwordExposed(watch: FlowWatch, im: ImObject): void {
    const signature: Signature = SIGNATURES.passwordExposed;
    const { src_ip, dest_ip, community_id } = watch.header;
    const finding = hash128('password', signature.id, watch.service, dest_ip, watch.account ?? src_ip);
    this.#raise(watch, {
      signature,
      finding,
      trigger: im.id || community_id,
      severity: signature.severity,
      evidence: [
        `sign-on by ${im.auth?.mechanism ?? 'password'}: the password can be read from what was sent`,
      ],
      confidence: 'high',
    });
    if (this.#findings.isTold(finding)) watch.alerted = true;
  }

  #raise(watch: FlowWatch, what: Omit<Finding, 'header' | 'place' | 'im'>): void {
    const { header, place, account, session, carrier } = watch;
    if (place === undefined) return;
    const client = this.clientOf(watch);
    this.#findings.tell({
      ...what,
      header,
      place,
      im: {
        service: watch.service,
        ...(account === undefined ? {} : { account }),
        ...(session === undefined ? {} : { session }),
        ...(client === undefined ? {} : { client }),
        ...(carrier === undefined ? {} : { carrier }),
      },
    });
  }

  /** What is known of a connection that is not over. */
  watchOf(flowId: number): FlowWatch | undefined {
    return this.#flows.get(flowId);
  }

  /** The software on this connection, or that which its account uses on another one. */
  clientOf(watch: FlowWatch): ClientSoftware | undefined {
    if (watch.client !== undefined) return watch.client;
    return watch.session === undefined ? undefined : this.#sessionClients.get(watch.session);
  }
}

function signatureOf(decision: Decision, service: string): Signature {
  if (decision.verdict === 'notice') return SIGNATURES.clientNoticed;
  return decision.outdated === true ? SIGNATURES.clientOutdated : unauthorizedSignature(service);
}

/** What shows the client: how it was recognised, what its connection shows besides, by what its software is known. */
function evidenceOf(
  { evidence, header, service }: FlowWatch,
  client: ClientSoftware | undefined,
  also: readonly string[],
): string[] {
  const all = [...evidence, ...also, ...(client?.evidence ?? [])];
  return all.length > 0 ? all : [`${header.app_proto ?? service}: events read`];
}

/** Judgements that another policy may overturn. */
const REJUDGED: ReadonlySet<FlowWatch['outcome']> = new Set(['allowed', 'noticed', 'peer']);

/** Not an account of any network: a NUL cannot be in one. */
const UNNAMED = '\0';

/** Protocols that run between two clients, without a server. */
const PEER_PROTOCOLS: ReadonlySet<string> = new Set([
  'oft',
  'msnftp',
  'msnp2p',
  'irc-dcc',
  'socks',
  'stun',
  'shape',
]);

/** Networks whose accounts meet on the same servers. */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  ['icq', 'aim'],
  ['gtalk', 'xmpp'],
]);

/** The network of a protocol where no event has named it. */
const SERVICES: ReadonlyMap<string, string> = new Map([
  ['oscar', 'aim'],
  ['toc', 'aim'],
  ['oft', 'aim'],
  ['icq', 'icq'],
  ['msnp', 'msn'],
  ['msnftp', 'msn'],
  ['msnp2p', 'msn'],
  ['ymsg', 'yahoo'],
  ['irc', 'irc'],
  ['irc-dcc', 'irc'],
]);

const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };

/** How grave a bare sighting is: a host that is in doubt is no client yet. */
const SIGHTING_SEVERITY: Readonly<Record<Confidence, Severity>> = { high: 1, medium: 2, low: 3 };

/** What the operator wrote stands; else a sighting is as grave as it is sure. */
function severityOf({ depth, confidence }: FlowWatch, decision: Decision): Severity {
  if (decision.stated || depth !== 'sighting') return decision.severity;
  return Math.max(decision.severity, SIGHTING_SEVERITY[confidence]) as Severity;
}
