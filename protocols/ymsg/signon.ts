/**
 * Signing on and off. VERIFY (4C), AUTH (57) with the id, AUTH back with a challenge (94) and its
 * method (13), AUTHRESP (54) with the answer; then the server refuses with AUTHRESP and an error
 * (66), or goes on with what only a signed-on client gets.
 */
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Auth, ClientSoftware, Direction } from '../../src/sdk/index.ts';
import { codePageOf } from './charset.ts';
import { hostStats, identifyByBeginning, identifyClient, identifyInChat } from './client.ts';
import { noteCookies } from './cookies.ts';
import { KEY, SERVICE, STATUS } from './numbers.ts';
import { onContactStatus } from './presence.ts';
import type { Attempt, Handlers, Session } from './session.ts';
import type { Packet } from './wire.ts';

/** Key 13 of the challenge: how the answer is made. */
const METHOD: Readonly<Record<number, string>> = {
  /** MD5 and MD5-crypt of the password with the challenge (keys 6 and 96). */
  0: 'md5-crypt',
  /** The same with SHA-1 and a number puzzle. */
  1: 'sha1-crypt',
  /** Token and cookies fetched over HTTPS (keys 277, 278 and 307). */
  2: 'token',
};
const UNSEEN_METHOD = 'challenge-response';

/** Key 66 of a refusal. */
const REFUSAL: Readonly<Record<number, string>> = {
  3: 'unknown user',
  13: 'bad password',
  14: 'account locked',
  52: 'to be settled on the web site',
  99: 'signed on elsewhere',
  1013: 'not a Yahoo! ID',
};

/** Of the client: services that only a signed-on client uses. */
const ONLY_SIGNED_ON: ReadonlySet<number> = new Set([
  SERVICE.MESSAGE,
  SERVICE.MASSMESSAGE,
  SERVICE.NOTIFY,
  SERVICE.ISAWAY,
  SERVICE.ISBACK,
  SERVICE.Y6_STATUS_UPDATE,
  SERVICE.Y6_VISIBLE_TOGGLE,
  SERVICE.CONFMSG,
  SERVICE.CONFLOGON,
  SERVICE.CONFADDINVITE,
  SERVICE.CHATONLINE,
  SERVICE.CHATJOIN,
  SERVICE.PEERTOPEER,
  SERVICE.FILETRANS_15,
  SERVICE.ADDBUDDY,
  SERVICE.REMBUDDY,
  SERVICE.KEEPALIVE,
  SERVICE.PING,
]);

/** Of the server: services that come before the outcome, or whose handlers know better. */
const BEFORE_OUTCOME: ReadonlySet<number> = new Set([
  SERVICE.LOGON,
  SERVICE.AUTH,
  SERVICE.AUTHRESP,
  SERVICE.VERIFY,
  SERVICE.WEBLOGIN,
  SERVICE.LOGOFF,
  SERVICE.SYSMESSAGE,
  SERVICE.DISCONNECT,
]);

/** The client has answered, or is not in the capture at all: what comes next is the outcome. */
function awaitsOutcome(session: Session): boolean {
  return session.attempt !== undefined && (session.attempt.answered || session.tail[TO_SERVER] === 0);
}

/** Called with every packet before its handler: a session that goes on tells that the sign-on succeeded. */
export function noteProgress(session: Session, packet: Packet, direction: Direction): void {
  if (!awaitsOutcome(session)) return;
  const accepted =
    direction === TO_CLIENT ? !BEFORE_OUTCOME.has(packet.service) : ONLY_SIGNED_ON.has(packet.service);
  if (accepted) succeed(session, packet, direction);
}

/** The connection ends: tells an attempt whose outcome stayed unseen, or that the session is over. */
export function finish(session: Session): void {
  const { attempt, tail } = session;
  session.attempt = undefined;
  if (attempt) {
    session.account = attempt.account ?? session.account;
    const client = clientOf(session, attempt);
    if (client && !attempt.client) session.tellAt(TO_SERVER, tail[TO_SERVER], 'client', { client });
    session.tellAt(TO_SERVER, tail[TO_SERVER], 'login', {
      auth: auth(attempt.mechanism, 'unknown', attempt.exposed),
      client,
    });
  } else if (session.standing === 'on') {
    session.standing = 'out';
    session.tellAt(TO_SERVER, tail[TO_SERVER], 'logout', { reason: 'connection closed' });
  }
}

/** The client that the answer told; where there was none, by how the connection began. */
function clientOf(session: Session, attempt: Attempt): ClientSoftware | undefined {
  if (attempt.client || attempt.answered || !session.beganWithAuth) return attempt.client;
  return identifyByBeginning(attempt.version);
}

