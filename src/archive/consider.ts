import type { EveEvent } from '../event/eve.ts';
import type { PeopleKeys } from './people.ts';
import type { Matcher } from './query.ts';
import { unseal } from './reader.ts';
import type { SearchOptions, SearchResult } from './search.ts';

interface Considering {
  readonly matcher: Matcher;
  readonly people: PeopleKeys | undefined;
  readonly result: SearchResult;
  readonly options: SearchOptions;
  readonly take: (event: EveEvent) => void;
}

/** Takes an event that is wanted; false where there are enough. */
export function consider(event: EveEvent, { matcher, people, result, options, take }: Considering): boolean {
  if (!matcher.matches(event)) return true;
  const open = unseal(event, people, result.unsealed);
  if (!matcher.matchesText(open)) return true;
  if (result.found >= (options.limit ?? Infinity)) {
    result.cut = true;
    return false;
  }
  result.found++;
  take(open);
  return true;
}
