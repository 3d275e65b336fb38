import type { EngineName } from './engine.ts';

/** One interface of a live run, over all its captures. */
export interface InterfaceReport {
  readonly name: string;
  /** Packets that reached us. */
  readonly frames: number;
  /** Captures that were begun again because the interface, or the engine, went away. */
  readonly restarts: number;
  /** Packets that passed the filter in the kernel, as far as it is known. */
  readonly packets: number | undefined;
  /** Packets that the kernel dropped, as far as it is known. */
  readonly drops: number | undefined;
  /** Some of its captures ended without telling what they dropped. */
  readonly partly: boolean;
  /** Packets that reached us and for which no worker had room. */
  readonly queueDrops?: number;
}

export interface LiveReport {
  readonly engine: EngineName;
  readonly interfaces: readonly InterfaceReport[];
}
