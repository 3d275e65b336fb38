/** Paths of the pages to which TOC's GOTO_URL leads, and what of their address is read. */
import { asciiBytes, decodeLatin1 } from '../../src/sdk/index.ts';

/** Usual ports of TOC: the pages are at the server's own. */
export const PORTS: readonly number[] = [9898, 5190];

/** Bytes of a request's target. */
export const LONGEST_TARGET = 2_048;
/** Bytes of a page that are read. */
export const LONGEST_PAGE = 32_768;
/** Requests of one connection that are read. */
export const MOST_PAGES = 64;

/** `purpose` of a page: whose profile or directory entry, or a search. */
export type Page = 'info' | 'dir_info' | 'dir_search';

export interface PageRequest {
  readonly page: Page;
  /** The session's, in hex. */
  readonly cookie: string;
  /** Whose page. */
  readonly user?: string;
  /** Who looks, where the address says so. */
  readonly from?: string;
}

const HTTP = 'http://';
const PAGES: readonly Uint8Array[] = ['/info?', '/dir_info?', '/dir_search?'].map(asciiBytes);
const TARGET = /^\/(info|dir_info|dir_search)\?(?:[^#]*&)?cookie=([0-9a-f]{32,1024})(?:&|$)/;

/** The target begins, behind its host if it has one, with the path of a page, or could yet. In place. */
export function couldBePage(bytes: Uint8Array, start: number, end: number): boolean {
  let from = start;
  if (end > start && bytes[start] !== 0x2f) {
    for (let i = 0; i < HTTP.length && start + i < end; i++)
      if (bytes[start + i] !== HTTP.charCodeAt(i)) return false;
    from = bytes.indexOf(0x2f, start + HTTP.length);
    if (from < 0 || from >= end) return true;
  }
  return PAGES.some((page) => begins(bytes, from, end, page));
}

function begins(bytes: Uint8Array, from: number, end: number, page: Uint8Array): boolean {
  for (let i = 0; i < page.length && from + i < end; i++) if (bytes[from + i] !== page[i]) return false;
  return true;
}

/** Reads a request's target; undefined where it is no page of TOC. */
export function pageOf(target: string): PageRequest | undefined {
  if (target.length > LONGEST_TARGET) return undefined;
  const path = target.startsWith(HTTP) ? target.slice(Math.max(0, target.indexOf('/', HTTP.length))) : target;
  const match = TARGET.exec(path);
  if (!match) return undefined;
  const [, page, cookie = ''] = match;
  const query = path.slice(path.indexOf('?') + 1);
  const user = nameIn(query, 'user');
  const from = nameIn(query, 'from');
  return { page: page as Page, cookie, ...(user && { user }), ...(from && { from }) };
}

/** The same of bytes. */
export function pageAt(bytes: Uint8Array, start: number, end: number): PageRequest | undefined {
  return pageOf(decodeLatin1(bytes, start, end));
}

/** A screen name in the query, normalised: lower case, without spaces. */
function nameIn(query: string, field: string): string | undefined {
  const parameter = query.split('&', 32).find((part) => part.startsWith(`${field}=`));
  const value = parameter
    ?.slice(field.length + 1)
    .slice(0, 128)
    .replaceAll('+', ' ');
  if (value === undefined) return undefined;
  let name = value;
  try {
    name = decodeURIComponent(value);
  } catch {
    // What cannot be undone stays.
  }
  return name.replace(/[\p{Cc} ]+/gu, '').toLowerCase() || undefined;
}
