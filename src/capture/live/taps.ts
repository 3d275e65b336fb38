import { EXIT, OperatorError } from '../../core/errors.ts';
import type { Frame } from '../frame.ts';
import type { FrameSink } from '../source.ts';
import type { Engine, Tap, TapEnd, TapOptions } from './engine.ts';
import { PERMIT } from './pick.ts';
import type { InterfaceReport } from './report.ts';

export interface TapsOptions {
  readonly engine: Engine;
  /** Names, each once. */
  readonly interfaces: readonly string[];
  readonly tap: Omit<TapOptions, 'iface'>;
  /** An interface captures; `again` after it had gone. */
  readonly onUp: (iface: string, again: boolean) => void;
  /** A capture ended that was not told to; it is begun again after so many milliseconds. */
  readonly onDown: (iface: string, end: TapEnd, retryMs: number) => void;
}

const RETRY_MS = 1_000;
const MOST_RETRY_MS = 30_000;
/** A capture that ran for so long was well: the next retry comes soon again. */
const WELL_MS = 60_000;
/** Frame numbers order what happened; they are kept in 31 bits. */
const NUMBER_MASK = 0x7fff_ffff;

/** One interface, over all its captures. */
interface Lane {
  readonly name: string;
  readonly index: number;
  tap: Tap | undefined;
  /** Captures that have been up. */
  ups: number;
  frames: number;
  /** Of the captures that are over; undefined while none told. */
  packets: number | undefined;
  drops: number | undefined;
  partly: boolean;
}

/**
 * Captures on all interfaces at once and hands their frames on in the order in which they arrive, with
 * the interface's index as `file`. An interface that goes away is waited for.
 */
export class Taps {
  readonly #options: TapsOptions;
  readonly #lanes: readonly Lane[];
  #frames = 0;
  #stopped = false;
  readonly #wake = new Set<() => void>();

  constructor(options: TapsOptions) {
    this.#options = options;
    this.#lanes = options.interfaces.map((name, index) => ({
      name,
      index,
      tap: undefined,
      ups: 0,
      frames: 0,
      packets: undefined,
      drops: undefined,
      partly: false,
    }));
  }

  /** Frames so far, of all interfaces. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether the interface captures now. */
  isUp(index: number): boolean {
    return this.#lanes[index]?.tap !== undefined && (this.#lanes[index]?.ups ?? 0) > 0;
  }

  /** Captures until `stop`. Rejects, all captures ended, with an OperatorError where one cannot even begin. */
  async run(sink: FrameSink): Promise<void> {
    const runs = this.#lanes.map(async (lane) => {
      try {
        await this.#keep(lane, this.#laneSink(lane, sink));
      } catch (error) {
        this.stop();
        throw error;
      }
    });
    const ends = await Promise.allSettled(runs);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Ends every capture; what is on its way is handed on before `run` resolves. */
  stop(): void {
    this.#stopped = true;
    for (const lane of this.#lanes) lane.tap?.stop();
    for (const wake of this.#wake) wake();
  }

  kill(): void {
    this.stop();
    for (const lane of this.#lanes) lane.tap?.kill();
  }

  /** Asks for new counters. */
  ask(): void {
    for (const lane of this.#lanes) lane.tap?.ask();
  }

  reports(): InterfaceReport[] {
    return this.#lanes.map((lane) => {
      const now = lane.tap?.counters;
      return {
        name: lane.name,
        frames: lane.frames,
        restarts: Math.max(0, lane.ups - 1),
        packets: sum(lane.packets, now?.packets),
        drops: sum(lane.drops, now?.drops),
        partly: lane.partly,
      };
    });
  }

  async #keep(lane: Lane, sink: FrameSink): Promise<void> {
    let delay = RETRY_MS;
    while (!this.#stopped) {
      const began = performance.now();
      const end = await this.#once(lane, sink);
      if (this.#stopped) return;
      if (lane.ups === 0) throw cannotBegin(lane.name, end, this.#options.engine);
      if (performance.now() - began > WELL_MS) delay = RETRY_MS;
      this.#options.onDown(lane.name, end, delay);
      await this.#sleep(delay);
      delay = Math.min(2 * delay, MOST_RETRY_MS);
    }
  }

  /** One capture from begin to end. */
  async #once(lane: Lane, sink: FrameSink): Promise<TapEnd> {
    const { engine, tap: options, onUp } = this.#options;
    const tap = engine.open({ ...options, iface: lane.name });
    let up = false;
    lane.tap = tap;
    try {
      return await tap.capture(sink, () => {
        if (up) return;
        up = true;
        lane.ups++;
        onUp(lane.name, lane.ups > 1);
      });
    } finally {
      lane.tap = undefined;
      lane.packets = sum(lane.packets, tap.counters.packets);
      lane.drops = sum(lane.drops, tap.counters.drops);
      if (up && tap.counters.drops === undefined) lane.partly = true;
    }
  }

  #laneSink(lane: Lane, sink: FrameSink): FrameSink {
    return {
      frame: (frame: Frame) => {
        lane.frames++;
        frame.file = lane.index;
        frame.number = ++this.#frames & NUMBER_MASK;
        sink.frame(frame);
      },
      pause: () => sink.pause?.(),
    };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake.add(done);
    });
  }
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : a + b;
}

function cannotBegin(iface: string, end: TapEnd, engine: Engine): OperatorError {
  const what = `${iface}: ${engine.name} cannot capture: ${end.message}`;
  if (end.trouble === 'permission') return new OperatorError(`${what}\n  ${PERMIT[engine.name]}`, EXIT.IO);
  if (end.trouble === 'gone')
    return new OperatorError(`${what}\n  imspan interfaces lists what there is`, EXIT.IO);
  return new OperatorError(what, EXIT.IO);
}
