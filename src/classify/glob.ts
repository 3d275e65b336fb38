/**
 * True when `text` is of the form of `pattern`, in which `*` stands for any characters (none too) and
 * all else for itself. Time is at most the product of the lengths, whatever a stranger's text is. Both are
 * compared as they are: bring them to one case first.
 */
export function matchGlob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
