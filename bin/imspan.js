#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// Optimising compiles are the larger part of a short run's processor time. Smaller ones take a part of that off and leave
// the pace of long runs as it is. Fewer and later ones do not pay: where all is IM, hundreds of functions would stay slow
// (npm run bench).
setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await (await import(main.href)).main(process.argv);
} else {
  process.stderr.write('imspan: not built; run `npm ci` (or `npm run build`) in its folder first\n');
  process.exitCode = 2;
}
