/**
 * `npm run new-protocol NAME`: lays down a plug-in that works (a small line protocol, with its tests)
 * in protocols/NAME and registers it. Change it step by step into the protocol that you want.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function fail(message: string): never {
  process.stderr.write(`new-protocol: ${message}\n`);
  process.exit(2);
}

function main(name: string | undefined, root: string): void {
  if (name === undefined || !/^[a-z][a-z0-9]{1,15}$/.test(name)) {
    fail('give a name: lower-case letters and digits, beginning with a letter, 2 to 16 characters');
  }
  const folder = join(root, 'protocols', name);
  if (existsSync(folder)) fail(`protocols/${name} is there already`);
  const template = join(here, 'plugin-template');
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(template)) {
    const text = readFileSync(join(template, file), 'utf8')
      .replaceAll('Example', title)
      .replaceAll('example', name);
    writeFileSync(join(folder, file.replace('example', name)), text);
  }
  register(join(root, 'protocols', 'index.ts'), name);
  process.stdout.write(
    `protocols/${name} is there and registered. Try: npx jest protocols/${name} (see docs/ADDING-A-PROTOCOL.md)\n`,
  );
}

/** Adds the import and the entry to the registry, both in order of names. */
function register(path: string, name: string): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  const line = `import ${name} from './${name}/index.ts';`;
  const later = lines.findIndex((l) => /^import \w+ from '\.\/\w+\/index\.ts';$/.test(l) && l > line);
  const last = lines.findLastIndex((l) => l.startsWith('import '));
  lines.splice(later < 0 ? last + 1 : later, 0, line);
  const text = lines
    .join('\n')
    .replace(/\n?\s*,?\s*\];/, `, ${name}];`)
    .replace('[, ', '[');
  writeFileSync(path, text);
}

const [name, root] = process.argv.slice(2);
main(name, root ?? dirname(here));
