import type { Backlog } from './backlog.ts';
import { LinkError } from './link.ts';
import type { Connect, Link } from './link.ts';

export interface SenderOptions {
  /** For what is told of it. */
  readonly url: string;
  readonly connect: Connect;
  readonly notice: (line: string) => void;
  /** Milliseconds before the second try; doubled with each, up to half a minute. */
  readonly retry: number;
  /** Over a connection, whose end tells that what is on its way may be lost. */
  readonly isStream: boolean;
}

/** Bytes that are handed to the system at once. */
const BATCH = 131_072;
const MOST_RETRY = 30_000;
/** Milliseconds after which what the collector's system has acknowledged is taken to have been read by the collector. */
const READ = 2_000;
const READ_UDP = 500;
const LOOK = 250;
/** A collector that comes and goes is told of once in so many milliseconds. */
const QUIET = 60_000;

/** Sends a backlog to a collector, in order, over as many connections as it takes. */
export class Sender {
  readonly #backlog: Backlog;
  readonly #options: SenderOptions;
  /** Positions that were handed over, and when: the oldest first. */
  #sent: { end: number; at: number; acknowledged: boolean }[] = [];
  #link: Link | undefined;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #watchers: (() => void)[] = [];
  #ending = false;
  #stopped = false;
  #failures = 0;
  #toldAt = -QUIET;
  #toldAway = false;
  #refused = 0;
  #looking: NodeJS.Timeout | undefined;
  /** Why the collector could not be reached at last; undefined while it can. */
  problem: string | undefined;

  constructor(backlog: Backlog, options: SenderOptions) {
    this.#backlog = backlog;
    this.#options = options;
    // What an earlier run left is sent at once; else the first message opens the way.
    if (backlog.unread > 0) this.wake();
  }

  get connected(): boolean {
    return this.#link !== undefined;
  }

  /** Messages that no collector takes. */
  get refused(): number {
    return this.#refused + (this.#link?.refused ?? 0);
  }

  /** There is something to send. */
  wake(): void {
    this.#running ??= this.#run();
    this.#wake?.();
  }

  /** Resolves when something was sent, or the collector is away; undefined where it is. */
  progress(): Promise<void> | undefined {
    if (this.#link === undefined) return undefined;
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  /** Sends what waits, as far as it can within `patience` milliseconds, and ends. */
  async end(patience: number): Promise<void> {
    this.#ending = true;
    if (this.#running === undefined) return;
    this.#wake?.();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.problem ??= 'they could not be sent in time';
        resolve();
      }, patience);
    });
    await Promise.race([this.#running, late]);
    clearTimeout(timer);
    this.#stopped = true;
    this.#wake?.();
    this.#drop();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const link = await this.#options.connect(this.#failures > 0);
        if (this.#stopped) {
          link.destroy();
          return;
        }
        this.#link = link;
        await this.#serve(link);
        return;
      } catch (error) {
        const problem = error instanceof LinkError ? error : new LinkError(error);
        this.#drop();
        this.#backlog.rewind();
        this.#sent = [];
        this.#tellAway(problem);
        // The run is over: one more try was this one.
        if (this.#ending && this.#failures++ > 0) return;
        const wait = Math.min(MOST_RETRY, this.#options.retry * 2 ** Math.min(this.#failures++, 10));
        if (!this.#ending) await this.#pause(wait);
      }
    }
  }

  /** Sends until the run is over; rejects where the link breaks. */
  async #serve(link: Link): Promise<void> {
    this.#looking = setInterval(() => this.#look(link), LOOK).unref();
    if (this.#options.isStream) this.#tellBack();
    for (;;) {
      const batch = this.#backlog.read(BATCH);
      if (batch !== undefined) {
        await link.send(batch.messages);
        this.#sent.push({ end: batch.end, at: performance.now(), acknowledged: false });
        this.#tellWatchers();
        continue;
      }
      if (this.#stopped) return;
      if (this.#ending) break;
      await link.broken.race(this.#pause());
    }
    const arrived = await link.finish();
    const last = this.#sent.at(-1);
    if (arrived && last !== undefined) this.#confirm(last.end);
  }

  /** What the collector has by now is confirmed. */
  #look(link: Link): void {
    const now = performance.now();
    if (this.#sent.length > 0) {
      const acknowledged = link.acknowledged() ?? true;
      if (acknowledged) for (const each of this.#sent) each.acknowledged = true;
      const patience = this.#options.isStream ? READ : READ_UDP;
      const last = this.#sent.findLast((each) => each.acknowledged && now - each.at >= patience);
      if (last !== undefined) this.#confirm(last.end);
    }
    this.#backlog.sync();
  }

  #confirm(end: number): void {
    this.#sent = this.#sent.filter((each) => each.end > end);
    this.#backlog.confirm(end);
    this.#failures = 0;
    this.#tellBack();
  }

  #drop(): void {
    clearInterval(this.#looking);
    this.#refused += this.#link?.refused ?? 0;
    this.#link?.destroy();
    this.#link = undefined;
    this.#tellWatchers();
  }

  #tellWatchers(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const each of watchers) each();
  }

  #tellAway(error: LinkError): void {
    this.problem = error.message;
    const now = performance.now();
    if (this.#toldAway || now - this.#toldAt < QUIET) return;
    this.#toldAway = true;
    this.#toldAt = now;
    this.#options.notice(
      `syslog ${this.#options.url}: ${error.message}; messages wait until it can be reached`,
    );
  }

  #tellBack(): void {
    this.problem = undefined;
    if (!this.#toldAway) return;
    this.#toldAway = false;
    this.#options.notice(`syslog ${this.#options.url}: it can be reached again`);
  }

  /** Until there is something to do, or so many milliseconds have passed. */
  #pause(milliseconds?: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      if (milliseconds !== undefined) timer = setTimeout(done, milliseconds).unref();
      // A message more is no reason to try a collector that is away any sooner; the end of the run is.
      this.#wake = () => {
        if (milliseconds === undefined || this.#ending || this.#stopped) done();
      };
    });
  }
}
