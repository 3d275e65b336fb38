/**
 * `tsx scripts/apps.ts FOLDER`: which messengers of today imspan and ndpiReader find in captures that have nDPI's labels
 * beside them (`*.ndpi.txt`), as a table. The labels are of whole flows; what is compared is which messengers a capture
 * has. Exits with 1 where imspan misses one that the labels name.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { APPS } from '../src/core/apps.ts';
import { ROOT } from '../test/golden/replay.ts';
import { ALIKE, MAKERS, ndpi } from '../test/support/ndpi.ts';

/** Why imspan names a messenger: the surest use of it, and what showed it. */
function imspan(path: string): Map<string, string> {
  const run = spawnSync('node', [join(ROOT, 'bin/imspan.js'), 'replay', path, '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const found = new Map<string, string>();
  for (const line of run.stdout.split('\n')) {
    if (!line.includes('"state":"ended"')) continue;
    const { im } = JSON.parse(line) as { im: { service: string; confidence: string; evidence: string[] } };
    const source = im.evidence.find((one) => /\(.*\)/.test(one)) ?? '';
    if (APPS.has(im.service) && (!found.has(im.service) || im.confidence === 'high'))
      found.set(
        im.service,
        `${im.confidence}: ${/\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/.exec(source)?.[1] ?? source}`,
      );
  }
  return found;
}

function captures(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => /\.pcap(?:ng)?$/.test(path) && existsSync(`${path}.ndpi.txt`))
    .sort();
}

function main(folder: string): number {
  let missed = 0;
  let invented = 0;
  const total = { named: 0, ours: 0, theirs: 0 };
  process.stdout.write(
    '| capture | labels | imspan | ndpiReader | independent source of ours |\n| --- | --- | --- | --- | --- |\n',
  );
  for (const path of captures(folder)) {
    const labels = ndpi(readFileSync(`${path}.ndpi.txt`, 'utf8'));
    const here = spawnSync('ndpiReader', ['-v', '2', '-i', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const theirs = here.error ? undefined : ndpi(here.stdout);
    const ours = imspan(path);
    const has = (app: string, in_: ReadonlySet<string> | Map<string, string>): boolean =>
      in_.has(app) || in_.has(ALIKE.get(app) ?? app);
    const lost = [...labels.apps].filter((app) => !has(app, ours));
    const extra = [...ours.keys()].filter(
      (app) => !has(app, labels.apps) && !MAKERS.get(app)?.test(labels.words),
    );
    missed += lost.length;
    invented += extra.length;
    total.named += labels.apps.size;
    total.ours += [...labels.apps].filter((app) => has(app, ours)).length;
    total.theirs += [...labels.apps].filter((app) => theirs && has(app, theirs.apps)).length;
    const list = (apps: Iterable<string>): string => [...apps].sort().join(', ') || '-';
    const why = [...ours].map(([app, reason]) => `${app} ${reason}`).join('; ');
    process.stdout.write(
      `| ${basename(path)} | ${list(labels.apps)} | ${list(ours.keys())}${lost.length > 0 ? ` (missed ${list(lost)})` : ''}${extra.length > 0 ? ` (beyond the labels ${list(extra)})` : ''} | ${theirs ? list(theirs.apps) : 'not here'} | ${why} |\n`,
    );
  }
  process.stdout.write(
    `\nOf ${total.named} messengers that the labels name imspan finds ${total.ours}, ndpiReader here ${total.theirs}; imspan names ${invented} that the labels do not.\n`,
  );
  return missed > 0 ? 1 : 0;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('usage: tsx scripts/apps.ts FOLDER\n');
  process.exitCode = 2;
} else process.exitCode = main(folder);
