import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { imEvent } from '../../classify/build.ts';
import type { EveEvent } from '../../event/eve.ts';
import { clamdScan, commandScan } from './engine.ts';
import type { Scan } from './engine.ts';
import { Scanner } from './scanner.ts';

const BAD = 'a'.repeat(64);
const GOOD = 'b'.repeat(64);
let folder = '';
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scan-'));
  writeFileSync(join(folder, `${BAD}.bin`), Buffer.alloc(200_000, 'evil'));
  writeFileSync(join(folder, `${GOOD}.bin`), 'good');
});

afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

function kept(sha256: string): EveEvent {
  const im = imEvent({ from: 'a', to: ['b'], file: { id: sha256 } }, 7);
  return { ...im, event_type: 'fileinfo', fileinfo: { stored: true, sha256 } };
}

/** A clamd of our own, which answers `FOUND` to what has `evil` in it; `answer` false: it hangs. */
async function fakeClamd(answer = true): Promise<string> {
  const path = join(folder, 'clamd.sock');
  server = createServer((socket: Socket) => {
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      const content = contentOf(bytes);
      if (content === undefined || !answer) return;
      socket.end(content.includes('evil') ? 'stream: Test.Evil FOUND\0' : 'stream: OK\0');
    });
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return path;
}

/** What was sent, once its last chunk (of no bytes) is there. */
function contentOf(bytes: Buffer): string | undefined {
  expect(bytes.subarray(0, 10).toString()).toBe('zINSTREAM\0'.slice(0, bytes.length));
  let at = 10;
  let content = '';
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    if (length === 0) return content;
    content += bytes.subarray(at + 4, at + 4 + length).toString();
    at += 4 + length;
  }
  return undefined;
}

function scannerOf(
  scan: Scan,
  set: { timeout?: number; patience?: number; queue?: number } = {},
): [Scanner, EveEvent[]] {
  const alerts: EveEvent[] = [];
  return [new Scanner({ folder, scan, tell: (alert) => alerts.push(alert), hold: true, ...set }), alerts];
}

test('what clamd finds is an alert with the time of the file; a clean file is none', async () => {
  const [scanner, alerts] = scannerOf(clamdScan(await fakeClamd()));
  for (const sha256 of [GOOD, BAD, BAD]) scanner.write(kept(sha256));
  expect(scanner.drained()).toBeUndefined();
  await scanner.close();
  expect(alerts.map((alert) => alert.alert?.metadata['evidence']?.[0])).toEqual([
    'scanner: Test.Evil',
    'scanner: Test.Evil',
  ]);
  expect(alerts[0]).toMatchObject({ timestamp: kept(BAD).timestamp, alert: { signature_id: 9_000_155 } });
  expect(scanner.found).toBe(2);
});

test('a scanner that hangs or is away costs nobody time, and is told of', async () => {
  const [hanging] = scannerOf(clamdScan(await fakeClamd(false)), { timeout: 100 });
  const start = performance.now();
  for (let i = 0; i < 50; i++) hanging.write(kept(GOOD));
  expect(performance.now() - start).toBeLessThan(1_000);
  await expect(hanging.close()).rejects.toThrow('50 files were not scanned: no answer in time');
  expect(performance.now() - start).toBeLessThan(5_000);
  const [away] = scannerOf(clamdScan(join(folder, 'nobody.sock')));
  away.write(kept(GOOD));
  await expect(away.close()).rejects.toThrow('1 files were not scanned: connect ENOENT');
  const [full] = scannerOf(() => Promise.resolve(undefined), { queue: 2 });
  for (let i = 0; i < 5; i++) full.write(kept(GOOD));
  await expect(full.close()).rejects.toThrow('too many files wait');
});

test('a command is run without a shell, with a bound on time', async () => {
  const program = join(folder, 'scan.sh');
  writeFileSync(program, '#!/bin/sh\nif grep -q evil "$2"; then echo "Cmd.Evil"; exit 1; fi\nexit 0\n');
  chmodSync(program, 0o700);
  const [scanner, alerts] = scannerOf(commandScan(`${program} ;`));
  for (const sha256 of [GOOD, BAD]) scanner.write(kept(sha256));
  await scanner.close();
  expect(alerts.map((alert) => alert.alert?.metadata['evidence']?.[0])).toEqual(['scanner: Cmd.Evil']);
  writeFileSync(program, '#!/bin/sh\nsleep 30\n');
  const [slow] = scannerOf(commandScan(program), { patience: 200 });
  slow.write(kept(GOOD));
  await expect(slow.close()).rejects.toThrow('no answer in time');
  const [absent] = scannerOf(commandScan(join(folder, 'absent')));
  absent.write(kept(GOOD));
  await expect(absent.close()).rejects.toThrow('ENOENT');
});

const CLAMSCAN = ['/usr/bin/clamscan', '/usr/local/bin/clamscan'].find((path) => existsSync(path));
const real = CLAMSCAN === undefined ? test.skip : test;

real(
  'the engine of ClamAV itself, with a signature of our own (skipped where ClamAV is not installed)',
  async () => {
    const database = join(folder, 'own.ndb');
    writeFileSync(database, `Own.Test.Evil:0:*:${Buffer.from('evilevilevil').toString('hex')}\n`);
    expect(execFileSync(CLAMSCAN ?? '', ['--version']).toString()).toContain('ClamAV');
    const [scanner, alerts] = scannerOf(commandScan(`${CLAMSCAN ?? ''} --no-summary --database=${database}`));
    for (const sha256 of [GOOD, BAD]) scanner.write(kept(sha256));
    await scanner.close();
    expect(alerts[0]?.alert?.metadata['evidence']?.[0]).toContain('Own.Test.Evil');
    expect(alerts).toHaveLength(1);
  },
  60_000,
);
