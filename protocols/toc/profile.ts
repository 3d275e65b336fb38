import { messageText } from '../../src/sdk/index.ts';
import type { ClientHandler } from './session.ts';
import { decodeName } from './text.ts';
import { normalizeName } from './wire.ts';

/** Profiles and the directory. Answers come as GOTO_URL: its address holds a session cookie and is not told. */

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

export const profileCommands: readonly (readonly [string, ClientHandler])[] = [
  ['toc_set_info', onSetInfo],
  ['toc_set_dir', onSetDir],
  ['toc_dir_search', onSearch],
  ['toc_get_info', onLookUp],
  ['toc_get_dir', onLookUp],
];
