/**
 * Kills a writer at random moments: `npm run test:kill -- [times]` (100). After each the archive must be whole, with all
 * events that were written, and the next writer goes on in it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Archive } from '../../src/archive/archive.ts';
import { search } from '../../src/archive/search.ts';
import { verifyArchive } from '../../src/archive/verify.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** A small generator of numbers, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Starts a writer that begins with number `from`, kills it once it told of `events` and `micros` more; the last number that it told. */
function runAndKill(folder: string, from: number, events: number, micros: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(here, 'victim.ts'), folder, String(from)], {
    cwd: dirname(dirname(here)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  let killing = false;
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (killing || out.split('\n').length <= events) return;
    killing = true;
    setTimeout(() => child.kill('SIGKILL'), micros / 1_000);
  });
  return new Promise((resolve, reject) => {
    child.on('close', () => {
      const last = Number(out.split('\n').slice(0, -1).at(-1));
      if (killing) resolve(last);
      else reject(new Error(`the writer ended by itself: ${err}`));
    });
  });
}

/** Kills so many writers one after the other; what was wrong after any of them. */
export async function killWriters(
  times: number,
  seed: number,
): Promise<{ problems: string[]; events: number }> {
  const scratch = mkdtempSync(join(tmpdir(), 'imspan-kill-'));
  const folder = join(scratch, 'arc');
  const next = random(seed);
  const problems: string[] = [];
  let written = 0;
  try {
    const archive = Archive.init(folder, { purpose: 'killing' });
    for (let round = 1; round <= times; round++) {
      const last = await runAndKill(folder, written, 1 + Math.floor(next() * 600), next() * 20_000);
      const there: number[] = [];
      await search([folder], { network: 'xmpp' }, {}, ({ im }) => there.push(parseInt(im?.id ?? '', 16)));
      // One may have been written and not yet told of.
      const complete =
        there.every((n, i) => n === i) && there.length - 1 >= last && there.length - 1 <= last + 1;
      if (!complete)
        problems.push(`round ${round}: ${there.length} events are there, ${last + 1} were written`);
      const report = await verifyArchive(archive);
      problems.push(...report.problems.map((problem) => `round ${round}: ${problem}`));
      written = there.length;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return { problems, events: written };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const times = Number(process.argv[2] ?? 100);
  const { problems, events } = await killWriters(times, 13);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(`killed ${times} times, ${events} events, ${problems.length} problems\n`);
  if (problems.length > 0) process.exitCode = 1;
}
