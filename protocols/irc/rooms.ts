import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { named } from './session.ts';
import type { IrcSession } from './session.ts';
import { channelOf, fold, isChannel, plainText } from './wire.ts';
import type { Line } from './wire.ts';

/** Rooms whose list of members may be under way at once, and members that are told of one. */
const MAX_LISTS = 8;
const MAX_MEMBERS = 1_000;
/** Rooms that one line names. */
const MAX_ROOMS = 32;

export function roomOf(name: string): { id: string; name?: string } {
  const id = fold(name);
  return id === name ? { id } : { id, name };
}

/** A client asks to join (its keys are secrets and not told); what counts is the server's line. */
export function onJoin(session: IrcSession, direction: Direction, line: Line): void {
  if (direction === TO_SERVER) return;
  for (const name of channels(line.params[0])) {
    session.tell(direction, line.offset, {
      kind: 'room',
      op: 'join',
      room: roomOf(name),
      ...named(line.nick),
    });
  }
}

export function onPart(session: IrcSession, direction: Direction, line: Line): void {
  if (direction === TO_SERVER) return;
  for (const name of channels(line.params[0])) {
    const reason = plainText(line.params[1] ?? '');
    session.tell(direction, line.offset, {
      ...{ kind: 'room', op: 'leave', room: roomOf(name), ...named(line.nick) },
      ...(reason === '' ? {} : { reason }),
    });
  }
}

/** `KICK channel nick :why`. */
export function onKick(session: IrcSession, direction: Direction, line: Line): void {
  const [name = '', who = '', why = ''] = line.params;
  if (direction === TO_SERVER || !isChannel(name) || who === '') return;
  session.tell(direction, line.offset, {
    kind: 'room',
    op: 'leave',
    room: roomOf(name),
    ...named(who),
    reason: `kicked by ${line.nick}${why === '' ? '' : `: ${plainText(why)}`}`,
  });
}

/** `INVITE nick channel`. */
export function onInvite(session: IrcSession, direction: Direction, line: Line): void {
  const [who = '', name = ''] = line.params;
  if (!isChannel(name) || who === '') return;
  session.tell(direction, line.offset, {
    kind: 'room',
    op: 'invite',
    room: roomOf(name),
    ...session.speaker(direction, line),
    to: [fold(who)],
    sent: direction === TO_SERVER,
  });
}

/** `TOPIC channel :text` by the server; 332 has the client's nick before. */
export function onTopic(session: IrcSession, direction: Direction, line: Line): void {
  const numeric = line.command === '332';
  const [name = '', text = ''] = numeric ? line.params.slice(1) : line.params;
  if (direction === TO_SERVER || !isChannel(name)) return;
  session.tell(direction, line.offset, {
    ...{ kind: 'room', op: 'topic', room: roomOf(name) },
    ...(numeric ? {} : session.speaker(direction, line)),
    ...(text === '' ? {} : { text: plainText(text) }),
  });
}

/** 353: some members of a room, with the marks of what they may. */
export function onNames(session: IrcSession, _direction: Direction, line: Line): void {
  const name = line.params.find((param) => isChannel(param));
  if (name === undefined) return;
  const id = fold(name);
  let list = session.lists.get(id);
  if (!list) {
    if (session.lists.size >= MAX_LISTS) return;
    session.lists.set(id, (list = []));
  }
  for (const word of (line.params.at(-1) ?? '').split(' ')) {
    const nick = word.replace(/^[~&@%+!]+/, '').split('!', 1)[0] ?? '';
    if (nick !== '' && list.length < MAX_MEMBERS) list.push(fold(nick));
  }
}

/** 366: the list of members is whole. */
export function onEndOfNames(session: IrcSession, direction: Direction, line: Line): void {
  const name = line.params[1] ?? '';
  const members = session.lists.get(fold(name));
  if (!members || members.length === 0) return;
  session.lists.delete(fold(name));
  session.tell(direction, line.offset, { kind: 'room', op: 'members', room: roomOf(name), members });
}

/** A person leaves the network. */
export function onQuit(session: IrcSession, direction: Direction, line: Line): void {
  const reason = plainText(line.params[0] ?? '');
  if (direction === TO_SERVER || session.isSelf(line.nick)) {
    session.tellLogout(direction, line.offset, reason);
    return;
  }
  session.tell(direction, line.offset, {
    ...{ kind: 'presence', status: { show: 'offline', ...(reason === '' ? {} : { text: reason }) } },
    ...named(line.nick),
  });
}

function channels(param: string | undefined): string[] {
  return (param ?? '').split(',', MAX_ROOMS).flatMap((name) => channelOf(name) ?? []);
}
