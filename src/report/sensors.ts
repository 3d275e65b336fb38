import type { EveEvent } from '../event/eve.ts';

/** Events of which it is remembered who told them: those seen last. */
const MOST_EVENTS = 262_144;
/** Differences of time of two sensors that are kept to find the middle one. */
const MOST_SAMPLES = 8_192;
const MOST_SENSORS = 256;

/** What one sensor told, beside the others. */
export interface SensorRow {
  sensor: string;
  events: number;
  /** Of these, such that an earlier log of another sensor had told. */
  shared: number;
  /** Of these, such that the sensor itself had told: a repeat. */
  repeats: number;
  /** Sensor that the clock is compared with, and by how many seconds this one's is ahead of that, in the middle of all shared events. */
  against?: string;
  skew?: number;
  samples?: number;
}

interface Known {
  readonly sensor: string;
  readonly micros: number;
}

/**
 * Events of several sensors, each once: the same flow has the same ids wherever it is seen from its beginning. Where two sensors tell the
 * same event, the difference of their times is how far their clocks are apart (and the way of the packets between them).
 */
export class SensorComparison {
  readonly #known = new Map<string, Known>();
  readonly #rows = new Map<string, SensorRow>();
  readonly #samples = new Map<string, number[]>();

  /** True where the event was not told before. `source` names the sensor of events that name none. */
  take(event: EveEvent, source: string): boolean {
    const sensor = event.host ?? source;
    const row = this.#rowOf(sensor);
    row.events++;
    const id = event.im?.id;
    // Counters are each sensor's own.
    if (id === undefined || event.event_type === 'stats') return true;
    const key = `${event.event_type} ${id}`;
    const known = this.#known.get(key);
    if (known === undefined) {
      this.#known.set(key, { sensor, micros: microsOf(event.timestamp) });
      if (this.#known.size > MOST_EVENTS) this.#known.delete(this.#known.keys().next().value ?? '');
      return true;
    }
    if (known.sensor === sensor) row.repeats++;
    else {
      row.shared++;
      row.against ??= known.sensor;
      if (row.against === known.sensor) this.#sample(sensor, microsOf(event.timestamp) - known.micros);
    }
    return false;
  }

  #rowOf(sensor: string): SensorRow {
    const name = this.#rows.has(sensor) || this.#rows.size < MOST_SENSORS ? sensor : 'others';
    let row = this.#rows.get(name);
    if (row === undefined) this.#rows.set(name, (row = { sensor: name, events: 0, shared: 0, repeats: 0 }));
    return row;
  }

  #sample(sensor: string, micros: number): void {
    let samples = this.#samples.get(sensor);
    if (samples === undefined) this.#samples.set(sensor, (samples = []));
    if (samples.length < MOST_SAMPLES && Number.isFinite(micros)) samples.push(micros);
  }

  /** A row a sensor, in the order in which they were met. */
  rows(): SensorRow[] {
    return [...this.#rows.values()].map((row) => {
      const samples = this.#samples.get(row.sensor)?.sort((a, b) => a - b);
      const middle = samples?.[samples.length >> 1];
      if (samples === undefined || middle === undefined) return row;
      return { ...row, skew: middle / 1e6, samples: samples.length };
    });
  }
}

/** Microseconds since 1970 of an EVE time stamp: exact below the year 2255. */
function microsOf(timestamp: string): number {
  return Date.parse(`${timestamp.slice(0, 19)}Z`) * 1_000 + Number(timestamp.slice(20, 26));
}
