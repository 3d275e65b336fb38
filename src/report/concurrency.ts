/** A stretch of time in seconds, both ends with it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Concurrency {
  readonly peak: number;
  readonly p95: number;
  /** First second of the hour of UTC with the most at once, and how many: by hour. */
  readonly byHour: ReadonlyMap<number, number>;
}

const MINUTE = 60;
const HOUR = 3_600;

/** How many spans there are at once, minute by minute from the first to the last; undefined where there are none. */
export function concurrencyOf(spans: Iterable<Span>): Concurrency | undefined {
  const changes = new Map<number, number>();
  const change = (minute: number, by: number): void => {
    changes.set(minute, (changes.get(minute) ?? 0) + by);
  };
  for (const { start, end } of spans) {
    change(Math.floor(start / MINUTE), 1);
    change(Math.floor(Math.max(start, end) / MINUTE) + 1, -1);
  }
  if (changes.size === 0) return undefined;
  const minutes = [...changes.keys()].sort((a, b) => a - b);
  const lasting = new Map<number, number>();
  const byHour = new Map<number, number>();
  let now = 0;
  minutes.forEach((minute, i) => {
    now += changes.get(minute) ?? 0;
    const next = minutes[i + 1] ?? minute;
    lasting.set(now, (lasting.get(now) ?? 0) + next - minute);
    if (now === 0) return;
    for (let hour = Math.floor((minute * MINUTE) / HOUR); hour * HOUR < next * MINUTE; hour++)
      byHour.set(hour * HOUR, Math.max(byHour.get(hour * HOUR) ?? 0, now));
  });
  return { peak: Math.max(...lasting.keys()), p95: quantileOf(lasting, 0.95), byHour };
}

function quantileOf(lasting: ReadonlyMap<number, number>, share: number): number {
  const levels = [...lasting.entries()].sort(([a], [b]) => a - b);
  let left = share * levels.reduce((sum, [, minutes]) => sum + minutes, 0);
  for (const [level, minutes] of levels) {
    left -= minutes;
    if (left <= 0) return level;
  }
  return levels.at(-1)?.[0] ?? 0;
}
