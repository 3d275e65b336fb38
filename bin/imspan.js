#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// Optimising compiles are the larger part of a short run's processor time. Fewer and smaller ones, a little
// later, take a fifth off a gigabyte's replay and leave the pace of long runs as it is (npm run bench).
setFlagsFromString('--interrupt-budget=600000');
setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await (await import(main.href)).main(process.argv);
} else {
  process.stderr.write('imspan: not built; run `npm ci` (or `npm run build`) in its folder first\n');
  process.exitCode = 2;
}
