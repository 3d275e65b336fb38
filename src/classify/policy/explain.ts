import type { EveEvent } from '../../event/eve.ts';
import { packetSeconds } from '../clock.ts';
import { makeClassifyLimits } from '../limits.ts';
import type { Decision, Policy, Rule } from '../policy.ts';
import { addName, createWatch, headerOf, learn, learnVerdict, moveTo, subjectOf } from '../watch.ts';
import type { FlowWatch } from '../watch.ts';
import { FEATURES, featuresOf } from './features.ts';
import type { Subject } from './subject.ts';

/** One condition of a line, asked about a subject. */
export interface AskedCondition {
  readonly key: string;
  /** What the file asks for. */
  readonly asked: string;
  readonly found: string;
  readonly holds: boolean;
}

/** A line that was tried. */
export interface TriedLine {
  readonly line: string;
  readonly conditions: readonly AskedCondition[];
}

/** How a policy came to its decision about a subject. */
export interface Explanation {
  readonly subject: Subject;
  readonly decision: Decision;
  /** The line that decided; undefined for the default. */
  readonly deciding: TriedLine | undefined;
  /** The lines before it, none of which matched: the last of them, and how many there were. */
  readonly before: readonly TriedLine[];
  readonly tried: number;
}

/** Tries the lines one by one, as the file has them; of those before the deciding one the last `most` are kept. */
export function explainDecision(policy: Policy, subject: Subject, most: number): Explanation {
  const before: TriedLine[] = [];
  let tried = 0;
  for (const rule of policy.rules) {
    const line = tryRule(rule, subject);
    if (line.conditions.every(({ holds }) => holds)) {
      return { subject, decision: rule, deciding: line, before, tried };
    }
    tried++;
    before.push(line);
    if (before.length > most) before.shift();
  }
  return { subject, decision: policy.fallback, deciding: undefined, before, tried };
}

function tryRule(rule: Rule, subject: Subject): TriedLine {
  const asked: AskedCondition[] = [];
  if (rule.networks !== undefined) {
    asked.push({
      key: 'networks',
      asked: [...rule.networks].join(', '),
      found: `the network is ${subject.service}`,
      holds: rule.networks.has(subject.service),
    });
  }
  for (const condition of rule.conditions) {
    const { key } = condition;
    const holds = condition.holds(subject);
    asked.push({ key, asked: condition.asked ?? '', found: condition.found(subject), holds });
  }
  return { line: rule.line, conditions: asked };
}

/** Gathers from events what a policy is asked about one connection. */
export class SubjectOfEvents {
  readonly #limits = makeClassifyLimits();
  #watch: FlowWatch | undefined;
  #seconds = 0;
  #features: readonly string[] = [];
  #encrypted: string | undefined;

  /** Events of the connection, in order; the last `im` event's or alert's use is the one that is asked about. */
  take(event: EveEvent): void {
    const header = headerOf(event);
    if (header === undefined) return;
    const im = event.im ?? { v: 1, id: '' };
    const watch = (this.#watch ??= createWatch(header, im.service ?? event.app_proto ?? 'unknown'));
    if (im.verdict !== undefined) learnVerdict(watch, im.verdict);
    moveTo(watch, event);
    if (event.tls?.sni !== undefined) addName(watch.serverNames, event.tls.sni);
    learn(watch, im, this.#limits);
    this.#seconds = packetSeconds(event.timestamp);
    this.#features = event.event_type === 'alert' ? featureOfAlert(event) : featuresOf(im);
    this.#encrypted = im.encrypted;
  }

  /** Undefined where no event of a connection was among them. The features are alternatives: each is judged by itself. */
  subjects(): Subject[] {
    if (this.#watch === undefined) return [];
    const plain = subjectOf(this.#watch, this.#watch.client, this.#seconds);
    if (this.#encrypted !== undefined) plain.encryption = [...(plain.encryption ?? []), this.#encrypted];
    if (this.#features.length === 0) return [plain];
    return this.#features.map((feature) => ({ ...plain, features: [feature] }));
  }

  /** By what the protocol was recognised and the client identified. */
  get evidence(): string[] {
    return [...(this.#watch?.evidence ?? []), ...(this.#watch?.client?.evidence ?? [])];
  }
}

/** An alert about a use says which one in its evidence. */
function featureOfAlert(event: EveEvent): string[] {
  const told = event.alert?.metadata?.evidence ?? [];
  return told
    .map((fact) => /^feature: (.+)$/.exec(fact)?.[1])
    .filter((feature) => feature !== undefined)
    .filter((feature) => (FEATURES as readonly string[]).includes(feature));
}
