import type { NetworkSet } from '../cidr.ts';
import type { Severity } from '../policy.ts';
import { CLASS_NAMES, OFF_BY_DEFAULT } from './classes.ts';
import type { ContentClass } from './classes.ts';

/** An expression of the operator's, tested in time linear in the text. */
export interface Expression {
  readonly name: string;
  readonly test: (text: string) => boolean;
}

/** What is not to be told. All that is given has to hold. */
export interface Exception {
  readonly classes?: ReadonlySet<ContentClass>;
  /** Patterns in small letters of the account, and of the host or file name. */
  readonly accounts?: readonly string[];
  readonly names?: readonly string[];
  readonly subnets?: NetworkSet;
}

/** The section `content` of a policy. */
export interface ContentSettings {
  readonly on: ReadonlySet<ContentClass>;
  readonly severities: ReadonlyMap<ContentClass, Severity>;
  /** Networks whose hosts' messages are data going out; every client's where not given. */
  readonly inside: NetworkSet | undefined;
  /** As the policy writes them. */
  readonly words: readonly string[];
  readonly expressions: readonly Expression[];
  readonly exceptions: readonly Exception[];
}

export function defaultContent(): ContentSettings {
  return {
    on: new Set(CLASS_NAMES.filter((name) => !OFF_BY_DEFAULT.includes(name))),
    severities: new Map(),
    inside: undefined,
    words: [],
    expressions: [],
    exceptions: [],
  };
}
