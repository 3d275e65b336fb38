import type { Engine, TapEnd, TapOptions } from '../capture/live/engine.ts';
import { interfaceNow } from '../capture/live/interfaces.ts';
import type { InterfaceReport } from '../capture/live/report.ts';
import { Taps } from '../capture/live/taps.ts';
import type { Frame } from '../capture/frame.ts';
import type { InputProblem } from '../capture/problem.ts';
import type { Rulebook } from '../classify/rulebook.ts';
import type { Limits } from '../core/limits.ts';
import { formatTime } from '../core/time.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { hash128 } from '../event/ids.ts';
import { Evidence } from './evidence/evidence.ts';
import { LiveClock } from './live-clock.ts';
import { LIVE } from './live-times.ts';
import { openLiveWorld } from './live-world.ts';
import type { LiveWorld, Look } from './live-world.ts';
import { engineSettings } from './pipeline.ts';
import type { EngineSettings } from './pipeline.ts';
import type { ReplayResult } from './replay.ts';
import type { CaptureCounters, EngineCounters } from './stats.ts';
import { Tally } from './tally.ts';
import { DeadMan } from './health/dead-man.ts';
import type { Alarm } from './health/dead-man.ts';
import type { ImPresence } from './health/im-presence.ts';
import { TrafficWatch } from './traffic-watch.ts';
import { backlog } from './backlog.ts';

export interface LiveOptions extends EngineSettings {
  readonly engine: Engine;
  readonly interfaces: readonly string[];
  /** A folder for the flows that were alerted on. */
  readonly evidence?: string | undefined;
  readonly tap: Omit<TapOptions, 'iface'>;
  readonly rulebook: Rulebook;
  /** Threads that share the flows; with one, there is no other thread. The events are the same. */
  readonly workers: number;
  /** Sensor name, for `host`. */
  readonly host?: string | undefined;
  readonly sinks: readonly EventSink[];
  /** Aborted once nobody reads the output: capture ends, and nothing more is told. */
  readonly gone: AbortSignal;
  /** Seconds between two `stats` events; 0: one at the end. */
  readonly statsSeconds: number;
  /** Ends by itself after so many seconds or packets. */
  readonly duration?: number | undefined;
  /** Seconds of silence, or of one direction only, after which an alert is raised; 0: none is. */
  readonly deadMan?: number | undefined;
  /** With each `stats` event, so that a line can be told. */
  readonly heartbeat?: ((status: LiveStatus) => void) | undefined;
  /** Every interface captures: called once. */
  readonly ready?: (() => void) | undefined;
  /** Why a capture that ended cannot be begun again, so that the run has to end; undefined where it can. */
  readonly cannotReturn?: ((end: TapEnd) => string | undefined) | undefined;
  readonly count?: number | undefined;
  /** A line for the operator, without line end. */
  readonly notice: (line: string) => void;
}

/** How a live run stands, for a status line. */
export interface LiveStatus {
  readonly frames: number;
  readonly drops: number | undefined;
  /** Packets that came to us and for which no worker had room. */
  readonly queueDrops: number;
  readonly gapBytes: number;
  readonly alerts: number;
  readonly events: number;
  /** Connections in the table. */
  readonly flows: number;
  /** Seconds since the start. */
  readonly uptime: number;
  /** Resident memory, bytes. */
  readonly memory: number;
  /** Bytes of packets that wait for the workers. */
  readonly backlog: number;
  readonly interfaces: readonly InterfaceReport[];
  readonly counters: EngineCounters | undefined;
}

const SECOND_MS = 1_000;
/** Seconds between two questions for the kernel's counters. */
const ASK_SECONDS = 5;

