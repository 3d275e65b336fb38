/**
 * HTML as messages carry it (AIM, TOC, direct IM, XHTML-IM fall-backs) to the text that a person
 * reads. One pass, linear in time whatever the input; no document is built.
 */
import { decodeWindows1252 } from '../core/text.ts';
import type { ImFacts } from '../event/im.ts';

/** Latin-1 entity names (HTML 4.01, 24.2.1) in the order of their code points, from U+00A0. */
const LATIN1_NAMES =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 ' +
  'acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde ' +
  'Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute ' +
  'Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde ' +
  'auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ' +
  'ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...LATIN1_NAMES.split(' ').map((name, i) => [name, String.fromCharCode(0xa0 + i)] as const),
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['euro', '\u20ac'],
  ['bull', '\u2022'],
  ['hellip', '\u2026'],
  ['ndash', '\u2013'],
  ['mdash', '\u2014'],
  ['lsquo', '\u2018'],
  ['rsquo', '\u2019'],
  ['ldquo', '\u201c'],
  ['rdquo', '\u201d'],
  ['trade', '\u2122'],
  // To a reader (and to a search) a no-break space is a space.
  ['nbsp', ' '],
]);

/** The longest reference that is looked for between `&` and `;`. */
const LONGEST_REFERENCE = 10;
const LONGEST_NAME = 10;

/** Elements of HTML 4 and of AIM's clients; what only looks like a tag (`<grin>`) is text. */
const ELEMENTS = new Set(
  (
    'a abbr address b base basefont bgsound big binary blink blockquote body br center cite code data dd del div ' +
    'dl dt em font h1 h2 h3 h4 h5 h6 head hr html i img input ins kbd li link meta ol option p pre q s samp ' +
    'script small span strike strong style sub sup table tbody td tfoot th thead title tr tt u ul var'
  ).split(' '),
);
const LINE_BREAK = new Set(['br', 'hr']);
/** Elements that begin and end a line. */
const BLOCK = new Set('p div li tr ul ol dl table blockquote h1 h2 h3 h4 h5 h6'.split(' '));

/** Collects text; block elements ask for a line break that is made only between pieces. */
class Lines {
  text = '';
  #asked = false;
  #lineStart = true;

  append(piece: string): void {
    if (this.#asked && !this.#lineStart) this.text += '\n';
    this.#asked = false;
    this.text += piece;
    this.#lineStart = piece.endsWith('\n');
  }

  tag(name: string): void {
    if (LINE_BREAK.has(name)) this.append('\n');
    else if (BLOCK.has(name)) this.#asked = true;
  }
}

/**
 * The text of a piece of HTML: tags dropped, `<br>` and block elements as line breaks, entities
 * decoded. A `<` that begins no tag (`1 < 2`, `<3`, `<grin>`) and an `&` that begins no entity stay.
 */
export function htmlToText(html: string): string {
  if (!html.includes('<') && !html.includes('&')) return html;
  const lines = new Lines();
  const lastClose = html.lastIndexOf('>');
  const lastComment = html.lastIndexOf('-->');
  let at = 0;
  while (at < html.length) {
    const next = nextSpecial(html, at);
    if (next > at) lines.append(html.slice(at, next));
    at = next;
    if (html[at] === '&') {
      const end = referenceEnd(html, at);
      lines.append(end < 0 ? '&' : (resolveReference(html.slice(at + 1, end)) ?? html.slice(at, end + 1)));
      at = end < 0 ? at + 1 : end + 1;
    } else if (at + 4 <= lastComment && html.startsWith('<!--', at)) {
      at = html.indexOf('-->', at + 4) + 3;
    } else if (at < html.length) {
      const name = at < lastClose ? tagName(html, at) : '';
      const isTag = ELEMENTS.has(name);
      if (isTag) lines.tag(name);
      else lines.append('<');
      at = isTag ? html.indexOf('>', at) + 1 : at + 1;
    }
  }
  return lines.text;
}

/**
 * `text`, `format` and `html` of a message whose text may be marked up, or `encrypted` where it is
 * the envelope of an encryption; undefined where nothing is left to read.
 */
export function messageText(
  text: string,
): Pick<ImFacts, 'text' | 'format' | 'html' | 'encrypted'> | undefined {
  const plain = htmlToText(text);
  if (plain.startsWith('?OTR')) return { encrypted: 'otr' };
  if (plain.startsWith('*** Encrypted')) return { encrypted: 'secureim' };
  if (plain === '') return undefined;
  return plain === text ? { text, format: 'plain' } : { text: plain, format: 'html', html: text };
}

/** True where `htmlToText` would change something: the text is marked up, not plain. */
export function hasMarkup(text: string): boolean {
  return (text.includes('<') || text.includes('&')) && htmlToText(text) !== text;
}

function nextSpecial(html: string, at: number): number {
  for (let i = at; i < html.length; i++) {
    const c = html.charCodeAt(i);
    if (c === 0x3c || c === 0x26) return i;
  }
  return html.length;
}

function tagName(html: string, at: number): string {
  let i = at + 1;
  if (html[i] === '/') i++;
  const start = i;
  for (; i < html.length && i - start <= LONGEST_NAME; i++) {
    const c = html.charCodeAt(i);
    const letter = c | 0x20;
    if ((letter < 0x61 || letter > 0x7a) && (c < 0x30 || c > 0x39)) break;
  }
  return html.slice(start, i).toLowerCase();
}

function referenceEnd(html: string, at: number): number {
  const last = Math.min(html.length - 1, at + LONGEST_REFERENCE);
  for (let i = at + 1; i <= last; i++) if (html[i] === ';') return i > at + 1 ? i : -1;
  return -1;
}

function resolveReference(name: string): string | undefined {
  if (name[0] !== '#') return ENTITIES.get(name) ?? ENTITIES.get(name.toLowerCase());
  const hex = name[1] === 'x' || name[1] === 'X';
  const digits = name.slice(hex ? 2 : 1);
  if (!(hex ? /^[0-9a-fA-F]+$/ : /^[0-9]+$/).test(digits)) return undefined;
  const code = Number.parseInt(digits, hex ? 16 : 10);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return '\ufffd';
  // HTML 5, 13.2.5.80: references to C1 controls mean the characters of Windows-1252.
  return code >= 0x80 && code < 0xa0 ? decodeWindows1252(Uint8Array.of(code)) : String.fromCodePoint(code);
}
