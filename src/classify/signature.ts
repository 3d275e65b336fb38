import type { Severity } from './policy.ts';

/**
 * Every alert that imspan can raise. An id, a revision and a name never change their meaning once
 * released: a changed test of the same thing is a new `rev`, another thing is a new id.
 * The tables are in `signatures/`, one a class of findings; docs/ALERTS.md is made from them.
 */
export interface Signature {
  readonly id: number;
  readonly rev: number;
  /** `alert.signature`. */
  readonly name: string;
  /** The description of Suricata's classification.config that fits. */
  readonly category: string;
  /** Where no policy says otherwise. */
  readonly severity: Severity;
  readonly meaning: string;
  readonly evidence: string;
  readonly falsePositives: string;
  readonly whatToDo: string;
  /** MITRE ATT&CK techniques that the finding itself shows or enables. */
  readonly mitre?: readonly { readonly id: string; readonly name: string }[];
}

/** Classifications that several signatures share (descriptions of Suricata's classification.config). */
export const PRIVACY_VIOLATION = 'Potential Corporate Privacy Violation';
export const MISC_ACTIVITY = 'Misc activity';

/** Where an alert's documentation is, for `alert.references`. */
export function referenceOf(signature: Signature): string {
  return `docs/ALERTS.md#${signature.id}`;
}
