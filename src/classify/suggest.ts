/** The known name that `name` most likely meant, as ` (did you mean "…"?)`, or an empty string where none is near. */
export function nearest(name: string, known: Iterable<string>): string {
  const wanted = name.slice(0, LONGEST).toLowerCase();
  let best = '';
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const steps = editDistance(wanted, candidate.toLowerCase());
    if (steps < least) {
      best = candidate;
      least = steps;
    }
  }
  return best === '' ? '' : ` (did you mean "${best}"?)`;
}

const LONGEST = 64;

/** Insertions, deletions, replacements and swaps of neighbours that make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let steps = Math.min((old[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (old[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        steps = Math.min(steps, (older[j - 2] ?? 0) + 1);
      }
      row.push(steps);
    }
    older = old;
    old = row;
  }
  return old[b.length] ?? 0;
}
