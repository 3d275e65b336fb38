/**
 * How many syslog messages a second one core sends over TCP: `npm run bench:syslog [-- MESSAGES]`. The sender is a process of its own, bound to
 * one core where taskset is there; the collector only counts. Prints wall and processor time of the sender, without and with a spool.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alertEvent } from '../../src/classify/build.ts';
import { SyslogSink } from '../../src/sink/syslog/sink.ts';
import { parseSyslogUrl } from '../../src/sink/syslog/target.ts';

const AT_LEAST = 20_000;
const [, , what = '200000', url, spool] = process.argv;
if (what === '--send') await send(url ?? '', Number(process.env['MESSAGES']), spool);
else process.exitCode = await measure(Number(what));

/** Sends so many alerts as fast as the collector takes them, and tells on standard output what it cost. */
async function send(to: string, messages: number, folder: string | undefined): Promise<void> {
  const sink = new SyslogSink(parseSyslogUrl(to), {
    ...{ hold: true, patience: 60_000 },
    ...(folder === undefined ? {} : { spool: folder }),
  });
  const event = alertEvent({ finding: 'f'.repeat(32), session: 'e'.repeat(32) });
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < messages; i++) {
    sink.write(event);
    // As a run does it between its batches of packets.
    if (i % 256 === 0) {
      await sink.drained();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await sink.close();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1_000;
  process.stdout.write(JSON.stringify({ sent: sink.sent, seconds, cpu: (user + system) / 1e6 }));
}

async function measure(messages: number): Promise<number> {
  let bytes = 0;
  const server = createServer((socket) => socket.on('data', (chunk) => (bytes += chunk.length)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const folder = mkdtempSync(join(tmpdir(), 'imspan-bench-'));
  let isMissed = false;
  for (const spool of [undefined, folder]) {
    bytes = 0;
    const pin =
      spawnSync('taskset', ['-V'], { stdio: 'ignore' }).error === undefined ? ['taskset', '-c', '0'] : [];
    const [command = '', ...args] = [
      ...pin,
      ...[process.execPath, '--import', 'tsx', fileURLToPath(import.meta.url), '--send'],
      ...[`tcp://127.0.0.1:${port}`, ...(spool === undefined ? [] : [spool])],
    ];
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MESSAGES: String(messages) },
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child, 'close');
    const { sent, seconds, cpu } = JSON.parse(said) as { sent: number; seconds: number; cpu: number };
    const rate = Math.round(sent / seconds);
    isMissed ||= rate < AT_LEAST || sent !== messages;
    process.stdout.write(
      `${spool === undefined ? 'memory' : 'spool '}: ${sent} messages of ${Math.round(bytes / sent)} bytes in ${seconds.toFixed(1)} s: ${rate} a second, ${Math.round(sent / cpu)} a second of processor time\n`,
    );
  }
  server.close();
  rmSync(folder, { recursive: true, force: true });
  return isMissed ? 1 : 0;
}
