#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await (await import(main.href)).main(process.argv);
} else {
  process.stderr.write('imspan: not built; run `npm ci` (or `npm run build`) in its folder first\n');
  process.exitCode = 2;
}
