import type { InterfaceInfo } from '../capture/live/interfaces.ts';
import { LIVE } from './live-times.ts';

export interface TrafficWatchOptions {
  readonly interfaces: readonly string[];
  readonly filter: string;
  /** The interface's state now; undefined where it is not known. */
  readonly look: (iface: string) => InterfaceInfo | undefined;
  /** A line for the operator. */
  readonly notice: (line: string) => void;
}

interface Seen {
  frames: number;
  /** Seconds without a packet. */
  silent: number;
  told: boolean;
}

/** Tells the operator at once that traffic is seen, or that it is not, and what that may come from. */
export class TrafficWatch {
  readonly #options: TrafficWatchOptions;
  readonly #seen: Seen[];
  #seconds = 0;
  #directionsTold = false;

  constructor(options: TrafficWatchOptions) {
    this.#options = options;
    this.#seen = options.interfaces.map(() => ({ frames: 0, silent: 0, told: false }));
  }

  /** Once a second: frames so far, by interface; `up` says which capture at all. */
  second(frames: readonly number[], up: readonly boolean[]): void {
    this.#seconds++;
    this.#seen.forEach((seen, i) => {
      const name = this.#options.interfaces[i] ?? '';
      const now = frames[i] ?? 0;
      if (now > seen.frames) this.#alive(name, seen, now);
      else if (up[i] === true) this.#silent(name, seen);
    });
  }

  #alive(name: string, seen: Seen, frames: number): void {
    if (seen.frames === 0) this.#options.notice(`${name}: packets are arriving`);
    else if (seen.told) this.#options.notice(`${name}: packets are arriving again`);
    seen.frames = frames;
    seen.silent = 0;
    seen.told = false;
  }

  #silent(name: string, seen: Seen): void {
    seen.silent++;
    const patience = seen.frames === 0 ? LIVE.SILENT_AT_START : LIVE.SILENT_LATER;
    if (seen.told || seen.silent < patience) return;
    seen.told = true;
    this.#options.notice(`${name}: no packets for ${patience} seconds: ${this.#why(name)}`);
  }

  #why(name: string): string {
    const info = this.#options.look(name);
    if (info?.state === 'down') return `the interface is down (sudo ip link set ${name} up)`;
    if (info?.state === 'no carrier') return 'it has no carrier: is the cable in, and the span port on?';
    const { filter } = this.#options;
    return filter === ''
      ? 'is this the interface that the span port feeds, and is its session on?'
      : `nothing passes the filter (${filter}), or the span session is off; try without the filter`;
  }

  /** From time to time: how many connections were seen from both sides, and how many from one. */
  directions({ both, one }: { both: number; one: number }): void {
    if (this.#directionsTold || this.#seconds < LIVE.LOOK_SECONDS) return;
    if (both + one < LIVE.ENOUGH_CONNECTIONS) return;
    if (both > one / 10) return;
    this.#directionsTold = true;
    const all = both + one;
    this.#options.notice(
      `only one direction is seen of ${one} of ${all} connections: set the span session to both (rx and tx), or give the other interface with a second -i`,
    );
  }
}
