import type { EveEvent } from '../../event/eve.ts';
import type { ClientSoftware } from '../../event/im.ts';
import { hash128 } from '../../event/ids.ts';
import { formatTime } from '../../core/time.ts';
import type { Finding } from '../alert.ts';
import { describeClient } from '../describe.ts';
import type { Findings } from '../findings.ts';
import type { ClassifyLimits } from '../limits.ts';
import { tellOf } from '../names/tell.ts';
import type { UseEvent } from '../names/signed-on.ts';
import { NETWORKS, SIGNATURES } from '../signatures.ts';
import type { FlowWatch } from '../watch.ts';
import type { Watcher } from '../watcher.ts';
import type { FirstSeen } from './first-seen.ts';
import type { Hosts } from './hosts.ts';

/** Ports of other services, where filters let packets pass (IANA's names). */
const BORROWED: ReadonlyMap<number, string> = new Map([
  [20, 'ftp-data'],
  [21, 'ftp'],
  [22, 'ssh'],
  [23, 'telnet'],
  [25, 'smtp'],
  [53, 'domain'],
  [80, 'http'],
  [110, 'pop3'],
  [119, 'nntp'],
  [123, 'ntp'],
  [143, 'imap'],
  [443, 'https'],
  [465, 'submissions'],
  [587, 'submission'],
  [993, 'imaps'],
  [995, 'pop3s'],
  [8080, 'http-alt'],
]);

/** Carriers that lead past a filter. BOSH and WebSocket are XMPP's own ways for browsers. */
const EVASIVE: ReadonlySet<string> = new Set([
  'http-connect',
  'http-tunnel',
  'http-gateway',
  'socks4',
  'socks5',
]);

/** Protocols of which only the handshake or the name is seen, and those that are HTTP's by right. */
const NOT_READ: ReadonlySet<string> = new Set(['tls', 'quic', 'http', 'stun', 'dns']);
const ENCRYPTED: ReadonlySet<string> = new Set(['tls', 'quic']);

/**
 * Finds of clients that the policy does not allow: that they hide behind a port or a carrier, that only TLS shows them, that
 * they are new here. And of every client that it claims to be another.
 */
export class Uses implements Watcher {
  readonly #findings: Findings;
  readonly #hosts: Hosts;
  readonly #first: FirstSeen;
  readonly #learning: number;
  #now = 0;

  constructor(findings: Findings, hosts: Hosts, first: FirstSeen, limits: ClassifyLimits) {
    this.#findings = findings;
    this.#hosts = hosts;
    this.#first = first;
    this.#learning = limits.first_seen_learning;
  }

  on(event: EveEvent): boolean {
    const { im } = event;
    if (im?.client?.masquerade === undefined || event.event_type !== 'im') return false;
    if (im.kind === 'presence' && im.sent === false) return false;
    return this.#masquerade(event as UseEvent, im.client);
  }

  tick(seconds: number): void {
    this.#now = seconds;
  }

  /** The policy was asked about a connection, and does not allow it. */
  judged(watch: FlowWatch, client: ClientSoftware | undefined): void {
    const way = wayOf(watch);
    if (way !== undefined)
      this.#tell(watch, client, SIGNATURES.evasive, [watch.header.src_ip, watch.service, way]);
    const { app_proto } = watch.header;
    if (app_proto !== undefined && ENCRYPTED.has(app_proto) && Object.hasOwn(NETWORKS, watch.service))
      this.#tell(watch, client, SIGNATURES.tlsOnly, [
        this.#hosts.key(watch.header.src_ip, this.#now),
        watch.service,
      ]);
    if (client !== undefined) this.#firstSeen(watch, client);
  }

  #masquerade(event: UseEvent, client: ClientSoftware): boolean {
    const service = event.im.service ?? '';
    return tellOf(this.#findings, event, {
      signature: SIGNATURES.clientMasquerade,
      about: [service, this.#hosts.key(event.src_ip, this.#now), client.name],
      evidence: [describeClient(client), ...client.evidence],
      confidence: 'medium',
    });
  }

  #firstSeen(watch: FlowWatch, client: ClientSoftware): void {
    const first = this.#first.see(`client\0${watch.service}\0${client.name}`, this.#now);
    const { since } = this.#first;
    if (since === undefined || first !== this.#now || this.#now - since < this.#learning) return;
    const known = `first seen; sightings are known since ${formatTime(since, 0)}`;
    this.#tell(watch, client, SIGNATURES.clientNew, [watch.service, client.name, known]);
  }

  /** The last of `about` is what is told as evidence first. */
  #tell(
    watch: FlowWatch,
    client: ClientSoftware | undefined,
    signature: Finding['signature'],
    about: readonly [string, string, string?],
  ): void {
    const { header, place, account, session, carrier, service } = watch;
    if (place === undefined) return;
    const [who, what, why] = about;
    const way = signature === SIGNATURES.evasive && why !== undefined ? [why] : [];
    watch.alerted = true;
    this.#findings.tell({
      ...{ signature, header, place, severity: signature.severity, confidence: watch.confidence },
      trigger: watch.trigger ?? header.community_id,
      finding: hash128('use', signature.id, who, what, ...way),
      evidence: [...(why === undefined ? [] : [why]), ...watch.evidence],
      im: {
        service,
        ...(account === undefined ? {} : { account }),
        ...(session === undefined ? {} : { session }),
        ...(client === undefined ? {} : { client }),
        ...(carrier === undefined ? {} : { carrier }),
      },
    });
  }
}

/** The way past a filter that a connection takes, in words; undefined for an open one. */
function wayOf({ header, carrier }: FlowWatch): string | undefined {
  const { dest_port, app_proto } = header;
  const hiding = carrier?.split('+').filter((name) => EVASIVE.has(name)) ?? [];
  if (hiding.length > 0) return `carrier: ${hiding.join('+')}`;
  const service = BORROWED.get(dest_port);
  if (service === undefined || carrier !== undefined) return undefined;
  if (app_proto === undefined || NOT_READ.has(app_proto)) return undefined;
  return `port ${dest_port} is that of ${service}`;
}
