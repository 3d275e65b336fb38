/** The little XML that MSNP carries: found by scanning, never by a full parse. */

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Undoes the five named entities and character references. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos);/gi, (whole, entity: string) => {
    const named = NAMED[entity.toLowerCase()];
    if (named !== undefined) return named;
    const hex = entity.charAt(1) === 'x' || entity.charAt(1) === 'X';
    const code = hex ? Number.parseInt(entity.slice(2), 16) : Number.parseInt(entity.slice(1), 10);
    const valid = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return valid ? String.fromCodePoint(code) : whole;
  });
}

/** The text of the first element `name`, entities undone; undefined where it is absent, '' where it is empty. */
export function elementText(xml: string, name: string): string | undefined {
  for (let at = xml.indexOf(`<${name}`); at >= 0; at = xml.indexOf(`<${name}`, at + 1)) {
    const after = xml.charAt(at + 1 + name.length);
    if (after !== '>' && after !== '/' && after !== ' ') continue;
    const close = xml.indexOf('>', at);
    if (close < 0) return undefined;
    if (xml.charAt(close - 1) === '/') return '';
    const end = xml.indexOf(`</${name}>`, close);
    return end < 0 ? undefined : decodeEntities(xml.slice(close + 1, end));
  }
  return undefined;
}

/** An attribute's value inside a tag, entities undone. */
export function attribute(tag: string, name: string): string | undefined {
  for (let at = tag.indexOf(`${name}=`); at >= 0; at = tag.indexOf(`${name}=`, at + 1)) {
    const before = tag.charAt(at - 1);
    const quote = tag.charAt(at + name.length + 1);
    if ((before !== ' ' && before !== '\t' && before !== '\n') || (quote !== '"' && quote !== "'")) continue;
    const end = tag.indexOf(quote, at + name.length + 2);
    return end < 0 ? undefined : decodeEntities(tag.slice(at + name.length + 2, end));
  }
  return undefined;
}

/** Calls `onTag` for each start tag (without its brackets), in order, at most `limit` times. */
export function eachTag(xml: string, limit: number, onTag: (tag: string) => void): void {
  let at = xml.indexOf('<');
  for (let n = 0; at >= 0 && n < limit; n++) {
    const end = xml.indexOf('>', at);
    if (end < 0) return;
    if (xml.charAt(at + 1) !== '/') onTag(xml.slice(at + 1, end));
    at = xml.indexOf('<', end);
  }
}
