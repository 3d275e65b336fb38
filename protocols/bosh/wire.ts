import { ownText } from '../../src/sdk/index.ts';

/** XEP-0124, XEP-0206. */
export const HTTPBIND = 'http://jabber.org/protocol/httpbind';
/** The tag `<body ...>` is not longer. */
export const LONGEST_TAG = 4_096;
export const PORTS: readonly number[] = [5280];

const RID = /\srid\s*=\s*(?:'(\d{1,16})'|"(\d{1,16})")/;
const SID = /\ssid\s*=\s*(?:'([^']{1,256})'|"([^"]{1,256})")/;
const BODY_TAG = /^\s*(?:<\?[^>]*\?>\s*)?<body[\s>/]/;

/** The number of a request: each is one more than that before it (XEP-0124, 14). Undefined where there is none. */
export function numberOf(tag: string): number | undefined {
  const found = RID.exec(tag);
  const number = Number(found?.[1] ?? found?.[2]);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** The session's last message in its direction (XEP-0124, 13). */
export function terminates(tag: string): boolean {
  return /\stype\s*=\s*['"]terminate['"]/.test(tag);
}

/** The session that a `<body ...>` tag names; empty where it names none, undefined where it is no such tag. */
export function sessionOf(tag: string): string | undefined {
  if (!BODY_TAG.test(tag)) return undefined;
  const found = SID.exec(tag);
  return ownText(found?.[1] ?? found?.[2] ?? '');
}
