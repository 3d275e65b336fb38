import { messageText } from '../../src/sdk/index.ts';
import type { ClientHandler, ServerHandler } from './session.ts';
import { decodeName } from './text.ts';
import { normalizeName, splitFields } from './wire.ts';

/** Profiles and the directory. Answers come as GOTO_URL, a page that the client then fetches over HTTP. */

/** Pieces of toc_set_dir and toc_dir_search in their order (TOC 1.0 specification, `toc_set_dir`). */
const DIRECTORY_FIELDS = [
  'first_name',
  'middle_name',
  'last_name',
  'maiden_name',
  'city',
  'state',
  'country',
  'email',
] as const;
/** toc_dir_search: where a keyword stands. */
const KEYWORD = 10;

function directoryEntry(pieces: readonly string[]): Record<string, string> {
  const entry: Record<string, string> = {};
  DIRECTORY_FIELDS.forEach((field, i) => {
    const value = decodeName(pieces[i] ?? '');
    if (value !== '') entry[field] = value;
  });
  return entry;
}

const onSetInfo: ClientHandler = (session, at, args) => {
  const read = messageText(session.read(at, args.next() ?? ''));
  if (read?.text === undefined) return;
  const profile: Record<string, string> = { text: read.text };
  if (read.html !== undefined) profile.html = read.html;
  session.tell(at, { kind: 'profile', ...session.self(), profile, sent: true });
};

const onSetDir: ClientHandler = (session, at, args) => {
  const profile = directoryEntry(args.colonList());
  if (Object.keys(profile).length === 0) return;
  session.tell(at, { kind: 'profile', ...session.self(), profile, sent: true });
};

/** toc_dir_search: what is looked for, as `field: value` pairs. */
const onSearch: ClientHandler = (session, at, args) => {
  const pieces = args.colonList();
  const terms = Object.entries(directoryEntry(pieces)).map(([field, value]) => `${field}: ${value}`);
  const keyword = decodeName(pieces[KEYWORD] ?? '');
  if (keyword !== '') terms.push(`keyword: ${keyword}`);
  if (terms.length > 0) session.tell(at, { kind: 'search', ...session.self(), query: terms.join(', ') });
};

/** toc_get_info, toc_get_dir: the profile or directory entry of one name. */
const onLookUp: ClientHandler = (session, at, args) => {
  const query = normalizeName(decodeName(args.next() ?? ''));
  if (query !== '') session.tell(at, { kind: 'search', ...session.self(), query });
};

/** The page's own name: what else stands in the address may be a secret. */
const PAGE = /(?:^|\/)([a-z_]{1,32})$/i;

/** GOTO_URL: title, address. Its query holds a session cookie: only the page and whose it is are told. Who shows it is this session. */
const onPage: ServerHandler = (session, at, line) => {
  const [title = '', url = ''] = splitFields(line, 2);
  const query = url.indexOf('?');
  const cookie =
    query < 0 ? undefined : /(?:^|&)cookie=([0-9a-f]{32,1024})(?:&|$)/.exec(url.slice(query + 1))?.[1];
  if (cookie !== undefined) session.flow.issue('toc-page', cookie, session.account);
  const page = PAGE.exec(query < 0 ? url : url.slice(0, query))?.[1];
  if (page === undefined) return;
  const user = query < 0 ? undefined : /(?:^|&)user=([^&]{1,128})/.exec(url.slice(query + 1))?.[1];
  const from = normalizeName(decodeName(unescapeUrl(user ?? '')));
  const profile: Record<string, string> = { page };
  const named = decodeName(title);
  if (named !== '') profile.title = named;
  session.tell(at, { kind: 'profile', ...(from !== '' && { from }), ...session.toSelf(), profile });
};

/** Undoes `%xx` and `+`. */
function unescapeUrl(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([\da-f]{2})/gi, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

export const profileCommands: readonly (readonly [string, ClientHandler])[] = [
  ['toc_set_info', onSetInfo],
  ['toc_set_dir', onSetDir],
  ['toc_dir_search', onSearch],
  ['toc_get_info', onLookUp],
  ['toc_get_dir', onLookUp],
];

export const profileReplies: readonly (readonly [string, ServerHandler])[] = [['GOTO_URL', onPage]];
