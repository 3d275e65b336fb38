/**
 * `npm run package [-- FOLDER]`: builds, packs twice and compares (the same sources give the same bytes), and writes
 * beside the package its checksum and its bill of materials (CycloneDX). Exit code 1 where the two packages differ.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stableSbom } from './sbom.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Of all times in what is made, where the environment names none: npm's own choice for the files of a package. */
const NPM_EPOCH = 499_162_500;

function npm(...args: string[]): string {
  return execFileSync('npm', args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Builds from nothing and packs; the package's path. */
function pack(folder: string): string {
  npm('run', 'build', '--silent');
  npm('pack', '--ignore-scripts', '--pack-destination', folder);
  const [name] = readdirSync(folder);
  if (name === undefined) throw new Error('npm has packed nothing');
  return join(folder, name);
}

function main(target: string): number {
  mkdirSync(target, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'imspan-pack-'));
  try {
    const [first, second] = ['a', 'b'].map((name) => {
      mkdirSync(join(work, name));
      return pack(join(work, name));
    });
    if (first === undefined || second === undefined) throw new Error('npm has packed nothing');
    const sums = [first, second].map((path) => sha256(readFileSync(path)));
    if (sums[0] !== sums[1]) {
      process.stderr.write(`the two packages differ: ${sums.join(' ')}\n`);
      return 1;
    }
    const name = first.slice(dirname(first).length + 1);
    writeFileSync(join(target, name), readFileSync(first));
    const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? NPM_EPOCH);
    const sbom = stableSbom(
      npm(
        'sbom',
        '--sbom-format',
        'cyclonedx',
        '--sbom-type',
        'application',
        '--omit',
        'dev',
        '--omit',
        'optional',
        '--package-lock-only',
      ),
      epoch,
    );
    const part = join(target, 'imspan.cdx.json.part');
    writeFileSync(part, sbom);
    renameSync(part, join(target, 'imspan.cdx.json'));
    const lines = [`${sums[0]}  ${name}`, `${sha256(Buffer.from(sbom))}  imspan.cdx.json`];
    writeFileSync(join(target, 'SHA256SUMS'), `${lines.join('\n')}\n`);
    process.stdout.write(`packed twice, the same bytes\n${lines.join('\n')}\n`);
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

process.exitCode = main(process.argv[2] ?? join(ROOT, 'dist.package'));
