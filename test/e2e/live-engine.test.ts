/**
 * Live runs on an engine of our own making in tcpdump's place: what it captures, and how it ends, is then known.
 * Nothing is captured, so they run without root.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { commandOf, environment, eventsOf, finished, PATIENCE, ROOT, Scratch } from './program.ts';
import type { Run } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});
let made = 0;

/** A folder with a `tcpdump` that does this, in sh, once it is asked to capture; `done_` says that it is so far. */
function engine(body: string): string {
  const folder = scratch.file(`engine${made++}`);
  mkdirSync(folder);
  const script = `#!/bin/sh
case "$1" in --version) echo 'tcpdump version 4.99.3'; exit 0;; esac
trap '' USR1 USR2
done_() { : > '${folder}/done'; }
${body}
`;
  writeFileSync(join(folder, 'tcpdump'), script, { mode: 0o755 });
  return folder;
}

const UP = `echo "tcpdump: listening on lo, link-type EN10MB" >&2`;

/** Resolves once the engine is so far. */
async function isDone(folder: string): Promise<void> {
  while (!existsSync(join(folder, 'done'))) await sleep(20);
}

interface Sniffing {
  readonly child: ReturnType<typeof spawn>;
  readonly end: Promise<Run>;
}

function sniff(folder: string, args: readonly string[]): Sniffing {
  const [command, all] = commandOf(['sniff', '-i', 'lo', '--engine', 'tcpdump', ...args]);
  const env = { ...environment(), PATH: `${folder}:${process.env.PATH ?? ''}` };
  const child = spawn(command, all, { cwd: ROOT, env, stdio: 'pipe' });
  return { child, end: finished(child) };
}

/** Resolves once standard error has said it. */
function said({ child }: Sniffing, what: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (what.test(text)) resolve();
    });
    child.on('close', () => reject(new Error(`it ended without: ${String(what)}\n${text}`)));
  });
}

const CAPTURES = [
  'captures/msn/multichat-msnp9.pcap',
  'captures/xmpp/loss-reorder.pcap',
  'captures/oscar/icq-udp-v2.pcap',
  'captures/yahoo/basic-ymsg12.pcap',
];

