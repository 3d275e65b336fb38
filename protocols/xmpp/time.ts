import { formatTime } from '../../src/sdk/index.ts';

/** XEP-0082 (`2002-09-10T23:41:07.123Z`) and the older form of XEP-0091 (`20020910T23:41:07`). */
const STAMP = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:Z|([+-])(\d\d):(\d\d))?$/;

/** Chat clients did not exist before; what claims to be older is no time. */
const EARLIEST = Date.UTC(1990, 0, 1) / 1000;
const LATEST = Date.UTC(2100, 0, 1) / 1000;

/** The greatest value of month, day, hour, minute and second, and their least. */
const GREATEST = [12, 31, 24, 59, 60];
const LEAST = [1, 1, 0, 0, 0];

/** The stamp in the contract's form, or undefined where it is no plausible time. */
export function parseStamp(text: string): string | undefined {
  const parts = text.length > 48 ? null : STAMP.exec(text);
  if (!parts) return undefined;
  const [year = 0, ...rest] = parts.slice(1, 7).map(Number);
  if (rest.some((n, i) => n < (LEAST[i] ?? 0) || n > (GREATEST[i] ?? 0))) return undefined;
  const [month = 1, day = 1, hour = 0, minute = 0, second = 0] = rest;
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - offsetOf(parts.slice(8));
  if (seconds < EARLIEST || seconds >= LATEST) return undefined;
  return formatTime(seconds, Number((parts[7] ?? '').padEnd(9, '0')));
}

/** Seconds that a zone is ahead of UTC: sign, hours, minutes; none where the stamp has no zone. */
function offsetOf([sign, hours = '0', minutes = '0']: (string | undefined)[]): number {
  const seconds = (Number(hours) * 60 + Number(minutes)) * 60;
  return sign === '-' ? -seconds : seconds;
}
