import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { Archive } from '../archive/archive.ts';
import { ChainedLog } from '../archive/chained-log.ts';
import { exportPerson } from '../archive/export.ts';
import { writeWhole } from '../archive/files.ts';
import { fingerprint, readKey } from '../archive/keys.ts';
import { MARKS, addMark, marksOf } from '../archive/marks.ts';
import type { MarkKind } from '../archive/marks.ts';
import { openPseudonym } from '../archive/pseudonyms.ts';
import { erase, hold, purge, release, retentionEnd, rotatePseudonyms } from '../archive/steward.ts';
import { verifyArchive } from '../archive/verify.ts';
import { compactCommand } from './archive-lake.ts';
import { renderInfo } from './archive-info.ts';
import { collect } from './options.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';
import { tellSearch } from './search-told.ts';

/** `imspan archive`. */
export function archiveCommand(): Command {
  const command = new Command('archive').description(
    'keep events so that a change shows: make, check and look after archives; see docs/ARCHIVE.md',
  );
  for (const each of [
    ...[initCommand(), keygenCommand(), infoCommand(), verifyCommand(), accessCommand(), compactCommand()],
    ...[holdCommand(), releaseCommand(), purgeCommand(), eraseCommand(), rotateCommand(), openCommand()],
    ...[exportCommand(), markCommand(), marksCommand()],
  ])
    command.addCommand(each.exitOverride());
  return command;
}

const KEYS = ['--keys <folder>', 'its keys, where they are not where it was made'] as const;

interface KeysFlag {
  keys?: string;
}

function say(line: string): void {
  process.stdout.write(`${neutralise(line, 4_000)}\n`);
}

interface InitFlags extends KeysFlag {
  purpose: string;
  retention?: number;
  sensor?: string;
  guardian: string[];
}

function initCommand(): Command {
  return new Command('init')
    .description('make an archive and its keys')
    .argument('<folder>', 'a new folder')
    .option('--keys <folder>', 'where its keys are made, elsewhere than in the archive (default FOLDER.keys)')
    .requiredOption('--purpose <words>', 'why events are kept; told in every export')
    .option('--retention <days>', 'days after which purge removes them', wholeDays)
    .option('--sensor <name>', 'name of the sensor in the lake, for events that name none')
    .option(
      '--guardian <file>',
      'public keys of two people (archive keygen) who can open pseudonyms together (twice)',
      collect,
      [],
    )
    .action((folder: string, flags: InitFlags) => {
      const archive = Archive.init(folder, {
        purpose: flags.purpose,
        guardians: flags.guardian,
        ...(flags.keys !== undefined && { keys: flags.keys }),
        ...(flags.retention !== undefined && { retentionDays: flags.retention }),
        ...(flags.sensor !== undefined && { sensor: flags.sensor }),
      });
      say(`archive ${archive.settings.archive} in ${folder}`);
      say(`keys in ${archive.keys.path}; keep a copy of archive.pub where nobody can exchange it`);
      say(`fingerprint of the key: ${fingerprint(archive.keys.signer().publicKey)}`);
    });
}

function wholeDays(text: string): number {
  const days = Number(text);
  if (!Number.isSafeInteger(days) || days < 1 || days > 36_500)
    throw new InvalidArgumentError('a whole number of days from 1 to 36500 is needed');
  return days;
}

