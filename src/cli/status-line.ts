import type { LiveStatus } from '../app/live.ts';

interface StatusFlags {
  json?: boolean;
  quiet?: boolean;
}

const EVERY_MS = 2_000;
const ERASE = '\r\u001b[K';

/** One line on standard error that tells how a live run stands; only on a terminal that events do not use. */
export class StatusLine {
  readonly #shown: boolean;
  #timer: NodeJS.Timeout | undefined = undefined;
  #frames = 0;
  #at = performance.now();
  #drawn = false;

  constructor(flags: StatusFlags) {
    const busy = process.stdout.isTTY && !flags.quiet;
    this.#shown = process.stderr.isTTY && !busy;
  }

  start(status: () => LiveStatus): void {
    if (!this.#shown) return;
    this.#timer = setInterval(() => this.#draw(status()), EVERY_MS).unref();
  }

  /** Makes room for another line. */
  clear(): void {
    if (this.#drawn) process.stderr.write(ERASE);
    this.#drawn = false;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #draw(status: LiveStatus): void {
    const now = performance.now();
    const rate = Math.round(((status.frames - this.#frames) * 1000) / Math.max(1, now - this.#at));
    this.#frames = status.frames;
    this.#at = now;
    process.stderr.write(`${ERASE}${statusText(status, rate)}`);
    this.#drawn = true;
  }
}

/** The line's text; `rate` in packets a second. */
export function statusText(status: LiveStatus, rate: number): string {
  const n = (value: number): string => value.toLocaleString('en-US');
  const drops =
    status.drops === undefined ? 'kernel drops unknown' : `${n(status.drops)} dropped by the kernel`;
  const queue = status.queueDrops > 0 ? `, ${n(status.queueDrops)} dropped by us` : '';
  return `${n(status.frames)} packets (${n(rate)}/s), ${drops}${queue}, ${n(status.gapBytes)} bytes missing, ${n(status.events)} events, ${n(status.alerts)} alerts`;
}
