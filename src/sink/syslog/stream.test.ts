import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { makeCertificates } from '../../../test/support/rsyslog.ts';
import type { Certificates } from '../../../test/support/rsyslog.ts';
import { parseSyslog } from '../../../test/e2e/rfc5424.ts';
import { alertEvent } from '../../classify/build.ts';
import { EXIT } from '../../core/errors.ts';
import { listSpool } from './spool-list.ts';
import { SyslogSink } from './sink.ts';
import type { SyslogOptions } from './sink.ts';
import { parseSyslogUrl } from './target.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imspan-stream-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A collector that takes octet-counted messages; `reads: false`: it never reads. */
class Collector {
  readonly got: string[] = [];
  readonly sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #reads: boolean;
  port = 0;

  constructor(make: (take: (socket: Socket) => void) => Server = (take) => createServer(take), reads = true) {
    this.#reads = reads;
    this.#server = make((socket) => this.#take(socket));
  }

  async listen(port = 0): Promise<this> {
    this.#server.on('tlsClientError', () => undefined);
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as { port: number }).port;
    return this;
  }

  #take(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    if (!this.#reads) return;
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const head = /^(\d+) /.exec(rest.toString('latin1', 0, 8));
        const start = head?.[0].length ?? 0;
        const end = start + Number(head?.[1]);
        if (head === null || rest.length < end) break;
        this.got.push(parseSyslog(rest.subarray(start, end)).data.get('imspan@32473')?.get('account') ?? '');
        rest = rest.subarray(end);
      }
    });
  }

  /** As a process that is killed ends: what it did not read is answered by a reset. */
  async kill(): Promise<void> {
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async until(count: number): Promise<void> {
    for (let i = 0; i < 400 && this.got.length < count; i++) await sleep(5);
  }
}

const accounts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `user${from + i}`);

function send(sink: SyslogSink, from: number, to: number): void {
  for (let i = from; i < to; i++) sink.write(alertEvent({ account: `user${i}` }));
}

const sinkTo = (url: string, options: SyslogOptions = {}): SyslogSink =>
  new SyslogSink(parseSyslogUrl(url), { retry: 5, patience: 3_000, ...options });