/** Captures on interfaces until it is stopped, and hands every event to the sinks. */
export class Live {
  readonly #options: LiveOptions;
  readonly #engine: LiveWorld;
  readonly #taps: Taps;
  readonly #evidence: Evidence | undefined;
  /** Evidence that is being put together. */
  #collecting: Promise<unknown> | undefined = undefined;
  readonly #tally = new Tally();
  readonly #clock = new LiveClock();
  readonly #watch: TrafficWatch;
  readonly #deadMan: DeadMan;
  readonly #ups = new Set<string>();
  #problem: InputProblem | undefined;
  #seconds = 0;
  /** Waits of captures for workers, or an output, that are slow. */
  #waits = 0;
  /** By interface: packets for which there was no room. */
  readonly #dropped: number[];
  /** As of the last look. */
  #counters: EngineCounters | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { interfaces, limits, notice } = options;
    this.#dropped = interfaces.map(() => 0);
    this.#evidence = evidenceOf(options);
    this.#engine = openLiveWorld({
      ...engineSettings(options),
      ring: this.#evidence?.ring,
      limits: liveLimits(limits, interfaces.length),
      ...{ rulebook: options.rulebook, host: options.host, workers: options.workers, gone: options.gone },
      files: interfaces,
      live: true,
      write: (event) => this.#write(event),
      looked: (look) => this.#looked(look),
      failed: () => this.stop(),
      pause: () => backlog(options.sinks),
    });
    this.#taps = new Taps({
      engine: options.engine,
      interfaces,
      tap: options.tap,
      onUp: (iface, again) => {
        notice(`${iface}: ${again ? 'capturing again' : 'capturing'}`);
        this.#up(iface);
      },
      onDown: (iface, end, retryMs) => {
        this.#down(iface, end, retryMs);
      },
    });
    this.#deadMan = new DeadMan({
      ...{ interfaces, patience: options.deadMan ?? 0, look: interfaceNow },
      alarm: (alarm) => {
        this.#alarm(alarm);
      },
    });
    this.#watch = new TrafficWatch({ interfaces, filter: options.tap.filter, look: interfaceNow, notice });
  }

  /** Captures until `stop`, the end of its time, or nobody reads the output. */
  async run(): Promise<ReplayResult> {
    const { gone, duration } = this.#options;
    const stop = (): void => this.stop();
    gone.addEventListener('abort', stop);
    const second = setInterval(() => this.#second(), SECOND_MS);
    const end = duration === undefined ? undefined : setTimeout(stop, duration * SECOND_MS);
    try {
      await this.#taps.run({ frame: (frame) => this.#frame(frame), pause: () => this.#pause() });
      clearInterval(second);
      const counters = await this.#engine.finish();
      if (counters) {
        this.#counters = counters;
        this.#tellStats(false);
        await this.#collecting;
        await this.#evidence?.end({ paths: this.#options.interfaces }, gone);
      }
    } finally {
      clearInterval(second);
      clearTimeout(end);
      gone.removeEventListener('abort', stop);
      await this.#engine.close();
      await this.#collecting;
      this.#evidence?.close();
    }
    return this.#result();
  }

  /** Ends the captures; `run` then tells what is open and resolves. */
  stop(): void {
    this.#taps.stop();
  }

  /** Ends them at once: what is on its way is lost. */
  kill(): void {
    this.#taps.kill();
  }

  /** Which hours had IM: to be kept over runs. */
  get presence(): ImPresence {
    return this.#deadMan.presence;
  }

  /** Another rulebook holds from the next event on; no packet is lost and no connection forgotten. */
  reload(rulebook: Rulebook): void {
    this.#engine.world.reload(rulebook);
  }

  /** Tells an alert about the watching itself. */
  alarm(alarm: Alarm): void {
    this.#alarm(alarm);
  }

  status(): LiveStatus {
    const interfaces = this.#reports();
    return {
      ...{ interfaces, counters: this.#counters && this.#engine.world.counters(this.#counters) },
      flows: this.#engine.world.flows,
      uptime: this.#seconds,
      memory: process.memoryUsage.rss(),
      backlog: this.#engine.backlog,
      frames: this.#taps.frames,
      drops: totals(interfaces).drops,
      queueDrops: this.#dropped.reduce((n, dropped) => n + dropped, 0),
      gapBytes: this.#counters?.flows['gap_bytes'] ?? 0,
      alerts: this.#engine.world.alerts,
      events: this.#tally.events,
    };
  }

  /** Packet time, real time before the first packet. */
  #now(): number {
    const { seconds } = this.#engine.world.clock;
    return seconds >= 0 ? seconds : Math.floor(Date.now() / SECOND_MS);
  }

  #up(iface: string): void {
    const { interfaces, ready } = this.#options;
    if (this.#ups.has(iface)) return;
    this.#ups.add(iface);
    if (this.#ups.size === interfaces.length) ready?.();
  }

  #down(iface: string, end: TapEnd, retryMs: number): void {
    const { notice, cannotReturn } = this.#options;
    const message = cannotReturn?.(end);
    if (message !== undefined) {
      this.#problem ??= { path: iface, kind: 'unreadable', message };
      this.stop();
    } else notice(downLine(iface, end, retryMs));
  }

  #alarm({ signature, about, iface, evidence }: Alarm): void {
    const { host } = this.#options;
    const finding = hash128('health', signature.id, host ?? '', about);
    this.#engine.world.classifier.tell({
      ...{ signature, finding, evidence, severity: signature.severity, confidence: 'high' },
      place: {
        timestamp: formatTime(this.#now(), 0),
        ...(iface === undefined ? {} : { in_iface: iface }),
        ...(host === undefined ? {} : { host }),
      },
      trigger: finding,
      im: {},
    });
  }

  #frame(frame: Frame): void {
    const { count } = this.#options;
    if (count !== undefined && this.#taps.frames > count) return;
    if (!this.#engine.frame(frame)) this.#dropped[frame.file] = (this.#dropped[frame.file] ?? 0) + 1;
    if (count !== undefined && this.#taps.frames >= count) this.#taps.stop();
  }

  #pause(): Promise<void> | undefined {
    const wait = this.#engine.pause();
    if (wait === undefined) return undefined;
    this.#waits++;
    return wait.finally(() => this.#waits--);
  }

  /** What is done once a second of real time. */
  #second(): void {
    this.#seconds++;
    const now = this.#clock.tick(this.#taps.frames, this.#engine.seconds, performance.now(), this.#waits > 0);
    if (now !== undefined) this.#engine.tick(now);
    const { interfaces, statsSeconds } = this.#options;
    this.#watch.second(
      this.#taps.reports().map(({ frames }) => frames),
      interfaces.map((_name, i) => this.#taps.isUp(i)),
    );
    this.#deadMan.second(this.#now(), {
      frames: this.#taps.reports().map(({ frames }) => frames),
      kernelDrops: totals(this.#taps.reports()).drops,
      queueDrops: this.#dropped.reduce((n, dropped) => n + dropped, 0),
    });
    if (this.#seconds % ASK_SECONDS === 0) this.#taps.ask();
    this.#engine.look({
      directions: this.#seconds % LIVE.LOOK_SECONDS === 0,
      stats: statsSeconds > 0 && this.#seconds % statsSeconds === 0,
    });
    this.#collect();
  }

  /** Keeps the flows that were alerted on and are over by now. */
  #collect(): void {
    if (this.#collecting || this.#evidence?.ready !== true) return;
    this.#engine.flush();
    const done = this.#evidence.collect({ paths: this.#options.interfaces }, true, this.#options.gone);
    this.#collecting = done.finally(() => (this.#collecting = undefined));
  }

  #looked({ counters, directions, stats }: Look): void {
    this.#counters = counters;
    if (directions) {
      this.#watch.directions(directions);
      this.#deadMan.directions(this.#now(), directions);
    }
    if (!stats) return;
    this.#tellStats(true);
    this.#options.heartbeat?.(this.status());
  }

  #write(event: EveEvent): void {
    this.#tally.event(event);
    if (event.event_type === 'im') this.#deadMan.im();
    this.#evidence?.event(event);
    for (const sink of this.#options.sinks) sink.write(event);
  }

  #tellStats(heartbeat: boolean): void {
    if (!this.#counters) return;
    const { world } = this.#engine;
    world.tellStats(world.counters(this.#counters), {
      ...captureCounters(this.#reports(), this.#options.engine.name),
      // What the input does not decide is told of a run that goes on, not of one that is over.
      ...(heartbeat ? { health: healthOf(this.status()) } : {}),
    });
  }

  #reports(): InterfaceReport[] {
    return this.#taps.reports().map((report, i) => ({ ...report, queueDrops: this.#dropped[i] ?? 0 }));
  }

  #result(): ReplayResult {
    const { world } = this.#engine;
    return {
      tally: this.#tally,
      counters: this.#counters && world.counters(this.#counters),
      problems: this.#problem ? [this.#problem] : [],
      files: 0,
      alerts: world.alerts,
      evidence: this.#evidence?.report(),
      live: { engine: this.#options.engine.name, interfaces: this.#reports() },
    };
  }
}

