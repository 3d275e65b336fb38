/** `--evidence` through the real program: what is kept, where, and that it replays to the same events. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { CARRIERS, fragmentsOf, ipOf } from '../support/carry.ts';
import { pcapOf } from '../support/packets.ts';
import type { Packet } from '../support/packets.ts';
import type { Frame } from '../../src/capture/frame.ts';
import { openCapture } from '../../src/capture/source.ts';
import { writePcapng } from '../../src/capture/write.ts';
import { commandOf, environment, eventsOf, finished, imspan, PATIENCE, ROOT, Scratch } from './program.ts';
import type { Run, Written } from './program.ts';

jest.setTimeout(4 * PATIENCE);

const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});
let made = 0;

interface Line {
  file: string;
  sha256: string;
  bytes: number;
  frames: number;
  link_type: number;
  flow_id: number;
  alerts: string[];
  signature_ids: number[];
  first: { file?: string; number: number; time: string };
  last: { file?: string; number: number; time: string };
  truncated: boolean;
  truncated_why?: string[];
  warning: string;
}

interface Kept {
  readonly run: Run;
  readonly events: readonly Written[];
  readonly folder: string;
  readonly lines: readonly Line[];
}

function linesOf(folder: string): Line[] {
  const path = join(folder, 'evidence.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

function keep(args: readonly string[], input?: Uint8Array): Kept {
  const folder = scratch.file(`evidence${made++}`);
  const run = imspan(
    ['replay', '--json', '--no-progress', '--evidence', folder, ...args],
    input === undefined ? {} : { input },
  );
  return { run, events: eventsOf(run.stdout), folder, lines: linesOf(folder) };
}

/**
 * What was told of a flow. A conversation has other flows too, and is not told. A flow's own event has an id that depends
 * on what ended it (in an excerpt the end of the capture): what counts is what it counted.
 */
function toldOf(events: readonly Written[], flow: number): string[] {
  return events
    .filter((e) => e.flow_id === flow && e.event_type !== 'alert' && e.im?.kind !== 'conversation')
    .map((e) => {
      if (!e.flow) return nameOf(e);
      const { pkts_toclient, pkts_toserver, bytes_toclient, bytes_toserver, start, end, state } = e.flow;
      return JSON.stringify([
        pkts_toclient,
        pkts_toserver,
        bytes_toclient,
        bytes_toserver,
        start,
        end,
        state,
      ]);
    })
    .sort();
}

/**
 * An event by its id; one of BOSH by what it says: its id has the place in the session's stream, which is longer where the
 * session's other connections are in view.
 */
function nameOf({ event_type, im }: Written): string {
  if (im?.carrier !== 'bosh') return `${event_type} ${im?.id}`;
  const { kind, from, text, state, contact, status } = im;
  return JSON.stringify([event_type, kind, from, text, state, contact, status]);
}

