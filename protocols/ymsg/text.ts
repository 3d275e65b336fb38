/**
 * Yahoo!'s message text: plain text with ANSI-like codes (`ESC[1m` bold, `ESC[#ff0000m` colour,
 * `ESC[lm` link) and a few tags. It is no HTML: there are no entities, and a tag that is not of
 * the list below is what somebody typed.
 */
const TAGS: ReadonlySet<string> = new Set([
  'b',
  'i',
  'u',
  'black',
  'blue',
  'cyan',
  'gray',
  'green',
  'pink',
  'purple',
  'orange',
  'red',
  'yellow',
]);
/** Of these a blank and more may follow the name. */
const WITH_ATTRIBUTES: ReadonlySet<string> = new Set(['font', 'fade', 'alt', 'snd']);
const LONGEST_NAME = 7;
/** Attributes of a tag and digits of a code are looked for no further than this. */
const LONGEST_TAG = 512;
const LONGEST_CODE = 12;

const ESC = 0x1b;
const LESS = 0x3c;

/** The text as people read it: codes and tags taken out, line ends as `\n`. */
export function plainText(raw: string): string {
  const text = raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw;
  if (!text.includes('\x1b') && !text.includes('<')) return text;
  let plain = '';
  let kept = 0;
  let at = 0;
  while (at < text.length) {
    const stop = markEnd(text, at);
    if (stop > at) {
      plain += text.slice(kept, at);
      kept = stop;
      at = stop;
    } else {
      at++;
    }
  }
  return plain + text.slice(kept);
}

/** Where the code or tag that begins at `at` ends; `at` where none does. */
function markEnd(text: string, at: number): number {
  const c = text.charCodeAt(at);
  if (c === ESC) return codeEnd(text, at);
  return c === LESS ? tagEnd(text, at) : at;
}

function codeEnd(text: string, at: number): number {
  if (text[at + 1] !== '[') return at;
  const limit = Math.min(text.length, at + 2 + LONGEST_CODE);
  for (let i = at + 2; i < limit; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x6d) return i + 1;
    if (!isCodeCharacter(c)) return at;
  }
  return at;
}

/** Digits, letters (`x` closes, `l` is a link, a to f are of colours), `#` and `;`. */
function isCodeCharacter(c: number): boolean {
  return (
    (c >= 0x30 && c <= 0x39) ||
    (c >= 0x61 && c <= 0x7a) ||
    (c >= 0x41 && c <= 0x5a) ||
    c === 0x23 ||
    c === 0x3b
  );
}

function tagEnd(text: string, at: number): number {
  const start = text[at + 1] === '/' ? at + 2 : at + 1;
  let i = start;
  const nameLimit = Math.min(text.length, start + LONGEST_NAME + 1);
  while (i < nameLimit && isCodeCharacter(text.charCodeAt(i))) i++;
  const name = text.slice(start, i).toLowerCase();
  const wide = WITH_ATTRIBUTES.has(name);
  if (!wide && !TAGS.has(name) && !isColour(name)) return at;
  if (text[i] === '>') return i + 1;
  if (!wide || text[i] !== ' ') return at;
  const limit = Math.min(text.length, i + LONGEST_TAG);
  for (; i < limit; i++) if (text.charCodeAt(i) === 0x3e) return i + 1;
  return at;
}

/** `<#ff0000>`, as chat rooms have it. */
function isColour(name: string): boolean {
  return name.length === 7 && /^#[0-9a-f]{6}$/.test(name);
}
