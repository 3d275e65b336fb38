import { Command } from 'commander';
import { buildAlert } from '../classify/alert.ts';
import { factsAtMark, isReopened } from '../classify/alerts/memory.ts';
import type { Mark, MarkStatus, Told } from '../classify/alerts/memory.ts';
import type { AlertState } from '../classify/alerts/state.ts';
import { ALL_SIGNATURES } from '../classify/signatures.ts';
import type { Signature } from '../classify/signature.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import { formatTime } from '../core/time.ts';
import type { EveEvent } from '../event/eve.ts';
import { hash128 } from '../event/ids.ts';
import { neutralise } from '../sink/neutralise.ts';
import { collect, SYSLOG_HELP } from './options.ts';
import { openState } from './rulebook.ts';
import { openSinks } from './sinks.ts';

interface StateFlags {
  state: string;
  note?: string;
  all?: boolean;
  json?: boolean;
}

const STATE = ['--state <folder>', 'the folder that sniff or replay were given'] as const;
const MAX_NOTE = 1_000;
/** Hex digits of a finding's id that are enough where no other finding begins with them. */
const LEAST_ID = 6;

/** `imspan alerts`. */
export function alertsCommand(): Command {
  return new Command('alerts')
    .description('list findings of a state folder, say what you think of them, or test where alerts go')
    .addCommand(listCommand())
    .addCommand(markCommand('ack', 'ack', 'seen and known: it is counted, and told no more'))
    .addCommand(markCommand('close', 'closed', 'dealt with: told again when its facts change'))
    .addCommand(
      markCommand('false-positive', 'false-positive', 'no finding at all: told again when its facts change'),
    )
    .addCommand(noteCommand())
    .addCommand(testCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('findings, the last seen first; those that are open')
    .requiredOption(...STATE)
    .option('--all', 'those with a mark too')
    .option('--json', 'one JSON object a line')
    .action((flags: StateFlags) => {
      const state = openFolder(flags);
      for (const [id, told] of state.memory.told.entries()) {
        if (told === true || told.alerts === 0) continue;
        const mark = state.memory.marks.get(id);
        const status = statusOf(told, mark);
        if (!flags.all && status !== 'open' && status !== 'reopened') continue;
        process.stdout.write(flags.json ? jsonOf(id, told, status, mark) : lineOf(id, told, status, mark));
      }
    });
}

function markCommand(name: string, status: MarkStatus, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<findings...>', 'im.finding of the alerts, or how it begins')
    .requiredOption(...STATE)
    .option('--note <text>', 'why')
    .action((ids: string[], flags: StateFlags) => {
      const state = openFolder(flags);
      for (const id of ids.map((each) => findingOf(state, each))) {
        const told = state.memory.told.get(id);
        const kept = told === true ? undefined : told?.kept;
        setMark(state, id, { status, ...(kept && { facts: factsAtMark(kept) }) }, flags.note);
      }
      state.saveMarks();
    });
}

function noteCommand(): Command {
  return new Command('note')
    .description('write a note at a finding')
    .argument('<finding>', 'im.finding of the alerts, or how it begins')
    .argument('<text>')
    .requiredOption(...STATE)
    .action((id: string, text: string, flags: StateFlags) => {
      const state = openFolder(flags);
      setMark(state, findingOf(state, id), {}, text);
      state.saveMarks();
    });
}

interface TestFlags {
  json?: boolean;
  eve?: string;
  syslog?: string[];
  host?: string;
}

function testCommand(): Command {
  return new Command('test')
    .description('send one alert of each signature, marked as a test, to where alerts go')
    .argument('[id]', 'of this signature alone')
    .option('--json', 'write EVE JSON lines to standard output')
    .option('--eve <file>', 'write EVE JSON lines to a file')
    .option('--syslog <url>', SYSLOG_HELP, collect, [])
    .option('--host <name>', 'sensor name, told in every event')
    .action(async (id: string | undefined, flags: TestFlags) => {
      const chosen = ALL_SIGNATURES.filter((each) => id === undefined || String(each.id) === id);
      if (chosen.length === 0)
        throw new OperatorError(`no signature ${neutralise(id ?? '', 50)}; docs/ALERTS.md lists them`);
      const sinks = openSinks({ ...flags, privacy: 'full' });
      const now = Math.floor(Date.now() / 1000);
      for (const signature of chosen) {
        const alert = testAlert(signature, now, flags.host);
        for (const sink of sinks.all) sink.write(alert);
      }
      const failures = await sinks.close();
      for (const failure of failures) process.stderr.write(`imspan: ${failure}\n`);
      process.exitCode = failures.length > 0 ? EXIT.IO : EXIT.OK;
    });
}

/** An alert as it would be raised, between addresses of documentation (RFC 5737), marked as a test. */
export function testAlert(signature: Signature, seconds: number, host?: string): EveEvent {
  const event = buildAlert({
    signature: { ...signature, name: `${signature.name} (test)` },
    severity: signature.severity,
    header: {
      ...{ flow_id: signature.id, community_id: '', src_ip: '192.0.2.1', src_port: 40_000 },
      ...{ dest_ip: '198.51.100.1', dest_port: 5190, proto: 'TCP' },
    },
    place: { timestamp: formatTime(seconds, 0), ...(host === undefined ? {} : { host }) },
    trigger: 'test',
    finding: hash128('test', signature.id),
    policy: 'imspan alerts test',
    evidence: ['a test: nothing was seen'],
    confidence: 'high',
    im: { account: 'imspan-test' },
  });
  delete event.community_id;
  if (event.alert !== undefined) event.alert.metadata.test = ['true'];
  return event;
}

function openFolder({ state }: StateFlags): AlertState {
  const opened = openState(state);
  if (opened === undefined) throw new OperatorError('--state is missing');
  return opened;
}

/** The one finding whose id begins so. */
function findingOf({ memory }: AlertState, start: string): string {
  const wanted = start.toLowerCase();
  const found = /^[0-9a-f]+$/.test(wanted) && wanted.length >= LEAST_ID ? [...memory.told.entries()] : [];
  const ids = found.flatMap(([id, told]) => (told !== true && id.startsWith(wanted) ? [id] : []));
  const [id] = ids;
  if (id !== undefined && ids.length === 1) return id;
  const shown = neutralise(start, 50);
  throw new OperatorError(
    ids.length > 1
      ? `${shown}: ${ids.length} findings begin so; write more of it`
      : `${shown}: no such finding (at least ${LEAST_ID} hex digits of im.finding); imspan alerts list shows them`,
  );
}

function setMark({ memory }: AlertState, id: string, set: Partial<Mark>, note: string | undefined): void {
  if (note !== undefined && note.length > MAX_NOTE)
    throw new OperatorError(`a note has at most ${MAX_NOTE} characters`);
  const at = new Date().toISOString();
  const mark: Mark = { ...memory.marks.get(id), ...set, ...(note === undefined ? {} : { note }), at };
  // To the end: the marks stand in the order in which they were made.
  memory.marks.delete(id);
  memory.marks.set(id, mark);
}

function statusOf({ kept }: Told, mark: Mark | undefined): string {
  if (mark?.status === undefined) return 'open';
  return isReopened(mark, kept) ? 'reopened' : mark.status;
}

function lineOf(id: string, told: Told, status: string, mark: Mark | undefined): string {
  const what = neutralise(told.kept?.what ?? String(told.signature), 500);
  const note = mark?.note === undefined ? '' : `\n    note: ${neutralise(mark.note, MAX_NOTE)}`;
  const severity = told.kept?.severity ?? '-';
  return `${id}  ${status.padEnd(14)}  severity ${severity}  ${String(told.count).padStart(5)} times  ${told.firstSeen} to ${told.lastSeen}\n    ${what}${note}\n`;
}

function jsonOf(id: string, told: Told, status: string, mark: Mark | undefined): string {
  const { signature, count, firstSeen, lastSeen, alerts, kept } = told;
  return `${JSON.stringify({
    ...{ finding: id, status, signature_id: signature, severity: kept?.severity, what: kept?.what },
    ...{ count, first_seen: firstSeen, last_seen: lastSeen, alerts, note: mark?.note, marked_at: mark?.at },
  })}\n`;
}
