import { matchGlob } from './glob.ts';

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '<': (order) => order < 0,
};

/**
 * Reads a test of a version: `2.10.*` (a pattern), or `>= 2.10` with `>`, `>=`, `<`, `<=` (by numbers,
 * so 2.9 is below 2.10). A complaint in words where it is neither.
 */
export function parseVersionTest(text: string): ((version: string) => boolean) | string {
  const operator = /^[<>]=?/.exec(text)?.[0];
  if (operator === undefined) {
    if (text.startsWith('=')) return `"${text}": for one exact version write the number alone`;
    const pattern = text.toLowerCase();
    return (version) => matchGlob(pattern, version.toLowerCase());
  }
  const bound = text.slice(operator.length).trim();
  const holds = OPERATORS[operator];
  if (holds === undefined || !/^\d+(?:\.\d+)*$/.test(bound)) {
    return `"${text}": ${operator} is to be followed by a version number such as 2.10`;
  }
  const wanted = numbersOf(bound);
  return (version) => {
    const numbers = numbersOf(version);
    return numbers.length > 0 && holds(compare(numbers, wanted));
  };
}

/** The first dotted number in a client's version: `2.10.11 (libpurple 2.10.11)` is 2, 10, 11. */
function numbersOf(version: string): number[] {
  const dotted = /\d+(?:\.\d+)*/.exec(version)?.[0];
  return dotted === undefined ? [] : dotted.split('.').map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = (a[i] ?? 0) - (b[i] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}
