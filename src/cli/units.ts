import { InvalidArgumentError } from 'commander';

const SIZES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const PERIODS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };

/** `500M`, `10G`: bytes, in units of 1024. */
export function parseSize(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})([KMGT]?)$/.exec(text.trim()) ?? [];
  const bytes = Number(digits) * (SIZES[unit] ?? 0);
  if (digits === '' || bytes < 1 || !Number.isSafeInteger(bytes))
    throw new InvalidArgumentError('write bytes, or a number with K, M, G or T: 500M, 10G');
  return bytes;
}

/** `90`, `15m`, `1h`, `1d`: seconds. */
export function parsePeriod(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(text.trim()) ?? [];
  const seconds = Number(digits) * (PERIODS[unit] ?? 0);
  if (digits === '' || seconds < 1 || seconds > 31_536_000)
    throw new InvalidArgumentError('write seconds, or a number with m, h or d: 15m, 1h, 1d');
  return seconds;
}

/** A size for people: 1.5 GiB. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** A parser of whole numbers within bounds. */
export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`a whole number from ${least} to ${most} is needed`);
    return value;
  };
}