/** 57 up: {1 id}. Down: {1 id, 94 challenge, 13 method}. */
function onAuth(session: Session, packet: Packet, direction: Direction): void {
  const account = packet.id(KEY.ACTIVE_ID) ?? packet.id(KEY.PRIMARY_ID);
  if (direction === TO_SERVER) {
    if (session.tail[TO_SERVER] === 0 && !session.flow.midstream) session.beganWithAuth = true;
    begin(session, packet, direction, account, UNSEEN_METHOD);
    return;
  }
  if (!packet.has(KEY.CHALLENGE)) return;
  if (!session.attempt) begin(session, packet, direction, account, UNSEEN_METHOD);
  const method = packet.number(KEY.FLAG) ?? 0;
  if (!session.attempt) return;
  session.attempt.mechanism = METHOD[method] ?? `method-${method}`;
}

/** 54 up: the answer. Down: the refusal {66 error}. */
function onAuthResp(session: Session, packet: Packet, direction: Direction): void {
  const account = packet.id(KEY.PRIMARY_ID) ?? packet.id(KEY.ACTIVE_ID);
  if (direction === TO_CLIENT) {
    refuse(session, packet, direction, account);
    return;
  }
  if (!session.attempt || session.attempt.answered) begin(session, packet, direction, account, UNSEEN_METHOD);
  answer(session, packet, direction, account);
}

/** 226 up, the web messenger's: {0, 1 id, 6 cookie}. */
function onWebLogin(session: Session, packet: Packet, direction: Direction): void {
  if (direction !== TO_SERVER) return;
  const account = packet.id(KEY.PRIMARY_ID) ?? packet.id(KEY.ACTIVE_ID);
  begin(session, packet, direction, account, 'web');
  answer(session, packet, direction, account);
  if (session.attempt && packet.has(KEY.CRYPT_RESPONSE)) session.attempt.exposed = 'token';
}

/** 01 up, before version 9: {0, 1 id, 6 crypted password}. Down: {0, 1 us} accepts, {7 ...} are contacts. */
function onLogon(session: Session, packet: Packet, direction: Direction): void {
  const account = packet.id(KEY.PRIMARY_ID) ?? packet.id(KEY.ACTIVE_ID);
  if (direction === TO_SERVER) {
    if (!packet.has(KEY.CRYPT_RESPONSE)) return;
    begin(session, packet, direction, account, 'crypt');
    answer(session, packet, direction, account);
    return;
  }
  const accepts = packet.status === 0 && account !== undefined && packet.has(KEY.ACTIVE_ID);
  if (accepts && session.standing !== 'on') {
    if (session.attempt) session.attempt.account = account;
    else begin(session, packet, direction, account, UNSEEN_METHOD);
    succeed(session, packet, direction);
  } else if (awaitsOutcome(session)) {
    succeed(session, packet, direction);
  }
  onContactStatus(session, packet, direction);
}

/** 02 up: we sign off. Down: a contact did {7}, or without one we signed on elsewhere. */
function onLogoff(session: Session, packet: Packet, direction: Direction): void {
  if (direction === TO_SERVER) {
    signOff(session, packet, direction, 'signed off');
  } else if (packet.has(KEY.BUDDY)) {
    onContactStatus(session, packet, direction);
  } else if (packet.status === STATUS.DISCONNECTED) {
    signOff(session, packet, direction, 'signed on elsewhere');
  } else {
    signOff(session, packet, direction, 'disconnected by the server');
  }
}

/** 7D1: the server closes, often as its last word to a client that it does not want. */
function onDisconnect(session: Session, packet: Packet, direction: Direction): void {
  if (session.attempt) refuse(session, packet, direction, undefined);
  else signOff(session, packet, direction, 'disconnected by the server');
}

function signOff(session: Session, packet: Packet, direction: Direction, reason: string): void {
  if (session.attempt && direction === TO_CLIENT) {
    fail(session, packet, direction, reason);
  } else if (session.attempt) {
    giveUp(session, packet, direction);
  } else if (session.standing !== 'out') {
    session.tell(packet, direction, 'logout', { reason });
  }
  session.standing = 'out';
}

/** The outcome of an attempt was not seen, and now there will be none. */
function giveUp(session: Session, packet: Packet, direction: Direction): void {
  const { attempt } = session;
  if (!attempt) return;
  session.attempt = undefined;
  const client = clientOf(session, attempt);
  if (client && !attempt.client) session.tell(packet, direction, 'client', { client });
  session.tell(packet, direction, 'login', {
    auth: auth(attempt.mechanism, 'unknown', attempt.exposed),
    client,
  });
}

function begin(
  session: Session,
  packet: Packet,
  direction: Direction,
  account: string | undefined,
  mechanism: string,
): void {
  giveUp(session, packet, direction);
  const { version } = packet;
  session.attempt = { mechanism, version, answered: false };
  if (account !== undefined) session.attempt.account = account;
  session.account = account ?? session.account;
  session.standing = 'out';
}

