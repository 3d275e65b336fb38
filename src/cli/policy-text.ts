import type { Explanation, TriedLine } from '../classify/policy/explain.ts';
import type { Difference, ToldAlert } from '../classify/policy/simulate.ts';
import { neutralise } from '../sink/neutralise.ts';

/** Text of a file or a log, fit for a terminal. */
export function show(text: string): string {
  return neutralise(text, 1_000);
}

/** A decision, how it came about, and what the alert had said (where one was asked about). */
export function renderExplanation(
  explanation: Explanation,
  evidence: readonly string[],
  said: string | undefined,
): string {
  const { subject, decision, deciding, before, tried } = explanation;
  const { service, clientIp, account, features } = subject;
  const who = `${show(service)}${account === undefined ? '' : `, ${show(account)}`} at ${clientIp}`;
  const use = features === undefined ? '' : `, used for ${features.join(', ')}`;
  const severity = decision.verdict === 'alert' ? `, severity ${decision.severity}` : '';
  const lines = [
    `${who}${use}`,
    `  verdict: ${decision.verdict}${severity}`,
    `  decided by: ${show(decision.line)}`,
  ];
  for (const each of deciding?.conditions ?? []) {
    lines.push(`    holds: ${each.key} ${show(each.asked)} (${show(each.found)})`);
  }
  if (deciding !== undefined && deciding.conditions.length === 0) lines.push('    it has no condition');
  for (const fact of evidence) lines.push(`  evidence: ${show(fact)}`);
  if (said !== undefined && said !== decision.line) lines.push(`  the alert was decided by: ${show(said)}`);
  if (tried > 0) lines.push(`  before it, ${tried} lines did not match:`);
  if (tried > before.length) lines.push(`    ... ${tried - before.length} more`);
  for (const line of before) lines.push(...renderTried(line));
  return lines.join('\n');
}

function renderTried({ line, conditions }: TriedLine): string[] {
  const failed = conditions.filter(({ holds }) => !holds);
  return [
    `    ${show(line)}`,
    ...failed.map(({ key, asked, found }) => `      not: ${key} ${show(asked)} (${show(found)})`),
  ];
}

/** Differences of one kind that are written out; all are in the JSON. */
const MAX_SHOWN = 1_000;

export function renderDifference({ added, removed, changed, same, leftOut }: Difference): string {
  const lines: string[] = [];
  const tell = (sign: string, alert: ToldAlert): void => {
    lines.push(`${sign} ${alert.timestamp.slice(0, 19)} ${show(alert.text)}`);
  };
  for (const alert of added.slice(0, MAX_SHOWN)) tell('+', alert);
  for (const alert of removed.slice(0, MAX_SHOWN)) tell('-', alert);
  for (const { before, after } of changed.slice(0, MAX_SHOWN)) {
    tell('~', after);
    lines.push(
      `    was: ${show(before.signature)}, severity ${before.severity}; is: severity ${after.severity}`,
    );
  }
  const sums = `${added.length} new, ${removed.length} gone, ${changed.length} otherwise, ${same} the same`;
  return [
    ...lines,
    `${sums}${leftOut > 0 ? `; ${leftOut} alerts had no room: the difference is not whole` : ''}`,
  ].join('\n');
}
