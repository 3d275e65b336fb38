import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { packetCount, recordOffsets, slicePackets } from './cut.ts';
import { eventsOf, finished, imspan, PATIENCE, ROOT, Scratch, startImspan, withoutPlace } from './program.ts';
import type { Run, Written } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const CAPTURE = 'captures/yahoo/conference-ymsg12.pcap';
const bytes = readFileSync(join(ROOT, CAPTURE));
const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

/** The lines of standard error that are the program's own complaints. */
function complaints(run: Run): string[] {
  return run.stderr.split('\n').filter((line) => line.startsWith('imspan: '));
}

/** The lines that tell of the capture that is as it should be. */
function ofCapture(run: Run): string[] {
  return run.stdout.split('\n').filter((line) => line.includes(`"pcap_filename":"${CAPTURE}"`));
}

describe('files that cannot be read', () => {
  const path = {
    missing: scratch.file('missing.pcap'),
    empty: scratch.file('empty.pcap'),
    foreign: scratch.file('foreign.pcap'),
    circle: scratch.file('circle.pcap'),
    barren: scratch.file('barren'),
  };
  let run: Run;
  let alone: Run;

  beforeAll(() => {
    writeFileSync(path.empty, '');
    writeFileSync(path.foreign, 'Date,Amount\n2005-03-08,12.50\n'.repeat(50));
    symlinkSync(path.circle, path.circle);
    mkdirSync(path.barren);
    writeFileSync(join(path.barren, 'notes.txt'), 'no capture');
    run = imspan([
      'replay',
      '--json',
      path.missing,
      path.empty,
      CAPTURE,
      path.foreign,
      path.circle,
      path.barren,
    ]);
    alone = imspan(['replay', '--json', CAPTURE]);
  });

  test('the others are still read, and the exit code is 3', () => {
    expect(run.status).toBe(3);
    expect(alone.status).toBe(0);
    expect(ofCapture(run)).toEqual(ofCapture(alone));
    expect(ofCapture(alone).length).toBeGreaterThan(50);
  });

  test('one clear line each', () => {
    const told = complaints(run);
    const of = (file: string): string[] => told.filter((line) => line.startsWith(`imspan: ${file}: `));
    expect(told).toHaveLength(5);
    expect(of(path.missing)).toEqual([expect.stringMatching(/no such file/)]);
    expect(of(path.empty)).toEqual([expect.stringMatching(/empty/)]);
    expect(of(path.foreign)).toEqual([expect.stringMatching(/not? .*capture/)]);
    expect(of(path.circle)).toEqual([expect.stringMatching(/circle/)]);
    expect(of(path.barren)).toEqual([expect.stringMatching(/holds no capture/)]);
    expect(run.stderr).not.toMatch(/^ +at /m);
  });

  test('the summary says so too', () => {
    const unseen = run.stderr.slice(run.stderr.indexOf('What could not be seen'));
    for (const file of Object.values(path)) expect(unseen).toContain(file);
  });

  const asUser = process.getuid?.() === 0 ? test.skip : test;
  asUser('no permission (skipped for root, who may read everything)', () => {
    const locked = scratch.file('locked.pcap');
    writeFileSync(locked, bytes);
    chmodSync(locked, 0);
    const refused = imspan(['replay', '--json', locked, CAPTURE]);
    expect(refused.status).toBe(3);
    expect(complaints(refused)).toEqual([`imspan: ${locked}: permission denied`]);
    expect(ofCapture(refused)).toEqual(ofCapture(alone));
  });
});

describe('a file cut in mid-packet', () => {
  test('everything before the cut is told, and where it is', () => {
    const packets = Math.floor(packetCount(bytes) / 2);
    const whole = recordOffsets(bytes)[packets] ?? 0;
    const cut = scratch.file('cut.pcap');
    const until = scratch.file('until.pcap');
    writeFileSync(cut, bytes.subarray(0, whole + 16 + 20));
    writeFileSync(until, slicePackets(bytes, 0, packets));
    const broken = imspan(['replay', '--json', cut]);
    const clean = imspan(['replay', '--json', until]);
    expect(clean.status).toBe(0);
    expect(eventsOf(clean.stdout).length).toBeGreaterThan(20);
    expect(withoutPlace(eventsOf(broken.stdout))).toEqual(withoutPlace(eventsOf(clean.stdout)));
    expect(broken.status).toBe(3);
    const told = `${cut}: cut short in packet ${packets + 1} at byte ${whole}`;
    expect(complaints(broken)).toEqual([`imspan: ${told}`]);
    expect(broken.stderr.split('\n')).toContain(`  ${told}`);
  });
});

describe('a folder', () => {
  test('is read with all below it; what is no capture is skipped and counted', () => {
    const folder = scratch.file('tap');
    mkdirSync(join(folder, '2005', '03'), { recursive: true });
    writeFileSync(join(folder, '2005', '03', 'b'), bytes);
    writeFileSync(join(folder, 'a.pcap'), bytes);
    writeFileSync(join(folder, 'notes.pcap'), 'not a capture, whatever its name says');
    writeFileSync(join(folder, '2005', 'list.csv'), 'a,b\n');
    const run = imspan(['replay', '--json', folder]);
    const files = eventsOf(run.stdout).map((event) => event.pcap_filename);
    expect(run.status).toBe(0);
    expect([...new Set(files)]).toEqual([join(folder, '2005', '03', 'b'), join(folder, 'a.pcap')]);
    expect(run.stderr).toContain('2 files in the folders are no captures and were skipped');
  });
});

describe('standard input as a live pipe', () => {
  test('events appear as packets arrive', async () => {
    const child = startImspan(['replay', '--json', '-']);
    const run = finished(child);
    const offsets = recordOffsets(bytes);
    // The first sign-on and what it is answered are in the first packets; the conference is not.
    const part = offsets[20] ?? 0;
    const first = new Promise<string>((resolve) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('\n')) resolve(text);
      });
    });
    child.stdin.write(bytes.subarray(0, part));
    const early = await first;
    expect(early).toContain('"event_type":"im"');
    expect(early).not.toContain('"kind":"room"');
    child.stdin.end(bytes.subarray(part));
    const { status, stdout } = await run;
    expect(status).toBe(0);
    expect(stdout.startsWith(early)).toBe(true);
    const told: Written[] = eventsOf(stdout);
    expect(told.some((event) => event.im?.kind === 'room')).toBe(true);
    expect(told.at(-1)?.event_type).toBe('stats');
  });
});
