import type { ChalkInstance } from 'chalk';
import type { InterfaceReport } from '../capture/live/report.ts';
import type { ReplayResult } from '../app/replay.ts';
import { invalidByName, lossOf } from '../app/stats.ts';
import { MAX_KEPT } from '../app/tally.ts';
import type { SeenAccount } from '../app/tally.ts';
import { LIMITS } from '../core/limits.ts';
import { DECODE_ANOMALIES } from '../decode/result.ts';
import { neutralise } from '../sink/neutralise.ts';
import { networkName, sightedLines } from './networks.ts';
import { plural } from './words.ts';

/** Accounts that the summary lists before it only counts. */
const MAX_ACCOUNTS = 20;
const MAX_ALERTS = 12;

/**
 * The end of a run, for people: first who was seen and what was raised, then what could not be
 * seen and why, then what to do next. Lines without a line end at the end.
 */
export function renderSummary(
  result: ReplayResult,
  colour: ChalkInstance,
  options: { privacyHides: boolean; skipped: number },
): string {
  const out: string[] = [];
  const { tally, counters } = result;
  const flows = [...tally.protocols.values()].reduce((n, p) => n + p.flows, 0);
  out.push('');
  out.push(colour.bold('What was seen'));
  out.push(`  ${headline(result, flows)}`);
  out.push(...accountLines(result, colour), ...sightedLines(result.tally));
  out.push(...alertLines(result, colour));
  out.push(...evidenceLines(result));
  const unseen = [...dropLines(result), ...unseenLines(result)];
  if (options.skipped > 0) {
    unseen.push(
      options.skipped === 1
        ? '1 file in the folders is no capture and was skipped'
        : `${plural(options.skipped, 'file')} in the folders are no captures and were skipped`,
    );
  }
  out.push('', colour.bold('What could not be seen'));
  out.push(...(unseen.length > 0 ? unseen.map((l) => `  ${l}`) : ['  nothing was lost or left unread']));
  const next = nextLines(result, options.privacyHides);
  if (next.length > 0) out.push('', colour.bold('What to do next'), ...next.map((l) => `  ${l}`));
  if (counters && counters.failures.length > 0) {
    out.push('', colour.red('Bugs of ours (please report them)'), ...counters.failures.flatMap(failureLines));
  }
  return `${out.join('\n')}\n`;
}

/** What was kept, and what of it is missing. */
function evidenceLines({ evidence }: ReplayResult): string[] {
  if (!evidence) return [];
  const { flows, bytes, truncated, missing, folder } = evidence;
  const size = `${bytes.toLocaleString('en-US')} bytes`;
  const lines = [
    `  evidence of ${plural(flows, 'flow')} (${size}) in ${neutralise(folder, 200)}; it may hold secrets`,
  ];
  if (truncated > 0)
    lines.push(`  of ${plural(truncated, 'flow')} frames are missing there: see truncated_why`);
  if (missing > 0) lines.push(`  of ${plural(missing, 'flow')} that was alerted on nothing could be kept`);
  return lines;
}

function headline({ tally, counters, files, alerts, live }: ReplayResult, flows: number): string {
  const parts = [
    atLeast(tally.accounts.length, tally.beyond.accounts, 'account', 'accounts'),
    atLeast(tally.hosts.size, tally.beyond.addresses, 'client address', 'client addresses'),
    plural(flows, 'IM connection'),
    plural(tally.messages, 'message'),
    `${plural(alerts, 'alert')}${notNew(counters?.findings ?? {})}`,
  ];
  const frames = counters?.frames ?? 0;
  const from = live
    ? live.interfaces.map(({ name }) => neutralise(name, 20)).join(', ')
    : plural(files, 'capture');
  return `${parts.join(', ')} in ${plural(frames, 'packet')} of ${from}`;
}

