import { decodeGuess } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';

/** Usual ports of servers (RFC 7194 for TLS names 6697). */
export const PORTS = [6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669, 7000];

/** Longest line that is waited for: tags of 8191 bytes (IRCv3 message tags) and what servers allow of the rest. */
export const MAX_LINE = 16_384;
/** Parameters of a line that are looked at; a message has 15 at most (RFC 2812, 2.3). */
const MAX_PARAMS = 32;

export const LF = 0x0a;
const CR = 0x0d;
export const CTCP = '\u0001';

export interface Line {
  /** Stream offset of its first byte. */
  readonly offset: number;
  /** Nick of a person or name of a server; empty where there is no prefix. */
  readonly nick: string;
  /** `user@host` of a person; empty where there is none. */
  readonly mask: string;
  /** Upper case, or three digits. */
  readonly command: string;
  readonly params: readonly string[];
  /** IRCv3 message tags, by name. */
  readonly tags: ReadonlyMap<string, string>;
}

const NO_TAGS: ReadonlyMap<string, string> = new Map();

/**
 * Reads one whole line (RFC 1459, 2.3; CR LF, a bare LF is accepted) from the cursor. Undefined, with the cursor
 * where it was, while its end is not there. Text is UTF-8 where it is valid UTF-8, else Windows-1252.
 */
export function readLine(cursor: Cursor): Line | undefined {
  const at = cursor.find(LF);
  if (at < 0) return undefined;
  const offset = cursor.tell();
  let end = at;
  while (end > cursor.pos && cursor.bytes[end - 1] === CR) end--;
  const text = decodeGuess(cursor.bytes, cursor.pos, end);
  cursor.skip(at + 1 - cursor.pos);
  return parseLine(text, offset);
}

/** A line without its end. One without a command has the empty one. */
export function parseLine(text: string, offset: number): Line {
  let rest = text;
  let tags = NO_TAGS;
  if (rest.startsWith('@')) {
    const [head, tail] = cut(rest.slice(1));
    tags = parseTags(head);
    rest = tail;
  }
  let nick = '';
  let mask = '';
  if (rest.startsWith(':')) {
    const [head, tail] = cut(rest.slice(1));
    [nick, mask] = parsePrefix(head);
    rest = tail;
  }
  const [command, tail] = cut(rest.replace(/^ +/, ''));
  return { offset, nick, mask, command: command.toUpperCase(), params: parseParams(tail), tags };
}

/** What is before the first blanks and what is behind them. */
function cut(text: string): [string, string] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space).replace(/^ +/, '')];
}

/** `nick!user@host`, `nick@host`, or a server's name. */
function parsePrefix(prefix: string): [string, string] {
  const sign = prefix.indexOf('!');
  if (sign >= 0) return [prefix.slice(0, sign), prefix.slice(sign + 1)];
  const at = prefix.indexOf('@');
  return at >= 0 ? [prefix.slice(0, at), prefix.slice(at)] : [prefix, ''];
}

function parseParams(text: string): string[] {
  const params: string[] = [];
  let rest = text;
  while (rest !== '' && params.length < MAX_PARAMS) {
    if (rest.startsWith(':')) {
      params.push(rest.slice(1));
      break;
    }
    const [head, tail] = cut(rest);
    params.push(head);
    rest = tail;
  }
  return params;
}

/** `account=bob;time=2020-01-01T00:00:00.000Z` (IRCv3 message tags); values as they are told, unescaped. */
function parseTags(text: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const tag of text.split(';', MAX_PARAMS)) {
    const is = tag.indexOf('=');
    if (is > 0) tags.set(tag.slice(0, is), unescapeTag(tag.slice(is + 1)));
  }
  return tags;
}

const ESCAPES: Readonly<Record<string, string>> = { ':': ';', s: ' ', '\\': '\\', r: '\r', n: '\n' };

function unescapeTag(value: string): string {
  return value.replace(/\\(.?)/gsu, (_, c: string) => ESCAPES[c] ?? c);
}

/** Nicks and channels are the same in either case; `{}|^` are the small letters of `[]\~` (RFC 1459, 2.2). */
export function fold(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('[', '{')
    .replaceAll(']', '}')
    .replaceAll('\\', '|')
    .replaceAll('~', '^');
}

/** True for the name of a channel, not of a person (RFC 2811, 2.1). */
export function isChannel(name: string): boolean {
  return /^[#&+!]/.test(name);
}

/** A channel's name behind the marks of those it is meant for (`@#room`: its operators). */
export function channelOf(target: string): string | undefined {
  const bare = /^[@%+~&]+(?=[#&])/.test(target) ? target.replace(/^[@%+~&]+(?=[#&])/, '') : target;
  return isChannel(bare) ? bare : undefined;
}

/** The text without what only changes its look: bold, colours, italics (mIRC's control codes). */
export function plainText(text: string): string {
  return text.replace(
    /\u0003(?:\d{1,2}(?:,\d{1,2})?)?|\u0004(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?|[\u0002\u000f\u0011\u0016\u001d\u001e\u001f]/g,
    '',
  );
}

/** A request or answer inside a PRIVMSG or NOTICE (CTCP); undefined for a plain text. */
export function readCtcp(text: string): { readonly command: string; readonly rest: string } | undefined {
  if (!text.startsWith(CTCP)) return undefined;
  const inner = text.endsWith(CTCP) && text.length > 1 ? text.slice(1, -1) : text.slice(1);
  const [command, ...rest] = inner.split(' ');
  return command === undefined || command === ''
    ? undefined
    : { command: command.toUpperCase(), rest: rest.join(' ') };
}
