/**
 * Peak memory with so many connections open at once: `npx tsx test/bench/flows/run.ts [FLOWS...]`
 * (310000 and 1000000 by default). Each begins, and only when all have begun does each say something; one in a hundred
 * is an XMPP stream. The packets go through a pipe, nothing is written to disk. Needs `npm run build` first.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACK, PSH, SYN, pcapOf, tcpFrame } from '../../support/packets.ts';
import type { Endpoint, Packet } from '../../support/packets.ts';
import { nodeMeter } from '../measure.ts';

const IM = Buffer.from(
  "<?xml version='1.0'?><stream:stream to='example.test' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
);
/** Nothing that a detector wants: what is wanted costs an object a connection, and is bounded by other limits. */
const OTHER = Buffer.from([0x17, 3, 3, 0, 200, 1, 0, 0, 196, 3, 3]);
const CHUNK = 4_000;
const PROGRAM = fileURLToPath(new URL('../../../bin/imspan.js', import.meta.url));
const SERVER: Endpoint = { ip: '198.51.100.20', port: 5222 };

/** Packets of flow `i` in round 0 (it begins), 1 (it is answered) or 2 (the client's first bytes). */
function packetOf(i: number, round: number, nanos: number): Packet {
  const client = { ip: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`, port: 1024 + (i % 60_000) };
  const at = { seconds: 1_110_290_591 + round, nanos };
  if (round === 0) return { ...at, bytes: tcpFrame(client, SERVER, { seq: i, flags: SYN }) };
  if (round === 1)
    return { ...at, bytes: tcpFrame(SERVER, client, { seq: 7 * i, ack: i + 1, flags: SYN | ACK }) };
  const payload = i % 100 === 0 ? IM : OTHER;
  return {
    ...at,
    bytes: tcpFrame(client, SERVER, { seq: i + 1, ack: 7 * i + 1, flags: PSH | ACK, payload }),
  };
}

async function measure(flows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-flows-'));
  const report = join(folder, 'usage');
  const { program, args } = nodeMeter.wrap(
    { program: process.execPath, args: [PROGRAM, 'replay', '-', '--eve', join(folder, 'eve'), '--json'] },
    report,
  );
  const child = spawn(program, [...args], { stdio: ['pipe', 'ignore', 'ignore'] });
  const closed = once(child, 'close');
  let first = true;
  for (let round = 0; round < 3; round++) {
    for (let from = 0; from < flows; from += CHUNK) {
      const n = Math.min(CHUNK, flows - from);
      const packets = Array.from({ length: n }, (_, k) =>
        packetOf(from + k, round, Math.floor(((from + k) / flows) * 999_999_999)),
      );
      const bytes = pcapOf(packets);
      if (!child.stdin.write(first ? bytes : bytes.subarray(24))) await once(child.stdin, 'drain');
      first = false;
    }
  }
  child.stdin.end();
  await closed;
  const { cpu, peak } = nodeMeter.read(readFileSync(report, 'utf8'));
  const lines = readFileSync(join(folder, 'eve'), 'utf8').trim().split('\n');
  const stats = JSON.parse(lines.at(-1) ?? '{}') as { im?: { stats?: { flows_peak?: number } } };
  const told = lines.filter((line) => line.includes('"event_type":"flow"')).length;
  process.stdout.write(
    `${flows.toLocaleString('en-US')} flows: peak ${peak?.toFixed(0)} MiB, ${cpu.toFixed(1)} s, ` +
      `${stats.im?.stats?.flows_peak ?? 0} open at once, ${told} IM flows told\n`,
  );
  rmSync(folder, { recursive: true });
}

const asked = process.argv.slice(2).map(Number);
for (const flows of asked.length > 0 ? asked : [310_000, 1_000_000]) await measure(flows);
