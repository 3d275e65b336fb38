import type { EveEvent } from '../event/eve.ts';

/** One kind of judgement. Fed in order with all events of a run; its only clock is packet time. */
export interface Watcher {
  /** Takes an event. True where an alert stands for its flow, raised by this event or before. */
  on(event: EveEvent): boolean;
  /** Packet time is now so many seconds, another one than before. */
  tick?(seconds: number): void;
  /** The input is over. */
  finish?(): void;
}
