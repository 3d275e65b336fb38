/** Something that acts at times of its own: a flow, or the arrival of flows. */
export interface Actor {
  /** Acts at `now` (microseconds); returns how long it waits for the next time, or -1 when it is over. */
  step(now: number): number;
}

/** The order of events: a binary heap of times over the actors that wait for them. */
export class Timeline {
  /** The time of the step that is or was acted last. */
  now: number;
  private readonly times: number[] = [];
  private readonly actors: Actor[] = [];

  constructor(start: number) {
    this.now = start;
  }

  /** Lets an actor act first after `wait` microseconds. */
  add(wait: number, actor: Actor): void {
    const time = this.now + Math.trunc(wait);
    this.times.push(time);
    this.actors.push(actor);
    this.rise(this.actors.length - 1, time, actor);
  }

  /** Lets the earliest actor act; false where nobody waits. */
  next(): boolean {
    const actor = this.actors[0];
    const now = this.times[0];
    if (actor === undefined || now === undefined) return false;
    this.now = now;
    const wait = actor.step(now);
    // The step may have added actors, but none that is earlier: this one is still the root.
    if (wait >= 0) this.sink(0, now + Math.trunc(wait), actor);
    else this.removeRoot();
    return true;
  }

  private removeRoot(): void {
    const time = this.times.pop();
    const actor = this.actors.pop();
    if (actor !== undefined && time !== undefined && this.actors.length > 0) this.sink(0, time, actor);
  }

  private rise(from: number, time: number, actor: Actor): void {
    const { times, actors } = this;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const other = times[parent] as number;
      if (other <= time) break;
      times[place] = other;
      actors[place] = actors[parent] as Actor;
      place = parent;
    }
    times[place] = time;
    actors[place] = actor;
  }

  private sink(from: number, time: number, actor: Actor): void {
    const { times, actors } = this;
    const count = actors.length;
    let place = from;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= count) break;
      if (child + 1 < count && (times[child + 1] as number) < (times[child] as number)) child++;
      const other = times[child] as number;
      if (other >= time) break;
      times[place] = other;
      actors[place] = actors[child] as Actor;
      place = child;
    }
    times[place] = time;
    actors[place] = actor;
  }
}
