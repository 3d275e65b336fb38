import { OperatorError } from '../core/errors.ts';

/** A moment as the clocks of a time zone show it. */
export interface LocalTime {
  /** `2005-03-08`. */
  readonly day: string;
  readonly hour: number;
  /** 0 Monday to 6 Sunday. */
  readonly weekday: number;
}

/** No zone changes its clocks within such a part of an hour, in seconds. */
const SLOT = 900;
/** Slots remembered: a quarter of a year. */
const MAX_SLOTS = 8_760;
const DAY = 86_400;

/** Days and hours of a time zone. */
export class Calendar {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #slots = new Map<number, LocalTime>();

  /** Throws an OperatorError for a zone that is none (`Europe/Berlin`, `UTC`). */
  constructor(zone = 'UTC') {
    this.zone = zone;
    try {
      this.#format = new Intl.DateTimeFormat('en-GB', {
        ...({ timeZone: zone, hourCycle: 'h23', calendar: 'iso8601' } as const),
        ...({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit' } as const),
      });
    } catch {
      throw new OperatorError(`"${zone}" is no time zone; write one such as Europe/Berlin or UTC`);
    }
  }

  /** What the clocks show at a second since the epoch. */
  at(seconds: number): LocalTime {
    const slot = Math.floor(seconds / SLOT);
    let time = this.#slots.get(slot);
    if (time === undefined) {
      time = this.#read(slot * SLOT);
      if (this.#slots.size >= MAX_SLOTS) this.#slots.clear();
      this.#slots.set(slot, time);
    }
    return time;
  }

  #read(seconds: number): LocalTime {
    const parts = new Map(
      this.#format.formatToParts(seconds * 1_000).map(({ type, value }) => [type, value]),
    );
    const day = `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
    return { day, hour: Number(parts.get('hour')), weekday: weekdayOf(day) };
  }
}

/** 0 Monday to 6 Sunday of `2005-03-08`. */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** The day so many days later. */
export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY * 1_000).toISOString().slice(0, 10);
}

/** Days from one to another; 0 for the same. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / (DAY * 1_000));
}

/** Each day from one to another, both with them; at most `most`. */
export function daysFrom(from: string, to: string, most = 3_660): string[] {
  const count = Math.min(most, daysBetween(from, to) + 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => plusDays(from, i));
}

/** Reads `2005-03-08`; throws an OperatorError that names the option otherwise. */
export function readDay(text: string, option: string): string {
  const valid = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
  if (valid && plusDays(text, 0) === text) return text;
  throw new OperatorError(`${option} is to be a day such as 2026-11-24, not "${text}"`);
}