describe('the events are the same byte for byte with one, two and eight workers, live', () => {
  test.each(CAPTURES)('%s', async (capture) => {
    // In pieces with pauses, so that spans end anywhere.
    const path = join(ROOT, capture);
    const piece = (statSync(path).size >> 2) | 1;
    const parts = [1, 2, 3].map((n) => `head -c ${n * piece} '${path}' | tail -c ${piece}; sleep 0.1`);
    const whole = `${parts.join('\n')}\ntail -c +${3 * piece + 1} '${path}'`;
    const runs: Run[] = [];
    for (const workers of ['1', '2', '8']) {
      const folder = engine(`${UP}\n${whole}\ndone_\nexec sleep 100`);
      const { child, end } = sniff(folder, [
        '--json',
        '--flows',
        'all',
        '--workers',
        workers,
        '--stats',
        '0',
      ]);
      await isDone(folder);
      child.kill('SIGINT');
      runs.push(await end);
    }
    const [one, two, eight] = runs;
    expect(runs.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(eventsOf(one?.stdout ?? '').length).toBeGreaterThan(5);
    expect(one?.stdout).toContain('"event_type":"stats"');
    expect(two?.stdout).toBe(one?.stdout);
    expect(eight?.stdout).toBe(one?.stdout);
    expect(two?.stderr).toContain('What was seen');
  });

  test('also what silence ends, and counters on the way', async () => {
    const folder = engine(`${UP}\ncat '${join(ROOT, CAPTURES[0] ?? '')}'\nexec sleep 100`);
    const args = ['--json', '--flows', 'all', '--stats', '2', '--duration', '10'];
    const limits = ['timeout_im', 'timeout_other', 'conversation_quiet', 'timeout_closed'].flatMap((name) => [
      '--limit',
      `${name}=2`,
    ]);
    const [one, three] = await Promise.all(
      ['1', '3'].map((workers) => sniff(folder, [...args, ...limits, '--workers', workers]).end),
    );
    const kinds = (run: Run | undefined): string[] =>
      eventsOf(run?.stdout ?? '').map(({ event_type }) => event_type);
    const told = (run: Run | undefined): unknown[] =>
      eventsOf(run?.stdout ?? '').filter(({ event_type }) => event_type !== 'stats');
    // Told while it ran: events of counters come between and behind them.
    expect(kinds(three).filter((kind) => kind === 'stats').length).toBeGreaterThan(2);
    expect(kinds(three).slice(0, -5)).toContain('flow');
    expect(JSON.stringify(told(one))).toContain('"reason":"timeout"');
    expect(told(three)).toEqual(told(one));
  });

  test('with an output that nobody reads for a while, nothing is lost and nothing grows', async () => {
    const capture = join(ROOT, CAPTURES[0] ?? '');
    // The same packets again and again: duplicates for the dissectors, work for the ring.
    const folder = engine(
      `${UP}\nhead -c 24 '${capture}'\nfor i in $(seq 400); do tail -c +25 '${capture}'; done\ndone_\nexec sleep 100`,
    );
    const run = sniff(folder, ['--json', '--workers', '2', '--limit', 'live_queue=1']);
    run.child.stdout?.pause();
    await said(run, /packets are arriving/);
    await sleep(2_000);
    run.child.stdout?.resume();
    await isDone(folder);
    run.child.kill('SIGINT');
    const { stdout, status } = await run.end;
    expect(status).toBe(0);
    const stats = eventsOf(stdout).at(-1);
    const frames = 400 * 357;
    expect(stats?.stats?.['decoder']).toMatchObject({ pkts: frames });
    expect(JSON.stringify(stats)).not.toContain('queue_drops');
  });
});

describe.each(['1', '2'])('an engine that misbehaves, %s workers', (workers) => {
  test('ends before it captures: the start fails, with its words', async () => {
    const folder = engine(`echo 'tcpdump: lo: the moon is full' >&2; exit 1`);
    const { status, stderr } = await sniff(folder, ['--workers', workers]).end;
    expect(status).toBe(3);
    expect(stderr).toContain('imspan: lo: tcpdump cannot capture: lo: the moon is full');
  });

  test('may not capture: the command that permits it is told', async () => {
    const folder = engine(
      `echo "tcpdump: lo: You don't have permission to perform this capture on that device" >&2; exit 1`,
    );
    const { status, stderr } = await sniff(folder, ['--workers', workers]).end;
    expect(status).toBe(3);
    expect(stderr).toContain('sudo setcap cap_net_raw,cap_net_admin=eip');
  });

  test('dies in the middle of a packet: told, begun again, what came is kept', async () => {
    const capture = join(ROOT, CAPTURES[3] ?? '');
    const mark = scratch.file(`died${workers}`);
    const folder = engine(
      `${UP}\nif [ -e '${mark}' ]; then cat '${capture}'; done_; exec sleep 100; fi\n: > '${mark}'\nhead -c 3001 '${capture}'\nkill -SEGV $$`,
    );
    const run = sniff(folder, ['--json', '--workers', workers]);
    await said(
      run,
      /lo: capture ended \(it ended with SIGSEGV\); trying again in 1 s[^]*lo: capturing again/,
    );
    await isDone(folder);
    run.child.kill('SIGINT');
    const { status, stdout, stderr } = await run.end;
    expect(status).toBe(0);
    expect(stdout).toContain('alice_y');
    expect(stdout).toContain('"restarts":1');
    expect(stderr).toContain('lo: capture had to begin again 1 time; nothing was seen between');
  });

  test('writes what is no capture: told, tried again', async () => {
    const folder = engine(`${UP}\nyes garbage | head -c 100000`);
    const run = sniff(folder, ['--quiet', '--workers', workers]);
    await said(run, /lo: capture ended \(.*\); trying again in 1 s[^]*trying again in 2 s/);
    run.child.kill('SIGINT');
    const { status, stdout } = await run.end;
    expect(status).toBe(0);
    expect(stdout).toContain('lo: not one packet was seen');
  });

  test('says a million bytes without a line end, and control characters: bounded and neutralised', async () => {
    const folder = engine(
      `head -c 1000000 /dev/zero | tr '\\0' A >&2; printf '\\033[2J\\nbroken\\033[31m\\n' >&2; exit 1`,
    );
    const { status, stderr } = await sniff(folder, ['--workers', workers]).end;
    expect(status).toBe(3);
    expect(stderr.length).toBeLessThan(20_000);
    expect(stderr).not.toContain('\u001b');
  });

  test('hangs and does not heed that it shall end: it is ended', async () => {
    const folder = engine(`trap '' TERM INT\n${UP}\ndone_\nwhile :; do sleep 1; done`);
    const run = sniff(folder, ['--quiet', '--workers', workers]);
    await isDone(folder);
    const began = performance.now();
    run.child.kill('SIGINT');
    const { status, stdout } = await run.end;
    expect(status).toBe(0);
    expect(stdout).toContain('lo: not one packet was seen');
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('hangs, and a second signal ends the run at once, without a summary', async () => {
    const folder = engine(`trap '' TERM INT\n${UP}\ndone_\nwhile :; do sleep 1; done`);
    const run = sniff(folder, ['--quiet', '--workers', workers]);
    await isDone(folder);
    run.child.kill('SIGINT');
    await sleep(300);
    run.child.kill('SIGINT');
    const { status, stdout } = await run.end;
    expect(status).toBe(3);
    expect(stdout).not.toContain('What was seen');
  });
});

test('counters of the kernel are told, dropped packets among them', async () => {
  const capture = join(ROOT, CAPTURES[3] ?? '');
  const folder = engine(
    `trap 'printf "95 packets captured\\n120 packets received by filter\\n25 packets dropped by kernel\\n" >&2; exit 0' TERM\n${UP}\ncat '${capture}'\nwhile :; do sleep 0.1; done`,
  );
  const run = sniff(folder, ['--json', '--workers', '2']);
  await said(run, /packets are arriving/);
  run.child.kill('SIGTERM');
  const { stdout, stderr } = await run.end;
  expect(eventsOf(stdout).at(-1)?.stats?.['capture']).toEqual({ kernel_packets: 120, kernel_drops: 25 });
  expect(stderr).toContain('lo: the kernel dropped 25 packets of 120');
});

test('a capture whose readers have gone ends by itself', async () => {
  const capture = readFileSync(join(ROOT, CAPTURES[0] ?? ''));
  const path = scratch.write(
    'many.pcap',
    Buffer.concat([capture, ...Array<Buffer>(50).fill(capture.subarray(24))]),
  );
  const folder = engine(`${UP}\ncat '${path}'\nexec sleep 100`);
  const run = sniff(folder, ['--json', '--workers', '2']);
  await said(run, /tcpdump on lo/);
  run.child.stdout?.destroy();
  expect((await run.end).status).not.toBeNull();
});
