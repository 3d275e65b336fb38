/**
 * Measures the archive: `npm run bench:archive -- [events] [people] [mode]` writes so many made-up events (200,000, of
 * 5,000 people, mode metadata), checks, searches and, where DuckDB is there, compacts and searches the lake.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Archive } from '../../src/archive/archive.ts';
import { compact, searchLake } from '../../src/archive/lake.ts';
import { stateOf } from '../../src/archive/manifest.ts';
import { search } from '../../src/archive/search.ts';
import { verifyArchive } from '../../src/archive/verify.ts';
import { ArchiveWriter } from '../../src/archive/writer.ts';
import type { ArchiveMode } from '../../src/classify/policy/archive-modes.ts';
import { message } from '../archive/events.ts';

const [events = 200_000, people = 5_000] = process.argv.slice(2, 4).map(Number);
const mode = (process.argv[4] ?? 'metadata') as ArchiveMode;
const scratch = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'imspan-bench-archive-'));
const folder = join(scratch, 'arc');

/** Runs something; tells its time, and the processor time of the whole process beside. */
async function timed<T>(
  what: string,
  run: () => Promise<T>,
  rate: (seconds: number, result: T) => string,
): Promise<T> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const result = await run();
  const seconds = (performance.now() - began) / 1_000;
  const used = process.cpuUsage(cpu);
  const memory = Math.round(process.memoryUsage.rss() / 1_048_576);
  process.stdout.write(
    `${what}: ${seconds.toFixed(2)} s (processor ${((used.user + used.system) / 1e6).toFixed(2)} s, RSS ${memory} MiB), ${rate(seconds, result)}\n`,
  );
  return result;
}

const perSecond = (n: number, seconds: number): string =>
  `${Math.round(n / seconds).toLocaleString('en-US')}/s`;

try {
  const archive = Archive.init(folder, { purpose: 'measuring', sensor: 'bench' });
  await timed(
    `write ${events} events, ${people} people, ${mode}`,
    async () => {
      const writer = new ArchiveWriter(folder, {
        modes: { fallback: mode, groups: [] },
        tell: (line) => process.stderr.write(`${line}\n`),
      });
      for (let i = 0; i < events; i++) {
        writer.write(message(i, people));
        if (i % 256 === 0) await (writer.drained() ?? new Promise((resolve) => setImmediate(resolve)));
      }
      await writer.close();
    },
    (seconds) => perSecond(events, seconds),
  );
  const state = stateOf(archive.manifest.entries());
  const size = [...state.segments.values()].reduce((sum, segment) => sum + segment.size, 0);
  process.stdout.write(`${state.segments.size} segments, ${size} bytes compressed\n`);
  for (const quick of [false, true])
    await timed(
      `verify${quick ? ' --quick' : ''}`,
      () => verifyArchive(archive, { quick }),
      (seconds, { bytes, problems }) =>
        `${Math.round(bytes / 1e6 / seconds)} MB/s, problems: ${problems.length}`,
    );
  const name = `user${Math.floor(people / 2)}@example.org`;
  const searches = {
    'search by name': { names: [name] },
    'search by text': { text: `number ${events - 2} about` },
  };
  for (const [what, query] of Object.entries(searches))
    await timed(
      what,
      () => search([folder], query, {}, () => undefined),
      (_s, { found }) => `${found} found`,
    );
  await timed(
    'compact',
    () => compact(archive, () => undefined),
    (seconds) => perSecond(events, seconds),
  );
  for (const [what, query] of Object.entries(searches))
    await timed(
      `${what}, lake`,
      () => searchLake(join(folder, 'lake'), query, {}, () => undefined),
      (_s, { found }) => `${found} found`,
    );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
