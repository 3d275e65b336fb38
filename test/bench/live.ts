/**
 * Live capture at full rate: a capture is sent by tcpreplay over a veth pair in network namespaces of its own, while
 * an engine of imspan and a plain `tcpdump -w /dev/null` listen to the same end. No packet leaves the namespaces.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EveEvent } from '../../src/event/eve.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/imspan.js', import.meta.url));
const ENV = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
const READY_MS = 60_000;
/** Seconds without another packet after which none is expected. */
const QUIET_SECONDS = 8;

/** What one engine made of one sending. */
export interface LiveResult {
  /** Packets sent, and packets a second. */
  readonly sent: number;
  readonly rate: number;
  /** Of them, packets that never came to `tcpdump -w /dev/null`, and to imspan. */
  readonly bareLost: number;
  readonly lost: number;
  /** Share of the replay's messages, sign-ons and presences that the live run told, and of its own that the replay told. */
  readonly told: number;
}

/** Why it cannot be run here; undefined where it can. */
export function whyNotLive(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  const missing = ['ip', 'tcpreplay', 'tcpdump'].find(
    (tool) => spawnSync(tool, ['--version'], { env: ENV }).error !== undefined,
  );
  return missing === undefined ? undefined : `no ${missing}`;
}

/** Sends `capture` once and tells what became of it. Throws where namespaces cannot be made. */
export async function sendLive(capture: string, engine: string): Promise<LiveResult> {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-bench-'));
  const [span, monitor] = [`imspan-b${process.pid}a`, `imspan-b${process.pid}b`];
  const within = (name: string, command: readonly string[]): [string, string[]] => [
    'ip',
    ['netns', 'exec', name, ...command],
  ];
  const start = (command: readonly string[]): ChildProcess =>
    spawn(...within(monitor, command), { env: ENV, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    lay(span, monitor);
    const live = join(folder, 'live.jsonl');
    const bare = start(['tcpdump', '-i', 'vb', '-n', '-B', '65536', '-w', '/dev/null']);
    const ours = start([
      ...[process.execPath, PROGRAM, 'sniff', '-i', 'vb', '--engine', engine],
      ...['--quiet', '--stats', '1', '--eve', live],
    ]);
    const bareSaid = hear(bare);
    const oursSaid = hear(ours);
    await bareSaid.until(/listening on/);
    await oursSaid.until(/vb: capturing/);
    const sender = spawnSync(...within(span, ['tcpreplay', '-q', '--topspeed', '-i', 'va', capture]), {
      env: ENV,
      encoding: 'utf8',
    });
    const [, sent = '0', , seconds = '1'] =
      /Actual: (\d+) packets \((\d+) bytes\) sent in ([\d.]+) seconds/.exec(sender.stdout) ?? [];
    await settled(live, Number(sent));
    for (const child of [bare, ours]) child.kill('SIGINT');
    await Promise.all([bareSaid.end, oursSaid.end]);
    const came = Number(/(\d+) packets captured/.exec(bareSaid.text())?.[1] ?? 0);
    const events = eventsOf(live);
    const file = join(folder, 'file.jsonl');
    spawnSync(process.execPath, [PROGRAM, 'replay', capture, '--quiet', '--eve', file]);
    return {
      sent: Number(sent),
      rate: Number(sent) / Math.max(Number(seconds), 1e-6),
      bareLost: Number(sent) - came,
      lost: Number(sent) - seenIn(events),
      told: likeness(events, eventsOf(file)),
    };
  } finally {
    for (const name of [span, monitor]) spawnSync('ip', ['netns', 'del', name], { env: ENV });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Packets that came, as the last `stats` event has it. */
function seenIn(events: readonly EveEvent[]): number {
  const decoder = events.findLast(({ event_type }) => event_type === 'stats')?.stats?.['decoder'];
  return (decoder as { pkts?: number } | undefined)?.pkts ?? 0;
}

/** Resolves once all came, or no other packet has for a while: an engine that is told to end reads no further. */
async function settled(live: string, sent: number): Promise<void> {
  let seen = -1;
  for (let quiet = 0; quiet < QUIET_SECONDS && seen < sent; quiet++) {
    await sleep(1_000);
    const now = seenIn(eventsOf(live));
    if (now !== seen) quiet = 0;
    seen = now;
  }
}

/** Two ends of a cable, neither of which speaks by itself. */
function lay(span: string, monitor: string): void {
  const steps = [
    ['netns', 'add', span],
    ['netns', 'add', monitor],
    ['-n', span, 'link', 'add', 'va', 'mtu', '65535', 'type', 'veth', 'peer', 'name', 'vb', 'netns', monitor],
    ['-n', monitor, 'link', 'set', 'vb', 'mtu', '65535'],
    ['netns', 'exec', span, 'sysctl', '-qw', 'net.ipv6.conf.va.disable_ipv6=1'],
    ['netns', 'exec', monitor, 'sysctl', '-qw', 'net.ipv6.conf.vb.disable_ipv6=1'],
    ['-n', monitor, 'link', 'set', 'vb', 'up'],
    ['-n', span, 'link', 'set', 'va', 'up'],
  ];
  for (const step of steps) {
    const { status, stderr } = spawnSync('ip', step, { env: ENV, encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip ${step.join(' ')}: ${stderr.trim()}`);
  }
}

/** What a child says on standard error. */
function hear(child: ChildProcess): {
  text: () => string;
  until: (what: RegExp) => Promise<void>;
  end: Promise<void>;
} {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return {
    text: () => text,
    end: new Promise((resolve) => child.once('close', () => resolve())),
    until: async (what) => {
      const late = performance.now() + READY_MS;
      while (!what.test(text)) {
        if (child.exitCode !== null || performance.now() > late) throw new Error(`it did not begin: ${text}`);
        await sleep(20);
      }
    },
  };
}

function eventsOf(path: string): EveEvent[] {
  return (
    readFileSync(path, 'utf8')
      .split('\n')
      // The last line may not be whole yet.
      .slice(0, -1)
      .map((line) => JSON.parse(line) as EveEvent)
  );
}

/**
 * Of all messages, sign-ons and presences of both, the share that both have: 1 where they are the same. Sent at full
 * rate a capture takes seconds instead of hours, so what hangs on times (quiet conversations, ages) is no part of it.
 */
function likeness(a: readonly EveEvent[], b: readonly EveEvent[]): number {
  const counts = new Map<string, number>();
  const add = (events: readonly EveEvent[], n: number): number => {
    const facts = events.filter(({ im }) => ['message', 'login', 'presence'].includes(im?.kind ?? ''));
    for (const { im, flow_id } of facts) {
      const key = JSON.stringify([flow_id, im?.kind, im?.service, im?.account, im?.from, im?.to, im?.text]);
      counts.set(key, (counts.get(key) ?? 0) + n);
    }
    return facts.length;
  };
  const all = add(a, 1) + add(b, -1);
  const other = [...counts.values()].reduce((n, count) => n + Math.abs(count), 0);
  return all === 0 ? 1 : 1 - other / all;
}
