import { Command, InvalidArgumentError } from 'commander';
import type { Query } from '../archive/query.ts';
import { search } from '../archive/search.ts';
import type { SearchOptions, SearchResult } from '../archive/search.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { OperatorError } from '../core/errors.ts';
import { colourLevel } from '../sink/colour.ts';
import { ConsoleSink } from '../sink/console.ts';
import { EveSink } from '../sink/eve.ts';
import { timeText } from './archive.ts';
import { isLake, searchLake } from './archive-lake.ts';
import { collect } from './options.ts';
import { tellSearch } from './search-told.ts';

/** Flags that say what is searched for. */
export interface QueryFlags {
  name: string[];
  peer?: string;
  network?: string;
  text?: string;
  hash?: string;
  from?: string;
  to?: string;
  alerts?: boolean;
  signature?: number;
  kind?: string;
  conversation?: string;
  id?: string;
  keys?: string;
}

/** Adds them to a command. */
export function queryOptions(command: Command): Command {
  return command
    .option(
      '--name <name>',
      'account, person or room, NAME or NETWORK:NAME (repeatable: one of them)',
      collect,
      [],
    )
    .option('--peer <name>', 'and with this one')
    .option('--network <network>', 'aim, icq, msn, yahoo, xmpp, gtalk, irc')
    .option('--from <time>', 'from this time on (2026-11-24, 2026-11-24T13:05; UTC)', timeText)
    .option('--to <time>', 'to the end of this time', timeText)
    .option('--conversation <id>', 'im.conversation')
    .option('--keys <folder>', 'keys of the archive, where they are not where it was made');
}

/** What the flags say. */
export function queryOf(flags: QueryFlags): Query {
  const { name, peer, network, text, hash, from, to, alerts, signature, kind, conversation, id } = flags;
  const kinds = kind?.split(',').map((each) => each.trim());
  const given = {
    peer,
    network,
    text,
    hash: hash?.toLowerCase(),
    from,
    to,
    signature,
    kinds,
    conversation,
    id,
  };
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Query;
  return { ...query, ...(name.length > 0 && { names: name }), ...(alerts === true && { alerts }) };
}

interface SearchFlags extends QueryFlags {
  json?: boolean;
  limit: number;
}

/** `imspan search`. */
export function searchCommand(): Command {
  const command = new Command('search')
    .description('find events in archives, their lakes and event logs, also while they are written')
    .argument(
      '<places...>',
      'archives, folders of Parquet (ARCHIVE/lake), event logs (JSON lines, also .gz) and folders of them',
    );
  return queryOptions(command)
    .option('--text <words>', 'in a message, a query, the name of a file, an alert; in any case')
    .option('--hash <hex>', 'MD5, SHA-1 or SHA-256 of a file')
    .option('--alerts', 'alerts only')
    .option('--signature <id>', 'alerts of this signature', wholeNumber)
    .option('--kind <kinds>', 'kinds of im events, or types of others, comma separated')
    .option('--id <hex>', 'the event with this im.id')
    .option('--limit <n>', 'most events that are told', wholeNumber, 1_000)
    .option('--json', 'as EVE JSON lines')
    .addHelpText('after', HELP)
    .action(async (places: string[], flags: SearchFlags) => {
      const query = queryOf(flags);
      if (Object.keys(query).length === 0) throw new OperatorError('say what to search for; --help lists it');
      const sink = flags.json
        ? EveSink.toStream(process.stdout)
        : new ConsoleSink(process.stdout, { level: colourLevel(process.stdout, process.env), verbose: true });
      process.exitCode = await tellFound(places, query, { keys: flags.keys, limit: flags.limit }, sink);
    });
}

const HELP = `
Each search of an archive is written into its log of access, before it is done.
Exit codes: 0 searched, 2 usage, 3 something could not be read (what could is told).

Examples:
  imspan search /srv/archive --name xmpp:alice@example.org --from 2026-11
  imspan search /srv/archive --text falcon --json | jq .im.text
  imspan search events.jsonl --alerts --signature 9000101`;

export function wholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('a whole number from 1 is needed');
  return number;
}

async function tellFound(
  places: readonly string[],
  query: Query,
  options: SearchOptions,
  sink: EventSink,
): Promise<number> {
  let code = 0;
  let left = options.limit ?? Infinity;
  const take = (event: EveEvent): void => sink.write(event);
  for (const place of places) {
    const result = await searchPlace(place, query, { ...options, limit: left }, take);
    left -= result.found;
    code = Math.max(code, tellSearch(result));
    await sink.drained();
    if (result.cut) break;
  }
  await sink.close();
  return code;
}

/** Searches one place, by the engine that it takes. */
export function searchPlace(
  place: string,
  query: Query,
  options: SearchOptions,
  take: (event: EveEvent) => void,
): Promise<SearchResult> {
  return isLake(place) ? searchLake(place, query, options, take) : search([place], query, options, take);
}