describe('over TCP', () => {
  test('messages arrive whole and in order, and all are known to have arrived', async () => {
    const collector = await new Collector().listen();
    const sink = sinkTo(`tcp://127.0.0.1:${collector.port}`);
    send(sink, 0, 2_000);
    await sink.close();
    expect(collector.got).toEqual(accounts(0, 2_000));
    expect(sink).toMatchObject({ sent: 2_000, lost: 0, left: undefined });
    await collector.kill();
  });

  test('a collector that is killed gets what it may not have had when it is back', async () => {
    const told: string[] = [];
    const first = await new Collector().listen();
    const sink = sinkTo(`tcp://127.0.0.1:${first.port}`, { notice: (line) => told.push(line) });
    send(sink, 0, 50);
    await first.until(50);
    await first.kill();
    send(sink, 50, 100);
    await sleep(20);
    const second = await new Collector().listen(first.port);
    await second.until(100);
    await sink.close();
    expect(second.got.slice(0, 100)).toEqual(accounts(0, 100));
    expect(sink).toMatchObject({ sent: 100, lost: 0 });
    expect(told).toEqual([
      expect.stringContaining('messages wait until it can be reached'),
      expect.stringContaining('it can be reached again'),
    ]);
    await second.kill();
  });

  test('a collector that never reads: what does not fit is counted; the producer waits for none that is live', async () => {
    const collector = await new Collector(undefined, false).listen();
    const url = `tcp://127.0.0.1:${collector.port}`;
    const live = sinkTo(url, { queue: 65_536, patience: 20 });
    // More than the two systems take for it.
    for (let i = 0; i < 60; i++) {
      send(live, 0, 500);
      await sleep(1);
    }
    expect(live.lost).toBeGreaterThan(1_000);
    expect(live.drained()).toBeUndefined();
    await expect(live.close()).rejects.toThrow(/messages are lost/);
    await collector.kill();
  });

  test('a replay waits for a collector that is slower, and is told of the loss by none', async () => {
    const collector = await new Collector().listen();
    const sink = sinkTo(`tcp://127.0.0.1:${collector.port}`, { queue: 65_536, hold: true });
    send(sink, 0, 1);
    await collector.until(1);
    for (let i = 1; i < 1_000; i++) {
      send(sink, i, i + 1);
      const drained = sink.drained();
      if (drained !== undefined) await drained;
    }
    await sink.close();
    expect(collector.got).toEqual(accounts(0, 1_000));
    await collector.kill();
  });

  test('with a spool what could not be sent waits there, and the next run sends it', async () => {
    const collector = await new Collector().listen();
    const { port } = collector;
    await collector.kill();
    const spool = join(folder, 'away');
    const first = sinkTo(`tcp://127.0.0.1:${port}`, { spool });
    send(first, 0, 30);
    await first.close();
    expect(first).toMatchObject({ lost: 0, sent: 0 });
    expect(first.left).toMatch(
      /30 messages wait in the spool \(nobody listens on that port.*imspan spool flush/,
    );
    expect(listSpool(spool)).toMatchObject([{ messages: 30, place: `tcp://127.0.0.1:${port} 5424 text` }]);
    const again = await new Collector().listen(port);
    const second = sinkTo(`tcp://127.0.0.1:${port}`, { spool });
    send(second, 30, 40);
    await second.close();
    expect(again.got).toEqual(accounts(0, 40));
    expect(listSpool(spool)).toMatchObject([{ messages: 0 }]);
    await again.kill();
  });

  test('what was lost is told to the collector', async () => {
    const collector = await new Collector().listen();
    const { port } = collector;
    await collector.kill();
    const notes: string[] = [];
    const sink = sinkTo(`tcp://127.0.0.1:${port}?events=alert,stats`, {
      queue: 16_384,
      retry: 20,
      notice: (line) => notes.push(line),
    });
    send(sink, 0, 100);
    expect(sink.lost).toBeGreaterThan(50);
    const lost = sink.lost;
    expect(notes.some((line) => line.includes('no room for more messages'))).toBe(true);
    const again = await new Collector().listen(port);
    await again.until(100 - lost);
    for (let i = 0; i < 20; i++) {
      send(sink, 200 + i, 201 + i);
      await sleep(200);
      if (again.got.includes('')) break;
    }
    await expect(sink.close()).rejects.toThrow(/messages are lost/);
    // The note has no account; what follows it has.
    expect(again.got).toContain('');
    expect(again.got.at(-1)).toMatch(/^user2/);
    await again.kill();
  });
});

describe('over TLS', () => {
  let files: Certificates;

  beforeAll(() => {
    files = makeCertificates(folder);
  });

  const collect = (set: object = {}): Promise<Collector> =>
    new Collector((take) =>
      createTlsServer(
        { cert: readFileSync(files.cert), key: readFileSync(files.key), ca: readFileSync(files.ca), ...set },
        take,
      ),
    ).listen();

  test('with the authority, and a certificate of ours where it is wanted', async () => {
    const collector = await collect({ requestCert: true, rejectUnauthorized: true });
    const { ca, clientCert, clientKey } = files;
    const sink = sinkTo(`tls://localhost:${collector.port}?ca=${ca}&cert=${clientCert}&key=${clientKey}`);
    send(sink, 0, 100);
    await sink.close();
    expect(collector.got).toEqual(accounts(0, 100));
    const other = sinkTo(
      `tls://127.0.0.1:${collector.port}?ca=${ca}&cert=${clientCert}&key=${clientKey}&name=localhost`,
    );
    send(other, 100, 101);
    await other.close();
    expect(collector.got.at(-1)).toBe('user100');
    await collector.kill();
  });

  test('nothing is sent to one that cannot prove who it is', async () => {
    const collector = await collect();
    const url = `tls://localhost:${collector.port}`;
    const cases = [
      [url, 'of an authority that is not known here; name that with ?ca=FILE'],
      [`tls://127.0.0.1:${collector.port}?ca=${files.ca}`, 'its certificate is for another name'],
      [`${url}?ca=${files.ca}&name=siem.example.org`, 'its certificate is for another name'],
    ] as const;
    for (const [to, why] of cases) {
      const sink = sinkTo(to);
      send(sink, 0, 1);
      await expect(sink.close()).rejects.toThrow(why);
    }
    expect(collector.got).toEqual([]);
    await collector.kill();
  });

  test('one that wants a certificate of ours says so', async () => {
    const collector = await collect({ requestCert: true, rejectUnauthorized: true });
    const sink = sinkTo(`tls://localhost:${collector.port}?ca=${files.ca}`);
    send(sink, 0, 1);
    await expect(sink.close()).rejects.toThrow(/1 messages are lost: /);
    expect(collector.got).toEqual([]);
    await collector.kill();
  });

  test('files that are none are a mistake of the operator', () => {
    const bad = join(folder, 'bad.pem');
    writeFileSync(bad, 'no certificate');
    for (const url of [`tls://h?ca=${folder}/none.pem`, `tls://h?cert=${bad}&key=${bad}`]) {
      expect(() => sinkTo(url)).toThrow(expect.objectContaining({ exitCode: EXIT.USAGE }));
    }
  });
});
