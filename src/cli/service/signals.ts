/** What signals ask of a service that goes on. */
export interface Asked {
  /** SIGHUP: read again what the operator wrote, open logs again. */
  reload(): void;
  /** SIGUSR1: tell how things stand. */
  tell(): void;
}

/** Hears SIGHUP (not where a person started us at a terminal: it means that this has gone) and SIGUSR1 until called off. */
export function hearSignals(asked: Asked, hangUpEnds: boolean): () => void {
  const reload = (): void => asked.reload();
  const tell = (): void => asked.tell();
  if (!hangUpEnds) process.on('SIGHUP', reload);
  // It would start Node.js's debugger else.
  process.on('SIGUSR1', tell);
  return () => {
    process.off('SIGHUP', reload);
    process.off('SIGUSR1', tell);
  };
}
