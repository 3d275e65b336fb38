/**
 * Text that key 97 does not call UTF-8: in the code page of the country that the account signed on
 * in (key 98), or of the vendor. UTF-8 is tried first, for what is valid UTF-8 is hardly ever anything else.
 */
import { decodeGuess, decodeLatin1, decodeUtf8Strict } from '../../src/sdk/index.ts';

/** Key 98, a country, and the code page that Windows used there (labels of the WHATWG encoding standard). */
const CODE_PAGE: Readonly<Record<string, string>> = {
  jp: 'shift_jis',
  cn: 'gbk',
  tw: 'big5',
  hk: 'big5',
  kr: 'euc-kr',
  th: 'windows-874',
  pl: 'windows-1250',
  cz: 'windows-1250',
  hu: 'windows-1250',
  ro: 'windows-1250',
  ru: 'windows-1251',
  ua: 'windows-1251',
  bg: 'windows-1251',
  gr: 'windows-1253',
  tr: 'windows-1254',
  il: 'windows-1255',
  vn: 'windows-1258',
};
export const JAPANESE = 'shift_jis';

type Decoder = InstanceType<typeof TextDecoder>;

/** The decoders that were asked for; undefined for a code page that this build of the runtime has not. */
const decoders = new Map<string, Decoder | undefined>();

/** The code page of a country of key 98; undefined for those of Windows-1252 and unknown ones. */
export function codePageOf(locale: string): string | undefined {
  return CODE_PAGE[locale.toLowerCase().slice(0, 2)];
}

/** The text: ASCII, else UTF-8 where it is valid, else of the code page (Windows-1252 where none is given). */
export function decodeLocal(bytes: Uint8Array, start: number, end: number, codePage?: string): string {
  if (isAscii(bytes, start, end)) return decodeLatin1(bytes, start, end);
  const decoder = codePage === undefined ? undefined : decoderOf(codePage);
  if (decoder === undefined) return decodeGuess(bytes, start, end);
  return decodeUtf8Strict(bytes, start, end) ?? decoder.decode(bytes.subarray(start, end));
}

function decoderOf(codePage: string): Decoder | undefined {
  if (!decoders.has(codePage)) decoders.set(codePage, newDecoder(codePage));
  return decoders.get(codePage);
}

function newDecoder(codePage: string): Decoder | undefined {
  try {
    return new TextDecoder(codePage);
  } catch {
    return undefined;
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) >= 0x80) return false;
  return true;
}
