import type { Conn } from './conn.ts';

/** Shapes in text and names that exploit clients. They are looked for in what is shown to people, before HTML is undone. */

/** AIM's own links; the first group is what they do. */
const LINK = /aim:(goaway|addgame|addexternalapp)\?/i;
const GOAWAY = /goaway\?message=([^"'>]{501})/i;
/** `%n` writes: two of them close together, or one behind other directives. */
const FORMAT = /%[\d$*.-]{0,8}n.{0,8}%[\d$*.-]{0,8}n|(?:%[\d$*.-]{0,8}[sxdpu]){3,}%[\d$*.-]{0,8}n/;
/** So many of the same character in a row. */
const FILLER = 256;

/** Tells what is odd about a text. */
export function inspectText(conn: Conn, text: string): void {
  if (text.includes(':')) inspectLinks(conn, text);
  if (text.includes('%') && FORMAT.test(text)) conn.anomaly('oscar_format_string');
  if (text.length > FILLER && hasRun(text)) conn.anomaly('oscar_filler_run');
}

function inspectLinks(conn: Conn, text: string): void {
  const action = LINK.exec(text)?.[1]?.toLowerCase();
  if (action === undefined) return;
  if (action !== 'goaway') conn.anomaly('oscar_game_link');
  else if (GOAWAY.test(text)) conn.anomaly('oscar_goaway_overlong');
}

function hasRun(text: string): boolean {
  let run = 0;
  let last = -1;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    run = c === last ? run + 1 : 0;
    if (run >= FILLER) return true;
    last = c;
  }
  return false;
}

/** The longest name that a service gives: an e-mail address. */
const NAME_LIMIT = 97;

/** Tells what is odd about a name. */
export function inspectName(conn: Conn, name: string): void {
  if (name.length > NAME_LIMIT) conn.anomaly('oscar_name_overlong');
  if (name.includes('%') && FORMAT.test(name)) conn.anomaly('oscar_format_string');
}
