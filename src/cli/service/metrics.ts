import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { InvalidArgumentError } from 'commander';
import type * as Prom from 'prom-client';
import type { Counter, Gauge, Registry } from 'prom-client';
import type { LiveStatus } from '../../app/live.ts';
import { lossOf } from '../../app/stats.ts';
import { EXIT, OperatorError } from '../../core/errors.ts';

/** Where metrics are served. */
export interface MetricsPlace {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';
const MOST_PORT = 65_535;
/** A scraper needs one connection; strangers are to cost little. */
const MOST_CONNECTIONS = 16;
const PATIENCE_MS = 5_000;
const MOST_HEADER = 8_192;

/** `9464` (loopback), `HOST:PORT`, `[::1]:9464`. */
export function parseMetricsPlace(text: string): MetricsPlace {
  const [, bracketed, plain, digits = ''] =
    /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:[\]\s]+)):)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port < 1 || port > MOST_PORT)
    throw new InvalidArgumentError('write PORT (on loopback) or HOST:PORT');
  return { host: bracketed ?? plain ?? LOOPBACK, port };
}

/** What is told of a run, in the form of Prometheus. */
export class Metrics {
  readonly #registry: Registry;
  readonly #totals: ReadonlyMap<string, Counter>;
  readonly #levels: ReadonlyMap<string, Gauge>;
  readonly #status: () => LiveStatus | undefined;

  private constructor(
    prom: typeof Prom,
    status: () => LiveStatus | undefined,
    about: Record<string, string>,
  ) {
    const registry = (this.#registry = new prom.Registry());
    const registers = [registry];
    this.#status = status;
    this.#totals = new Map(
      TOTALS.map(([name, help, ...labelNames]) => [
        name,
        new prom.Counter({ name: `imspan_${name}`, help, labelNames, registers }),
      ]),
    );
    this.#levels = new Map(
      LEVELS.map(([name, help]) => [name, new prom.Gauge({ name: `imspan_${name}`, help, registers })]),
    );
    const info = new prom.Gauge({
      ...{
        name: 'imspan_info',
        help: 'What runs here; always 1.',
        labelNames: Object.keys(about),
        registers,
      },
    });
    info.set(about, 1);
  }

  /** The library is loaded only where metrics are asked for. */
  static async open(status: () => LiveStatus | undefined, about: Record<string, string>): Promise<Metrics> {
    return new Metrics(await import('prom-client'), status, about);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text of the present moment; undefined before the run has begun. */
  async text(): Promise<string | undefined> {
    const status = this.#status();
    if (status === undefined) return undefined;
    for (const counter of this.#totals.values()) counter.reset();
    this.#ofInterfaces(status);
    this.#total('events_total', status.events);
    this.#total('alerts_total', status.alerts);
    const { counters } = status;
    this.#total('gap_bytes_total', status.gapBytes);
    for (const [limit, n] of Object.entries(counters?.limits ?? {}))
      this.#total('limit_hits_total', n, { limit });
    this.#total('bytes_total', counters?.bytes ?? 0);
    this.#total('plugin_failures_total', counters?.failures.length ?? 0);
    const levels: Record<string, number> = {
      flows: status.flows,
      uptime_seconds: status.uptime,
      resident_memory_bytes: status.memory,
      backlog_bytes: status.backlog,
      capture_loss_ratio: counters ? lossOf(counters) : 0,
    };
    for (const [name, value] of Object.entries(levels)) this.#levels.get(name)?.set(value);
    return this.#registry.metrics();
  }

  #ofInterfaces({ interfaces }: LiveStatus): void {
    for (const { name, frames, packets, drops, queueDrops = 0, restarts } of interfaces) {
      const labels = { interface: name };
      this.#total('packets_total', frames, labels);
      // What is not known is left out: a zero would say that nothing was lost.
      if (packets !== undefined) this.#total('kernel_packets_total', packets, labels);
      if (drops !== undefined) this.#total('kernel_drops_total', drops, labels);
      this.#total('queue_drops_total', queueDrops, labels);
      this.#total('capture_restarts_total', restarts, labels);
    }
  }

  #total(name: string, value: number, labels: Record<string, string> = {}): void {
    this.#totals.get(name)?.inc(labels, value);
  }
}

/** Name, meaning, labels. */
const TOTALS: readonly (readonly [string, string, ...string[]])[] = [
  ['packets_total', 'Packets that reached imspan.', 'interface'],
  ['bytes_total', 'Bytes of packets as they were on the wire.'],
  [
    'kernel_packets_total',
    'Packets that passed the filter in the kernel; absent where unknown.',
    'interface',
  ],
  ['kernel_drops_total', 'Packets that the kernel dropped; absent where unknown.', 'interface'],
  ['queue_drops_total', 'Packets for which no worker had room.', 'interface'],
  ['capture_restarts_total', 'Captures that were begun again.', 'interface'],
  ['events_total', 'Events told.'],
  ['alerts_total', 'Alerts raised.'],
  ['gap_bytes_total', 'Bytes of watched connections that were never seen.'],
  ['limit_hits_total', 'How often a limit was hit (docs/LIMITS.md).', 'limit'],
  ['plugin_failures_total', 'Bugs of protocol plug-ins that were met.'],
];

const LEVELS: readonly (readonly [string, string])[] = [
  ['flows', 'Connections in the table.'],
  ['uptime_seconds', 'Seconds since the start.'],
  ['resident_memory_bytes', 'Resident memory.'],
  ['backlog_bytes', 'Bytes of packets that wait for workers.'],
  ['capture_loss_ratio', 'Share of the bytes of IM connections that were on the wire and never captured.'],
];

/** Serves them at `/metrics`, and `/health` for a probe. Rejects with an OperatorError where the place cannot be had. */
export async function serveMetrics(place: MetricsPlace, metrics: Metrics): Promise<Server> {
  const options = { maxHeaderSize: MOST_HEADER, requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS };
  const server = createServer(options, (request, response) => {
    void answer(request, response, metrics);
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.keepAliveTimeout = PATIENCE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${place.host}:${place.port}`;
      reject(new OperatorError(`--metrics ${where}: ${WHY[error.code ?? ''] ?? error.message}`, EXIT.IO));
    });
    server.listen(place.port, place.host, resolve);
  });
  // A client that breaks off is none of our business.
  server.on('error', () => undefined);
  server.unref();
  return server;
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there; take another port',
  EACCES: 'no permission; take a port from 1024 on',
  EADDRNOTAVAIL: 'no address of this machine',
  ENOTFOUND: 'no such host',
};

async function answer(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
): Promise<void> {
  const path = url.split('?', 1)[0];
  const reply = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(method === 'HEAD' ? '' : text);
  };
  if (method !== 'GET' && method !== 'HEAD') reply(405, 'GET only\n');
  else if (path === '/metrics') {
    const text = await metrics.text();
    if (text === undefined) reply(503, 'not yet\n');
    else reply(200, text, metrics.contentType);
  } else if (path === '/health') reply(200, 'ok\n');
  else reply(404, '/metrics and /health are here\n');
}
