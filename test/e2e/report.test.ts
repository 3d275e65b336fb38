import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { imspan as run } from './program.ts';

const CAPTURE = 'captures/yahoo/basic-ymsg12.pcap';

/** The events of a capture as a log. */
function withLog(act: (folder: string, log: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-'));
  try {
    const log = join(folder, 'eve.json');
    writeFileSync(log, run(['replay', CAPTURE, '--json']).stdout);
    act(folder, log);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Told {
  sections: { figures: { id: string; value?: number }[] }[];
  coverage: { badLines: number; events: number };
}

describe('imspan report', () => {
  test('says of a log what the replay said of its capture, in every form', () => {
    withLog((folder, log) => {
      writeFileSync(log, `${readFileSync(log, 'utf8')}no event\n`);
      const out = (name: string): string => join(folder, name);
      const asked = [
        '--html',
        out('r.html'),
        '--markdown',
        out('r.md'),
        '--csv',
        out('r.csv'),
        '--json',
        out('r.json'),
      ];
      expect(run(['report', log, ...asked])).toMatchObject({ status: 0, stdout: '', stderr: '' });
      const told = JSON.parse(readFileSync(out('r.json'), 'utf8')) as Told;
      const figures = new Map(told.sections.flatMap((s) => s.figures).map(({ id, value }) => [id, value]));
      // README's sample of this capture.
      expect(figures.get('messages')).toBe(10);
      expect(figures.get('users')).toBe(2);
      expect(figures.get('findings')).toBe(2);
      expect(told.coverage.badLines).toBe(1);
      expect(readFileSync(out('r.html'), 'utf8')).toContain('<svg');
      expect(readFileSync(out('r.csv'), 'utf8')).toContain('Messages,10,messages');
      expect(readFileSync(out('r.md'), 'utf8')).toContain('| Messages | 10 |');
    });
  });

  test('reads a compressed log; says what is wrong in one line', () => {
    withLog((folder, log) => {
      const packed = join(folder, 'eve.json.gz');
      writeFileSync(packed, gzipSync(readFileSync(log)));
      expect(run(['report', packed]).stdout).toContain('| Messages | 10 |');
      writeFileSync(packed, 'no gzip');
      for (const [args, status, words] of [
        [[packed], 3, 'cannot read the events'],
        [[join(folder, 'none')], 3, 'ENOENT'],
        [[log, '--from', '1999-01-01', '--to', '1999-01-02'], 3, 'no events of this period'],
        [[log, '--from', 'yesterday'], 2, '--from'],
        [[log, '--time-zone', 'Mars/North'], 2, 'time zone'],
      ] as const) {
        const { status: code, stderr } = run(['report', ...args]);
        expect([code, stderr]).toEqual([status, expect.stringContaining(words)]);
        expect(stderr.trim().split('\n')).toHaveLength(1);
      }
    });
  });
});
