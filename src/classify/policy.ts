import { AlertRules } from './alerts/rules.ts';
import { defaultBehaviour } from './behaviour/settings.ts';
import type { BehaviourSettings } from './behaviour/settings.ts';
import type { Network } from './cidr.ts';
import { defaultContent } from './content/settings.ts';
import type { ContentSettings } from './content/settings.ts';
import type { ArchiveModes } from './policy/archive-modes.ts';
import type { Condition } from './policy/conditions.ts';
import { RuleIndex } from './policy/rule-index.ts';
import type { Subject } from './policy/subject.ts';
import type { Walls } from './policy/walls.ts';

export type { Subject } from './policy/subject.ts';

/** What a policy says of a client. */
export type PolicyVerdict = 'allow' | 'notice' | 'alert';
export type Severity = 1 | 2 | 3;

export interface Decision {
  verdict: PolicyVerdict;
  severity: Severity;
  /** The operator chose that severity. */
  stated?: true;
  /** The line that decided, for people: `policy.yaml:12 rule "corporate jabber": agreed with the works council`. */
  line: string;
  /** The line speaks of a client's version only: what is wrong is its age. */
  outdated?: true;
  /** The line speaks of what a client is used for. */
  ofUse?: true;
}

export interface Rule extends Decision {
  /** Networks the rule is about; all where not given. */
  networks?: ReadonlySet<string>;
  /** All must hold. */
  conditions: readonly Condition[];
  /** Packet time in seconds from which it does not match any more. */
  expires?: number;
}

/** What a policy has besides rules. */
export interface PolicyParts {
  fallback?: Decision | undefined;
  /** The organisation's own networks; the private ones where none are given. */
  home?: readonly Network[];
  walls?: Walls | undefined;
  alerts?: AlertRules | undefined;
}

/** Rules in order, and what holds where none does. The first rule that matches decides. */
export class Policy {
  readonly rules: readonly Rule[];
  readonly fallback: Decision;
  readonly home: readonly Network[];
  readonly walls: Walls | undefined;
  /** Some rule speaks of what clients are used for. */
  readonly ofUses: boolean;
  /** Some rule holds at some times only. */
  readonly timed: boolean;
  /** How alerts are to be told. */
  readonly alerts: AlertRules;
  /** What is looked for in messages and files; a policy file sets it by its section of that name. */
  content: ContentSettings = defaultContent();
  /** What is told of what accounts do over time. */
  behaviour: BehaviourSettings = defaultBehaviour();
  /** What an archive keeps of whom; undefined where the policy does not say. */
  archive: ArchiveModes | undefined;
  readonly #named: ReadonlySet<string>;
  readonly #byNetwork = new Map<string, RuleIndex<Rule>>();

  constructor(rules: readonly Rule[], parts: PolicyParts = {}) {
    const { fallback = DEFAULT_DECISION, home = [], walls, alerts = new AlertRules() } = parts;
    this.rules = rules;
    this.fallback = fallback;
    this.home = home;
    this.walls = walls;
    this.alerts = alerts;
    this.ofUses = rules.some((rule) => rule.ofUse === true);
    this.timed = rules.some(({ conditions }) =>
      conditions.some(({ key }) => key === 'hours' || key === 'expires'),
    );
    this.#named = new Set(rules.flatMap(({ networks }) => [...(networks ?? [])]));
  }

  decide(subject: Subject): Decision {
    return this.#indexOf(subject.service).first(subject) ?? this.fallback;
  }

  /** Networks that no rule names have one index in common. */
  #indexOf(service: string): RuleIndex<Rule> {
    const network = this.#named.has(service) ? service : '';
    const known = this.#byNetwork.get(network);
    if (known !== undefined) return known;
    const index = new RuleIndex(this.rules.filter((rule) => rule.networks?.has(network) ?? true));
    this.#byNetwork.set(network, index);
    return index;
  }
}

/** The reason of the policy that holds where the operator gave none. */
export const DEFAULT_REASON = 'consumer networks are not authorised here';

const DEFAULT_DECISION: Decision = { verdict: 'alert', severity: 1, line: `default: ${DEFAULT_REASON}` };

/** The policy that holds where the operator gave none: every client of every network is an alert. */
export function defaultPolicy(): Policy {
  return new Policy([]);
}
