import type { EveEvent, FlowHeader, ImObject } from '../event/eve.ts';
import type { ClientSoftware, Confidence, Verdict } from '../event/im.ts';
import type { Place } from './alert.ts';
import type { ClassifyLimits } from './limits.ts';
import type { Subject } from './policy.ts';

/** What a judgement came to: `unnamed` is an alert without an account, `repeat` one that was told before. */
type Outcome = 'allowed' | 'noticed' | 'alerted' | 'unnamed' | 'repeat' | 'peer';

/** What is known of one IM connection. */
export interface FlowWatch {
  header: FlowHeader;
  service: string;
  confidence: Confidence;
  evidence: readonly string[];
  account: string | undefined;
  /** The account that had been judged when the last judgement was made. */
  judgedAccount: string | undefined;
  client: ClientSoftware | undefined;
  session: string | undefined;
  carrier: string | undefined;
  /** A TLS handshake was seen on it. */
  tls: boolean;
  /** Domains that the client asks its server for, and names under which the server was seen. */
  readonly domains: string[];
  readonly serverNames: string[];
  /** The connection's last event; undefined before the first. */
  place: Place | undefined;
  /** `im.id` of the event that an alert would be traced to. */
  trigger: string | undefined;
  /** Somebody signed on, with or without a name that could be read. */
  signedOn: boolean;
  /** What its events say: that a service was seen (`im.kind: service`) and no more, or what was said and done. */
  depth: 'nothing' | 'sighting' | 'read';
  /** What was last made of the facts; undefined where new ones came since. */
  outcome: Outcome | undefined;
  /** An alert was raised for it, or would only have repeated one. */
  alerted: boolean;
}

/** Names kept for one connection; an honest one has one or two. */
const MAX_NAMES = 8;

export function createWatch(header: FlowHeader, service: string): FlowWatch {
  return {
    header,
    service,
    confidence: 'medium',
    evidence: [],
    account: undefined,
    judgedAccount: undefined,
    client: undefined,
    session: undefined,
    carrier: undefined,
    tls: false,
    domains: [],
    serverNames: [],
    place: undefined,
    trigger: undefined,
    signedOn: false,
    depth: 'nothing',
    outcome: undefined,
    alerted: false,
  };
}

/** Takes how the detector came to its verdict. */
export function learnVerdict(watch: FlowWatch, verdict: Verdict): void {
  watch.confidence = verdict.confidence;
  watch.evidence = verdict.evidence;
  if (watch.header.app_proto === undefined) watch.header = { ...watch.header, app_proto: verdict.protocol };
}

/** The header of an event's flow, or undefined where the event belongs to none. */
export function headerOf(event: EveEvent): FlowHeader | undefined {
  const { flow_id, community_id, src_ip, src_port, dest_ip, dest_port, proto, app_proto, vlan, tunnel } =
    event;
  if (flow_id === undefined || community_id === undefined || proto === undefined) return undefined;
  if (src_ip === undefined || src_port === undefined) return undefined;
  if (dest_ip === undefined || dest_port === undefined) return undefined;
  const header: FlowHeader = { flow_id, community_id, src_ip, src_port, dest_ip, dest_port, proto };
  if (app_proto !== undefined) header.app_proto = app_proto;
  if (vlan !== undefined) header.vlan = vlan;
  if (tunnel !== undefined) header.tunnel = tunnel;
  return header;
}

/** Takes the time and place of a connection's newest event. */
export function moveTo(watch: FlowWatch, event: EveEvent): void {
  const place: Place = (watch.place ??= { timestamp: event.timestamp });
  place.timestamp = event.timestamp;
  if (event.pcap_filename !== undefined) place.pcap_filename = event.pcap_filename;
  if (event.pcap_cnt !== undefined) place.pcap_cnt = event.pcap_cnt;
  if (event.in_iface !== undefined) place.in_iface = event.in_iface;
  if (event.host !== undefined) place.host = event.host;
  if (event.direction !== undefined) place.direction = event.direction;
  if (event.tls !== undefined) watch.tls = true;
  watch.trigger ??= event.im?.id;
}

/** False where an event can tell nothing that a judged connection does not say already: nearly every one. */
export function bringsNews(watch: FlowWatch, im: ImObject): boolean {
  return (
    ownClient(im, watch.account) !== undefined ||
    im.auth !== undefined ||
    im.evidence !== undefined ||
    im.carrier !== undefined ||
    im.session !== watch.session ||
    im.account !== watch.account
  );
}