function keygenCommand(): Command {
  return new Command('keygen')
    .description('make the key pair of one of the two people who open pseudonyms together')
    .argument('<file>', 'the private key; the public one gets .pub behind it')
    .action((file: string) => {
      if (existsSync(file)) throw new OperatorError(`${file}: is there already; name a new file`);
      const { privateKey, publicKey } = generateKeyPairSync('x25519');
      writeWhole(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      writeWhole(`${file}.pub`, publicKey.export({ type: 'spki', format: 'pem' }));
      say(`${file}: keep it to yourself; give ${file}.pub to who makes the archive`);
    });
}

function infoCommand(): Command {
  return new Command('info')
    .description('say what is in an archive, and which holds are in force')
    .argument('<folder>', 'the archive')
    .option(...KEYS)
    .option('--json', 'as one JSON object')
    .action((folder: string, flags: KeysFlag & { json?: boolean }) => {
      process.stdout.write(renderInfo(Archive.open(folder, flags.keys), flags.json ?? false));
    });
}

interface VerifyFlags extends KeysFlag {
  public?: string;
  quick?: boolean;
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('check that nothing was changed, left out, moved or cut: each with its place (exit code 3)')
    .argument('<folder>', 'the archive')
    .option('--public <file>', 'the public key that is to have signed; else that in the folder of keys')
    .option(...KEYS)
    .option('--quick', 'only the hashes of the files; lines are read where they do not fit')
    .action(async (folder: string, flags: VerifyFlags) => {
      const archive = Archive.open(folder, flags.keys);
      const key = flags.public === undefined ? undefined : readKey(flags.public, createPublicKey, 'ed25519');
      const began = performance.now();
      const report = await verifyArchive(archive, { key, quick: flags.quick ?? false });
      for (const note of report.notes) say(`note: ${note}`);
      for (const problem of report.problems) say(`WRONG: ${problem}`);
      const { segments, events, bytes, entries } = report;
      const rate = bytes / 1e3 / Math.max(1, performance.now() - began);
      say(
        `${report.problems.length === 0 ? 'whole' : `${report.problems.length} problems`}: ${entries} entries, ` +
          `${segments} sealed segments, ${events} events, ${bytes} bytes of text (${rate.toFixed(0)} MB/s)` +
          `${report.key === '' ? '' : `; key ${report.key}`}`,
      );
      process.exitCode = report.problems.length === 0 ? EXIT.OK : EXIT.IO;
    });
}

function accessCommand(): Command {
  return new Command('access')
    .description('say who read, searched, exported and changed: the log of access, as JSON lines')
    .argument('<folder>', 'the archive')
    .action((folder: string) => {
      const { lines, torn } = new ChainedLog(Archive.open(folder).paths.access, 'the log').lines();
      for (const line of lines) process.stdout.write(`${neutralise(line)}\n`);
      if (torn) process.stderr.write('imspan: its last line is torn\n');
    });
}

interface ReasonFlag extends KeysFlag {
  reason: string;
}

const REASON = ['--reason <words>', 'why; signed into the manifest'] as const;

interface HoldFlags extends ReasonFlag {
  account: string[];
  from?: string;
  to?: string;
}

function holdCommand(): Command {
  return new Command('hold')
    .description('keep events from purge and erasure (legal hold), until it is released')
    .argument('<folder>', 'the archive')
    .requiredOption(...REASON)
    .option('--account <name>', 'those of this account, NETWORK:NAME (repeatable); else of all', collect, [])
    .option('--from <time>', 'those from this time on (2026-11-24)', timeText)
    .option('--to <time>', 'those to the end of this time', timeText)
    .option(...KEYS)
    .action((folder: string, { account, reason, from, to, keys }: HoldFlags) => {
      const archive = Archive.open(folder, keys);
      archive.logAccess('hold', { accounts: account, reason });
      say(`hold ${hold(archive, { reason, names: account, from, to })}`);
    });
}

/** A time as events have it, or its beginning. */
export function timeText(text: string): string {
  if (!/^\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d{1,6})?)?)?)?)?)?$/.test(text))
    throw new InvalidArgumentError('write a time such as 2026-11-24 or 2026-11-24T13:05 (UTC)');
  return text;
}

function releaseCommand(): Command {
  return new Command('release')
    .description('end a hold')
    .argument('<folder>', 'the archive')
    .argument('<hold>', 'its number')
    .requiredOption(...REASON)
    .option(...KEYS)
    .action((folder: string, id: string, { reason, keys }: ReasonFlag) => {
      const archive = Archive.open(folder, keys);
      archive.logAccess('release', { hold: id, reason });
      release(archive, id, reason);
      say(`hold ${id} is released`);
    });
}

interface PurgeFlags extends ReasonFlag {
  before?: string;
  dryRun?: boolean;
}

function purgeCommand(): Command {
  return new Command('purge')
    .description(
      'remove segments whose events are all older than the retention period; a signed tombstone stays',
    )
    .argument('<folder>', 'the archive')
    .requiredOption(...REASON)
    .option('--before <time>', 'remove what is older than this, not than the retention period', timeText)
    .option('--dry-run', 'only say what would go')
    .option(...KEYS)
    .action((folder: string, flags: PurgeFlags) => {
      const archive = Archive.open(folder, flags.keys);
      const before = flags.before ?? retentionEnd(archive, new Date());
      const dry = flags.dryRun ?? false;
      if (!dry) archive.logAccess('purge', { before, reason: flags.reason });
      const { segments, events, held, files } = purge(archive, before, flags.reason, dry);
      for (const { seq, hold: id } of held) say(`segment ${seq} stays: hold ${id}`);
      const numbers = segments.length === 0 ? '' : ` (segments ${segments.join(', ')})`;
      say(
        `${dry ? 'would go' : 'purged'}: ${events} events before ${before}${numbers}, ${files.length} files of the lake`,
      );
    });
}

