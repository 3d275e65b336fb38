import { decodeLatin1 } from '../../core/text.ts';

/** The first line and the fields of a request or response (RFC 9112). */
export interface HttpHead {
  /** Of a request: upper case as sent. Empty for a response. */
  readonly method: string;
  /** Of a request: as sent, `/path`, `http://host/path` or `host:port`. */
  readonly target: string;
  /** Of a response; 0 for a request. */
  readonly status: number;
  readonly reason: string;
  /** Minor version of HTTP/1. */
  readonly minor: number;
  /** Values in order, by lower-case name. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** A field goes on in a line that begins with a space: out of use (RFC 9112, 5.2), and read differently by different readers. */
  readonly folded: boolean;
  /** A field's name has a space or control character in it or behind it (RFC 9112, 5.1). */
  readonly badName: boolean;
}

/** More fields than this are not kept. */
const MAX_FIELDS = 128;
const REQUEST = /^([A-Za-z]{1,24}) (\S{1,8192}) HTTP\/1\.([01])\s*$/;
const RESPONSE = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/;
/** A token (RFC 9110, 5.6.2). */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Where a header block that begins at `start` ends: the index behind its empty line, or −1 where it is
 * not whole. Lines may end in CR LF or LF.
 */
export function headEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let i = bytes.indexOf(LF, start); i >= 0 && i < end; i = bytes.indexOf(LF, i + 1)) {
    if (i + 1 < end && bytes[i + 1] === LF) return i + 2;
    if (i + 2 < end && bytes[i + 1] === CR && bytes[i + 2] === LF) return i + 3;
  }
  return -1;
}

/** Reads a whole header block; undefined where its first line is none of HTTP/1. */
export function parseHead(bytes: Uint8Array, start: number, end: number): HttpHead | undefined {
  const lines = linesOf(bytes, start, end);
  const first = lines[0] ?? '';
  const request = REQUEST.exec(first);
  const response = request ? null : RESPONSE.exec(first);
  if (!request && !response) return undefined;
  return {
    method: request?.[1] ?? '',
    target: request?.[2] ?? '',
    status: response ? Number(response[2]) : 0,
    reason: (response?.[3] ?? '').trim(),
    minor: Number(request?.[3] ?? response?.[1]),
    ...fieldsOf(lines),
  };
}

/**
 * The lines, at most as many as are read, each a string of its own: a part of one that holds them all would keep up to
 * `MAX_HEAD` bytes in memory for a name of ten.
 */
function linesOf(bytes: Uint8Array, start: number, end: number): string[] {
  const lines: string[] = [];
  for (let at = start; at < end && lines.length <= MAX_FIELDS;) {
    const found = bytes.indexOf(LF, at);
    const eol = found < 0 || found >= end ? end : found;
    lines.push(decodeLatin1(bytes, at, eol > at && bytes[eol - 1] === CR ? eol - 1 : eol));
    at = eol + 1;
  }
  return lines;
}

function fieldsOf(lines: readonly string[]): Pick<HttpHead, 'fields' | 'folded' | 'badName'> {
  const fields = new Map<string, string[]>();
  let folded = false;
  let badName = false;
  let last: string[] | undefined;
  for (let i = 1; i < lines.length && i <= MAX_FIELDS; i++) {
    const line = lines[i] ?? '';
    if (last && (line.startsWith(' ') || line.startsWith('\t'))) {
      // Folded lines are out of use (RFC 9112, 5.2) but were sent.
      folded = true;
      last[last.length - 1] = `${last.at(-1) ?? ''} ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    badName ||= !NAME.test(line.slice(0, colon));
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    last = fields.get(name);
    if (last) last.push(value);
    else fields.set(name, (last = [value]));
  }
  return { fields, folded, badName };
}

/** The only value of a field, or the first of several. */
export function field(head: HttpHead, name: string): string | undefined {
  return head.fields.get(name)?.[0];
}

/** True where a comma-separated field names this token. */
export function hasToken(head: HttpHead, name: string, token: string): boolean {
  const values = head.fields.get(name) ?? [];
  return values.some((v) => v.split(',').some((part) => part.trim().toLowerCase() === token));
}

/** Index of the space behind a request's target that begins at `from`; `end`, or more than `most` bytes on, where there is none. */
export function endOfTarget(bytes: Uint8Array, from: number, end: number, most: number): number {
  const stop = Math.min(end, from + most + 1);
  let at = from;
  while (at < stop && bytes[at] !== 0x20) at++;
  return at;
}
