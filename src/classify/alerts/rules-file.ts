import { NetworkSet, parseNetwork } from '../cidr.ts';
import type { Network } from '../cidr.ts';
import { matchGlob } from '../glob.ts';
import type { Severity } from '../policy.ts';
import { ALL_SIGNATURES } from '../signatures.ts';
import { nearest } from '../suggest.ts';
import type { Entry, YamlReader } from '../yaml-reader.ts';
import { AlertRules, DEFAULT_PACE } from './rules.ts';
import type { AlertRule, Pace, Suppression } from './rules.ts';

type Node = Entry['value'];

const SECTION_KEYS = ['storm', 'rules'] as const;
const RULE_KEYS = ['signatures', 'off', 'severity', 'threshold', 'suppress', 'updates'] as const;
const SUPPRESS_KEYS = ['accounts', 'subnets', 'until', 'reason'] as const;
const THRESHOLD_KEYS = ['count', 'seconds'] as const;
const UPDATE_KEYS = ['factor', 'seconds'] as const;
const SEVERITIES: Readonly<Record<string, Severity>> = { '1': 1, '2': 2, '3': 3, high: 1, medium: 2, low: 3 };
const MOST = 1_000_000_000;
const DAY_SECONDS = 86_400;
const WHEN = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/;

/** Reads the `alerts` section of a policy; what is wrong is complained about to `reader`, with its place. */
export function readAlertRules(reader: YamlReader, entry: Entry): AlertRules {
  return new AlertSection(reader).read(entry);
}

class AlertSection {
  readonly #reader: YamlReader;
  readonly #bySignature = new Map<number, AlertRule>();

  constructor(reader: YamlReader) {
    this.#reader = reader;
  }

  read(section: Entry): AlertRules {
    const entries = this.#reader.entries(section.value, '"alerts"', SECTION_KEYS);
    const rules = entries?.get('rules');
    if (rules !== undefined) this.#reader.list(rules, (node) => this.#rule(node));
    const storm = this.#whole(entries?.get('storm'), 1);
    return new AlertRules(this.#bySignature, storm);
  }

  #rule(node: Node): void {
    const entries = this.#reader.entries(node, 'a rule of "alerts"', RULE_KEYS);
    if (entries === undefined) return;
    const severity = this.#severity(entries.get('severity'));
    const threshold = this.#threshold(entries.get('threshold'));
    const suppress = entries.get('suppress');
    const rule: AlertRule = {
      off: this.#flag(entries.get('off')),
      ...(severity === undefined ? {} : { severity }),
      ...(threshold === undefined ? {} : { threshold }),
      suppress: suppress === undefined ? [] : this.#reader.list(suppress, (one) => this.#suppression(one)),
      pace: this.#pace(entries.get('updates')),
    };
    this.#assign(node, entries, rule);
  }

  /** Gives the rule to the signatures that it names; the first rule of a signature holds. */
  #assign(node: Node, entries: ReadonlyMap<string, Entry>, rule: AlertRule): void {
    const { size } = entries;
    const named = entries.get('signatures');
    if (named === undefined) {
      this.#reader.complain(node, '"signatures" is missing: ids or names (with * for anything)');
      return;
    }
    if (size === 1) this.#reader.complain(node, 'this rule changes nothing; say what it is to do');
    const ids = this.#reader.list(named, (one) => this.#signatures(one)).flat();
    const free = ids.filter((id) => !this.#bySignature.has(id));
    if (ids.length > 0 && free.length === 0) {
      this.#reader.complain(node, 'a rule above has all of these signatures already: this one never holds');
    }
    for (const id of free) this.#bySignature.set(id, rule);
  }

