import type { EveEvent } from '../../event/eve.ts';
import { Classifier } from '../classifier.ts';
import type { Policy } from '../policy.ts';

/** Captures whose events may stand in a log in turns; of those beyond, the one that came first is ended. */
const MAX_WORLDS = 64;

/**
 * Judges the events of a log by a policy. As in a replay each capture is a world of its own: what one tells of a connection
 * or a machine says nothing of another. Feed it in order, then end it.
 */
export class Worlds {
  readonly #policy: Policy;
  readonly #emit: (alert: EveEvent) => void;
  readonly #merged: boolean;
  readonly #worlds = new Map<string, Classifier>();

  /** `emit` takes each alert; `merged`: the captures of the log are parts of one (`replay --merge`). */
  constructor(policy: Policy, emit: (alert: EveEvent) => void, merged = false) {
    this.#policy = policy;
    this.#emit = emit;
    this.#merged = merged;
  }

  /** Takes an event; what is no `im` or `flow` event is passed over. */
  on(event: EveEvent): void {
    if (event.event_type !== 'im' && event.event_type !== 'flow') return;
    this.#of((this.#merged ? undefined : event.pcap_filename) ?? '').on(event);
  }

  end(): void {
    for (const world of this.#worlds.values()) world.finish();
    this.#worlds.clear();
  }

  #of(capture: string): Classifier {
    const known = this.#worlds.get(capture);
    if (known !== undefined) return known;
    if (this.#worlds.size >= MAX_WORLDS) this.#endOldest();
    const world = new Classifier({ rulebook: { policy: this.#policy }, emit: this.#emit });
    this.#worlds.set(capture, world);
    return world;
  }

  #endOldest(): void {
    for (const [capture, world] of this.#worlds) {
      world.finish();
      this.#worlds.delete(capture);
      return;
    }
  }
}
