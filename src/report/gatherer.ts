import { plusDays, daysBetween, daysFrom } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import { REPORT_LIMITS } from './limits.ts';
import type { LogEvent, LogStats } from './log-event.ts';
import { BoundedMap } from '../core/cache.ts';
import { PeriodData } from './period-data.ts';
import type { Coverage } from './report.ts';

export interface PeriodAsked {
  /** First and last day, local; all that the logs have where not given. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** An hour back in one file: clocks were set, or logs were joined out of order. */
const STEP = 3_600;
const MAX_SENSORS = 64;
/** Runs whose last statistics are remembered. */
const MAX_RUNS = 65_536;
const MAX_EMPTY = 31;

/** Takes the events of all logs and sorts them into the period and the one before it. */
export class Gatherer {
  readonly calendar: Calendar;
  readonly now: PeriodData;
  readonly before: PeriodData;
  readonly #asked: PeriodAsked;
  readonly #sensors = new Set<string>();
  readonly #lastOf = new Map<string, number>();
  #events = 0;
  #first: string | undefined;
  #last: string | undefined;
  #firstDay: string | undefined;
  #lastDay: string | undefined;
  #stepsBack = 0;
  readonly #lossOf = new BoundedMap<string, { bytesSeen: number; bytesLost: number }>(MAX_RUNS);
  #bytesSeen = 0;
  #bytesLost = 0;

  constructor(calendar: Calendar, asked: PeriodAsked = {}) {
    this.calendar = calendar;
    this.#asked = asked;
    this.now = new PeriodData(calendar);
    this.before = new PeriodData(calendar);
  }

  take(event: LogEvent): void {
    const local = this.calendar.at(event.seconds);
    const { from, to } = this.#asked;
    if (to !== undefined && local.day > to) return;
    if (from !== undefined && local.day < from) {
      if (this.#isBefore(local.day, from)) this.before.take(event, local);
      return;
    }
    this.#cover(event, local.day);
    this.now.take(event, local);
  }

  /** The days of the period; undefined where nothing was read. */
  get period(): { from: string; to: string } | undefined {
    const from = this.#asked.from ?? this.#firstDay;
    const to = this.#asked.to ?? this.#lastDay;
    return from === undefined || to === undefined ? undefined : { from, to };
  }

  /** The days before it, as many; undefined where none were asked for or there is nothing of them. */
  get periodBefore(): { from: string; to: string } | undefined {
    const { from } = this.#asked;
    const period = this.period;
    if (from === undefined || period === undefined || this.before.days.size === 0) return undefined;
    return { from: plusDays(from, -this.#length), to: plusDays(from, -1) };
  }

  coverage(files: number, badLines: number): Coverage {
    const { period } = this;
    const days = period === undefined ? [] : daysFrom(period.from, period.to);
    return {
      ...{ files, badLines, events: this.#events, first: this.#first, last: this.#last },
      sensors: [...this.#sensors].sort(),
      loss: this.#bytesSeen === 0 ? undefined : this.#bytesLost / (this.#bytesSeen + this.#bytesLost),
      emptyDays: days.filter((day) => !this.now.days.has(day)).slice(0, MAX_EMPTY),
      stepsBack: this.#stepsBack,
      limits: [...this.now.limited, ...this.before.limited].map(
        (name) => REPORT_LIMITS[name as keyof typeof REPORT_LIMITS].what,
      ),
    };
  }

  /** Days that were asked for; where the end was not, as far as was read. */
  get #length(): number {
    const { from, to } = this.#asked;
    const end = to ?? this.#lastDay;
    return from === undefined || end === undefined ? 0 : daysBetween(from, end) + 1;
  }

  #isBefore(day: string, from: string): boolean {
    const { to } = this.#asked;
    // Where the end is not known yet, what is too old is left out when the period is.
    return to === undefined || day >= plusDays(from, -(daysBetween(from, to) + 1));
  }

  #cover(event: LogEvent, day: string): void {
    const { seconds, timestamp, file, sensor, stats } = event;
    this.#events++;
    if (this.#first === undefined || timestamp < this.#first) this.#first = timestamp;
    if (this.#last === undefined || timestamp > this.#last) this.#last = timestamp;
    if (this.#firstDay === undefined || day < this.#firstDay) this.#firstDay = day;
    if (this.#lastDay === undefined || day > this.#lastDay) this.#lastDay = day;
    if (sensor !== '' && this.#sensors.size < MAX_SENSORS) this.#sensors.add(sensor);
    const last = this.#lastOf.get(file);
    if (last !== undefined && last - seconds >= STEP) this.#stepsBack++;
    if (last !== undefined || this.#lastOf.size < MAX_SENSORS) this.#lastOf.set(file, seconds);
    if (stats !== undefined) this.#loss(`${file} ${sensor}`, stats);
  }

  /** Each `stats` event tells all since the beginning of its run; where it tells less than the one before, another run has begun. */
  #loss(run: string, { bytesSeen, bytesLost }: LogStats): void {
    const before = this.#lossOf.get(run);
    const goesOn = before !== undefined && bytesSeen >= before.bytesSeen && bytesLost >= before.bytesLost;
    this.#bytesSeen += bytesSeen - (goesOn ? before.bytesSeen : 0);
    this.#bytesLost += bytesLost - (goesOn ? before.bytesLost : 0);
    this.#lossOf.set(run, { bytesSeen, bytesLost });
  }
}
