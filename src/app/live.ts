import type { Engine, TapEnd, TapOptions } from '../capture/live/engine.ts';
import { interfaceNow } from '../capture/live/interfaces.ts';
import type { InterfaceReport } from '../capture/live/report.ts';
import { Taps } from '../capture/live/taps.ts';
import type { Frame } from '../capture/frame.ts';
import type { Policy } from '../classify/policy.ts';
import type { Limits } from '../core/limits.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { directionsSeen } from '../flow/directions.ts';
import { LiveClock } from './live-clock.ts';
import { LIVE } from './live-times.ts';
import { engineSettings, makeFlowTable, openQuarantine } from './pipeline.ts';
import type { EngineSettings } from './pipeline.ts';
import type { ReplayResult } from './replay.ts';
import type { CaptureCounters } from './stats.ts';
import { Tally } from './tally.ts';
import { TrafficWatch } from './traffic-watch.ts';
import { LocalWorld } from './local.ts';
import { backlog } from './backlog.ts';

export interface LiveOptions extends EngineSettings {
  readonly engine: Engine;
  readonly interfaces: readonly string[];
  readonly tap: Omit<TapOptions, 'iface'>;
  readonly policy: Policy;
  /** Sensor name, for `host`. */
  readonly host?: string | undefined;
  readonly sinks: readonly EventSink[];
  /** Aborted once nobody reads the output: capture ends, and nothing more is told. */
  readonly gone: AbortSignal;
  /** Seconds between two `stats` events; 0: one at the end. */
  readonly statsSeconds: number;
  /** Ends by itself after so many seconds or packets. */
  readonly duration?: number | undefined;
  readonly count?: number | undefined;
  /** A line for the operator, without line end. */
  readonly notice: (line: string) => void;
}

/** How a live run stands, for a status line. */
export interface LiveStatus {
  readonly frames: number;
  readonly drops: number | undefined;
  readonly gapBytes: number;
  readonly alerts: number;
  readonly events: number;
}

const SECOND_MS = 1_000;
/** Seconds between two questions for the kernel's counters. */
const ASK_SECONDS = 5;

/** Captures on interfaces until it is stopped, and hands every event to the sinks. */
export class Live {
  readonly #options: LiveOptions;
  readonly #local: LocalWorld;
  readonly #taps: Taps;
  readonly #tally = new Tally();
  readonly #clock = new LiveClock();
  readonly #watch: TrafficWatch;
  #seconds = 0;
  /** Waits of captures for an output that is slow. */
  #waits = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { interfaces, limits, notice } = options;
    this.#local = new LocalWorld({
      ...engineSettings(options),
      limits: liveLimits(limits, interfaces.length),
      policy: options.policy,
      host: options.host,
      files: interfaces,
      live: true,
      table: makeFlowTable(limits, options.flowKey),
      quarantine: openQuarantine(engineSettings(options)),
      write: (event) => {
        this.#write(event);
      },
    });
    this.#taps = new Taps({
      engine: options.engine,
      interfaces,
      tap: options.tap,
      onUp: (iface, again) => {
        if (again) notice(`${iface}: capturing again`);
      },
      onDown: (iface, end, retryMs) => notice(downLine(iface, end, retryMs)),
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
    } finally {
      clearInterval(second);
      clearTimeout(end);
      gone.removeEventListener('abort', stop);
    }
    if (!gone.aborted) {
      this.#local.finish();
      this.#tellStats();
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

  status(): LiveStatus {
    return {
      frames: this.#taps.frames,
      drops: totals(this.#taps.reports()).drops,
      gapBytes: this.#local.pipeline.tracker.counters.gapBytes,
      alerts: this.#local.world.alerts,
      events: this.#tally.events,
    };
  }

  #frame(frame: Frame): void {
    const { count } = this.#options;
    if (count !== undefined && this.#taps.frames > count) return;
    this.#local.pipeline.frame(frame);
    if (count !== undefined && this.#taps.frames >= count) this.#taps.stop();
  }

  #pause(): Promise<void> | undefined {
    const wait = backlog(this.#options.sinks);
    if (wait === undefined) return undefined;
    this.#waits++;
    return wait.finally(() => this.#waits--);
  }

  /** What is done once a second of real time. */
  #second(): void {
    this.#seconds++;
    const { pipeline } = this.#local;
    const { seconds } = pipeline.tracker.clock;
    const now = this.#clock.tick(this.#taps.frames, seconds, performance.now(), this.#waits > 0);
    if (now !== undefined) this.#local.tick(now);
    const { interfaces, statsSeconds } = this.#options;
    this.#watch.second(
      this.#taps.reports().map(({ frames }) => frames),
      interfaces.map((_name, i) => this.#taps.isUp(i)),
    );
    if (this.#seconds % LIVE.LOOK_SECONDS === 0)
      this.#watch.directions(directionsSeen(pipeline.tracker.table));
    if (this.#seconds % ASK_SECONDS === 0) this.#taps.ask();
    if (statsSeconds > 0 && this.#seconds % statsSeconds === 0) this.#tellStats();
  }

  #write(event: EveEvent): void {
    this.#tally.event(event);
    for (const sink of this.#options.sinks) sink.write(event);
  }

  #tellStats(): void {
    const capture = captureCounters(this.#taps.reports(), this.#options.engine.name);
    this.#local.world.tellStats(this.#local.counters(), capture);
  }

  #result(): ReplayResult {
    const interfaces = this.#taps.reports();
    return {
      tally: this.#tally,
      counters: this.#local.counters(),
      problems: [],
      files: 0,
      alerts: this.#local.world.alerts,
      live: { engine: this.#options.engine.name, interfaces },
    };
  }
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
  }));
  return { ...totals(reports), interfaces };
}