/** What was not told as a new alert. */
function notNew({ updates = 0, held_back = 0, suppressed = 0 }: Record<string, number>): string {
  const parts: [number, string][] = [
    [updates, plural(updates, 'update')],
    [held_back, `${held_back.toLocaleString('en-US')} held back`],
    [suppressed, `${suppressed.toLocaleString('en-US')} suppressed`],
  ];
  const told = parts.flatMap(([n, words]) => (n > 0 ? [words] : []));
  return told.length === 0 ? '' : ` (and ${told.join(', ')})`;
}

function accountLines({ tally }: ReplayResult, colour: ChalkInstance): string[] {
  const accounts = [...tally.accounts].sort((a, b) => b.sent + b.received - (a.sent + a.received));
  const rows = accounts.slice(0, MAX_ACCOUNTS).map((a) => accountRow(a));
  const width = [0, 1, 2, 3].map((i) => Math.min(44, Math.max(0, ...rows.map((r) => r[i]?.length ?? 0))));
  const lines = rows.map((r) =>
    `  ${r.map((cell, i) => (i < 4 ? cell.padEnd(width[i] ?? 0) : cell)).join('  ')}`.trimEnd(),
  );
  if (accounts.length > MAX_ACCOUNTS) {
    const rest = atLeast(
      accounts.length - MAX_ACCOUNTS,
      tally.beyond.accounts,
      'more account',
      'more accounts',
    );
    lines.push(colour.dim(`  and ${rest} (all are in --json and --eve)`));
  }
  return lines;
}

function accountRow(a: SeenAccount): string[] {
  const facts = [`${a.sent} sent, ${a.received} received`];
  if (a.failed > 0) facts.push(`${plural(a.failed, 'failed sign-on')}`);
  if (a.exposed) facts.push('password exposed');
  return [
    networkName(a.service),
    neutralise(a.account, 44),
    listOf(a.hosts, 2, 'unknown address'),
    listOf(a.clients, 2, 'client not identified'),
    facts.join('; '),
  ];
}

function listOf(set: ReadonlySet<string>, most: number, none: string): string {
  if (set.size === 0) return none;
  const first = [...set]
    .slice(0, most)
    .map((s) => neutralise(s, 40))
    .join(', ');
  return set.size > most ? `${first} +${set.size - most}` : first;
}

function alertLines({ tally }: ReplayResult, colour: ChalkInstance): string[] {
  const alerts = [...tally.alerts].sort((a, b) => a[1].severity - b[1].severity || b[1].count - a[1].count);
  const paint = (severity: number): ((text: string) => string) =>
    severity === 1 ? colour.red : colour.yellow;
  const lines = alerts
    .slice(0, MAX_ALERTS)
    .map(([name, { count, severity }]) =>
      paint(severity)(`  ${String(count).padStart(4)} × ${neutralise(name, 100)}`),
    );
  if (alerts.length > MAX_ALERTS) lines.push(`  and ${alerts.length - MAX_ALERTS} more kinds of alert`);
  return lines;
}

/** What a live run lost before it reached us. Never silent: what is not known is said to be unknown. */
function dropLines({ live, counters }: ReplayResult): string[] {
  if (!live) return [];
  const lines = live.interfaces.flatMap((each) => dropsOf(each, live.engine));
  if (live.interfaces.some(({ drops, partly }) => drops === undefined || partly)) {
    const missing = counters?.flows['gap_bytes'] ?? 0;
    lines.push(`estimated from the connections that were watched: ${plural(missing, 'byte')} lost`);
  }
  return lines;
}

function dropsOf(each: InterfaceReport, engine: string): string[] {
  const name = neutralise(each.name, 20);
  const { drops, packets = 0, restarts, queueDrops = 0 } = each;
  const lines: string[] = [];
  if (drops === undefined) lines.push(`${name}: kernel drops unknown (${engine} did not tell them)`);
  else if (drops > 0)
    lines.push(
      `${name}: the kernel dropped ${plural(drops, 'packet')} of ${packets.toLocaleString('en-US')}`,
    );
  if (drops !== undefined && each.partly)
    lines.push(`${name}: some of its captures ended without telling what they dropped`);
  if (queueDrops > 0)
    lines.push(
      `${name}: ${plural(queueDrops, 'packet')} came faster than the workers took them, and were lost`,
    );
  if (restarts > 0)
    lines.push(`${name}: capture had to begin again ${plural(restarts, 'time')}; nothing was seen between`);
  if (each.frames === 0) lines.push(`${name}: not one packet was seen`);
  return lines;
}

