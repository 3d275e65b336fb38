/**
 * Capture time: integer seconds and nanoseconds. Never a double of either unit together, which
 * would be wrong by a microsecond in 1.6% of stamps.
 */
const DAY = 86_400;
let cachedDay = -1;
let cachedDate = '';
let lastSeconds = -1;
let lastNanos = -1;
let last = '';

/**
 * EVE's form, UTC, microseconds cut (not rounded): `2005-03-08T14:03:11.004512+0000`.
 * Seconds are since the Unix epoch, 0 to 2^32 − 1 (and beyond, to the year 9999).
 */
export function formatTime(seconds: number, nanos: number): string {
  // Events come in bunches of one frame.
  if (seconds === lastSeconds && nanos === lastNanos) return last;
  lastSeconds = seconds;
  lastNanos = nanos;
  last = makeTime(seconds, nanos);
  return last;
}

function makeTime(seconds: number, nanos: number): string {
  const day = Math.floor(seconds / DAY);
  if (day !== cachedDay) {
    cachedDay = day;
    cachedDate = new Date(day * DAY * 1000).toISOString().slice(0, 11);
  }
  const rest = seconds - day * DAY;
  const h = (rest / 3600) | 0;
  const m = ((rest % 3600) / 60) | 0;
  const s = rest % 60;
  const us = Math.floor(nanos / 1000);
  return `${cachedDate}${two(h)}:${two(m)}:${two(s)}.${String(us).padStart(6, '0')}+0000`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}
