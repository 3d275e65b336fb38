import type { Quarantine } from '../files/quarantine.ts';
import type { FlowTable } from '../flow/table.ts';
import { protocols } from '../../protocols/index.ts';
import { engineSettings, openRing, Pipeline } from './pipeline.ts';
import type { CandidateRing } from './evidence/ring.ts';
import type { EngineSettings } from './pipeline.ts';
import { countersOf } from './stats.ts';
import type { EngineCounters } from './stats.ts';
import { World } from './world.ts';
import type { WorldOptions } from './world.ts';

export interface LocalWorldOptions extends WorldOptions, EngineSettings {
  /** An empty flow table of `limits.flows`. */
  readonly table: FlowTable;
  readonly quarantine?: Quarantine | undefined;
  /** Number of the input among those of the run. */
  readonly index?: number;
}

/** A world and the one pipeline that reads its frames, both in this thread. */
export class LocalWorld {
  readonly world: World;
  readonly pipeline: Pipeline;
  readonly ring: CandidateRing | undefined;

  constructor(options: LocalWorldOptions) {
    const world = new World(options);
    this.world = world;
    this.ring = openRing(options, options.index ?? 0, 0);
    this.pipeline = new Pipeline({
      ...engineSettings(options),
      protocols,
      table: options.table,
      quarantine: options.quarantine,
      candidates: this.ring,
      output: (tracker) => {
        world.stamp = tracker.stamp;
        world.clock = tracker.clock;
        return world.session;
      },
      second: (seconds, flows) => {
        world.second(seconds, flows);
      },
    });
  }

  /** Packet time went on to this second though no packet came (live). */
  tick(seconds: number): void {
    this.pipeline.tick(seconds);
    const now = this.pipeline.tracker.clock.seconds;
    if (now >= 0) this.world.tick(now);
  }

  /** The input is over: all that is open ends. */
  finish(): void {
    this.pipeline.finish();
    this.ring?.close();
    this.world.end();
  }

  /** What was counted until now. */
  counters(): EngineCounters {
    return this.world.counters(countersOf(this.pipeline));
  }
}
