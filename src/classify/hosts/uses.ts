import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../core/cache.ts';
import type { ClientSoftware } from '../../event/im.ts';
import { hash128 } from '../../event/ids.ts';
import { formatTime } from '../../core/time.ts';
import { describeClient } from '../describe.ts';
import type { Findings } from '../findings.ts';
import type { ClassifyLimits } from '../limits.ts';
import type { Signature } from '../signature.ts';
import { NETWORKS, SIGNATURES } from '../signatures.ts';
import type { FlowWatch } from '../watch.ts';
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

/** Something that a judged connection shows besides its client. */
export interface Shown {
  readonly signature: Signature;
  readonly finding: string;
  readonly evidence: readonly string[];
}

/**
 * Finds what is told of a connection besides that its client is not allowed: that it hides behind a port or a carrier,
 * that only TLS shows it, that its client is new here or claims to be another.
 * Where the client's own alert tells of the connection at once, these are evidence there and no alerts of their own.
 */
export class Uses {
  readonly #findings: Findings;
  readonly #hosts: Hosts;
  readonly #first: FirstSeen;
  readonly #learning: number;
  /** Machines of which a connection could be read, by network. */
  readonly #read: LRUCache<string, true>;

  constructor(findings: Findings, hosts: Hosts, first: FirstSeen, limits: ClassifyLimits) {
    this.#findings = findings;
    this.#hosts = hosts;
    this.#first = first;
    this.#learning = limits.first_seen_learning;
    this.#read = boundedCache(limits.hosts);
  }

  /** What the connection shows; `allowed`: by the policy, so that its ways are its own affair. */
  shownBy(watch: FlowWatch, client: ClientSoftware | undefined, allowed: boolean, now: number): Shown[] {
    const shown: Shown[] = [];
    const { service, header } = watch;
    const show = (signature: Signature, about: readonly string[], evidence: readonly string[]): void => {
      shown.push({ signature, evidence, finding: hash128('use', signature.id, service, ...about) });
    };
    const host = this.#hosts.key(header.src_ip, now);
    if (client?.masquerade !== undefined)
      show(SIGNATURES.clientMasquerade, [host, client.name], [describeClient(client)]);
    if (allowed) return shown;
    const way = wayOf(watch);
    if (way !== undefined) show(SIGNATURES.evasive, [header.src_ip, way], [way]);
    const use = `${service}\0${host}`;
    if (!isTlsOnly(watch)) this.#read.set(use, true);
    else if (this.#read.get(use) === undefined)
      show(SIGNATURES.tlsOnly, [host], [`${header.app_proto ?? 'tls'} alone was seen`]);
    return shown;
  }

  /** The client's alert has told them as evidence. */
  toldWithClient(shown: readonly Shown[]): void {
    for (const { finding } of shown) this.#findings.markTold(finding);
  }

  /** Tells them one by one. That TLS alone was seen is nothing by itself: the client's alert has told of its connections. */
  tell(watch: FlowWatch, client: ClientSoftware | undefined, shown: readonly Shown[]): void {
    for (const one of shown) if (one.signature !== SIGNATURES.tlsOnly) this.#tell(watch, client, one);
  }

  /** A judged connection shows that its client is not what it claimed. */
  unmasked(watch: FlowWatch, client: ClientSoftware, now: number): void {
    if (client.masquerade !== undefined) this.tell(watch, client, this.shownBy(watch, client, true, now));
  }

  /** A client that the policy does not allow was seen: is it new on this network? */
  clientSeen(watch: FlowWatch, client: ClientSoftware, now: number): void {
    const isNew = this.#first.see(`client\0${watch.service}\0${client.name}`, now);
    const { since } = this.#first;
    if (!isNew || since === undefined || now - since < this.#learning) return;
    const signature = SIGNATURES.clientNew;
    this.#tell(watch, client, {
      signature,
      finding: hash128('use', signature.id, watch.service, client.name),
      evidence: [`first seen; sightings are known since ${formatTime(since, 0)}`],
    });
  }

  #tell(watch: FlowWatch, client: ClientSoftware | undefined, { signature, finding, evidence }: Shown): void {
    const { header, place, account, session, carrier, service } = watch;
    if (place === undefined) return;
    watch.alerted = true;
    this.#findings.tell({
      ...{ signature, finding, header, place, severity: signature.severity, confidence: watch.confidence },
      trigger: watch.trigger ?? header.community_id,
      evidence: [...evidence, ...watch.evidence, ...(client?.evidence ?? [])],
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

/** One line of a client's alert for each: `also 9000080: port 443 is that of https`. */
export function asEvidence(shown: readonly Shown[]): string[] {
  return shown.map(({ signature, evidence }) => `also ${signature.id}: ${evidence.join('; ')}`);
}

function isTlsOnly({ header: { app_proto }, service }: FlowWatch): boolean {
  return app_proto !== undefined && ENCRYPTED.has(app_proto) && Object.hasOwn(NETWORKS, service);
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
