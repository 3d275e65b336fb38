import type { Server } from 'node:http';
import type { Live } from '../../app/live.ts';
import { loadPresence, savePresence } from '../../app/health/state.ts';
import type { AlertState } from '../../classify/alerts/state.ts';
import { OperatorError } from '../../core/errors.ts';
import { makeLimits } from '../../core/limits.ts';
import { neutralise } from '../../sink/neutralise.ts';
import type { EngineFlags } from '../options.ts';
import { saveState } from '../rulebook.ts';
import type { Sinks } from '../sinks.ts';
import { statusText } from '../status-line.ts';
import { version } from '../version.ts';
import { keepDisk } from './keeping.ts';
import type { KeepingFlags } from './keeping.ts';
import { ServiceManager } from './manager.ts';
import { Metrics, serveMetrics } from './metrics.ts';
import type { MetricsPlace } from './metrics.ts';
import { becomeUser } from './privilege.ts';
import type { Identity } from './privilege.ts';
import { Reloader } from './reload.ts';
import { hearSignals } from './signals.ts';
import { statisticsText } from './statistics.ts';

export interface ServiceFlags extends EngineFlags, KeepingFlags {
  metrics?: MetricsPlace;
}

export interface ServiceOptions {
  readonly flags: ServiceFlags;
  readonly sinks: Sinks;
  readonly state: AlertState | undefined;
  readonly engine: string;
  /** Whom root becomes once it captures. */
  readonly identity: Identity | undefined;
  readonly say: (line: string) => void;
}

const KEEP_MS = 60_000;

/** What a live run has besides capturing: signals, state, metrics, the service manager, the disk, another user. */
export class Service {
  readonly #options: ServiceOptions;
  readonly #manager: ServiceManager;
  #live: Live | undefined;
  #server: Server | undefined;
  #timers: (NodeJS.Timeout | undefined)[] = [];
  #release: () => void = () => undefined;
  #unsaved: string | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#manager = new ServiceManager(process.env, options.say);
  }

  /** To be called before there is a run: rejects with an OperatorError where metrics cannot be served. */
  async listen(): Promise<void> {
    const { flags, engine } = this.#options;
    if (!flags.metrics) return;
    const metrics = await Metrics.open(() => this.#live?.status(), { version: version(), engine });
    this.#server = await serveMetrics(flags.metrics, metrics);
  }

  /** Begins, with what is to be run. */
  start(live: Live): void {
    this.#live = live;
    const { flags, state, sinks, say } = this.#options;
    this.#loadPresence(live);
    const reloader = new Reloader(flags, (rules) => live.reload({ ...rules, memory: state?.memory }), say);
    const atTerminal = process.stdout.isTTY || process.stderr.isTTY;
    this.#release = hearSignals(
      {
        reload: () => {
          sinks.reopen();
          state?.readMarks();
          void reloader.reload();
        },
        tell: () => {
          for (const line of statisticsText(live.status()).split('\n')) say(line);
        },
      },
      atTerminal,
    );
    if (state) this.#timers.push(setInterval(() => this.#keep(state), KEEP_MS).unref());
  }

  /** Every interface captures: from here on nobody needs to be root. */
  readonly ready = (): void => {
    const { identity, flags, say, engine } = this.#options;
    if (identity !== undefined) {
      becomeUser(identity);
      say(`root was given up: this is ${identity.name} now`);
    }
    this.#manager.ready(`capturing with ${engine}`);
    const { kept_files } = makeLimits(flags.limit);
    this.#timers.push(keepDisk(flags, kept_files, say, (alarm) => this.#live?.alarm(alarm)));
  };

  /** With every `stats` event: the service manager shows it. */
  readonly heartbeat = (): void => {
    if (this.#live) this.#manager.status(statusNow(this.#live));
  };

  stopping(): void {
    this.#manager.stopping();
  }

  /** The run is over: what is remembered is written. */
  end(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#release();
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#savePresence();
  }

  /** Saves what was told now and then, so that a crash loses little, and takes over what people said meanwhile. */
  #keep(state: AlertState): void {
    state.readMarks();
    this.#complain(saveState(state));
    this.#savePresence();
  }

  #loadPresence({ presence }: Live): void {
    const { flags, say } = this.#options;
    if (flags.state === undefined) return;
    try {
      loadPresence(flags.state, presence, say);
    } catch (error) {
      // The run goes on without: it learns anew which hours have IM.
      if (!(error instanceof OperatorError)) throw error;
      this.#complain(error.message);
    }
  }

  #savePresence(): void {
    const { state: folder } = this.#options.flags;
    if (folder === undefined || !this.#live) return;
    try {
      savePresence(folder, this.#live.presence);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      this.#complain(error.message);
    }
  }

  #complain(unsaved: string | undefined): void {
    if (unsaved !== undefined && unsaved !== this.#unsaved) this.#options.say(neutralise(unsaved, 1_000));
    this.#unsaved = unsaved;
  }
}

function statusNow(live: Live): string {
  const status = live.status();
  return statusText(status, Math.round(status.frames / Math.max(1, status.uptime)));
}