/**
 * The software that an event names, unless it is that of somebody else: a contact whose presence, or whose answer, shows
 * it to the client here. `account`: who is known to use the connection, where the event does not say.
 */
export function ownClient(im: Partial<ImObject>, account: string | undefined): ClientSoftware | undefined {
  if (im.client === undefined || (im.kind === 'presence' && im.sent === false)) return undefined;
  return im.from === undefined || im.from === (im.account ?? account) ? im.client : undefined;
}

/** Takes what an event tells of who uses the connection with what. True where something was new. */
export function learn(watch: FlowWatch, im: Partial<ImObject>, limits: ClassifyLimits): boolean {
  let news = learnAccount(watch, im, limits.alert_field);
  const client = ownClient(im, watch.account);
  if (client !== undefined && !sameClient(watch.client, client)) {
    watch.client = cutClient(client, limits.alert_field);
    news = true;
  }
  if (im.evidence !== undefined && watch.evidence.length === 0) {
    watch.evidence = im.evidence;
    watch.confidence = im.confidence ?? watch.confidence;
  }
  watch.session = im.session ?? watch.session;
  watch.carrier = im.carrier ?? watch.carrier;
  if (im.kind === 'login') watch.signedOn = true;
  if (im.kind !== undefined && watch.depth !== 'read') {
    watch.depth = im.kind === 'service' ? 'sighting' : 'read';
  }
  if (im.kind === 'login' || im.kind === 'service') news = addName(watch.domains, domainAsked(im)) || news;
  return news;
}

/**
 * The account, and the network of the event that names it or signs it on: other events can be about
 * people of a linked network.
 */
function learnAccount(watch: FlowWatch, im: Partial<ImObject>, max: number): boolean {
  const login = im.kind === 'login';
  const stated = im.account ?? (login ? im.from : undefined);
  const account = stated === undefined ? watch.account : cut(stated, max);
  const named = account !== watch.account;
  const service = named || login || account === undefined ? (im.service ?? watch.service) : watch.service;
  if (!named && service === watch.service) return false;
  if (named) watch.trigger = im.id;
  watch.account = account;
  watch.service = service;
  return true;
}

/** A sign-on or a recognised service that is addressed to a bare domain names the server's domain. */
function domainAsked(im: Partial<ImObject>): string | undefined {
  const to = im.to?.[0];
  return to === undefined || to.includes('@') ? undefined : to;
}

export function addName(names: string[], name: string | undefined): boolean {
  if (name === undefined || names.includes(name) || names.length >= MAX_NAMES) return false;
  names.push(cut(name, 255));
  return true;
}

/** What the policy is asked about, at a packet time in seconds. */
export function subjectOf(watch: FlowWatch, client: ClientSoftware | undefined, seconds: number): Subject {
  const { header, account, domains, serverNames, carrier } = watch;
  const protocol = header.app_proto;
  const subject: Subject = {
    service: watch.service,
    clientIp: header.src_ip,
    serverIp: header.dest_ip,
    serverPort: header.dest_port,
    domains,
    serverNames,
    seconds,
  };
  if (protocol !== undefined) subject.protocol = protocol;
  if (carrier !== undefined) subject.carrier = carrier;
  if (watch.tls || protocol === 'tls' || protocol === 'quic') subject.encryption = ['tls'];
  if (account !== undefined) subject.account = account;
  if (client !== undefined) subject.client = client;
  return subject;
}

function sameClient(a: ClientSoftware | undefined, b: ClientSoftware): boolean {
  if (a === undefined || a === b) return a === b;
  return a.name === b.name && a.version === b.version && a.os === b.os && a.masquerade === b.masquerade;
}

function cutClient(client: ClientSoftware, max: number): ClientSoftware {
  const copy: ClientSoftware = { ...client };
  for (const key of ['name', 'version', 'os', 'raw', 'masquerade'] as const) {
    const text = copy[key];
    if (text !== undefined) copy[key] = cut(text, max);
  }
  copy.evidence = client.evidence.slice(0, MAX_NAMES).map((fact) => cut(fact, max));
  return copy;
}

/** At most `max` code units, no surrogate pair cut in two. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const high = (text.charCodeAt(max - 1) & 0xfc00) === 0xd800;
  return text.slice(0, high ? max - 1 : max);
}
