import { FIGURES } from '../figures.ts';
import type { Unit } from '../figures.ts';
import type { Cell, Figure } from '../report.ts';

/** Controls, format characters, separators and lone surrogates: nothing of a stranger's text acts on what shows it. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const LARGE = ['', 'k', 'M', 'G', 'T'];

/** A text with what could hide or turn in it as visible escapes. */
export function plain(text: string): string {
  return text.replace(HIDDEN, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A number as a person reads it, with its unit. */
export function amount(value: number | undefined, unit: Unit): string {
  if (value === undefined || !Number.isFinite(value)) return 'not known';
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(1)}%`;
    case 'seconds':
      return value < 120 ? `${NUMBER.format(value)} s` : `${NUMBER.format(value / 60)} min`;
    case 'bytes':
      return `${scaled(value)}B`;
    case 'bits a second':
      return `${scaled(value)}bit/s`;
    case 'hours':
      return `${NUMBER.format(value)} h`;
    default:
      return NUMBER.format(value);
  }
}

/** A cell as text; numbers grouped. */
export function cellText(cell: Cell): string {
  if (cell === undefined) return '';
  return typeof cell === 'number' ? NUMBER.format(cell) : plain(cell);
}

/** How a figure changed against the period before: `+12.0%`, `from 0`; undefined without one. */
export function change({ value, before }: Figure): string | undefined {
  if (value === undefined || before === undefined) return undefined;
  if (before === 0) return value === 0 ? 'as before' : 'from 0';
  const share = (value - before) / Math.abs(before);
  if (Math.abs(share) < 0.0005) return 'as before';
  return `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)}%`;
}

export function figureText(figure: Figure): string {
  return figure.value === undefined
    ? (figure.note ?? 'not known')
    : amount(figure.value, FIGURES[figure.id].unit);
}

function scaled(value: number): string {
  let step = 0;
  let rest = value;
  while (rest >= 1_000 && step < LARGE.length - 1) {
    rest /= 1_000;
    step++;
  }
  return `${NUMBER.format(rest)} ${LARGE[step] ?? ''}`;
}
