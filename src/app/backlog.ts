import type { EventSink } from '../event/eve.ts';

/** A wait while a sink has too much unsent; undefined where none has. */
export function backlog(sinks: readonly EventSink[]): Promise<void> | undefined {
  const waits: Promise<void>[] = [];
  for (const sink of sinks) {
    const wait = sink.drained();
    if (wait) waits.push(wait);
  }
  return waits.length > 0 ? Promise.all(waits).then(() => undefined) : undefined;
}
