import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../core/errors.ts';
import type { EveEvent, ImObject } from '../event/eve.ts';
import { EveSink } from '../sink/eve.ts';
import { now } from './archive.ts';
import type { Archive } from './archive.ts';
import { makeFolder, writeWhole } from './files.ts';
import { plainName } from './names.ts';
import { search } from './search.ts';
import type { SearchResult } from './search.ts';
import { parseAccount } from './steward.ts';
import { TranscriptMaker } from './transcript.ts';
import { renderTranscript } from './transcript-formats.ts';

/** What a person is given who asks what is kept of them. */
export interface Exported {
  readonly result: SearchResult;
  readonly files: readonly string[];
}

export interface ExportOptions {
  /** `network:name` of each account of the person. */
  readonly accounts: readonly string[];
  readonly out: string;
  readonly keys?: string | undefined;
  /** Leave the names of others in; else each is called `other-N`. */
  readonly withOthers: boolean;
}

/**
 * Writes all that the archive has of a person into a new folder: `events.jsonl` with the texts, `transcript.html`, and
 * `summary.json`, which says what is kept why and for how long. Names of files are ours, whatever the events hold.
 */
export async function exportPerson(archive: Archive, options: ExportOptions): Promise<Exported> {
  const { accounts, out } = options;
  for (const account of accounts) parseAccount(account);
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new OperatorError(`${out}: is not empty; name a new folder`);
  makeFolder(out);
  archive.logAccess('export', { accounts });
  const own = new Set(accounts.map((account) => plainName(parseAccount(account).account)));
  const others = options.withOthers ? undefined : new Others(own);
  const maker = new TranscriptMaker();
  const times: string[] = [];
  const events = EveSink.toFile(join(out, 'events.jsonl'));
  const folder = archive.paths.folder;
  const result = await search([folder], { names: accounts }, { keys: options.keys }, (event) => {
    const told = others?.mask(event) ?? event;
    events.write(told);
    maker.add(told);
    const [first = event.timestamp, last = event.timestamp] = times;
    times[0] = first < event.timestamp ? first : event.timestamp;
    times[1] = last > event.timestamp ? last : event.timestamp;
  });
  await events.close();
  const { settings } = archive;
  const transcript = maker.finish(`archive ${settings.archive}`);
  writeWhole(join(out, 'transcript.html'), renderTranscript(transcript, 'html'));
  const summary = {
    ...{ made: now(), archive: settings.archive, purpose: settings.purpose },
    kept_for_days: settings.retention_days ?? 'until purged',
    ...{ accounts, events: result.found, first: times[0], last: times[1] },
    texts: {
      read: result.unsealed.opened,
      erased: result.unsealed.erased,
      unreadable: result.unsealed.wrong,
    },
    names_of_others: options.withOthers ? 'shown' : 'replaced',
    problems: result.counts.problems,
  };
  writeWhole(join(out, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  return { result, files: ['events.jsonl', 'transcript.html', 'summary.json'] };
}

/** Most others that are told apart; beyond, all are `other`. */
const MAX_OTHERS = 100_000;

/** Stands in for the names of people whose data are not asked for. What they wrote to the person stays. */
class Others {
  readonly #own: ReadonlySet<string>;
  readonly #names = new Map<string, string>();

  constructor(own: ReadonlySet<string>) {
    this.#own = own;
  }

  #name(name: string): string {
    const plain = plainName(name);
    if (this.#own.has(plain)) return name;
    let other = this.#names.get(plain);
    if (other === undefined) {
      if (this.#names.size >= MAX_OTHERS) return 'other';
      other = `other-${this.#names.size + 1}`;
      this.#names.set(plain, other);
    }
    return other;
  }

  mask(event: EveEvent): EveEvent {
    if (event.im === undefined) return event;
    const im: ImObject = { ...event.im };
    const about = im.account !== undefined && this.#own.has(plainName(im.account));
    if (im.account !== undefined) im.account = this.#name(im.account);
    if (im.from !== undefined) {
      const from = this.#name(im.from);
      if (from !== im.from) delete im.from_name;
      im.from = from;
    } else delete im.from_name;
    if (im.to !== undefined) im.to = im.to.map((to) => this.#name(to));
    if (im.members !== undefined) im.members = im.members.map((member) => this.#name(member));
    if (im.messages !== undefined)
      im.messages = Object.fromEntries(Object.entries(im.messages).map(([who, n]) => [this.#name(who), n]));
    if (im.contact !== undefined) im.contact = { op: im.contact.op, id: this.#name(im.contact.id) };
    // Whose connection it was, is another's: so is what is told of the machine.
    if (!about) {
      delete im.person;
      delete im.department;
      delete im.host;
      delete im.profile;
    }
    // Evidence of an alert is free words, in which others may be named.
    const alert = event.alert && { ...event.alert, metadata: {} };
    return { ...event, im, ...(alert && { alert }) };
  }
}
