import type { Live } from '../app/live.ts';
import { EXIT } from '../core/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first signal ends a live run in order, with its summary; the second ends it at once, without.
 * To be called off, by what is returned, when the run is over.
 */
export function endOnSignals(live: Live): () => void {
  let asked = false;
  const onSignal = (): void => {
    if (asked) {
      live.kill();
      // Nothing is to be waited for any more, an output that takes nothing least of all.
      process.exit(EXIT.IO);
    }
    asked = true;
    live.stop();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
