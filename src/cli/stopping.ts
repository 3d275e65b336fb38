import { constants } from 'node:os';
import { EXIT } from '../core/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A run that can be ended. */
interface Stoppable {
  /** Ends it in order: what was read is told, with the summary. */
  stop(): void;
  /** Ends it at once: what is on its way is lost. */
  kill?(): void;
}

/** A run's signals. */
export interface Signals {
  /** 128 and the number of the signal that ended the run, as shells have it; undefined where none did. */
  readonly status: number | undefined;
  /** To be called when the run is over. */
  release(): void;
}

/** The first signal ends a run in order, with its summary; the second ends it at once, without. */
export function endOnSignals(run: Stoppable, signals: readonly NodeJS.Signals[] = SIGNALS): Signals {
  let status: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (status !== undefined) {
      run.kill?.();
      // Nothing is to be waited for any more, an output that takes nothing least of all.
      process.exit(EXIT.IO);
    }
    status = 128 + constants.signals[signal];
    run.stop();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    get status() {
      return status;
    },
    release: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
