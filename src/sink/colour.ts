import { Chalk } from 'chalk';
import type { ChalkInstance, ColorSupportLevel } from 'chalk';

/**
 * How many colours a stream may be sent: none (0) where it is no terminal, where the environment sets
 * NO_COLOR to anything but nothing (no-color.org), or where the terminal is `dumb`; else 16 (1), 256 (2) or all (3).
 */
export function colourLevel(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): ColorSupportLevel {
  const term = env.TERM ?? '';
  if (!stream.isTTY || (env.NO_COLOR ?? '') !== '' || term === 'dumb') return 0;
  if (/^(?:truecolor|24bit)$/i.test(env.COLORTERM ?? '')) return 3;
  return /256/.test(term) ? 2 : 1;
}

type Paint = (text: string) => string;

/** What the console's colours mean. */
export interface Palette {
  quiet: Paint;
  kind: Paint;
  good: Paint;
  bad: Paint;
  /** By severity: 1, 2, 3. */
  alert: readonly [high: Paint, medium: Paint, low: Paint];
}

const PLAIN: Palette = { quiet: asIs, kind: asIs, good: asIs, bad: asIs, alert: [asIs, asIs, asIs] };

function asIs(text: string): string {
  return text;
}

export function makePalette(level: ColorSupportLevel): Palette {
  if (level === 0) return PLAIN;
  const chalk: ChalkInstance = new Chalk({ level });
  return {
    quiet: chalk.gray,
    kind: chalk.cyan,
    good: chalk.green,
    bad: chalk.red,
    alert: [chalk.bold.red, chalk.bold.yellow, chalk.bold.blue],
  };
}
