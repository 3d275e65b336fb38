import type { SearchResult } from '../archive/search.ts';
import { EXIT } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';

/** Says on standard error what a search could not read; the exit code. */
export function tellSearch({ counts, unsealed, cut, found }: SearchResult): number {
  const say = (line: string): void => {
    process.stderr.write(`imspan: ${neutralise(line, 1_000)}\n`);
  };
  for (const problem of counts.problems) say(problem);
  if (counts.damaged > counts.problems.length) say(`and ${counts.damaged - counts.problems.length} more`);
  if (unsealed.erased > 0)
    say(
      `texts that cannot be read, for their keys were destroyed or are not here (--keys): ${unsealed.erased}`,
    );
  if (unsealed.wrong > 0) say(`texts that do not open with these keys: ${unsealed.wrong}`);
  if (cut) say(`there are more than the ${found} that are told (--limit)`);
  return counts.damaged > 0 || unsealed.wrong > 0 ? EXIT.IO : EXIT.OK;
}
