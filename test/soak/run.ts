/**
 * `npm run soak -- --minutes 30`: the built program on an interface at a constant rate, and whether its memory stays
 * flat: the mean of the last third within 5% of that of the second. The traffic is that of the shipped captures, over and over, from
 * other addresses each time, and from the first ones again after ROUND times: people come and go, but not ever new ones, of whom
 * memory would fill up to its limits. It is sent by tcpreplay, in network namespaces that are made here and removed. Needs root, ip, tcpreplay and tcpdump.
 * Exit code 0: flat; 1: not; 3: it could not be run.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { soakVerdict } from './verdict.ts';
import type { Sample } from './verdict.ts';

const ENV = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
const SPAN = `imspan-soak${process.pid}a`;
const MONITOR = `imspan-soak${process.pid}b`;
const SAMPLE_SECONDS = 5;
/** Times that the captures are sent before the addresses are those of the beginning again. */
const ROUND = 2;
/** Time for the last packets to come through. */
const DRAIN_MS = 3_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '2000' },
    workers: { type: 'string', default: '1' },
  },
});

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { env: ENV }).status === 0;
}

/** A cable of two ends, of which neither speaks by itself. */
function lay(): boolean {
  const quiet = (space: string, iface: string): boolean =>
    run('ip', ['netns', 'exec', space, 'sysctl', '-qw', `net.ipv6.conf.${iface}.disable_ipv6=1`]) &&
    run('ip', ['-n', space, 'link', 'set', iface, 'mtu', '9000', 'up']);
  return (
    run('ip', ['netns', 'add', SPAN]) &&
    run('ip', ['netns', 'add', MONITOR]) &&
    run('ip', ['-n', SPAN, 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb', 'netns', MONITOR]) &&
    quiet(MONITOR, 'vb') &&
    quiet(SPAN, 'va')
  );
}

function remove(): void {
  for (const name of [SPAN, MONITOR]) run('ip', ['netns', 'del', name]);
}

/** Shipped captures of Ethernet frames, which tcpreplay can send. */
function captures(folder = 'captures'): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.pcap'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).readUInt32LE(20) === 1)
    .sort();
}

/** Bytes that are resident. */
function residentOf(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

/** Processor seconds that the process has used, in all its threads (proc(5): fields 14 and 15, in ticks of 10 ms). */
function processorOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function startSniff(folder: string): ChildProcess {
  const eve = ['--eve', join(folder, 'eve.json'), '--eve-rotate', '20M', '--eve-keep', '2'];
  const more = [
    '--state',
    join(folder, 'state'),
    '--workers',
    values.workers,
    '--quiet',
    '--heartbeat',
    '--stats',
    '60',
  ];
  const program = [
    process.execPath,
    'bin/imspan.js',
    'sniff',
    '-i',
    'vb',
    '--engine',
    'tcpdump',
    ...eve,
    ...more,
  ];
  return spawn('ip', ['netns', 'exec', MONITOR, ...program], { env: ENV, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Sends round after round until it is stopped. */
function playOn(): { stop: () => void; well: () => boolean } {
  const args = ['--loop', String(ROUND), '--unique-ip', '--pps', values.rate];
  let stopped = false;
  let failed = false;
  let play: ChildProcess | undefined;
  const next = (): void => {
    play = spawn('ip', ['netns', 'exec', SPAN, 'tcpreplay', '-q', '-i', 'va', ...args, ...captures()], {
      env: ENV,
      stdio: 'ignore',
    });
    play.on('close', (status) => {
      failed = status !== 0;
      if (!stopped && !failed) next();
    });
  };
  next();
  return {
    stop: () => {
      stopped = true;
      play?.kill('SIGTERM');
    },
    well: () => !failed,
  };
}

async function measure(seconds: number, folder: string): Promise<number> {
  const sniff = startSniff(folder);
  let said = '';
  sniff.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  let summary = '';
  sniff.stdout?.on('data', (chunk: Buffer) => (summary += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => sniff.on('close', resolve));
  for (let n = 0; n < 200 && !said.includes('vb: capturing'); n++) await sleep(50);
  const player = playOn();
  const samples: Sample[] = [];
  let processor = 0;
  const began = performance.now();
  const at = (): number => (performance.now() - began) / 1_000;
  while (at() < seconds && sniff.exitCode === null && player.well()) {
    await sleep(SAMPLE_SECONDS * 1_000);
    // `ip netns exec` becomes the program: the number stays.
    if (sniff.exitCode !== null) break;
    samples.push({ second: at(), bytes: residentOf(sniff.pid ?? 0) });
    processor = processorOf(sniff.pid ?? 0);
  }
  player.stop();
  await sleep(DRAIN_MS);
  sniff.kill('SIGTERM');
  const status = await ended;
  process.stdout.write(`${summary}\n${said.split('\n').slice(-4).join('\n')}`);
  const { flat, text } = soakVerdict(samples);
  process.stdout.write(`${text}; ${processor.toFixed(1)} s of processor time; exit code ${status}\n`);
  return flat && status === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 24 * 60) || !(Number(values.rate) > 0)) {
    process.stderr.write('soak: --minutes from 1 to 1440 and --rate in packets a second\n');
    return 2;
  }
  if (process.getuid?.() !== 0 || !lay()) {
    remove();
    process.stderr.write('soak: not run: it needs root, ip, and network namespaces\n');
    return 3;
  }
  const folder = mkdtempSync(join(tmpdir(), 'imspan-soak-'));
  try {
    return await measure(minutes * 60, folder);
  } finally {
    remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
