import { statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { EveEvent } from '../event/eve.ts';
import { Archive } from './archive.ts';
import { consider } from './consider.ts';
import { ioError } from './files.ts';
import { PeopleKeys } from './people.ts';
import { Matcher, listNames } from './query.ts';
import type { Query } from './query.ts';
import { ReadCounts, eachLine, eventOf, sourcesOf } from './reader.ts';
import type { Source, Unsealed } from './reader.ts';

/** What a search went through. */
export interface SearchResult {
  readonly counts: ReadCounts;
  readonly unsealed: Unsealed;
  found: number;
  /** There was more than `limit`. */
  cut: boolean;
}

export interface SearchOptions {
  /** Folder of keys, where it is not where an archive was made. */
  readonly keys?: string | undefined;
  /** Most events that are handed on. */
  readonly limit?: number;
}

/**
 * Searches archives, event logs (JSON lines, also in gzip) and folders of them, in the order given. Each archive writes
 * the search down before it is done. Hands on each event found, its texts unsealed where the keys are there.
 */
export async function search(
  places: readonly string[],
  query: Query,
  options: SearchOptions,
  take: (event: EveEvent) => void,
): Promise<SearchResult> {
  const matcher = new Matcher(query);
  const result: SearchResult = {
    ...{ counts: new ReadCounts(), unsealed: { opened: 0, erased: 0, wrong: 0 } },
    ...{ found: 0, cut: false },
  };
  for (const place of places) {
    const { sources, people } = openPlace(place, query, options, result.counts);
    for (const source of sources) {
      const goOn = await eachLine(source, result.counts, (line, number) => {
        if (!matcher.mayMatch(line)) return true;
        const event = eventOf(line);
        if (event === undefined) {
          result.counts.tell(`${source.name}, line ${number}: is no event`);
          return true;
        }
        return consider(event, { matcher, people, result, options, take });
      });
      if (!goOn) return result;
    }
  }
  return result;
}

function openPlace(
  place: string,
  query: Query,
  options: SearchOptions,
  counts: ReadCounts,
): { sources: Source[]; people?: PeopleKeys } {
  if (!Archive.isThere(place)) return { sources: logsOf(place) };
  const archive = Archive.open(place, options.keys);
  archive.logAccess('search', { query });
  const wanted = { names: listNames(query), from: query.from, to: query.to };
  return { sources: sourcesOf(archive, wanted, counts), people: new PeopleKeys(archive.keys) };
}

const LOG = /\.(jsonl|json|ndjson)(\.gz)?$/;

/** An event log, or those of a folder. */
function logsOf(place: string): Source[] {
  const source = (path: string): Source => ({ name: path, path, open: !path.endsWith('.gz') });
  try {
    if (!statSync(place).isDirectory()) return [source(place)];
    const logs = readdirSync(place)
      .filter((file) => LOG.test(file))
      .sort();
    if (logs.length === 0)
      throw new OperatorError(`${place}: is neither an archive nor a folder of event logs (.jsonl)`, EXIT.IO);
    return logs.map((file) => source(join(place, file)));
  } catch (error) {
    throw ioError('read', place, error);
  }
}