/** What `im.stats.health` tells. */
function healthOf({ uptime, memory, flows, backlog }: LiveStatus): Readonly<Record<string, number>> {
  return { uptime, memory, flows, backlog };
}

function evidenceOf(options: LiveOptions): Evidence | undefined {
  const { evidence: folder, workers } = options;
  if (folder === undefined) return undefined;
  return new Evidence({ settings: engineSettings(options), folder, workers, ring: true });
}

/** Interfaces hand on their packets at different moments: a hole may fill later than within one. */
function liveLimits(limits: Limits, interfaces: number): Limits {
  if (interfaces < 2) return limits;
  return { ...limits, gap_grace_ms: Math.max(limits.gap_grace_ms, LIVE.GAP_GRACE_MS) };
}

function downLine(iface: string, end: TapEnd, retryMs: number): string {
  return `${iface}: capture ended (${end.message}); trying again in ${Math.round(retryMs / 1000)} s`;
}

/** Sums over the interfaces; undefined where one of them does not know. */
function totals(reports: readonly InterfaceReport[]): Pick<CaptureCounters, 'packets' | 'drops'> {
  let packets: number | undefined = 0;
  let drops: number | undefined = 0;
  for (const report of reports) {
    packets = packets === undefined || report.packets === undefined ? undefined : packets + report.packets;
    drops = drops === undefined || report.drops === undefined ? undefined : drops + report.drops;
  }
  return { packets, drops };
}

/** What the `stats` event tells of the capture: counts that are not known are left out, and said to be unknown. */
export function captureCounters(reports: readonly InterfaceReport[], engine: string): CaptureCounters {
  const interfaces = reports.map((report) => ({
    in_iface: report.name,
    engine,
    packets: report.frames,
    kernel_packets: report.packets ?? 'unknown',
    kernel_drops: report.drops ?? 'unknown',
    ...(report.partly && report.drops !== undefined ? { kernel_drops_partly: true } : {}),
    restarts: report.restarts,
    ...(report.queueDrops ? { queue_drops: report.queueDrops } : {}),
  }));
  return { ...totals(reports), interfaces };
}
