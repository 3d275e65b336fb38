import { codePageNumber, decodeCodePage } from './codepage.ts';

/** RTF, which ICQ Pro sent to clients of its kind, to plain text. One pass, bounded by the input. */

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
  const reader = new Reader();
  let at = 0;
  while (at >= 0 && at < rtf.length) {
    if (rtf.charAt(at) === '\\') at = reader.control(rtf, at);
    else reader.sign(rtf.charAt(at++));
  }
  reader.flush();
  // In this mode only lone surrogates match.
  return reader.text.trimEnd().replace(/\p{Cs}/gu, '\ufffd');
}

/** The text so far, and where in the groups the reader is. */
class Reader {
  text = '';
  /** Code page of characters given as two hexadecimal digits. */
  #page = codePageNumber(1252);
  /** Such characters in a row: one letter may take two. */
  #bytes: number[] = [];
  #depth = 0;
  /** Depth of the outermost hidden group, or 0. */
  #hidden = 0;

  /** Reads the control at `at`; returns where the next thing begins, −1 at a broken one. */
  control(rtf: string, at: number): number {
    CONTROL.lastIndex = at;
    const control = CONTROL.exec(rtf);
    if (control === null) return -1;
    if (this.#hidden === 0 && HIDDEN.has(control[2] ?? control[4] ?? '')) this.#hidden = this.#depth;
    if (control[2] === 'ansicpg') this.#page = codePageNumber(Number(control[3] ?? 0)) ?? this.#page;
    if (this.#hidden === 0) this.#add(control);
    // A character by number is followed by the sign that stands for it elsewhere.
    const substitute = control[2] === 'u' && rtf.charAt(CONTROL.lastIndex) === '?';
    return CONTROL.lastIndex + (substitute ? 1 : 0);
  }

  /** A run of characters by number is decoded as one. */
  #add(control: RegExpExecArray): void {
    const digits = control[1];
    if (digits !== undefined) this.#bytes.push(Number.parseInt(digits, 16));
    else {
      this.flush();
      this.text += controlText(control);
    }
  }

  flush(): void {
    if (this.#bytes.length === 0) return;
    this.text += decodeCodePage(Uint8Array.from(this.#bytes), 0, this.#bytes.length, this.#page ?? 1252);
    this.#bytes = [];
  }

  sign(sign: string): void {
    this.flush();
    if (sign === '{') this.#depth++;
    else if (sign === '}') {
      if (this.#hidden === this.#depth) this.#hidden = 0;
      this.#depth--;
    } else if (this.#hidden === 0 && !UNSEEN.has(sign)) this.text += sign;
  }
}

/** Line ends of the source are none of the text. */
const UNSEEN = new Set(['\r', '\n', '\0']);

function controlText(control: RegExpExecArray): string {
  const [, , word, number, sign] = control;
  // 16 bits, negative from 0x8000; a pair of surrogates comes as two words.
  if (word === 'u') return String.fromCharCode(Number(number ?? 0) & 0xffff);
  if (word !== undefined) return WORDS.get(word) ?? '';
  return sign === '~' ? ' ' : sign === '{' || sign === '}' || sign === '\\' ? sign : '';
}
