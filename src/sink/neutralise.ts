/**
 * Wire text made safe to show: a stranger's bytes never move the cursor, change the colour, turn the
 * reading direction, hide themselves or begin a line of their own.
 */

/**
 * Controls (C0, DEL, C1: with them every ANSI escape), format characters (bidirectional controls,
 * zero-width characters, tags), line and paragraph separators, lone surrogates, and letters that show as nothing.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0]/u;
const PLAIN = /^[\x20-\x7e]*$/;
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Ends a text that was cut. */
const ELLIPSIS = '…';

/**
 * `text` with every hidden character as a visible escape (`\x1b`, `\u202e`, `\u{e0041}`, `\n`), cut to at
 * most `max` characters (code points; an escape counts as long as it is written), `…` the last of
 * them where it was cut. No escape is cut in two. Time is bounded by `max`, not by the text.
 */
export function neutralise(text: string, max = Infinity): string {
  if (text.length <= max && PLAIN.test(text)) return text;
  let out = '';
  let width = 0;
  /** `out` as it was when one more place was free: where a cut puts its mark. */
  let before = '';
  for (const char of text) {
    const unit = HIDDEN.test(char) ? escapeOf(char) : char;
    const size = unit === char ? 1 : unit.length;
    if (width + size > max) return max < 1 ? '' : (width < max ? out : before) + ELLIPSIS;
    if (width < max) before = out;
    out += unit;
    width += size;
  }
  return out;
}

function escapeOf(char: string): string {
  const short = SHORT_ESCAPES[char];
  if (short !== undefined) return short;
  const hex = (char.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

/** One escape as `neutralise` writes it, or one code point. */
const UNIT = /\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]{1,6}\}|[nrt])|[^]/gu;

/**
 * The longest start of a neutralised text that takes at most `max` bytes of UTF-8, cutting neither a
 * character nor an escape; it ends in `...` where it was cut and there is room for that.
 */
export function cutBytes(text: string, max: number): string {
  if (text.length * 3 <= max || Buffer.byteLength(text) <= max) return text;
  const mark = max > 3 ? '...' : '';
  let room = max - mark.length;
  let end = 0;
  for (const [unit] of text.matchAll(UNIT)) {
    room -= Buffer.byteLength(unit);
    if (room < 0) break;
    end += unit.length;
  }
  return text.slice(0, end) + mark;
}

/**
 * The same for a text that is escaped on its way out: `escape` of the longest start that takes at most `max` bytes with it, `...` behind it
 * where it was cut. `escape` is given whole units, never a part of one.
 */
export function cutEscaped(text: string, max: number, escape: (unit: string) => string): string {
  const whole = escape(text);
  if (Buffer.byteLength(whole) <= max) return whole;
  const mark = max > 3 ? '...' : '';
  let room = max - mark.length;
  let out = '';
  for (const [unit] of text.matchAll(UNIT)) {
    const escaped = escape(unit);
    room -= Buffer.byteLength(escaped);
    if (room < 0) break;
    out += escaped;
  }
  return out + mark;
}
