import { EXIT, OperatorError } from '../../core/errors.ts';
import type { EveEvent, EventSink, EventType } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import { MemoryBacklog } from './backlog.ts';
import type { Backlog } from './backlog.ts';
import { connectLocal } from './local.ts';
import { formatMessage } from './message.ts';
import type { SyslogStyle } from './message.ts';
import { Sender } from './sender.ts';
import type { Connect } from './link.ts';
import { SpoolBacklog } from './spool.ts';
import { connectStream, readTls } from './stream.ts';
import { placeOf } from './target.ts';
import type { SyslogTarget } from './target.ts';
import { connectUdp } from './udp.ts';
import type { Lookup } from './udp.ts';

export interface SyslogOptions {
  /** Of imspan, told in some formats. */
  version?: string;
  /** Sensor name, where events carry none. */
  hostname?: string;
  /** Event types that are told where the URL names none. */
  events?: readonly EventType[];
  /** Bytes of memory for messages that wait. */
  queue?: number;
  /** Folder in which messages wait on disk, and at most how many bytes of them. */
  spool?: string;
  spoolLimit?: number;
  /** The producer is asked to wait while a collector that is there is slower; live, packets never wait. */
  hold?: boolean;
  /** Takes a line for the operator, when a collector is away and when it is back, at most one a minute. */
  notice?: (line: string) => void;
  /** Milliseconds: that `close` waits for what is unsent; of the first wait before the next try. */
  patience?: number;
  retry?: number;
  lookup?: Lookup;
}

const QUEUE = 8_388_608;
const SPOOL = 1_073_741_824;
const PATIENCE = 5_000;
/** Of what waited when there was no room, the share at which there is enough again. */
const ENOUGH = 0.75;
/** Milliseconds in which the operator is told once that there is no room. */
const QUIET = 60_000;

/** Opens the way of a target. Throws an OperatorError where its files cannot be used. */
function connectorOf(target: SyslogTarget, lookup: Lookup | undefined): Connect {
  if (target.transport === 'udp') return (careful) => connectUdp(target, careful, lookup);
  if (target.transport === 'local') return () => connectLocal(target);
  const context = target.transport === 'tls' ? readTls(target.url, target.tls) : undefined;
  return () => connectStream(target, context);
}

/**
 * Events as syslog messages to one collector, over UDP, TCP, TLS or the system's log socket. Packets never wait for it: messages wait in
 * a bounded queue in memory, or with `spool` on disk, until the collector has them; those of which it is not known are sent
 * again over a new connection (each has its event's id). What finds no room is counted in `lost`, and told to the collector when there is
 * room again.
 */
export class SyslogSink implements EventSink {
  readonly #target: SyslogTarget;
  readonly #options: SyslogOptions;
  readonly #style: SyslogStyle;
  readonly #events: ReadonlySet<EventType>;
  readonly #backlog: Backlog;
  readonly #sender: Sender;
  readonly #queue: number;
  #closed = false;
  #lost = 0;
  /** Of these, those that the collector was not told of. */
  #untold = 0;
  #lastLost: EveEvent | undefined;
  #keptAtLoss = 0;
  #noticedAt = -QUIET;

  /** Throws an OperatorError where files of the URL or the spool cannot be used. */
  constructor(target: SyslogTarget, options: SyslogOptions = {}) {
    const { queue = QUEUE, spool, spoolLimit = SPOOL, notice = () => undefined } = options;
    this.#target = target;
    this.#options = options;
    this.#queue = queue;
    this.#style = { ...target.style, version: options.version ?? '0', hostname: options.hostname };
    this.#events = target.events ?? new Set(options.events ?? ['alert']);
    const connect = connectorOf(target, options.lookup);
    this.#backlog =
      spool === undefined
        ? new MemoryBacklog(queue)
        : new SpoolBacklog(spool, placeOf(target), { limit: spoolLimit, memory: queue, say: notice });
    this.#sender = new Sender(this.#backlog, {
      ...{ url: target.url, connect, notice, retry: options.retry ?? 1_000 },
      ...{ isStream: target.transport === 'tcp' || target.transport === 'tls' },
    });
  }

  /** Messages that arrived, as far as can be known. */
  get sent(): number {
    return this.#backlog.confirmed - this.#sender.refused;
  }

  /** Messages that will not arrive. */
  get lost(): number {
    return this.#lost + this.#sender.refused;
  }

  /** Messages that wait, or of which it is not known whether they arrived. */
  get waiting(): number {
    return this.#backlog.kept;
  }

  get connected(): boolean {
    return this.#sender.connected;
  }

  get url(): string {
    return this.#target.url;
  }

  write(event: EveEvent): void {
    if (!this.#events.has(event.event_type)) return;
    if (this.#closed) {
      this.#lost++;
      return;
    }
    // Room for some, not for one at a time: else each message that is lost would have a note of its own.
    if (this.#untold > 0 && (this.#backlog.kept > this.#keptAtLoss * ENOUGH || !this.#tellLoss(event))) {
      this.#lose(event);
      return;
    }
    if (!this.#backlog.append(formatMessage(event, this.#style))) {
      this.#lose(event);
      return;
    }
    this.#sender.wake();
  }

  #lose(event: EveEvent): void {
    this.#lost++;
    this.#untold++;
    this.#lastLost = event;
    if (this.#untold > 1) return;
    this.#keptAtLoss = this.#backlog.kept;
    const now = performance.now();
    if (now - this.#noticedAt < QUIET) return;
    this.#noticedAt = now;
    this.#options.notice?.(
      `syslog ${this.#target.url}: no room for more messages that wait; what comes now is lost and counted`,
    );
  }

  /** A `stats` event to the collector: how many messages it does not get. False where there is no room for it. */
  #tellLoss({ host }: EveEvent): boolean {
    const last = this.#lastLost;
    const id = hash128('syslog-lost', last?.im?.id ?? '', this.#untold);
    const told: EveEvent = {
      timestamp: last?.timestamp ?? '',
      event_type: 'stats',
      ...(host === undefined ? {} : { host }),
      im: { v: 1, id, stats: { syslog_lost: this.#untold } },
    };
    if (!this.#backlog.append(formatMessage(told, this.#style))) return false;
    this.#untold = 0;
    return true;
  }

  /** Live, packets never wait for syslog; a replay waits for a collector that is there and slow. */
  drained(): Promise<void> | undefined {
    if (this.#options.hold !== true || this.#backlog.unreadBytes < this.#queue / 4) return undefined;
    return this.#sender.progress();
  }

  /**
   * Sends what waits. With a spool what cannot be sent stays there; `left` says how much. Rejects with an OperatorError where
   * messages are lost.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#sender.end(this.#options.patience ?? PATIENCE);
    const { url } = this.#target;
    const why = this.#sender.problem ?? 'there was no room for them';
    this.#left = this.#backlog.kept;
    if (this.#options.spool === undefined) {
      this.#lost += this.#left;
      this.#left = 0;
    }
    this.#backlog.close();
    if (this.lost > 0)
      throw new OperatorError(`syslog ${url}: ${this.lost} messages are lost: ${why}`, EXIT.IO);
  }

  #left = 0;

  /** After `close`: what is left in the spool, in words; undefined where nothing is. */
  get left(): string | undefined {
    if (this.#left === 0) return undefined;
    const why = this.#sender.problem === undefined ? '' : ` (${this.#sender.problem})`;
    return `syslog ${this.#target.url}: ${this.#left} messages wait in the spool${why}; the next run with it sends them, or imspan spool flush`;
  }
}
