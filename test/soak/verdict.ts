/** Resident memory at a moment of a soak. */
export interface Sample {
  readonly second: number;
  readonly bytes: number;
}

const SHARE = 0.05;
/** Fewer in a third say nothing. */
const LEAST = 5;
const MIB = 2 ** 20;

/** Whether memory was flat: the mean of the last third within 5% of that of the second. */
export function soakVerdict(samples: readonly Sample[]): { flat: boolean; text: string } {
  const third = Math.floor(samples.length / 3);
  if (third < LEAST) return { flat: false, text: `only ${samples.length} samples: too few to judge` };
  const mean = (from: number, to: number): number =>
    samples.slice(from, to).reduce((sum, { bytes }) => sum + bytes, 0) / (to - from);
  const [first, second, last] = [mean(0, third), mean(third, 2 * third), mean(2 * third, samples.length)];
  const change = last / second - 1;
  const flat = Math.abs(change) <= SHARE;
  const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
  const peak = Math.max(...samples.map(({ bytes }) => bytes));
  return {
    flat,
    text: `memory (MiB, means of thirds): ${mib(first)}, ${mib(second)}, ${mib(last)}; peak ${mib(peak)}; last against second ${(change * 100).toFixed(2)}%: ${flat ? 'flat' : 'NOT flat'} over ${Math.round(samples.at(-1)?.second ?? 0)} s`,
  };
}