/** What the run could not see, each with its reason. */
function unseenLines(result: ReplayResult): string[] {
  const { tally, counters, problems } = result;
  const lines: string[] = [];
  if (result.interrupted) lines.push('reading was interrupted: the rest of the input was not read');
  for (const p of problems) {
    lines.push(`${neutralise(p.path, 200)}: ${p.message}`);
  }
  for (const [name, p] of [...tally.protocols].sort()) {
    const facts: string[] = [];
    if (p.midstream > 0) facts.push(`${p.midstream} began before the capture`);
    if (p.oneSided > 0) facts.push(`${p.oneSided} seen from one side only`);
    if (p.gaps > 0) facts.push(`${p.gaps} with bytes missing`);
    if (facts.length > 0) lines.push(`${name}: of ${plural(p.flows, 'connection')} ${facts.join(', ')}`);
  }
  if (tally.encryptedMessages > 0) {
    lines.push(
      `${plural(tally.encryptedMessages, 'message')} encrypted end to end: who and when is told, not what`,
    );
  }
  if (counters) lines.push(...counterLines(counters));
  lines.push(...told(tally.beyond, BEYOND));
  return lines;
}

/** What the summary itself left out. */
const BEYOND: Readonly<Record<string, (n: number) => string>> = {
  accounts: (n) => beyond(n, 'accounts'),
  addresses: (n) => beyond(n, 'client addresses'),
  alerts: (n) => beyond(n, 'kinds of alert'),
};

function beyond(n: number, what: string): string {
  const first = MAX_KEPT.toLocaleString('en-US');
  return `this summary leaves out ${plural(n, 'event')} of ${what} beyond the first ${first}; --json and --eve have them`;
}

/** Why a connection was not read to its end: how it is told of `n` of them. */
const NOT_READ: Readonly<Record<string, (n: number) => string>> = {
  encrypted: (n) => `${plural(n, 'connection')} went on encrypted (TLS): counted, not read`,
  bad: (n) => `${plural(n, 'connection')} went on with what is not this protocol: not read from there on`,
  failed: (n) => `${plural(n, 'connection')} not read from where a bug of ours was met`,
};

function notReadLines(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([key, n]) => {
    const [protocol = '', reason = ''] = key.split(' ');
    return NOT_READ[reason] ? [`${protocol}: ${NOT_READ[reason](n)}`] : [];
  });
}

/** A failure as it was kept: a line a stack frame. */
function failureLines(failure: string): string[] {
  return failure.split('\n').map((line) => `  ${neutralise(line, 300)}`);
}

/** Counters of `flows` and `decoded` that mean something was not seen: how they are told. */
const UNSEEN_FLOWS: Readonly<Record<string, (n: number) => string>> = {
  gap_bytes: (n) => `${plural(n, 'byte')} of watched connections were not captured`,
  cut_bytes: (n) => `${plural(n, 'byte')} of watched connections were cut by the snap length`,
  not_captured: (n) => `${plural(n, 'connection')} captured without any payload (snap length too short)`,
};
const UNSEEN_FRAMES: Readonly<Record<string, (n: number) => string>> = {
  transport_not_captured: (n) => `${plural(n, 'packet')} cut before the ports`,
};
const UNSEEN_TIME: Readonly<Record<string, (n: number) => string>> = {
  backwards: (n) => `${plural(n, 'packet')} stamped more than a second before the one before`,
  jumps: (n) => `packet time jumped forward by more than a day ${plural(n, 'time')}`,
};