  /** Ids of the signatures that a text names. */
  #signatures(node: Node): number[] | undefined {
    const text = this.#reader.text(node, 'a signature');
    if (text === undefined) return undefined;
    const pattern = text.toLowerCase();
    const found = ALL_SIGNATURES.filter(({ id, name }) =>
      [String(id), name.toLowerCase(), bareName(name)].some((known) => matchGlob(pattern, known)),
    );
    if (found.length > 0) return found.map(({ id }) => id);
    const known = ALL_SIGNATURES.flatMap(({ id, name }) => [String(id), name]);
    return this.#reader.complain(node, `no signature "${text}"${nearest(text, known)}; see docs/ALERTS.md`);
  }

  #suppression(node: Node): Suppression | undefined {
    const entries = this.#reader.entries(node, 'a suppression', SUPPRESS_KEYS);
    if (entries === undefined) return undefined;
    const accounts = entries.get('accounts');
    const subnets = entries.get('subnets');
    const until = entries.get('until');
    const reason = entries.get('reason');
    if (reason !== undefined) this.#reader.text(reason.value, '"reason"');
    if (accounts === undefined && subnets === undefined && until === undefined) {
      return this.#reader.complain(
        node,
        'a suppression is to have "accounts", "subnets" or "until"; to have none of these alerts write "off: true"',
      );
    }
    const end = until && this.#until(until);
    return {
      ...(accounts && {
        accounts: this.#reader.list(accounts, (one) => this.#reader.text(one, 'an account')?.toLowerCase()),
      }),
      ...(subnets && { subnets: new NetworkSet(this.#reader.list(subnets, (one) => this.#network(one))) }),
      ...(end === undefined ? {} : { until: end }),
    };
  }

  #network(node: Node): Network | undefined {
    const text = this.#reader.text(node, 'a subnet');
    if (text === undefined) return undefined;
    const network = parseNetwork(text);
    return typeof network === 'string' ? this.#reader.complain(node, network) : network;
  }

  /** The second from which it no longer holds: a day is held to its end. */
  #until(entry: Entry): number | undefined {
    const text = this.#reader.text(entry.value, '"until"');
    if (text === undefined) return undefined;
    const at = WHEN.test(text) ? Date.parse(text) : NaN;
    // Date.parse takes the 31st of February for the 2nd or 3rd of March.
    if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(text.slice(0, 10))) {
      return at / 1000 + (text.includes('T') ? 0 : DAY_SECONDS);
    }
    return this.#reader.complain(
      entry.value,
      `"${text}" is no day such as 2026-12-31 or time such as 2026-12-31T18:00Z`,
    );
  }

  #threshold(entry: Entry | undefined): AlertRule['threshold'] {
    const entries = entry && this.#reader.entries(entry.value, '"threshold"', THRESHOLD_KEYS);
    if (entry === undefined || entries === undefined) return undefined;
    const count = this.#needed(entry, entries, 'count', 2);
    const seconds = this.#needed(entry, entries, 'seconds', 1);
    return count === undefined || seconds === undefined ? undefined : { count, seconds };
  }

  #needed(entry: Entry, entries: ReadonlyMap<string, Entry>, key: string, least: number): number | undefined {
    const found = entries.get(key);
    if (found === undefined) this.#reader.complain(entry.keyNode, `"${entry.key}" is to have "${key}"`);
    return this.#whole(found, least);
  }

  #pace(entry: Entry | undefined): Pace {
    const entries = entry && this.#reader.entries(entry.value, '"updates"', UPDATE_KEYS);
    return {
      factor: this.#whole(entries?.get('factor'), 2) ?? DEFAULT_PACE.factor,
      seconds: this.#whole(entries?.get('seconds'), 0) ?? DEFAULT_PACE.seconds,
    };
  }

  #severity(entry: Entry | undefined): Severity | undefined {
    if (entry === undefined) return undefined;
    return SEVERITIES[this.#reader.choice(entry.value, '"severity"', Object.keys(SEVERITIES)) ?? ''];
  }

  #flag(entry: Entry | undefined): boolean {
    return (
      entry !== undefined && this.#reader.choice(entry.value, `"${entry.key}"`, ['true', 'false']) === 'true'
    );
  }

  #whole(entry: Entry | undefined, least: number): number | undefined {
    const text = entry && this.#reader.text(entry.value, `"${entry.key}"`);
    if (entry === undefined || text === undefined) return undefined;
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= MOST) return number;
    return this.#reader.complain(
      entry.value,
      `"${entry.key}" is to be a whole number from ${least} to ${MOST}`,
    );
  }
}

/** A signature's name without what all of them begin with. */
function bareName(name: string): string {
  return name.replace(/^IMSPAN /, '').toLowerCase();
}
