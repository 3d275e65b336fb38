/**
 * JSON that fits: a body of JSON is never cut, it loses what weighs least until it is short enough.
 */

/** Everything that a terminal, a line reader or an encoding could act on or disagree about. */
const NOT_ASCII = /[^\x20-\x7e]/g;

/** One line of pure ASCII: what is beyond leaves as `\uXXXX`, which is the same JSON. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** How much of its texts and lists a value keeps. */
interface Measure {
  readonly text: number;
  readonly items: number;
  readonly depth: number;
}

const MEASURES: readonly Measure[] = [
  { text: 256, items: 16, depth: 6 },
  { text: 96, items: 6, depth: 5 },
  { text: 48, items: 2, depth: 4 },
];

/**
 * JSON of `whole` in at most `room` bytes (all ASCII). Where it is longer: of `whole` with its texts and lists
 * cut, then of `essence` (which `mark` has marked as reduced, like all that is cut), then of that without the fields at its end, one by one.
 * The first field of `essence` always stays: it is to be short.
 */
export function fitJson(
  whole: Readonly<Record<string, unknown>>,
  room: number,
  essence: () => Record<string, unknown>,
  mark: (reduced: Record<string, unknown>) => void,
): string {
  const json = asciiJson(whole);
  if (json.length <= room) return json;
  for (const measure of MEASURES) {
    const reduced = cut(whole, measure, 0) as Record<string, unknown>;
    mark(reduced);
    const shorter = asciiJson(reduced);
    if (shorter.length <= room) return shorter;
  }
  const left = Object.entries(cut(essence(), { text: 48, items: 2, depth: 6 }, 0) as object);
  for (;;) {
    const shortest = asciiJson(Object.fromEntries(left));
    if (shortest.length <= room || left.length <= 1) return shortest;
    left.pop();
  }
}

function cut(value: unknown, measure: Measure, depth: number): unknown {
  if (typeof value === 'string') return cutText(value, measure.text);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= measure.depth) return undefined;
  if (Array.isArray(value)) return value.slice(0, measure.items).map((item) => cut(item, measure, depth + 1));
  const kept: Record<string, unknown> = {};
  let fields = 0;
  for (const [name, inner] of Object.entries(value)) {
    // A table whose names are a stranger's can be long; ours have fewer fields than this.
    if (++fields > MOST_FIELDS || name.length > MOST_NAME) continue;
    const shorter = cut(inner, measure, depth + 1);
    if (shorter !== undefined) kept[name] = shorter;
  }
  return kept;
}

const MOST_FIELDS = 64;
const MOST_NAME = 64;

/** The first `max` code points, `…` the last of them where it was cut. */
function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  let out = '';
  let left = max - 1;
  for (const char of text) {
    if (left-- <= 0) return `${out}…`;
    out += char;
  }
  return out;
}