/** What the capture lost of the IM connections, by their acknowledgements and sequence numbers. */
function lossLines(c: NonNullable<ReplayResult['counters']>): string[] {
  const share = lossOf(c) * 100;
  if (share === 0) return [];
  const text = share < 0.1 ? 'less than 0.1' : `about ${share.toFixed(1)}`;
  return [`${text}% of the IM bytes were never captured`];
}

function counterLines(c: NonNullable<ReplayResult['counters']>): string[] {
  const lines = [...notReadLines(c.notRead ?? {}), ...lossLines(c), ...told(c.flows, UNSEEN_FLOWS)];
  for (const [name, n] of Object.entries(invalidByName(c))) {
    const info = DECODE_ANOMALIES[name];
    const links = name === 'unknown_link_type' ? ` (link type ${c.unknownLinks.join(', ')})` : '';
    if (info) lines.push(`${plural(n, 'frame')}: ${lowerFirst(info.meaning).replace(/\.$/, '')}${links}`);
  }
  lines.push(...told(c.decoded, UNSEEN_FRAMES));
  for (const [name, n] of Object.entries(c.limits)) {
    if (name === FINDING_LIMIT) {
      lines.push(`${plural(n, 'finding')} forgotten to bound memory: each may have raised its alert again`);
    } else lines.push(`limit ${limitOf(name) ?? name} hit ${plural(n, 'time')}`);
  }
  lines.push(...told(c.time, UNSEEN_TIME));
  for (const [code, n] of Object.entries(c.anomalies)) {
    if (code !== 'stream_gap' && code !== 'stream_cut') lines.push(`anomaly ${code}: ${n}`);
  }
  return lines;
}

/** The one limit that the operator cannot set. */
const FINDING_LIMIT = 'finding_limit';

/** The limit whose hits are counted under this name. */
function limitOf(counter: string): string | undefined {
  return Object.entries(LIMITS).find(([, l]) => 'anomaly' in l && l.anomaly === counter)?.[0];
}

function told(
  counts: Record<string, number>,
  words: Readonly<Record<string, (n: number) => string>>,
): string[] {
  return Object.entries(words).flatMap(([name, say]) => (counts[name] ? [say(counts[name])] : []));
}

function nextLines(result: ReplayResult, privacyHides: boolean): string[] {
  const { tally, counters, problems, alerts, live } = result;
  const counted = (name: string): boolean => (counters?.flows[name] ?? 0) > 0;
  const dropped = live?.interfaces.some(({ drops = 0, queueDrops = 0 }) => drops + queueDrops > 0) ?? false;
  const limited = Object.keys(counters?.limits ?? {}).some((name) => name !== FINDING_LIMIT);
  const advice: [boolean, string][] = [
    [dropped, 'packets were dropped before we saw them: raise --buffer, or leave traffic out with --filter'],
    [
      problems.length > 0,
      'capture the damaged input again, or repair it; everything before the damage is reported above',
    ],
    [
      alerts > 0,
      'a client that is allowed here belongs into a policy file (--policy FILE); the rest is for a word with the owner of the address',
    ],
    [
      tally.accounts.some((a) => a.exposed),
      'accounts marked "password exposed" sent it readably over the network: have it changed, and look for where else it is used',
    ],
    [counted('cut_bytes') || counted('not_captured'), 'capture whole packets (tcpdump -s 0)'],
    [counted('gap_bytes'), 'bytes are missing: look for drops at the span port and in the capture tool'],
    [limited, 'raise the limits that were hit (--limit NAME=VALUE) if memory allows'],
    [privacyHides, 'texts were left out (--privacy metadata)'],
  ];
  return advice.flatMap(([due, words]) => (due ? [words] : []));
}

/** A number that was bounded: `2,000+` where there is more than was kept. */
function atLeast(n: number, more: number, one: string, many: string): string {
  return more > 0 ? `${n.toLocaleString('en-US')}+ ${many}` : plural(n, one, many);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
