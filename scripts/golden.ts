/**
 * Compares what the captures of captures/ are told as with the lines expected of them: `npm run golden`,
 * which exits with 1 where one differs. With `--update` it writes the expected lines anew instead.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  difference,
  expectedPath,
  goldenCaptures,
  orphans,
  replayCapture,
  ROOT,
} from '../test/golden/replay.ts';

async function golden(update: boolean): Promise<boolean> {
  let same = true;
  for (const capture of goldenCaptures()) {
    const { lines, result } = await replayCapture(capture);
    for (const failure of result.counters?.failures ?? []) {
      same = false;
      say(`${capture}: a bug of ours: ${failure}`);
    }
    const path = join(ROOT, expectedPath(capture));
    const expected = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : undefined;
    const found = expected === undefined ? 'has no expected lines yet' : difference(expected, lines);
    if (found === undefined) continue;
    say(`${capture}: ${update ? `written, ${lines.length} lines; ` : ''}${found}`);
    if (update) writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    else same = false;
  }
  for (const path of orphans()) {
    say(`${path}: ${update ? 'removed, ' : ''}its capture is gone`);
    if (update) rmSync(join(ROOT, path));
    else same = false;
  }
  return same;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const unknown = process.argv.slice(2).filter((arg) => arg !== '--update');
if (unknown.length > 0) {
  process.stderr.write(`golden: ${unknown.join(' ')}: not known; usage: npm run golden [-- --update]\n`);
  process.exitCode = 2;
} else {
  process.exitCode = (await golden(process.argv.includes('--update'))) ? 0 : 1;
}