/** Each excerpt is what its line says, and says of its flow what the whole capture said. */
function check({ events, folder, lines }: Kept): void {
  const alerts = new Set(events.filter((e) => e.event_type === 'alert').map((e) => e.im?.id));
  // One process for all: each capture is read for itself.
  const again = imspan(['replay', '--json', '--no-progress', ...lines.map(({ file }) => join(folder, file))]);
  const frames = lines.reduce((sum, line) => sum + line.frames, 0);
  expect(again.stderr).toContain(`${frames.toLocaleString('en-US')} packet`);
  const all = eventsOf(again.stdout);
  for (const line of lines) {
    const path = join(folder, line.file);
    const bytes = readFileSync(path);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(line.sha256);
    expect([bytes.length, line.file]).toEqual([line.bytes, `${line.sha256}.pcap`]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(line.warning).toContain('may contain secrets');
    expect(line.alerts.filter((id) => !alerts.has(id))).toEqual([]);
    expect(toldOf(events, line.flow_id).length).toBeGreaterThan(0);
    const alone = all.filter((e) => e.pcap_filename === path);
    const told = new Set(toldOf(alone, line.flow_id));
    expect(toldOf(events, line.flow_id).filter((one) => !told.has(one))).toEqual([]);
    // Alone it may say what another flow had said before: that somebody signed on; and of a session of several
    // connections, that it is over.
    const before = new Set(toldOf(events, line.flow_id));
    const more = alone.filter((e) =>
      toldOf(alone, line.flow_id).some((one) => !before.has(one) && one === nameOf(e)),
    );
    const elsewhere = ['login', ...(alone.some(({ im }) => im?.carrier === 'bosh') ? ['logout'] : [])];
    expect(more.map(({ im }) => im?.kind ?? '').filter((kind) => !elsewhere.includes(kind))).toEqual([]);
  }
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  // Nothing is left of rings and files that were being written.
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
}

async function packetsOf(path: string): Promise<Packet[]> {
  const packets: Packet[] = [];
  await openCapture(join(ROOT, path)).read({
    frame: ({ bytes, start, end, seconds, nanos }: Frame) => {
      packets.push({ seconds, nanos, bytes: bytes.slice(start, end) });
    },
  });
  return packets;
}

const AIM = 'captures/oscar/aim-basic.pcap';
let aim: Kept | undefined;
/** What is kept of it, for comparison. */
const aimKept = (): Kept => (aim ??= keep([AIM]));

describe('golden captures: an excerpt replays to the events of its flow', () => {
  test.each([
    [AIM],
    ['captures/oscar/icq-basic.pcap'],
    ['captures/oscar/aim-midsession.pcap'],
    ['captures/oscar/toc2-naim.pcap'],
    ['captures/oscar/icq-udp-v2.pcap'],
    ['captures/msn/basic-msnp9.pcap'],
    ['captures/yahoo/basic-ymsg12.pcap'],
    ['captures/proxy/carried-msn-socks5.pcap'],
    ['captures/proxy/carried-aim-socks5-in-connect.pcap'],
    ['captures/xmpp/bosh-strophe.pcap'],
    ['captures/xmpp/loss-reorder.pcap'],
  ])('%s', (capture) => {
    const kept = keep([capture]);
    expect(kept.lines.length).toBeGreaterThan(0);
    expect(kept.lines.filter(({ truncated }) => truncated)).toEqual([]);
    check(kept);
  });

  test('every alert with a flow is in the manifest', () => {
    const { events, lines } = keep([AIM]);
    const alerted = events.filter((e) => e.event_type === 'alert' && e.flow_id !== undefined);
    expect(lines.flatMap(({ alerts }) => alerts).sort()).toEqual(alerted.map((e) => e.im?.id ?? '').sort());
  });
});

/** A capture of what one protocol of another carried, alone: a transfer is alerted on where nobody signed on. */
async function aloneOf(capture: string, protocol: string): Promise<string> {
  const run = imspan(['replay', '--json', '--no-progress', capture]);
  const flows = eventsOf(run.stdout).filter((e) => e.event_type === 'flow' && e.app_proto === protocol);
  const ports = new Set(flows.map(({ src_port, dest_port }) => [src_port, dest_port].sort().join()));
  const packets = (await packetsOf(capture)).filter(({ bytes }) => {
    // Ethernet, IPv4 without options, TCP: as these captures have it.
    const port = (at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    return ports.has([port(34), port(36)].sort().join());
  });
  expect(packets.length).toBeGreaterThan(0);
  return scratch.write(`alone${made++}.pcap`, pcapOf(packets));
}

const DIRECT = '../shared/captures/recorded/msn/msn_file_direct_msnp18.pcap';

describe('transfers between two clients', () => {
  test('MSNFTP', async () => {
    const kept = keep([await aloneOf('captures/msn/msnftp-msnp7.pcap', 'msnftp')]);
    expect(kept.events.filter((e) => e.flow?.alerted).map((e) => e.app_proto)).toContain('msnftp');
    expect(kept.lines.map(({ truncated }) => truncated)).toEqual(kept.lines.map(() => false));
    check(kept);
  });

  (existsSync(join(ROOT, DIRECT)) ? test : test.skip)(
    'MSN P2P, direct (skipped where ../shared/captures is not there)',
    async () => {
      const kept = keep([await aloneOf(DIRECT, 'msnp2p')]);
      expect(kept.events.filter((e) => e.flow?.alerted).map((e) => e.app_proto)).toContain('msnp2p');
      expect(kept.lines.length).toBeGreaterThan(0);
      check(kept);
    },
  );
});

describe('tunnels: the frames as they came, with what carries them', () => {
  test.each([['GRE'], ['VXLAN in GRE in MPLS'], ['GTP-U with sequence number']])('%s', async (name) => {
    const packets = await packetsOf(AIM);
    const carried = packets.flatMap((packet) => {
      const bytes = CARRIERS[name]?.(packet.bytes);
      return bytes ? [{ ...packet, bytes, wireLength: bytes.length }] : [];
    });
    const kept = keep([scratch.write(`tunnel${made++}.pcap`, pcapOf(carried))]);
    expect(kept.lines.map(({ frames }) => frames)).toEqual(aimKept().lines.map(({ frames }) => frames));
    expect(kept.events.some((e) => e.event_type === 'alert' && e.tunnel !== undefined)).toBe(true);
    check(kept);
  });

  test('fragments of what carries them', async () => {
    const packets = await packetsOf(AIM);
    const carried = packets.flatMap((packet, i) => {
      const bytes = CARRIERS.GRE?.(packet.bytes);
      if (!bytes) return [];
      const all = bytes.length > 200 ? fragmentsOf(bytes, 96, i) : [bytes];
      return all.map((one) => ({ ...packet, bytes: one, wireLength: one.length }));
    });
    const kept = keep([scratch.write(`tunnel${made++}.pcap`, pcapOf(carried))]);
    const whole = aimKept().lines;
    expect(kept.lines.map(({ flow_id }) => flow_id)).toHaveLength(whole.length);
    expect(kept.lines.every(({ frames }, i) => frames > (whole[i]?.frames ?? Infinity))).toBe(true);
    check(kept);
  });
});

test('workers, standard input and a merge keep the same bytes', async () => {
  const alone = keep([AIM, '--workers', '1']);
  const shas = alone.lines.map(({ sha256 }) => sha256);
  expect(shas.length).toBeGreaterThan(0);
  expect(keep([AIM, '--workers', '3']).lines).toEqual(alone.lines);
  const bytes = readFileSync(join(ROOT, AIM));
  for (const workers of ['1', '3']) {
    const piped = keep(['-', '--workers', workers], bytes);
    expect(piped.lines.map(({ sha256 }) => sha256)).toEqual(shas);
    check(piped);
  }
  const packets = await packetsOf(AIM);
  const halves = [packets.filter((_, i) => i % 2 === 0), packets.filter((_, i) => i % 2 === 1)];
  const paths = halves.map((half, i) => {
    const path = scratch.file(`half${i}.pcap`);
    writeFileSync(path, pcapOf(half));
    return path;
  });
  const merged = keep(['--merge', ...paths]);
  expect(merged.lines.map(({ frames }) => frames)).toEqual(alone.lines.map(({ frames }) => frames));
  expect(merged.lines.map(({ truncated }) => truncated)).toEqual(shas.map(() => false));
});

test('fragments: all frames of a packet are kept, the whole one is read again', async () => {
  const packets = await packetsOf(AIM);
  const cut = packets.flatMap((packet, i) =>
    packet.bytes.length > 120
      ? fragmentsOf(packet.bytes, 64, i).map((bytes) => ({ ...packet, bytes, wireLength: bytes.length }))
      : [packet],
  );
  expect(cut.length).toBeGreaterThan(packets.length + 20);
  const path = scratch.file('fragments.pcap');
  writeFileSync(path, pcapOf(cut));
  for (const kept of [keep([path]), keep(['-'], readFileSync(path))]) {
    expect(kept.lines.length).toBeGreaterThan(0);
    check(kept);
  }
});

test('one link type a file', async () => {
  const packets = await packetsOf(AIM);
  const mixed = packets.map((packet, i) => {
    const ip = ipOf(packet.bytes);
    const raw = i % 2 === 1 && ip !== undefined;
    return raw ? { ...packet, bytes: ip, wireLength: ip.length, interfaceId: 1 } : packet;
  });
  const path = scratch.file('mixed.pcapng');
  writeFileSync(path, writePcapng(mixed, { interfaces: [{ linkType: 1 }, { linkType: 101 }] }));
  const { lines } = keep([path]);
  const [first] = lines;
  const ofFlow = lines.filter(({ flow_id }) => flow_id === first?.flow_id);
  expect(ofFlow.map(({ link_type }) => link_type).sort()).toEqual([1, 101]);
  for (const { file, sha256 } of lines) expect(file).toBe(`${sha256}.pcap`);
});

test('another connection of the same addresses and ports is left out', async () => {
  const packets = await packetsOf(AIM);
  const day = packets.map((packet) => ({ ...packet, seconds: packet.seconds + 3_600 }));
  // A stranger's connection an hour later: the same frames, whose ends nobody alerts on twice.
  const path = scratch.file('twice.pcap');
  writeFileSync(path, pcapOf([...packets, ...day]));
  const once = aimKept();
  const twice = keep([path]);
  expect(twice.lines.map(({ frames }) => frames).slice(0, once.lines.length)).toEqual(
    once.lines.map(({ frames }) => frames),
  );
});

describe('live, on an engine of our own making in the place of tcpdump', () => {
  test.each([['1'], ['3']])('the same bytes as in a replay, %s workers', async (workers) => {
    const engine = scratch.file(`engine${made}`);
    mkdirSync(engine);
    const script = `#!/bin/sh
case "$1" in --version) echo 'tcpdump version 4.99.3'; exit 0;; esac
trap '' USR1 USR2
echo "tcpdump: listening on lo, link-type EN10MB" >&2
cat '${join(ROOT, AIM)}'
: > '${engine}/done'
exec sleep 100
`;
    writeFileSync(join(engine, 'tcpdump'), script, { mode: 0o755 });
    const folder = scratch.file(`evidence${made++}`);
    const flags = ['--json', '--workers', workers, '--evidence', folder];
    const [command, all] = commandOf(['sniff', '-i', 'lo', '--engine', 'tcpdump', ...flags]);
    const env = { ...environment(), PATH: `${engine}:${process.env.PATH ?? ''}` };
    const child = spawn(command, all, { cwd: ROOT, env, stdio: 'pipe' });
    const end = finished(child);
    while (!existsSync(join(engine, 'done'))) await sleep(20);
    child.kill('SIGINT');
    const run = await end;
    expect(run.status).toBe(0);
    const kept = { run, events: eventsOf(run.stdout), folder, lines: linesOf(folder) };
    expect(kept.lines.map(({ sha256 }) => sha256)).toEqual(aimKept().lines.map(({ sha256 }) => sha256));
    expect(kept.lines.map(({ truncated }) => truncated)).toEqual(kept.lines.map(() => false));
    check(kept);
  });
});

describe('limits', () => {
  test('bytes a flow: cut, told, and still a capture', () => {
    const { lines, run, folder } = keep([AIM, '--limit', 'evidence_file=1000']);
    expect(lines.length).toBeGreaterThan(0);
    for (const { bytes, truncated, file } of lines) {
      expect(bytes).toBeLessThanOrEqual(1000);
      expect(truncated).toBe(true);
      expect(imspan(['replay', '--json', join(folder, file)]).status).toBe(0);
    }
    expect(run.stderr).toContain('frames are missing there');
  });

  test('flows, and bytes of all', () => {
    const few = keep([AIM, '--limit', 'evidence_files=1']);
    expect(new Set(few.lines.map(({ flow_id }) => flow_id)).size).toBe(1);
    expect(few.run.stderr).toContain('nothing could be kept');
    const total = keep([AIM, '--limit', 'evidence_total=2000']);
    expect(total.lines.reduce((n, { bytes }) => n + bytes, 0)).toBeLessThanOrEqual(
      2_000 + 24 * total.lines.length,
    );
  });

  test('a ring that is too small says what was overwritten', async () => {
    const packets = await packetsOf(AIM);
    const many = Array.from({ length: 20 }, (_, i) =>
      packets.map((p) => ({ ...p, seconds: p.seconds + i * 3_600 })),
    );
    const kept = keep(['-', '--limit', 'evidence_ring=8'], pcapOf(many.flat()));
    expect(kept.run.status).toBe(0);
    expect(
      kept.lines.some(({ truncated }) => truncated) || kept.run.stderr.includes('nothing could be kept'),
    ).toBe(true);
  });
});

describe('the folder', () => {
  test('nothing alerted: nothing kept; without the option nothing is written', () => {
    const policy = scratch.file('allow.yaml');
    writeFileSync(policy, 'version: 1\ndefault: allow\n');
    const kept = keep([AIM, '--policy', policy]);
    expect(kept.lines).toEqual([]);
  });

  test('one that cannot be made ends the start, with what is wrong', () => {
    const file = scratch.file('a-file');
    writeFileSync(file, '');
    const run = imspan(['replay', '--json', '--evidence', join(file, 'x'), AIM]);
    expect([run.status, run.stdout]).toEqual([3, '']);
    expect(run.stderr).toContain('cannot keep files');
  });

  test('a link in the manifest is not followed: told once, the run goes on', () => {
    const folder = scratch.file('linked');
    mkdirSync(folder);
    chmodSync(folder, 0o700);
    const target = scratch.file('target');
    writeFileSync(target, 'mine');
    symlinkSync(target, join(folder, 'evidence.jsonl'));
    const run = imspan(['replay', '--json', '--no-progress', '--evidence', folder, AIM]);
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(run.status).toBe(3);
    expect(run.stderr.match(/cannot write evidence\.jsonl/g)).toHaveLength(1);
    expect(eventsOf(run.stdout).length).toBe(eventsOf(imspan(['replay', '--json', AIM]).stdout).length);
  });

  test('a second run adds its lines and overwrites nothing', () => {
    const first = keep([AIM]);
    const before = readdirSync(first.folder);
    const run = imspan(['replay', '--json', '--no-progress', '--evidence', first.folder, AIM]);
    expect(run.status).toBe(0);
    expect(readdirSync(first.folder)).toEqual(before);
    const lines = readFileSync(join(first.folder, 'evidence.jsonl'), 'utf8').split('\n').slice(0, -1);
    expect(lines.length).toBe(first.lines.length * 2);
  });
});
