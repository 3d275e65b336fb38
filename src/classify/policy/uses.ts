import { placeOf } from '../alert.ts';
import type { EveEvent, ImObject } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import { BoundedMap } from '../../core/cache.ts';
import { packetSeconds } from '../clock.ts';
import type { Findings } from '../findings.ts';
import type { ClassifyLimits } from '../limits.ts';
import type { Decision, Policy } from '../policy.ts';
import { SIGNATURES } from '../signatures.ts';
import type { Signature } from '../signature.ts';
import { subjectOf } from '../watch.ts';
import type { FlowWatch } from '../watch.ts';
import type { Watcher } from '../watcher.ts';
import { featuresOf } from './features.ts';
import type { Subject } from './subject.ts';

/** What is known of connections by who judges their clients. */
export interface Connections {
  watchOf(flowId: number): FlowWatch | undefined;
  clientOf(watch: FlowWatch): FlowWatch['client'];
}

/** One connection's uses that were judged while its facts were the same. */
interface Judged {
  account: string | undefined;
  client: FlowWatch['client'];
  names: number;
  /** Minute of packet time, where the policy asks for the time. */
  minute: number;
  readonly features: Set<string>;
  /** What was said of the client when the connection began to be used. */
  first: Decision | undefined;
  alerted: boolean;
}

const DAY = 86_400;

/**
 * Judges what clients are used for (rules with `features`), and goes on judging connections that were allowed at a
 * time (rules with `hours` or `expires`). A use is judged when it shows, by what is known then; where the rule that
 * decides does not speak of features, what was said of the client stands.
 */
export class UseWatcher implements Watcher {
  readonly #policy: Policy;
  readonly #findings: Findings;
  readonly #connections: Connections;
  readonly #flows: BoundedMap<number, Judged>;

  constructor(policy: Policy, findings: Findings, connections: Connections, limits: ClassifyLimits) {
    this.#policy = policy;
    this.#findings = findings;
    this.#connections = connections;
    this.#flows = new BoundedMap(limits.watched_flows);
  }

  on(event: EveEvent): boolean {
    const { flow_id, im } = event;
    if (flow_id === undefined || im === undefined) return false;
    const known = this.#flows.get(flow_id);
    if (event.event_type !== 'im' || im.kind === 'conversation') {
      if (event.event_type === 'flow') this.#flows.delete(flow_id);
      return known?.alerted === true;
    }
    const features = featuresOf(im);
    if (features.length === 0 && !(this.#policy.timed && known === undefined)) return known?.alerted === true;
    const watch = this.#connections.watchOf(flow_id);
    return watch !== undefined && this.#use(known ?? this.#begin(flow_id), watch, event, im, features);
  }

  #use(
    judged: Judged,
    watch: FlowWatch,
    event: EveEvent,
    im: ImObject,
    features: readonly string[],
  ): boolean {
    this.#refresh(judged, watch, event);
    const encrypted = im.encrypted ?? '';
    for (const feature of features) {
      const key = encrypted === '' ? feature : `${feature} ${encrypted}`;
      if (judged.features.has(key) || judged.features.size >= MAX_USES) continue;
      judged.features.add(key);
      this.#judge(judged, watch, event, im, feature);
    }
    return judged.alerted;
  }

  #begin(flowId: number): Judged {
    const judged: Judged = {
      ...{ account: undefined, client: undefined, names: -1, minute: 0 },
      ...{ features: new Set<string>(), first: undefined, alerted: false },
    };
    this.#flows.set(flowId, judged);
    return judged;
  }

  /** New facts, or another minute where time counts: what was judged is to be judged anew. */
  #refresh(judged: Judged, watch: FlowWatch, event: EveEvent): void {
    const client = this.#connections.clientOf(watch);
    const names = watch.domains.length + watch.serverNames.length;
    const minute = this.#policy.timed ? Math.floor(packetSeconds(event.timestamp) / 60) : 0;
    const sameFacts = judged.account === watch.account && judged.client === client && judged.names === names;
    if (sameFacts && judged.minute === minute) return;
    judged.account = watch.account;
    judged.client = client;
    judged.names = names;
    judged.minute = minute;
    judged.features.clear();
    if (!this.#policy.timed) return;
    if (!sameFacts || judged.first === undefined) {
      const now = this.#policy.decide(this.#subject(watch, event));
      if (judged.first?.verdict !== 'allow' || now.verdict === 'allow') judged.first = now;
    }
  }

  #subject(watch: FlowWatch, event: EveEvent): Subject {
    return subjectOf(watch, this.#connections.clientOf(watch), packetSeconds(event.timestamp));
  }

  #judge(judged: Judged, watch: FlowWatch, event: EveEvent, im: ImObject, feature: string): void {
    const plain = this.#subject(watch, event);
    const use: Subject = { ...plain, features: [feature] };
    if (im.encrypted !== undefined) use.encryption = [...(plain.encryption ?? []), im.encrypted];
    const decision = this.#policy.decide(use);
    if (decision.ofUse === true) {
      if (decision.verdict !== 'allow') this.#raiseUse(judged, watch, event, im, feature, decision);
      return;
    }
    if (judged.first?.verdict !== 'allow') return;
    const now = this.#policy.decide(plain);
    if (now.verdict === 'alert') this.#raiseLate(judged, watch, event, im, judged.first, now);
  }

  #raiseUse(
    judged: Judged,
    watch: FlowWatch,
    event: EveEvent,
    im: ImObject,
    feature: string,
    decision: Decision,
  ): void {
    const notice = decision.verdict === 'notice';
    const signature: Signature = notice ? SIGNATURES.useNoticed : SIGNATURES.useForbidden;
    const evidence = [`feature: ${feature}`, evidenceOf(im)];
    this.#raise(judged, watch, event, im, {
      signature,
      decision,
      evidence,
      about: `${feature} ${decision.line}`,
    });
  }

  #raiseLate(
    judged: Judged,
    watch: FlowWatch,
    event: EveEvent,
    im: ImObject,
    first: Decision,
    decision: Decision,
  ): void {
    const day = Math.floor(packetSeconds(event.timestamp) / DAY);
    const evidence = [`allowed at first by ${first.line}`, evidenceOf(im)];
    const signature: Signature = SIGNATURES.outsideHours;
    this.#raise(judged, watch, event, im, { signature, decision, evidence, about: String(day) });
  }

  #raise(
    judged: Judged,
    watch: FlowWatch,
    event: EveEvent,
    im: ImObject,
    what: { signature: Signature; decision: Decision; evidence: string[]; about: string },
  ): void {
    const { signature, decision, evidence, about } = what;
    const { header, account, session, carrier, service } = watch;
    const client = this.#connections.clientOf(watch);
    const { src_ip, dest_ip } = header;
    if (decision.verdict === 'alert') judged.alerted = true;
    this.#findings.tell({
      signature,
      severity: decision.severity,
      header,
      place: placeOf(event),
      trigger: im.id,
      finding: hash128('use', signature.id, src_ip, service, dest_ip, account ?? '', about),
      policy: decision.line,
      evidence,
      confidence: watch.confidence,
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

/** Uses of one connection that are told apart: each feature with each kind of encryption (a stranger's word). */
const MAX_USES = 32;

function evidenceOf(im: ImObject): string {
  const what = im.call?.media ?? im.file?.state ?? im.op;
  return `${im.kind ?? 'event'}${what === undefined ? '' : ` (${what})`} at ${im.sent === true ? 'the sender' : 'the receiver'}`;
}
