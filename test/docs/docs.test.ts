import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../src/cli/config/config-file.ts';
import { replayCommand } from '../../src/cli/replay.ts';
import { sniffCommand } from '../../src/cli/sniff.ts';
import { parsePolicy } from '../../src/classify/policy-file.ts';
import { protocols } from '../../protocols/index.ts';

const root = process.cwd();
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'captures/README.md', 'test/bench/README.md']
  .concat(
    readdirSync('docs')
      .filter((f) => f.endsWith('.md'))
      .map((f) => `docs/${f}`),
  )
  .concat(readdirSync('docs/adr').map((f) => `docs/adr/${f}`));

test('the pages that are made from the code are current', () => {
  const run = spawnSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'scripts/docs.ts', '--check'], {
    encoding: 'utf8',
    cwd: root,
  });
  expect(`${run.stdout}${run.stderr}`).toBe('');
  expect(run.status).toBe(0);
}, 60_000);

describe.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8');

  test('links to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((m) => m[1] ?? '');
    const missing = links.filter((link) => !existsSync(normalize(join(dirname(page), link))));
    expect(missing).toEqual([]);
  });

  test('its policies load', async () => {
    for (const [, yaml] of text.matchAll(/```yaml\n([\s\S]*?)```/g)) {
      // A configuration file has these sections; all else is a policy.
      const load = /^(all|sniff|replay):/m.test(yaml ?? '')
        ? parseConfig(yaml ?? '', page, { sniff: sniffCommand(), replay: replayCommand() })
        : parsePolicy(yaml ?? '', page);
      await expect(load).resolves.toBeDefined();
    }
  });
});

test('every protocol has its README', () => {
  const folders = readdirSync('protocols').filter((f) => statSync(join('protocols', f)).isDirectory());
  expect(folders.filter((f) => !existsSync(join('protocols', f, 'README.md')))).toEqual([]);
  // What is spoken over TCP and UDP is one folder.
  expect(folders.sort()).toEqual([...new Set(protocols.map((p) => String(p.name)))].sort());
});

test('anomaly codes are the protocol’s own, and no two are the same', () => {
  const codes = protocols.flatMap((p) => Object.keys(p.anomalies));
  expect(new Set(codes).size).toBe(codes.length);
  for (const p of protocols) {
    expect(
      Object.keys(p.anomalies).filter((code) => !code.startsWith(`${p.name.replaceAll('-', '_')}_`)),
    ).toEqual([]);
  }
});
