import { formatTime } from '../../src/sdk/index.ts';

/** XEP-0082 (`2002-09-10T23:41:07.123Z`) and the older form of XEP-0091 (`20020910T23:41:07`). */
const STAMP = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:Z|([+-])(\d\d):(\d\d))?$/;

/** Chat clients did not exist before; what claims to be older is no time. */
const EARLIEST = Date.UTC(1990, 0, 1) / 1000;
const LATEST = Date.UTC(2100, 0, 1) / 1000;

/** The stamp in the contract's form, or undefined where it is no plausible time. */
export function parseStamp(text: string): string | undefined {
  const parts = text.length > 48 ? null : STAMP.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60)
    return undefined;
  const [fraction = '', sign = '+', offHour = '0', offMinute = '0'] = parts.slice(7);
  const offset = (Number(offHour) * 60 + Number(offMinute)) * 60 * (sign === '-' ? -1 : 1);
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - offset;
  if (seconds < EARLIEST || seconds >= LATEST) return undefined;
  return formatTime(seconds, Number(fraction.padEnd(9, '0')));
}
