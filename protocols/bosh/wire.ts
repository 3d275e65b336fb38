/** XEP-0124, XEP-0206. */
export const HTTPBIND = 'http://jabber.org/protocol/httpbind';
/** The tag `<body ...>` is not longer. */
export const LONGEST_TAG = 4_096;
export const PORTS: readonly number[] = [5280];

const SID = /\ssid\s*=\s*(?:'([^']{1,256})'|"([^"]{1,256})")/;
const BODY_TAG = /^\s*(?:<\?[^>]*\?>\s*)?<body[\s>/]/;

/** The session that a `<body ...>` tag names; empty where it names none, undefined where it is no such tag. */
export function sessionOf(tag: string): string | undefined {
  if (!BODY_TAG.test(tag)) return undefined;
  const found = SID.exec(tag);
  return found?.[1] ?? found?.[2] ?? '';
}
