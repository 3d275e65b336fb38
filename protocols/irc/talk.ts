import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, FileTransfer, ImFacts } from '../../src/sdk/index.ts';
import { DCC_REALM, dccToken, readDcc } from './dcc.ts';
import type { DccOffer } from './dcc.ts';
import { roomOf } from './rooms.ts';
import { secretTold } from './secrets.ts';
import { SERVICE } from './session.ts';
import type { IrcSession } from './session.ts';
import { channelOf, fold, plainText, readCtcp } from './wire.ts';
import type { Line } from './wire.ts';

/** Targets that one line names. */
const MAX_TARGETS = 32;

/** `PRIVMSG target :text`. */
export function onMessage(session: IrcSession, direction: Direction, line: Line): void {
  talk(session, direction, line, false);
}

/** `NOTICE target :text`: by rule never answered by a program (RFC 2812, 3.3.2). */
export function onNotice(session: IrcSession, direction: Direction, line: Line): void {
  const text = line.params.at(-1) ?? '';
  if (direction !== TO_SERVER && line.mask === '' && (line.nick === '' || line.nick.includes('.'))) {
    const plain = plainText(text);
    if (plain !== '') session.tell(direction, line.offset, { kind: 'notice', text: plain });
    return;
  }
  talk(session, direction, line, true);
}

function talk(session: IrcSession, direction: Direction, line: Line, notice: boolean): void {
  const [targets = '', text = ''] = line.params;
  if (targets === '' || text === '' || line.params.length < 2) return;
  const ctcp = readCtcp(text);
  for (const target of targets.split(',', MAX_TARGETS)) {
    if (target === '') continue;
    if (direction === TO_SERVER && secret(session, line, target, text)) continue;
    if (ctcp) onCtcp(session, direction, line, target, ctcp, notice);
    else tellText(session, direction, line, target, plainText(text), notice);
  }
}

/** Passwords are told to the robots of a network as texts: told as exposed, never shown. */
function secret(session: IrcSession, line: Line, target: string, text: string): boolean {
  const told = secretTold(target, text);
  if (told?.signsOn === true) {
    session.tell(TO_SERVER, line.offset, {
      kind: 'login',
      auth: { mechanism: fold(target).replace(/@.*/, ''), result: 'unknown', exposed: 'password' },
    });
  }
  return told !== undefined;
}

/** `NS IDENTIFY password` and the like: short commands for the robots. */
export function onRobot(session: IrcSession, direction: Direction, line: Line): void {
  const robot = ROBOTS[line.command] ?? line.command.toLowerCase();
  if (direction === TO_SERVER) secret(session, line, robot, line.params.join(' '));
}

const ROBOTS: Readonly<Record<string, string>> = { NS: 'nickserv', CS: 'chanserv', IDENTIFY: 'nickserv' };

function tellText(
  session: IrcSession,
  direction: Direction,
  line: Line,
  target: string,
  text: string,
  notice: boolean,
): void {
  if (text === '') return;
  const id = line.tags.get('msgid');
  const time = line.tags.get('time');
  session.tell(direction, line.offset, {
    ...{ kind: 'message', text, format: 'plain' },
    ...session.speaker(direction, line),
    ...whom(session, direction, line, target),
    ...(notice ? { auto: true } : {}),
    ...(id === undefined || id === '' ? {} : { message_id: id }),
    ...(time === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time) ? {} : { original_time: time }),
  });
}

/** A room, or a person. What the server echoes of the client's own is sent, too. */
function whom(
  session: IrcSession,
  direction: Direction,
  line: Line,
  target: string,
): Pick<ImFacts, 'room' | 'to' | 'sent'> {
  const sent = direction === TO_SERVER || session.isSelf(line.nick);
  const room = channelOf(target);
  return room === undefined ? { to: [fold(target)], sent } : { room: roomOf(room), sent };
}

function onCtcp(
  session: IrcSession,
  direction: Direction,
  line: Line,
  target: string,
  { command, rest }: { command: string; rest: string },
  notice: boolean,
): void {
  if (command === 'ACTION') {
    const text = plainText(rest);
    if (text !== '') tellText(session, direction, line, target, `/me ${text}`, notice);
  } else if (command === 'DCC') {
    const offer = readDcc(rest);
    if (offer) onDcc(session, direction, line, target, offer);
  } else if (command === 'VERSION' && notice && direction === TO_SERVER && rest !== '') {
    onVersion(session, line, plainText(rest));
  }
}

/** The client says what software it is, where somebody asks. */
function onVersion(session: IrcSession, line: Line, raw: string): void {
  const [, name = raw, version] = /^(.*?)[\s:/-]+v?(\d[\w.-]*)/.exec(raw) ?? [];
  session.tell(TO_SERVER, line.offset, {
    kind: 'client',
    client: {
      name: name === '' ? raw : name,
      ...(version === undefined ? {} : { version }),
      raw,
      evidence: ['CTCP VERSION reply'],
    },
  });
}

function onDcc(session: IrcSession, direction: Direction, line: Line, target: string, offer: DccOffer): void {
  if (offer.bad) {
    session.flow.anomaly(direction, line.offset, 'irc_bad_dcc');
    return;
  }
  const people = { ...session.speaker(direction, line), ...whom(session, direction, line, target) };
  const peer = {
    ...(offer.ip === undefined ? {} : { peer_ip: offer.ip }),
    ...(offer.port === 0 ? {} : { peer_port: offer.port }),
  };
  if (offer.type.endsWith('CHAT')) {
    session.tell(direction, line.offset, {
      ...{ kind: 'call', call: { media: 'chat', state: 'offer' }, ...people },
      ...(offer.ip === undefined
        ? {}
        : { evidence: [`DCC ${offer.type} at ${offer.ip} port ${offer.port}`] }),
    });
    return;
  }
  const state = STATES[offer.type];
  if (state === undefined) return;
  const file: FileTransfer = {
    // Both sides, and the answer of who resumes, name the same file and port.
    id: session.flow.hash(
      DCC_REALM,
      session.flow.id,
      fold(other(session, direction, line, target)),
      offer.name,
    ),
    name: offer.name,
    ...(offer.size === undefined ? {} : { size: offer.size }),
    ...{ method: 'dcc', state, ...peer },
  };
  session.tell(direction, line.offset, { kind: 'file', file, ...people });
  if (state === 'offer' && offer.ip !== undefined && offer.port > 0) {
    const { from } = people;
    session.flow.announce(DCC_REALM, dccToken(offer.ip, offer.port), {
      ...{ id: file.id, name: offer.name, service: SERVICE },
      ...(offer.size === undefined ? {} : { size: offer.size }),
      ...(from === undefined ? {} : { from }),
      ...(people.to === undefined ? {} : { to: people.to }),
    });
  }
}

const STATES: Readonly<Record<string, FileTransfer['state']>> = {
  SEND: 'offer',
  TSEND: 'offer',
  ACCEPT: 'accept',
  RESUME: 'accept',
  REJECT: 'decline',
};

/** The other side of a transfer. */
function other(session: IrcSession, direction: Direction, line: Line, target: string): string {
  return direction === TO_SERVER || session.isSelf(line.nick) ? target : line.nick;
}