function eraseCommand(): Command {
  return new Command('erase')
    .description('destroy the keys of a person: texts of and to these accounts cannot be read any more')
    .argument('<folder>', 'the archive')
    .argument('<accounts...>', 'NETWORK:NAME of each account')
    .requiredOption(...REASON)
    .option(...KEYS)
    .action((folder: string, accounts: string[], { reason, keys: folderOfKeys }: ReasonFlag) => {
      const archive = Archive.open(folder, folderOfKeys);
      // Names of who was erased are not to stay in the log.
      archive.logAccess('erase', { accounts: accounts.length, reason });
      const { keys, pseudonyms } = erase(archive, accounts, reason);
      say(`keys destroyed: ${keys}; names behind pseudonyms removed: ${pseudonyms}`);
    });
}

function rotateCommand(): Command {
  return new Command('rotate')
    .description(
      'make a new key for pseudonyms and forget the old one: the same name has another from now on',
    )
    .argument('<folder>', 'the archive')
    .option(...KEYS)
    .action((folder: string, { keys }: KeysFlag) => {
      const archive = Archive.open(folder, keys);
      archive.logAccess('rotate');
      say(`pseudonyms begin with p${rotatePseudonyms(archive)}: from now on`);
    });
}

function openCommand(): Command {
  return new Command('open')
    .description('say which name is behind a pseudonym: takes the private keys of both people')
    .argument('<folder>', 'the archive')
    .argument('<pseudonym>', 'such as p1:0123456789abcdef01234567')
    .requiredOption('--key <file>', 'private key of one of the two (twice)', collect, [])
    .requiredOption(...REASON)
    .action((folder: string, pseudonym: string, { key, reason }: { key: string[]; reason: string }) => {
      const [a, b, more] = key;
      if (a === undefined || b === undefined || more !== undefined)
        throw new OperatorError('--key is to be given twice: it takes two people');
      const archive = Archive.open(folder);
      archive.logAccess('open', { pseudonym, reason });
      say(openPseudonym(archive.paths.pseudonyms, pseudonym, [a, b]));
    });
}

interface ExportFlags extends KeysFlag {
  out: string;
  withOthers?: boolean;
}

function exportCommand(): Command {
  return new Command('export')
    .description('write all that is kept of a person into a folder, for that person')
    .argument('<folder>', 'the archive')
    .argument('<accounts...>', 'NETWORK:NAME of each account')
    .requiredOption('--out <folder>', 'a new folder')
    .option('--with-others', 'leave the names of others in; else each is called other-N')
    .option(...KEYS)
    .action(async (folder: string, accounts: string[], flags: ExportFlags) => {
      const archive = Archive.open(folder, flags.keys);
      const { out, keys, withOthers = false } = flags;
      const { result, files } = await exportPerson(archive, { accounts, out, keys, withOthers });
      say(`${result.found} events; wrote ${files.map((file) => `${out}/${file}`).join(', ')}`);
      process.exitCode = tellSearch(result);
    });
}

function markCommand(): Command {
  return new Command('mark')
    .description('write down what a reviewer says of an event')
    .argument('<folder>', 'the archive')
    .argument('<id>', 'im.id of the event')
    .addArgument(new Argument('<mark>', 'what is said').choices(MARKS))
    .option('--comment <words>', 'in words')
    .action((folder: string, id: string, mark: MarkKind, { comment }: { comment?: string }) => {
      addMark(Archive.open(folder), id, mark, comment);
      say(`${mark} on ${id}`);
    });
}

function marksCommand(): Command {
  return new Command('marks')
    .description('say what reviewers said')
    .argument('<folder>', 'the archive')
    .option('--id <hex>', 'of this event')
    .option('--json', 'as JSON lines')
    .action((folder: string, { id, json }: { id?: string; json?: boolean }) => {
      for (const mark of marksOf(Archive.open(folder), id)) {
        const { time, by, mark: kind, comment, id: event } = mark;
        say(
          json
            ? JSON.stringify(mark)
            : `${time} ${by}: ${kind} on ${event}${comment === undefined ? '' : `: ${comment}`}`,
        );
      }
    });
}
