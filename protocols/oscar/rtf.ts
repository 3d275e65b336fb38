/** RTF, which ICQ Pro sent to clients of its kind, to plain text. One pass; depth and output are bounded by the input. */

export function isRtf(text: string): boolean {
  return text.startsWith('{\\rtf');
}

/** Groups that hold no text of the document. */
const HIDDEN = new Set(['fonttbl', 'colortbl', 'stylesheet', 'info', 'pict', '*']);
const WORDS = new Map([
  ['par', '\n'],
  ['line', '\n'],
  ['tab', '\t'],
  ['emdash', '\u2014'],
  ['endash', '\u2013'],
  ['lquote', '\u2018'],
  ['rquote', '\u2019'],
  ['ldblquote', '\u201c'],
  ['rdblquote', '\u201d'],
  ['bullet', '\u2022'],
]);

/** A control word with its number and one space, a hexadecimal character, or an escaped sign. */
const CONTROL = /\\(?:'([\da-fA-F]{2})|([a-z]{1,32})(-?\d{1,6})? ?|([^a-z]))/suy;

export function rtfToText(rtf: string): string {
  let text = '';
  let depth = 0;
  /** Depth of the outermost hidden group, or 0. */
  let hidden = 0;
  let at = 0;
  while (at < rtf.length) {
    const c = rtf.charAt(at);
    if (c === '\\') {
      CONTROL.lastIndex = at;
      const control = CONTROL.exec(rtf);
      if (control === null) break;
      at = CONTROL.lastIndex;
      if (hidden === 0 && HIDDEN.has(control[2] ?? control[4] ?? '')) hidden = depth;
      if (hidden === 0) text += controlText(control);
      if (control[2] === 'u') at += rtf.charAt(at) === '?' ? 1 : 0;
      continue;
    }
    at++;
    if (c === '{') depth++;
    else if (c === '}') {
      if (hidden === depth) hidden = 0;
      depth--;
    } else if (hidden === 0 && c !== '\r' && c !== '\n' && c !== '\0') text += c;
  }
  // In this mode only lone surrogates match.
  return text.trimEnd().replace(/\p{Cs}/gu, '\ufffd');
}

function controlText(control: RegExpExecArray): string {
  const [, hexadecimal, word, number, sign] = control;
  if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
  // 16 bits, negative from 0x8000; a pair of surrogates comes as two words.
  if (word === 'u') return String.fromCharCode(Number(number ?? 0) & 0xffff);
  if (word !== undefined) return WORDS.get(word) ?? '';
  return sign === '~' ? ' ' : sign === '{' || sign === '}' || sign === '\\' ? sign : '';
}
