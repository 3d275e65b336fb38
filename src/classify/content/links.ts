/** A link in a text. */
export interface Link {
  /** Small letters, punycode, no port; an address without brackets' meaning changed. */
  readonly host: string;
  /** As written, with its slash; no query. */
  readonly path: string;
  /** Behind the `?`, percent signs decoded where they can be. */
  readonly query: string;
  /** What stood before an `@` of the authority. */
  readonly user: string;
}

/** Characters of one link that are read. */
const MAX_LINK = 2_048;
/** Links of one text that are judged. */
const MAX_LINKS = 16;
const SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'ftp', 'hxxp', 'hxxps']);
/** Longest of them. */
const MAX_SCHEME = 5;
const MAX_HOST = 253;

/**
 * The links of a text: with a scheme, or as clients make them of `www.` and of `host.tld/path`. One pass: each character is
 * looked at a bounded number of times.
 */
export function findLinks(text: string): Link[] {
  const links: Link[] = [];
  let end = 0;
  let slash = text.indexOf('/');
  let www = nextWww(text, 0);
  while ((slash >= 0 || www >= 0) && links.length < MAX_LINKS) {
    let start = -1;
    let next: number;
    if (www >= 0 && (slash < 0 || www < slash)) {
      start = www;
      next = www + 4;
    } else {
      start = startOf(text, slash, end);
      next = slash + 1;
    }
    if (start >= 0) {
      end = endOf(text, start);
      next = Math.max(next, end);
      const link = parseLink(text.slice(start, end));
      if (link) links.push(link);
    }
    if (slash >= 0 && slash < next) slash = text.indexOf('/', next);
    if (www >= 0 && www < next) www = nextWww(text, next);
  }
  return links;
}

/** Whether a text can hold a link at all. */
export function mayHaveLink(text: string): boolean {
  return text.includes('/') || text.includes('www.') || text.includes('WWW.');
}

/** The next `www.` (either case) that begins a word and has no scheme before it; -1 for none. */
function nextWww(text: string, from: number): number {
  for (let at = text.indexOf('.', from + 3); at >= 0; at = text.indexOf('.', at + 1)) {
    const start = at - 3;
    const before = text[start - 1] ?? ' ';
    if (isW(text, start) && isW(text, start + 1) && isW(text, start + 2) && !/[\w./@-]/.test(before))
      return start;
  }
  return -1;
}

function isW(text: string, at: number): boolean {
  return (text.charCodeAt(at) | 0x20) === 0x77;
}

/** Where the link of this slash begins: at its scheme, or at a bare host; -1 where the slash belongs to none. */
function startOf(text: string, slash: number, floor: number): number {
  if (text[slash + 1] === '/' && text[slash - 1] === ':') return schemeAt(text, slash - 1, floor);
  let at = slash;
  const lowest = Math.max(floor, slash - MAX_HOST);
  while (at > lowest && isHostChar(text.charCodeAt(at - 1))) at--;
  const host = text.slice(at, slash);
  return /\.[A-Za-z]{2,6}$/.test(host) && !host.startsWith('.') ? at : -1;
}

function schemeAt(text: string, colon: number, floor: number): number {
  let at = colon;
  while (at > Math.max(floor, colon - MAX_SCHEME) && isLetter(text.charCodeAt(at - 1))) at--;
  for (; at < colon; at++) if (SCHEMES.has(text.slice(at, colon).toLowerCase())) return at;
  return -1;
}

/** Behind the last character of the link. */
function endOf(text: string, start: number): number {
  const most = Math.min(text.length, start + MAX_LINK);
  let end = start;
  while (end < most && !isBreak(text.charCodeAt(end))) end++;
  while (end > start && ".,;:!?)]}'".includes(text[end - 1] ?? ' ')) end--;
  return end;
}

function parseLink(text: string): Link | undefined {
  const unescaped = text.replaceAll('&amp;', '&').replace(/^hxxp/i, 'http');
  const colon = unescaped.indexOf('://');
  const full = colon < 0 || colon > MAX_SCHEME ? `http://${unescaped}` : unescaped;
  if (!URL.canParse(full)) return undefined;
  const url = new URL(full);
  if (url.hostname === '' || (colon < 0 && !/.\../.test(url.hostname))) return undefined;
  return {
    host: url.hostname.replace(/\.$/, ''),
    path: decode(url.pathname),
    query: decode(url.search.slice(1)),
    user: decode(url.username),
  };
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isLetter(c: number): boolean {
  return (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a);
}

function isHostChar(c: number): boolean {
  return isLetter(c) || (c >= 0x30 && c <= 0x39) || c === 0x2e || c === 0x2d;
}

/** Controls, spaces, quotes, brackets of markup: no link goes on behind them. */
function isBreak(c: number): boolean {
  return c <= 0x20 || c === 0x22 || c === 0x3c || c === 0x3e || c === 0x60 || c === 0xa0 || c === 0x3000;
}
