import { decodeBase64, decodeUtf8, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import type { IrcSession } from './session.ts';
import { fold, plainText } from './wire.ts';
import type { Line } from './wire.ts';

/** Replies that end a sign-on badly: wrong password, banned, not welcome, SASL refused (RFC 2812, 5.2; IRCv3 SASL). */
export const REFUSED: ReadonlySet<string> = new Set(['464', '465', '463', '466', '904', '905', '906', '902']);

/** Mechanisms of SASL that show the password itself, and those that show what can be guessed at. */
const SHOWS: Readonly<Record<string, 'password' | 'hash' | 'token'>> = {
  PLAIN: 'password',
  'DH-BLOWFISH': 'hash',
  'DH-AES': 'hash',
  'SCRAM-SHA-1': 'hash',
  'SCRAM-SHA-256': 'hash',
  'SCRAM-SHA-512': 'hash',
  OAUTHBEARER: 'token',
};

export function onNick(session: IrcSession, direction: Direction, line: Line): void {
  const nick = line.params[0] ?? '';
  if (nick === '') return;
  if (direction === TO_SERVER) {
    // Before the greeting it is what the client wants to be called; afterwards the server's line counts.
    if (!session.welcomed) {
      session.nick = nick;
      session.asked ??= line.offset;
    }
    return;
  }
  const own = session.isSelf(line.nick);
  if (own) session.nick = nick;
  session.tell(direction, line.offset, {
    kind: 'profile',
    from: fold(line.nick),
    profile: { nick },
  });
}

export function onUser(session: IrcSession, direction: Direction, line: Line): void {
  if (direction !== TO_SERVER) return;
  session.asked ??= line.offset;
  const [user = '', , , name = ''] = line.params;
  const profile: Record<string, string> = {};
  if (user !== '') profile.user = user;
  if (name !== '') profile.real_name = plainText(name);
  if (Object.keys(profile).length > 0) session.tell(direction, line.offset, { kind: 'profile', profile });
}

export function onPass(session: IrcSession, direction: Direction, line: Line): void {
  if (direction !== TO_SERVER || (line.params[0] ?? '') === '') return;
  session.passed = true;
  session.asked ??= line.offset;
}

/** `OPER name password`: its answer is a numeric. */
export function onOper(session: IrcSession, direction: Direction, line: Line): void {
  if (direction !== TO_SERVER || line.params.length < 2) return;
  session.tell(direction, line.offset, {
    kind: 'login',
    auth: { mechanism: 'OPER', result: 'unknown', exposed: 'password' },
  });
}

/** SASL (IRCv3): the client names a mechanism, then sends its answers in base64, 400 bytes a line. */
export function onAuthenticate(session: IrcSession, direction: Direction, line: Line): void {
  const word = line.params[0] ?? '';
  if (direction !== TO_SERVER || word === '' || word === '+' || word === '*') return;
  session.asked ??= line.offset;
  const { sasl } = session;
  if (sasl.mechanism === undefined && /^[A-Z0-9_-]{1,20}$/.test(word)) {
    sasl.mechanism = word;
    return;
  }
  const exposed = SHOWS[sasl.mechanism ?? ''];
  if (exposed !== undefined) sasl.exposed = exposed;
  if (sasl.mechanism === 'PLAIN') sasl.account ??= authcid(word);
}

/** Who signs on: authzid NUL authcid NUL password (RFC 4616); the last is not looked at. */
function authcid(word: string): string | undefined {
  const bytes = decodeBase64(word);
  const parts = bytes ? decodeUtf8(bytes).split('\0', 3) : [];
  return parts.length === 3 && parts[1] !== undefined && parts[1] !== '' ? fold(parts[1]) : undefined;
}

/** 001: the server calls the client by its nick. */
export function onWelcome(session: IrcSession, direction: Direction, line: Line): void {
  const nick = line.params[0] ?? '';
  if (nick !== '' && nick !== '*') session.nick = nick;
  if (session.welcomed) return;
  session.welcomed = true;
  session.asked ??= 0;
  session.tellLogin(TO_SERVER, 'success');
}

export function onRefused(session: IrcSession, _direction: Direction, line: Line): void {
  if (session.welcomed) return;
  session.tellLogin(TO_SERVER, 'failure', plainText(line.params.at(-1) ?? line.command));
}

/** `ERROR`: the server closes the connection. */
export function onError(session: IrcSession, direction: Direction, line: Line): void {
  const reason = plainText(line.params.at(-1) ?? '');
  if (!session.welcomed) session.tellLogin(TO_SERVER, 'failure', reason);
  else session.tellLogout(direction, line.offset, reason);
}
