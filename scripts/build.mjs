/**
 * Builds dist/ from the sources (docs/adr/0009-few-files-to-start.md): `main.js`, the command line; `share.js`, a
 * worker thread's program; and what both have in common. Types are stripped, not checked (`npm run check` does that);
 * names stay as they are, so that a stack trace can be read.
 * The new tree is made beside the old one and takes its place at the end, so that a program that
 * runs from dist/ never finds it half there.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { rollup } from 'rollup';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const made = join(root, `dist.${process.pid}.new`);
const old = join(root, `dist.${process.pid}.old`);
const dist = join(root, 'dist');

/** One file at a time: the sources are written so that types can be taken out without knowing the others. */
const stripTypes = {
  name: 'strip-types',
  async transform(code) {
    const options = {
      loader: 'ts',
      target: 'es2023',
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    };
    return { code: (await transform(code, options)).code, map: null };
  },
};

try {
  const bundle = await rollup({
    input: { main: join(root, 'src/cli/main.ts'), share: join(root, 'src/app/share.ts') },
    // Node's own modules, and libraries: they are found where npm has put them.
    external: /^[^./]/,
    plugins: [stripTypes],
  });
  await bundle.write({ dir: made, format: 'esm', generatedCode: 'es2015', chunkFileNames: 'common.js' });
  await bundle.close();
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(made, dist);
} finally {
  rmSync(made, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
