/**
 * Builds dist/ from the sources: type stripping by tsc, no type check (`npm run check` does that).
 * The new tree is made beside the old one and takes its place at the end, so that a program that
 * runs from dist/ never finds it half there.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const made = join(root, `dist.${process.pid}.new`);
const old = join(root, `dist.${process.pid}.old`);
const dist = join(root, 'dist');
try {
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', made], {
    stdio: 'inherit',
    cwd: root,
  });
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(made, dist);
} finally {
  rmSync(made, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
