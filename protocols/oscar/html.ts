/** AIM's HTML to the text that a person reads. One pass, linear in the input, whatever the input. */

const TAGS = new Set(
  (
    'a abbr address alink b base basefont big binary blockquote body br center cite code data dd div dl dt em ' +
    'font h1 h2 h3 h4 h5 h6 head hr html i img input ins kbd li link meta ol option p pre s samp script small ' +
    'span strike strong style sub sup table tbody td tfoot th thead title tr tt u ul var'
  ).split(' '),
);
/** Tags at which a new line begins. */
const BREAKS = new Set(['br', 'hr', 'p', 'div', 'tr', 'li', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
/** Blocks begin a line only where text stands before them. */
const ALWAYS_BREAK = new Set(['br', 'hr']);

/** Names of the characters 160 to 255 in HTML, in order. */
const LATIN1_ENTITIES =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 ' +
  'acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml ' +
  'Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde ' +
  'Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ' +
  'ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide ' +
  'oslash ugrave uacute ucirc uuml yacute thorn yuml';

const ENTITIES = new Map<string, string>([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
  ['euro', '\u20ac'],
  ['ndash', '\u2013'],
  ['mdash', '\u2014'],
  ['lsquo', '\u2018'],
  ['rsquo', '\u2019'],
  ['ldquo', '\u201c'],
  ['rdquo', '\u201d'],
  ['bull', '\u2022'],
  ['hellip', '\u2026'],
  ['trade', '\u2122'],
  ...LATIN1_ENTITIES.split(' ').map((name, i): [string, string] => [name, String.fromCharCode(160 + i)]),
]);
ENTITIES.set('nbsp', ' ');
const LONGEST_ENTITY = 10;

/** True where text has markup that `htmlToText` would change: a known tag or an entity. */
export function hasMarkup(text: string): boolean {
  if (hasTag(text)) return true;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    if (entityAt(text, at) !== undefined) return true;
  }
  return false;
}

/** True where text has a tag of HTML: what makes an ICQ text, plain by default, HTML. */
export function hasTag(text: string): boolean {
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    if (TAGS.has(tagName(text, at))) return true;
  }
  return false;
}

/**
 * Known tags are dropped (line breaks become new lines), entities are decoded; an unknown tag is
 * text: people write `<grin>`, and a reader loses nothing by seeing it.
 */
export function htmlToText(html: string): string {
  const out = new Lines();
  let from = 0;
  let closing = 0;
  for (let i = 0; i < html.length; i++) {
    const c = html.charCodeAt(i);
    if (c === 0x3c && closing >= 0) {
      const name = tagName(html, i);
      if (!TAGS.has(name)) continue;
      if (closing <= i) closing = html.indexOf('>', i);
      if (closing < 0) continue;
      out.add(html.slice(from, i));
      out.breakAt(name);
      i = closing;
      from = i + 1;
    } else if (c === 0x26) {
      const entity = entityAt(html, i);
      if (entity === undefined) continue;
      out.add(html.slice(from, i));
      out.add(entity);
      i = html.indexOf(';', i);
      from = i + 1;
    }
  }
  out.add(html.slice(from));
  return out.text;
}

/** Text that grows, and whether it stands at the start of a line (asking the text itself would flatten it each time). */
class Lines {
  text = '';
  #atStart = true;

  add(part: string): void {
    if (part === '') return;
    this.text += part;
    this.#atStart = part.endsWith('\n');
  }

  breakAt(tag: string): void {
    if (!BREAKS.has(tag) || (this.#atStart && !ALWAYS_BREAK.has(tag))) return;
    this.text += '\n';
    this.#atStart = true;
  }
}

const LONGEST_TAG = 11;

/** The lower-case name of the tag whose `<` is at `at`; empty where there is none. */
function tagName(html: string, at: number): string {
  let i = at + 1;
  if (html.charCodeAt(i) === 0x2f) i++;
  const start = i;
  while (i - start < LONGEST_TAG && isAlphanumeric(html.charCodeAt(i))) i++;
  return html.slice(start, i).toLowerCase();
}

function isAlphanumeric(c: number): boolean {
  return (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || (c >= 0x30 && c <= 0x39);
}

/** What the entity whose `&` is at `at` stands for; undefined where there is none. */
function entityAt(html: string, at: number): string | undefined {
  const start = at + 1;
  let i = start;
  if (html.charCodeAt(i) === 0x23) i++;
  while (i - start < LONGEST_ENTITY && isAlphanumeric(html.charCodeAt(i))) i++;
  if (html.charCodeAt(i) !== 0x3b) return undefined;
  const name = html.slice(start, i);
  return name.startsWith('#') ? numeric(name.slice(1)) : ENTITIES.get(name);
}

function numeric(digits: string): string | undefined {
  if (!/^(?:\d+|[xX][\da-fA-F]+)$/.test(digits)) return undefined;
  const code = Number(digits.startsWith('x') || digits.startsWith('X') ? `0${digits}` : digits);
  if (code <= 0 || code > 0x10ffff) return undefined;
  return code >= 0xd800 && code < 0xe000 ? '\ufffd' : String.fromCodePoint(code);
}
