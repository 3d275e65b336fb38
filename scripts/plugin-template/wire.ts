import type { Cursor } from '../../src/sdk/index.ts';

/** Longest line that is waited for, in bytes. */
export const MAX_LINE = 4096;

/** Commands of the protocol, by their name on the wire. */
export const COMMANDS = ['HELLO', 'WELCOME', 'REFUSED', 'MSG', 'BYE'] as const;
export type Command = (typeof COMMANDS)[number];

const LF = 0x0a;
const CR = 0x0d;

export interface Line {
  /** Stream offset of its first byte. */
  offset: number;
  command: string;
  /** What follows the command and one space; empty where nothing does. */
  rest: string;
}

/**
 * Reads one whole line (`COMMAND rest CR LF`; a bare LF is accepted) from the cursor. Undefined, with the
 * cursor where it was, while its end is not there.
 */
export function readLine(cursor: Cursor): Line | undefined {
  const at = cursor.find(LF);
  if (at < 0) return undefined;
  const offset = cursor.tell();
  const length = at - cursor.pos;
  const bare = length > 0 && cursor.peek(length - 1) === CR ? length - 1 : length;
  const text = cursor.utf8(bare);
  cursor.skip(length - bare + 1);
  const space = text.indexOf(' ');
  return space < 0
    ? { offset, command: text, rest: '' }
    : { offset, command: text.slice(0, space), rest: text.slice(space + 1) };
}

/** True for a command that the protocol has. */
export function isCommand(name: string): name is Command {
  return (COMMANDS as readonly string[]).includes(name);
}
