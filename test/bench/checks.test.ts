import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgements } from './checks.ts';

test('the policies of the bench are ones that imspan takes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-'));
  try {
    const { none, every } = judgements(folder, { rules: 8, names: 8, hashes: 8, domains: 8 });
    for (const [, path = ''] of [none, every, judgements(folder).rules]) {
      const { status, stderr } = spawnSync(process.execPath, ['bin/imspan.js', 'policy', 'check', path]);
      expect([status, String(stderr)]).toEqual([0, '']);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
