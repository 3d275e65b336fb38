import { Command } from 'commander';
import { Archive } from '../archive/archive.ts';
import { compact } from '../archive/lake.ts';
import { neutralise } from '../sink/neutralise.ts';

export { isLake, searchLake } from '../archive/lake.ts';

/** `imspan archive compact`. */
export function compactCommand(): Command {
  return new Command('compact')
    .description('make Parquet files (ARCHIVE/lake) of what is sealed, by day and sensor; takes DuckDB')
    .argument('<folder>', 'the archive')
    .option('--keys <folder>', 'its keys, where they are not where it was made')
    .action(async (folder: string, { keys }: { keys?: string }) => {
      const archive = Archive.open(folder, keys);
      archive.logAccess('compact');
      const began = performance.now();
      const { segments, events, files } = await compact(archive, (line) => {
        process.stderr.write(`imspan: ${neutralise(line, 500)}\n`);
      });
      const rate = events / Math.max(0.001, (performance.now() - began) / 1_000);
      process.stdout.write(
        `${segments} segments, ${events} events into ${files} files (${Math.round(rate)} events/s)\n`,
      );
    });
}
