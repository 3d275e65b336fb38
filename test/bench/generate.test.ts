import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture, readStreams, type Packet, type Stream } from './capture-reader.ts';
import { KINDS } from './generate/kinds.ts';
import { PcapWriter } from './generate/pcap-writer.ts';
import { Random } from './generate/random.ts';
import { Scene } from './generate/scene.ts';
import { HTTP_EXCHANGES } from './generate/traffic/http.ts';
import { TLS_PEERS } from './generate/traffic/tls.ts';
import { generate, type Parameters, type Workload } from './generate/workload.ts';
import { buildWorld } from './generate/world.ts';
import { tshark } from './tools.ts';

const FLOOR = fileURLToPath(new URL('floor.mjs', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(parameters: Parameters): { path: string; file: Buffer; workload: Workload } {
  const { workload, seed, bytes } = parameters;
  const path = join(folder, `${workload}-${seed}-${bytes}.pcap`);
  const written = generate(path, parameters);
  return { path, file: readFileSync(path), workload: written };
}

const digest = (file: Buffer): string => createHash('sha256').update(file).digest('hex');

describe('a workload', () => {
  test('is the same bytes each time, and others with another seed', () => {
    const first = write({ workload: 'mix', seed: 1, bytes: 1_500_000 });
    const again = write({ workload: 'mix', seed: 1, bytes: 1_500_000 });
    const different = write({ workload: 'mix', seed: 2, bytes: 1_500_000 });
    expect(digest(again.file)).toBe(digest(first.file));
    expect(again.workload).toEqual(first.workload);
    expect(digest(different.file)).not.toBe(digest(first.file));
  });

  test('begins with the bytes of a shorter one', () => {
    const short = write({ workload: 'mix', seed: 3, bytes: 500_000 });
    const long = write({ workload: 'mix', seed: 3, bytes: 900_000 });
    expect(long.file.subarray(0, short.file.length).equals(short.file)).toBe(true);
  });

  test('can be cut at its marks', () => {
    const { file, workload } = write({ workload: 'mix', seed: 4, bytes: 2_500_000 });
    expect(workload.marks.length).toBe(3);
    for (const { bytes, packets } of workload.marks) {
      expect(readCapture(file.subarray(0, bytes)).length).toBe(packets);
    }
  });
});

describe('the mix', () => {
  let path = '';
  let workload: Workload;
  let packets: Packet[] = [];
  beforeAll(() => {
    const written = write({ workload: 'mix', seed: 20_050_308, bytes: 12_000_000 });
    ({ path, workload } = written);
    packets = readCapture(written.file);
  });

  test('is a capture in order, with right checksums', () => {
    expect(packets.length).toBe(workload.summary.packets);
    expect(packets.filter(({ sound }) => !sound)).toEqual([]);
    const late = packets.filter(({ time }, i) => time < (packets[i - 1]?.time ?? 0));
    expect(late).toEqual([]);
  });

  test('holds what its summary says', () => {
    const { summary } = workload;
    const flows = new Set(
      packets.map(({ protocol, source, target }) => [protocol, ...[source, target].sort()].join()),
    );
    expect(Math.abs(flows.size - summary.flows)).toBeLessThanOrEqual(2);
    const counts = Object.values(summary.kinds);
    expect(counts.reduce((sum, { packets: n }) => sum + n, 0)).toBe(summary.packets);
    expect(counts.reduce((sum, { flows: n }) => sum + n, 0)).toBe(summary.flows);
    expect([...KINDS]).toEqual(expect.arrayContaining(Object.keys(summary.kinds)));
    expect(Object.keys(summary.kinds).length).toBeGreaterThan(10);
  });

  test('has the shares of a span port', () => {
    const { summary } = workload;
    expect(summary.imPackets).toBeGreaterThan(0.003);
    expect(summary.imPackets).toBeLessThan(0.03);
    expect(summary.imFlows).toBeGreaterThan(0.001);
    expect(summary.imFlows).toBeLessThan(0.003);
    expect(summary.ipv6Flows).toBeGreaterThan(0.08);
    expect(summary.ipv6Flows).toBeLessThan(0.12);
    expect(summary.vlanFlows).toBeGreaterThan(0.12);
    expect(summary.vlanFlows).toBeLessThan(0.18);
    expect(summary.lost).toBeGreaterThan(0.0004);
    expect(summary.lost).toBeLessThan(0.002);
    expect(summary.reordered).toBeGreaterThan(0.0015);
    expect(summary.reordered).toBeLessThan(0.0045);
    expect(summary.midstreamFlows).toBeGreaterThan(0);
    expect(summary.midstreamFlows).toBeLessThan(0.01);
    expect(summary.unclosedFlows).toBeGreaterThan(0);
    expect(packets.some(({ vlans }) => vlans === 2)).toBe(true);
  });

  test('has sizes with a heavy tail', () => {
    const { flowBytes } = workload.summary;
    expect(flowBytes.p99).toBeGreaterThan(flowBytes.p50 * 50);
    expect(flowBytes.max).toBeGreaterThan(flowBytes.p99 * 5);
  });

  test('is read by the floor', () => {
    const { status, stdout } = spawnSync(process.execPath, [FLOOR, path], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(status).toBe(0);
    const flows = new Set(
      packets.map(({ protocol, source, target }) => [protocol, ...[source, target].sort()].join()),
    );
    expect(JSON.parse(stdout)).toMatchObject({ packets: packets.length, flows: flows.size, other: 0 });
  });

  (tshark.available ? test : test.skip)(
    'is read by tshark without complaint',
    () => {
      const bad = ['ip', 'tcp', 'udp'].map((layer) => `${layer}.checksum.status == "Bad"`).join(' || ');
      const checks = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);
      const filter = `${bad} || (_ws.malformed && (tls || dns))`;
      const { status, stdout } = spawnSync(
        tshark.name,
        ['-r', path, ...checks, '-Y', filter, '-c', '20000'],
        {
          encoding: 'utf8',
        },
      );
      expect(stdout).toBe('');
      expect(status).toBe(0);
    },
    60_000,
  );
});

describe('the corpora', () => {
  test('have a thousand distinct hellos and exchanges and more', () => {
    const { tls, http } = buildWorld(new Scene(new Random(5), new PcapWriter(-1)));
    const distinct = (count: number, make: (index: number) => Uint8Array) =>
      new Set(Array.from({ length: count }, (_, i) => Buffer.from(make(i)).toString('hex'))).size;
    expect(TLS_PEERS).toBeGreaterThanOrEqual(1000);
    expect(distinct(TLS_PEERS, (i) => tls.hello(i))).toBe(TLS_PEERS);
    expect(HTTP_EXCHANGES).toBeGreaterThanOrEqual(1000);
    expect(distinct(HTTP_EXCHANGES, (i) => http.request(i))).toBe(HTTP_EXCHANGES);
  });
});

describe('the IM load', () => {
  let streams: Stream[] = [];
  beforeAll(() => {
    const { file, workload } = write({ workload: 'im', seed: 6, bytes: 4_000_000 });
    expect(workload.summary.imFlows).toBe(1);
    streams = readStreams(readCapture(file)).filter(({ whole, complete }) => whole && complete);
  });

  const on = (port: number) => streams.filter(({ server }) => server.endsWith(`:${port}`));

  test('speaks FLAP with lengths and numbers that fit', () => {
    const talks = on(5190);
    expect(talks.length).toBeGreaterThan(10);
    for (const { sent } of talks) for (const bytes of sent) expect(leftOfFlap(bytes)).toBe('');
  });

  test('speaks YMSG with lengths that fit', () => {
    const talks = on(5050);
    expect(talks.length).toBeGreaterThan(3);
    for (const { sent } of talks) for (const bytes of sent) expect(leftOfYmsg(bytes)).toBe('');
  });

  test('speaks MSNP with payloads of the told lengths', () => {
    const talks = on(1863);
    expect(talks.length).toBeGreaterThan(10);
    for (const { sent } of talks) for (const bytes of sent) expect(leftOfMsnp(bytes)).toBe('');
  });

  test('speaks XMPP with elements that are closed', () => {
    const talks = on(5222);
    expect(talks.length).toBeGreaterThan(3);
    for (const { sent } of talks) {
      for (const text of sent.map((bytes) => bytes.toString())) {
        expect(text).toMatch(/^<\?xml version='1.0'\?><stream:stream /);
        for (const name of ['message', 'iq', 'body', 'stream:features']) {
          const count = (pattern: string) => text.match(new RegExp(pattern, 'g'))?.length ?? 0;
          expect(count(`<${name}[ >]`)).toBe(count(`</${name}>`));
        }
      }
    }
  });
});

/** What is left after the whole frames of FLAP, or the first mistake in them; empty where all is right. */
function leftOfFlap(bytes: Buffer): string {
  let sequence = -1;
  let at = 0;
  while (at + 6 <= bytes.length) {
    const next = bytes.readUInt16BE(at + 2);
    if (bytes[at] !== 0x2a || bytes.readUInt8(at + 1) > 5) return `no frame at ${at}`;
    if (sequence >= 0 && next !== ((sequence + 1) & 0xffff)) return `number ${next} after ${sequence}`;
    sequence = next;
    at += 6 + bytes.readUInt16BE(at + 4);
  }
  return at === bytes.length ? '' : bytes.subarray(at).toString('hex');
}

function leftOfYmsg(bytes: Buffer): string {
  let at = 0;
  while (at + 20 <= bytes.length) {
    if (bytes.toString('latin1', at, at + 4) !== 'YMSG') return `no packet at ${at}`;
    const end = at + 20 + bytes.readUInt16BE(at + 8);
    const parts = bytes.toString('latin1', at + 20, end).split('\xc0\x80');
    if (parts.length % 2 !== 1 || parts.some((key, i) => i % 2 === 0 && !/^\d*$/.test(key)))
      return `keys at ${at}`;
    at = end;
  }
  return bytes.subarray(at).toString('hex');
}

function leftOfMsnp(bytes: Buffer): string {
  const payload = /^(?:MSG|ADL|UUX) .*?(\d+)$/;
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return bytes.toString('latin1', at);
    const line = bytes.toString('latin1', at, end);
    if (!/^[A-Z]{3}( |$)/.test(line)) return line;
    const acknowledges = /^UUX \d+ 0$/.test(line);
    at = end + 2 + (acknowledges ? 0 : Number(payload.exec(line)?.[1] ?? 0));
  }
}
