/**
 * TOC and TOC2 on the wire: FLAP frames around lines of text. A client's line is a command with
 * space-separated arguments, a server's line has fields separated by colons. Lines are kept as
 * Latin-1 strings, one character a byte, until a charset is applied to a piece of them.
 */

/** What a client sends before its first frame. */
export const FLAPON = 'FLAPON\r\n\r\n';
/** The first byte of each FLAP frame. */
export const FLAP_MAGIC = 0x2a;
/** Magic, channel u8, sequence u16, length u16. */
export const FLAP_HEADER = 6;
export const CHANNEL = { SIGNON: 1, DATA: 2, ERROR: 3, SIGNOFF: 4, KEEP_ALIVE: 5 } as const;
/** Servers and clients keep to 8 KiB and 2 KiB; a longer frame is believed only while in step. */
export const USUAL_MAX = 8192;

/** The tag of the user name in a client's channel-1 frame. */
export const SIGNON_TAG_NAME = 1;

/** Codes of `ERROR` (TOC 1.0 specification, `ERROR`). */
export const ERROR_TEXT: ReadonlyMap<string, string> = new Map([
  ['901', 'not currently available'],
  ['902', 'warning not currently available'],
  ['903', 'message dropped: exceeding the speed limit'],
  ['911', 'error validating input'],
  ['912', 'invalid account'],
  ['913', 'error while processing the request'],
  ['914', 'service unavailable'],
  ['950', 'chat is unavailable'],
  ['960', 'messages are sent too fast'],
  ['961', 'message missed: too big'],
  ['962', 'message missed: sent too fast'],
  ['970', 'directory failure'],
  ['971', 'directory: too many matches'],
  ['972', 'directory: more qualifiers needed'],
  ['973', 'directory service unavailable'],
  ['974', 'directory: e-mail look-up restricted'],
  ['975', 'directory: keyword ignored'],
  ['976', 'directory: no keywords'],
  ['977', 'directory: language not supported'],
  ['978', 'directory: country not supported'],
  ['979', 'directory: unknown failure'],
  ['980', 'incorrect name or password'],
  ['981', 'service temporarily unavailable'],
  ['982', 'warning level too high to sign on'],
  ['983', 'connecting and disconnecting too frequently'],
  ['989', 'unknown sign-on error'],
]);

/** The server's commands; a line that starts with another word is counted as not understood. */
export const SERVER_COMMANDS: ReadonlySet<string> = new Set(
  (
    'SIGN_ON CONFIG CONFIG2 NICK IM_IN IM_IN2 IM_IN_ENC IM_IN_ENC2 UPDATE_BUDDY UPDATE_BUDDY2 BUDDY_CAPS ' +
    'BUDDY_CAPS2 ERROR EVILED CHAT_JOIN CHAT_IN CHAT_IN_ENC CHAT_UPDATE_BUDDY CHAT_INVITE CHAT_LEFT GOTO_URL ' +
    'DIR_STATUS ADMIN_NICK_STATUS ADMIN_PASSWD_STATUS PAUSE RVOUS_PROPOSE CLIENT_EVENT2 NEW_BUDDY_REPLY2 ' +
    'INSERTED2 DELETED2 DENIED2 BART2'
  ).split(' '),
);

/** AIM screen names ignore case and spaces. */
export function normalizeName(name: string): string {
  return name.replaceAll(' ', '').toLowerCase();
}

/** A roasted password: `0x` and the hex digits of at least one byte. */
export function isRoasted(word: string): boolean {
  return /^0x(?:[0-9a-f]{2})+$/i.test(word);
}

/** The first `count` fields of a server's line; the last of them keeps its colons. Fewer where it has fewer. */
export function splitFields(line: string, count: number): string[] {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < count - 1) {
    const colon = line.indexOf(':', at);
    if (colon < 0) break;
    fields.push(line.slice(at, colon));
    at = colon + 1;
  }
  fields.push(line.slice(at));
  return fields;
}

/** Reads the arguments of a client's command in order; backslash escapes are undone. */
export class Args {
  readonly #line: string;
  #at: number;

  constructor(line: string, at = 0) {
    this.#line = line;
    this.#at = at;
  }

  /** The next argument, quoted or bare, or undefined at the end. */
  next(): string | undefined {
    this.#skipSpaces();
    const line = this.#line;
    if (this.#at >= line.length) return undefined;
    const quoted = line[this.#at] === '"';
    const stop = quoted ? '"' : ' ';
    const start = quoted ? this.#at + 1 : this.#at;
    let i = start;
    while (i < line.length && line[i] !== stop) i += line[i] === '\\' ? 2 : 1;
    this.#at = i + 1;
    return unescape(line.slice(start, i));
  }

  /** All that is left as one argument, whether quoted or not (naim sends buddy lists without quotes). */
  rest(): string {
    this.#skipSpaces();
    if (this.#line[this.#at] === '"') return this.next() ?? '';
    const rest = unescape(this.#line.slice(this.#at));
    this.#at = this.#line.length;
    return rest;
  }

  /** The arguments that are left. */
  all(): string[] {
    const words: string[] = [];
    for (let word = this.next(); word !== undefined; word = this.next()) words.push(word);
    return words;
  }

  /** The pieces between colons of what is left, each quoted or bare: the form of directory entries. */
  colonList(): string[] {
    this.#skipSpaces();
    const pieces: string[] = [];
    let quoted = false;
    let start = this.#at;
    for (let i = this.#at; i <= this.#line.length; i++) {
      const c = this.#line[i];
      if (c === '\\') i++;
      else if (c === '"') quoted = !quoted;
      else if (c === undefined || (c === ':' && !quoted)) {
        pieces.push(new Args(this.#line.slice(start, i)).rest());
        start = i + 1;
      }
    }
    this.#at = this.#line.length;
    return pieces;
  }

  #skipSpaces(): void {
    while (this.#line[this.#at] === ' ') this.#at++;
  }
}

function unescape(word: string): string {
  return word.includes('\\') ? word.replace(/\\([^])/g, '$1') : word;
}
