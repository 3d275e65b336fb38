/** A word that bots of that time were told what to do with. */
interface BotCommand {
  readonly word: string;
  readonly source: string;
  /** Day of the source. */
  readonly date: string;
}

const HONEYNET = 'The Honeynet Project, "Know your Enemy: Tracking Botnets"';
const BARFORD = 'P. Barford, V. Yegneswaran, "An Inside Look at Botnets"';

function rows(source: string, date: string, words: string): BotCommand[] {
  return words.split(' ').map((word) => ({ word, source, date }));
}

/** First words, the part before a dot too (`ddos.synflood`). */
export const BOT_COMMANDS: readonly BotCommand[] = [
  ...rows(HONEYNET, '2005-03-13', 'advscan scan ddos download update execute open visit login'),
  ...rows(
    BARFORD,
    '2006-03-01',
    'bot cvar harvest http redirect rsl synflood udpflood pingflood keylog cdkeys',
  ),
  ...rows(BARFORD, '2006-03-01', 'sysinfo netinfo shutdown listprocesses killprocess clone spy remove'),
];

const WORDS: ReadonlySet<string> = new Set(BOT_COMMANDS.map(({ word }) => word));

/** `!word`, `.word arguments`: how people and bots give a robot a command. */
const COMMAND = /^[!.@$%&~`]([a-z][a-z0-9]{1,30})(?=[.\s]|$)/;

/** Whether a text is of the form of a command, and known as one of a bot. */
export function commandIn(text: string): 'known' | 'form' | undefined {
  // Most texts begin with a letter, and are told from a command by it.
  const first = text.charCodeAt(0) | 0x20;
  if (first >= 0x61 && first <= 0x7a) return undefined;
  const [, word] = COMMAND.exec(text.slice(0, 64).trimStart().toLowerCase()) ?? [];
  if (word === undefined) return undefined;
  return WORDS.has(word) ? 'known' : 'form';
}
