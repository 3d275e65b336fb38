import { decodeUtf8Strict, decodeWindows1252 } from '../../src/sdk/index.ts';

/**
 * Text in the code page of somebody's Windows, which nothing on the wire names: UTF-8 is told by its form, the
 * rest by the language that the client signed on with, else by what the bytes look like.
 */

export type CodePage = 1250 | 1251 | 1252 | 1253 | 1254 | 1255 | 1256 | 1257 | 874 | 932 | 936 | 949 | 950;

/** Languages (ISO 639-1, as in TLV 0x0f) whose Windows did not use 1252. */
const BY_LANGUAGE: ReadonlyMap<string, CodePage> = new Map<string, CodePage>([
  ...(['cs', 'hr', 'hu', 'pl', 'ro', 'sk', 'sl', 'sq'] as const).map((l) => [l, 1250] as const),
  ...(['be', 'bg', 'kk', 'mk', 'ru', 'sr', 'uk'] as const).map((l) => [l, 1251] as const),
  ['el', 1253],
  ['tr', 1254],
  ['az', 1254],
  ['he', 1255],
  ['iw', 1255],
  ['ar', 1256],
  ['fa', 1256],
  ['ur', 1256],
  ['et', 1257],
  ['lt', 1257],
  ['lv', 1257],
  ['th', 874],
  ['ja', 932],
  ['ko', 949],
]);

const LABELS: Readonly<Partial<Record<CodePage, string>>> = {
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
};

const decoders = new Map<CodePage, InstanceType<typeof TextDecoder>>();

/** The code page of Windows in this language and country; undefined where it is 1252 or not known. */
export function codePageOf(language: string, country: string): CodePage | undefined {
  const tag = language.toLowerCase().slice(0, 2);
  if (tag === 'zh') return ['tw', 'hk', 'mo'].includes(country.toLowerCase()) ? 950 : 936;
  return BY_LANGUAGE.get(tag);
}

/** The code page with this number, where it is one that we read. */
export function codePageNumber(number: number): CodePage | undefined {
  const known: readonly number[] = [1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 874, 932, 936, 949, 950];
  return known.includes(number) ? (number as CodePage) : undefined;
}

/** Decodes bytes of a code page; never fails. */
export function decodeCodePage(bytes: Uint8Array, start: number, end: number, page: CodePage): string {
  if (page === 1252) return decodeWindows1252(bytes, start, end);
  let decoder = decoders.get(page);
  if (!decoder) {
    decoder = new TextDecoder(LABELS[page] ?? `windows-${page}`);
    decoders.set(page, decoder);
  }
  return decoder.decode(bytes.subarray(start, end));
}

/** Decodes text without a (believable) label. `hint` is the page of the client's language. */
export function decodeLocal(bytes: Uint8Array, start: number, end: number, hint?: CodePage): string {
  const utf8 = decodeUtf8Strict(bytes, start, end);
  if (utf8 !== undefined) return utf8;
  if (hint !== undefined) return decodeCodePage(bytes, start, end, hint);
  return decodeCodePage(bytes, start, end, isCyrillic(bytes, start, end) ? 1251 : 1252);
}

/** Fewer letters than these say nothing. */
const LETTERS = 3;

/**
 * Text whose letters are mostly beyond ASCII is in an alphabet of its own, which among these networks' users
 * was Cyrillic by far; Western text has single such letters among ASCII.
 */
function isCyrillic(bytes: Uint8Array, start: number, end: number): boolean {
  let high = 0;
  let ascii = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    const letter = c | 0x20;
    if (c >= 0xc0 || c === 0xa8 || c === 0xb8) high++;
    else if (letter >= 0x61 && letter <= 0x7a) ascii++;
  }
  return high >= LETTERS && high > ascii;
}
