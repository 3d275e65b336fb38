import { messageText } from '../../src/sdk/index.ts';
import { tellWarning } from './message.ts';
import type { ClientHandler, Place, ServerHandler, TocSession } from './session.ts';
import { displayed } from './session.ts';
import { decodeName } from './text.ts';
import { normalizeName, splitFields } from './wire.ts';

/** Chat rooms. A connection numbers its rooms itself, from 0; the name is what members share. */

/** toc_chat_join: exchange, name. CHAT_JOIN confirms it; told from here where no server is in view. */
const onJoin: ClientHandler = (session, at, args) => {
  args.next();
  const name = decodeName(args.next() ?? '');
  if (normalizeName(name) === '') return;
  session.joining = name;
  if (session.seen[1]) return;
  const room = { id: normalizeName(name), name };
  session.tell(at, { kind: 'room', op: 'join', ...session.self(), room });
};

const onJoined: ServerHandler = (session, at, line) => {
  const [id = '', named = ''] = splitFields(line, 2);
  session.openRoom(at, id, decodeName(named) || session.joining);
  session.joining = undefined;
  const room = session.room(id);
  if (room !== undefined) session.tell(at, { kind: 'room', op: 'join', ...session.self(), room });
};

function tellLine(session: TocSession, at: Place, id: string, raw: string | undefined, to?: string): void {
  const room = session.room(id);
  if (raw === undefined || room === undefined || to === '') {
    session.anomaly(at, 'toc_fields_missing');
    return;
  }
  const text = messageText(session.read(at, raw));
  if (text === undefined) return;
  session.tell(at, {
    kind: 'message',
    ...session.self(),
    ...(to !== undefined && { to: [to], private: true }),
    room,
    ...text,
    sent: true,
  });
}

/** toc_chat_send: room, text. */
const onSay: ClientHandler = (session, at, args) => {
  const id = args.next() ?? '';
  const raw = args.next();
  if (raw !== undefined) session.sentToRoom(id, raw);
  tellLine(session, at, id, raw);
};

/** toc_chat_whisper: room, member, text. */
const onWhisper: ClientHandler = (session, at, args) => {
  const id = args.next() ?? '';
  const to = normalizeName(decodeName(args.next() ?? ''));
  tellLine(session, at, id, args.next(), to);
};

/**
 * CHAT_IN: room, member, T where whispered, text; CHAT_IN_ENC has an encoding and a language before
 * the text. The server repeats a line to its sender: that echo is not told again.
 */
function heard(count: number): ServerHandler {
  return (session, at, line) => {
    const fields = splitFields(line, count);
    const [id = '', member = '', whisper = ''] = fields;
    const raw = fields[count - 1];
    const from = displayed(decodeName(member));
    const room = session.room(id);
    if (raw === undefined || from.id === '' || room === undefined) {
      session.anomaly(at, 'toc_fields_missing');
      return;
    }
    if (session.isEcho(id, from.id, raw)) return;
    const text = messageText(session.read(at, raw));
    if (text === undefined) return;
    session.tell(at, {
      kind: 'message',
      from: from.id,
      ...(from.from_name !== undefined && { from_name: from.from_name }),
      ...(whisper === 'T' && { ...session.toSelf(), private: true }),
      room,
      ...text,
      sent: from.id === session.account,
    });
  };
}

/** CHAT_UPDATE_BUDDY: room, T for arrivals, names. The first after a join lists who is there. */
const onMembers: ServerHandler = (session, at, line) => {
  const [id = '', inside = '', ...names] = line.split(':');
  const members = session
    .some(at, names)
    .map((name) => normalizeName(decodeName(name)))
    .filter((name) => name !== '');
  const [first] = members;
  const room = session.room(id);
  if (first === undefined || room === undefined) return;
  if (inside === 'T' && session.takeFresh(id)) {
    session.tell(at, { kind: 'room', op: 'members', room, members });
    return;
  }
  const op = inside === 'T' ? 'join' : 'leave';
  session.tell(at, { kind: 'room', op, room, ...(members.length === 1 && { from: first }), members });
};

/** toc_chat_invite: room, text, names. */
const onInvite: ClientHandler = (session, at, args) => {
  const room = session.room(args.next() ?? '');
  const text = messageText(session.read(at, args.next() ?? ''));
  const to = session.some(at, args.all()).map((name) => normalizeName(decodeName(name)));
  const invited = to.filter((name) => name !== '');
  if (room === undefined || invited.length === 0) session.anomaly(at, 'toc_fields_missing');
  else session.tell(at, { kind: 'room', op: 'invite', ...session.self(), to: invited, room, ...text });
};

/** CHAT_INVITE: name, room, who invites, text. */
const onInvited: ServerHandler = (session, at, line) => {
  const [named = '', id = '', inviter = '', raw = ''] = splitFields(line, 4);
  const name = decodeName(named);
  session.openRoom(at, id, name);
  const from = displayed(decodeName(inviter));
  const room = session.room(id);
  if (room === undefined || from.id === '') {
    session.anomaly(at, 'toc_fields_missing');
    return;
  }
  session.tell(at, {
    kind: 'room',
    op: 'invite',
    from: from.id,
    ...(from.from_name !== undefined && { from_name: from.from_name }),
    ...session.toSelf(),
    room,
    ...messageText(session.read(at, raw)),
  });
};

function tellLeft(session: TocSession, at: Place, id: string): void {
  const room = session.room(id);
  if (room === undefined) return;
  session.tell(at, { kind: 'room', op: 'leave', ...session.self(), room });
  session.closeRoom(id);
}

/** toc_chat_leave: CHAT_LEFT confirms it; told from here where no server is in view. */
const onLeave: ClientHandler = (session, at, args) => {
  if (!session.seen[1]) tellLeft(session, at, args.next() ?? '');
};

const onLeft: ServerHandler = (session, at, line) => {
  tellLeft(session, at, line.split(':', 1)[0] ?? '');
};

/** toc_chat_evil: room, member, `norm` or `anon`. */
const onWarn: ClientHandler = (session, at, args) => {
  tellWarning(session, at, args, session.room(args.next() ?? ''));
};

export const roomCommands: readonly (readonly [string, ClientHandler])[] = [
  ['toc_chat_join', onJoin],
  ['toc_chat_send', onSay],
  ['toc_chat_whisper', onWhisper],
  ['toc_chat_invite', onInvite],
  ['toc_chat_leave', onLeave],
  ['toc_chat_evil', onWarn],
];

export const roomReplies: readonly (readonly [string, ServerHandler])[] = [
  ['CHAT_JOIN', onJoined],
  ['CHAT_IN', heard(4)],
  ['CHAT_IN_ENC', heard(6)],
  ['CHAT_UPDATE_BUDDY', onMembers],
  ['CHAT_INVITE', onInvited],
  ['CHAT_LEFT', onLeft],
];