/** What the answer shows: who, with what client, and what of the password a listener has now. */
function answer(session: Session, packet: Packet, direction: Direction, account: string | undefined): void {
  const { attempt } = session;
  if (!attempt) return;
  attempt.answered = true;
  session.account = account ?? attempt.account ?? session.account;
  if (session.account !== undefined) attempt.account = session.account;
  const exposed = exposedBy(packet);
  if (exposed) attempt.exposed = exposed;
  if (exposed === 'token' && attempt.mechanism === UNSEEN_METHOD) attempt.mechanism = 'token';
  session.codePage = codePageOf(packet.word(KEY.LOCALE) ?? '');
  const client = identifyClient(packet);
  if (client) {
    attempt.client = client;
    session.clientTold = true;
    session.tell(packet, direction, 'client', { client });
  }
  tellAlias(session, packet, direction);
  noteCookies(session, packet, direction);
}

/** The account (0) signs on as another one of its ids (1). */
function tellAlias(session: Session, packet: Packet, direction: Direction): void {
  const identity = packet.id(KEY.ACTIVE_ID);
  const account = packet.id(KEY.PRIMARY_ID);
  if (identity === undefined || account === undefined || identity === account) return;
  session.tell(packet, direction, 'profile', { from: account, profile: { identity, active: true } });
}

function exposedBy(packet: Packet): Auth['exposed'] {
  if (packet.has(KEY.COOKIE_Y) || packet.has(KEY.COOKIE_T)) return 'token';
  if (packet.has(KEY.CRYPT_RESPONSE) || packet.has(KEY.CRYPT_RESPONSE_2)) return 'hash';
  return packet.has(KEY.COOKIE) ? 'token' : undefined;
}

function succeed(session: Session, packet: Packet, direction: Direction): void {
  const { attempt } = session;
  if (!attempt) return;
  session.attempt = undefined;
  session.standing = 'on';
  session.aliveTold = true;
  session.account = attempt.account ?? session.account;
  session.tell(packet, direction, 'login', {
    auth: auth(attempt.mechanism, 'success', attempt.exposed),
    client: attempt.client,
  });
}

function refuse(session: Session, packet: Packet, direction: Direction, account: string | undefined): void {
  if (!session.attempt) begin(session, packet, direction, account, UNSEEN_METHOD);
  const error = packet.number(KEY.ERROR);
  const reason = error === undefined ? 'refused' : (REFUSAL[error] ?? 'refused');
  fail(session, packet, direction, error === undefined ? reason : `${reason} (${error})`);
}

function fail(session: Session, packet: Packet, direction: Direction, reason: string): void {
  const { attempt } = session;
  if (!attempt) return;
  session.attempt = undefined;
  session.standing = 'out';
  session.tell(packet, direction, 'login', {
    auth: { ...auth(attempt.mechanism, 'failure', attempt.exposed), reason },
    client: attempt.client,
  });
}

function auth(mechanism: string, result: Auth['result'], exposed: Auth['exposed']): Auth {
  return exposed === undefined ? { mechanism, result } : { mechanism, result, exposed };
}

/** 8A, 12, A1 (and any other): in a session that began before the capture, tells once that the account is on. */
function onKeepAlive(session: Session, packet: Packet, direction: Direction): void {
  const from = session.account;
  if (session.standing !== 'unseen' || session.aliveTold || from === undefined) return;
  session.aliveTold = true;
  session.tell(packet, direction, 'presence', { from, status: { show: 'online' } });
}

/** 16 up: {145 processor, 146 operating system, 147 time zone}, in base64. */
function onHostStats(session: Session, packet: Packet, direction: Direction): void {
  const client = hostStats(packet);
  if (client && direction === TO_SERVER) session.tell(packet, direction, 'client', { client });
}

/** 96 up, when chat rooms are entered, tells the client once more. */
function onChatOnline(session: Session, packet: Packet, direction: Direction): void {
  if (direction !== TO_SERVER || session.clientTold) return;
  const client = identifyInChat(packet);
  if (!client) return;
  session.clientTold = true;
  session.tell(packet, direction, 'client', { client });
}

/** 07 and 08 up: {3 id} uses one of the account's other ids from now on, or no longer. */
function onIdentity(active: boolean): Handlers[number] {
  return (session, packet, direction) => {
    const identity = packet.id(KEY.CURRENT_ID);
    if (direction !== TO_SERVER || identity === undefined) return;
    session.tell(packet, direction, 'profile', { from: session.account, profile: { identity, active } });
  };
}

export const signonHandlers: Handlers = {
  [SERVICE.AUTH]: onAuth,
  [SERVICE.AUTHRESP]: onAuthResp,
  [SERVICE.WEBLOGIN]: onWebLogin,
  [SERVICE.LOGON]: onLogon,
  [SERVICE.LOGOFF]: onLogoff,
  [SERVICE.DISCONNECT]: onDisconnect,
  [SERVICE.KEEPALIVE]: onKeepAlive,
  [SERVICE.PING]: onKeepAlive,
  [SERVICE.CHATPING]: onKeepAlive,
  [SERVICE.CLIENTHOSTSTATS]: onHostStats,
  [SERVICE.CHATONLINE]: onChatOnline,
  [SERVICE.IDACT]: onIdentity(true),
  [SERVICE.IDDEACT]: onIdentity(false),
};
