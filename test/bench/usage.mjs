/**
 * Where GNU time is missing: `node --import ./test/bench/usage.mjs ...` writes what the process used
 * into the file that BENCH_USAGE names, when it ends.
 */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const line = `${userCPUTime / 1e6} ${systemCPUTime / 1e6} ${maxRSS}\n`;
  if (process.env.BENCH_USAGE !== undefined) writeFileSync(process.env.BENCH_USAGE, line);
});
