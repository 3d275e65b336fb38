import type * as CapModule from 'cap';
import { Frame } from '../frame.ts';
import type { FrameSink } from '../source.ts';
import type { Engine, Tap, TapCounters, TapEnd, TapOptions } from './engine.ts';
import { isThere } from './interfaces.ts';

/** What cap asks of libpcap, whatever we want (read in its source, version 0.2.1). */
const SNAP_LENGTH = 65_535;
/** How often the interface is looked for: cap does not tell that it went. */
const LOOK_MS = 1_000;

/**
 * Handles that failed to open. cap crashes when one is collected (it stops a poll that never began), so
 * they are kept to the end; each costs a handle of libpcap, so there is an end to trying.
 */
const FAILED: CapModule.Cap[] = [];
const MOST_FAILED = 64;

/** LINKTYPE_ values of the names that cap gives to link types. */
const LINKS: Readonly<Record<string, number>> = { ETHERNET: 1, NULL: 0, RAW: 101, LINKTYPE_LINUX_SLL: 113 };

/** The engine, or undefined where the module is not installed. */
export async function findCap(): Promise<Engine | undefined> {
  const module = await loadCap();
  if (module === undefined) return undefined;
  return {
    name: 'cap',
    counts:
      'times of our own clock; kernel drops cannot be counted; packets up to 65,535 bytes, always promiscuous',
    drops: 'never',
    refuses: (options) => refusedByCap(options),
    async checkFilter(options) {
      // Only an open interface compiles a filter here.
      const tap = new CapTap(module, options);
      const trouble = tap.open();
      tap.stop();
      return Promise.resolve(trouble !== undefined && isFilterTrouble(trouble) ? trouble : undefined);
    },
    open: (options) => new CapTap(module, options),
  };
}

/** What of the options cap does not take, in words. */
export function refusedByCap({ snapLength, promiscuous }: TapOptions): string[] {
  return [
    ...(snapLength < SNAP_LENGTH ? [`the snap length is always ${SNAP_LENGTH} bytes`] : []),
    ...(promiscuous ? [] : ['promiscuous mode is always on']),
  ];
}

async function loadCap(): Promise<typeof CapModule | undefined> {
  try {
    const loaded: unknown = await import('cap');
    const module = (loaded as { default?: typeof CapModule }).default ?? (loaded as typeof CapModule);
    return typeof module.Cap === 'function' ? module : undefined;
  } catch {
    // Not installed, or not built for this Node.js.
    return undefined;
  }
}

function isFilterTrouble(message: string): boolean {
  return /syntax|filter|parse|unknown host|illegal|expression/i.test(message);
}

/** Packets in our own process: an event each, without kernel times. */
class CapTap implements Tap {
  readonly counters: TapCounters = { packets: undefined, drops: undefined };
  readonly #module: typeof CapModule;
  readonly #options: TapOptions;
  readonly #packet = Buffer.allocUnsafeSlow(SNAP_LENGTH);
  readonly #frame = new Frame();
  #cap: CapModule.Cap | undefined = undefined;
  #sink: FrameSink | undefined = undefined;
  #stopped = false;
  #end: ((end: TapEnd) => void) | undefined = undefined;
  #fail: ((error: unknown) => void) | undefined = undefined;

  constructor(module: typeof CapModule, options: TapOptions) {
    this.#module = module;
    this.#options = options;
  }

  /** Undefined when it is open, else why not. */
  open(): string | undefined {
    const { iface, filter, buffer } = this.#options;
    // Not tried at all where it must fail: see FAILED.
    if (!isThere(iface)) return 'No such device exists';
    if (FAILED.length >= MOST_FAILED) return 'it failed too often to be tried again; start imspan anew';
    const cap = new this.#module.Cap();
    try {
      const link = cap.open(iface, filter, buffer, this.#packet);
      this.#frame.bytes = this.#packet;
      // A name that is not in the table is told as a link type that is not read.
      this.#frame.linkType = LINKS[link] ?? -1;
    } catch (error) {
      FAILED.push(cap);
      return error instanceof Error ? error.message : String(error);
    }
    this.#cap = cap;
    return undefined;
  }

  async capture(sink: FrameSink, up: () => void): Promise<TapEnd> {
    if (this.#stopped) return { trouble: 'stopped', message: 'stopped' };
    const trouble = this.open();
    if (trouble !== undefined) return verdict(trouble);
    this.#sink = sink;
    this.#cap!.on('packet', (length, truncated) => this.#take(length, truncated));
    const { iface } = this.#options;
    const look = setInterval(() => {
      if (!isThere(iface)) this.#finish({ trouble: 'gone', message: 'the interface disappeared' });
    }, LOOK_MS);
    const over = new Promise<TapEnd>((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    up();
    try {
      return await over;
    } finally {
      clearInterval(look);
    }
  }

  #take(length: number, truncated: boolean): void {
    const sink = this.#sink;
    if (sink === undefined || this.#stopped) return;
    const frame = this.#frame;
    const now = Date.now();
    frame.start = 0;
    frame.end = length;
    // How much longer it was is not told.
    frame.wireLength = truncated ? length + 1 : length;
    frame.seconds = Math.floor(now / 1000);
    frame.nanos = (now % 1000) * 1_000_000;
    try {
      sink.frame(frame);
    } catch (error) {
      // A bug of ours must not be lost inside an event.
      this.#close();
      this.#fail?.(error);
    }
  }

  ask(): void {
    // It has no counters.
  }

  stop(): void {
    this.#stopped = true;
    this.#finish({ trouble: 'stopped', message: 'stopped' });
  }

  kill(): void {
    this.stop();
  }

  #finish(end: TapEnd): void {
    this.#close();
    this.#end?.(end);
  }

  #close(): void {
    this.#sink = undefined;
    const cap = this.#cap;
    this.#cap = undefined;
    if (cap === undefined) return;
    // Not inside its own packet event: it is reading the ring then.
    setImmediate(() => {
      try {
        cap.close();
      } catch {
        // It was closed by the system already.
      }
    });
  }
}

function verdict(message: string): TapEnd {
  if (/permission|not permitted/i.test(message)) return { trouble: 'permission', message };
  if (/no such device|not up|disappeared/i.test(message)) return { trouble: 'gone', message };
  return { trouble: 'failed', message };
}
