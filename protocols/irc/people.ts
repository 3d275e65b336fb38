import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { named } from './session.ts';
import type { IrcSession } from './session.ts';
import { fold, plainText } from './wire.ts';
import type { Line } from './wire.ts';

/** `AWAY :text`, or without a text: back. From the server, of others (IRCv3 away-notify). */
export function onAway(session: IrcSession, direction: Direction, line: Line): void {
  const text = plainText(line.params[0] ?? '');
  session.tell(direction, line.offset, {
    kind: 'presence',
    status: text === '' ? { show: 'available' } : { show: 'away', text },
    ...session.speaker(direction, line),
  });
}

/** `WHOIS nick`, `WHO mask`, `LIST`. */
export function onSearch(session: IrcSession, direction: Direction, line: Line): void {
  if (direction !== TO_SERVER) return;
  const query = [line.command, ...line.params].join(' ');
  session.tell(direction, line.offset, { kind: 'search', query });
}

/** 311: `nick user host * :real name`. */
export function onWhoisUser(session: IrcSession, direction: Direction, line: Line): void {
  const [, nick = '', user = '', host = '', , name = ''] = line.params;
  if (nick === '') return;
  const profile: Record<string, string> = {};
  if (user !== '') profile.user = user;
  if (host !== '') profile.host = host;
  if (name !== '') profile.real_name = plainText(name);
  session.tell(direction, line.offset, { kind: 'profile', ...named(nick), profile });
}

/** 301: a person is away. */
export function onIsAway(session: IrcSession, direction: Direction, line: Line): void {
  const [, nick = '', text = ''] = line.params;
  if (nick === '') return;
  session.tell(direction, line.offset, {
    ...{ kind: 'presence', status: { show: 'away', ...(text === '' ? {} : { text: plainText(text) }) } },
    ...named(nick),
  });
}

/** `MONITOR + nick,nick` (IRCv3), `WATCH +nick +nick`: whom the client wants to know about. */
export function onWatch(session: IrcSession, direction: Direction, line: Line): void {
  if (direction !== TO_SERVER) return;
  for (const [op, nick] of watched(line)) {
    session.tell(direction, line.offset, {
      kind: 'contact',
      contact: { op, id: fold(nick), ...(fold(nick) === nick ? {} : { name: nick }) },
    });
  }
}

const MAX_WATCHED = 128;

function watched({ command, params }: Line): ['add' | 'remove', string][] {
  const signed =
    command === 'MONITOR'
      ? (params[1] ?? '').split(',', MAX_WATCHED).map((nick) => `${params[0] ?? ''}${nick}`)
      : params;
  return signed.slice(0, MAX_WATCHED).flatMap((word): ['add' | 'remove', string][] => {
    const nick = word.slice(1);
    if (nick === '' || !/^[^\s,:]+$/.test(nick)) return [];
    if (word.startsWith('+')) return [['add', nick]];
    return word.startsWith('-') ? [['remove', nick]] : [];
  });
}
