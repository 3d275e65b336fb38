import type { Direction } from '../../src/sdk/index.ts';
import { clientOfCvr } from './client.ts';
import { ERRORS, OUT_REASONS } from './errors.ts';
import { checkName } from './fields.ts';
import type { Command } from './reader.ts';
import { SWITCHBOARD_REALM } from './session.ts';
import type { Handlers, Session } from './session.ts';
import { lookUp, parseId, parseName } from './text.ts';
import { ROLE } from './commands.ts';
import { isNumber } from './wire.ts';

/** Sign-on, redirection and sign-off on the notification server. */

/** What a listener can recover from the second `USR` of a mechanism. `MD5` is salted by the server's challenge. */
const EXPOSED: Readonly<Record<string, 'password' | 'hash' | 'token'>> = {
  CTP: 'password',
  MD5: 'hash',
  TWN: 'token',
  SSO: 'token',
  SHA: 'token',
};

/** `VER TrID MSNPn... CVR0` and the server's choice. */
function onVersion(session: Session, command: Command): void {
  const dialect = command.args[1] ?? '';
  if (command.direction === 1 && dialect.startsWith('MSNP')) session.dialect = Number(dialect.slice(4));
}

/** `CVR`, client to server: what the client is, and who, before any authentication. */
function onClientVersion(session: Session, command: Command): void {
  const { args } = command;
  const account = parseId(args[args.length - 1]) || parseId(args[8]);
  if (account && !session.account) session.account = account;
  session.client = clientOfCvr(args);
  const facts = session.fact('client');
  facts.client = session.client;
  facts.sent = true;
  session.tell(command, facts);
}

/**
 * `USR TrID mechanism stage value...`, client to server. `SHA A` (MSNP18 and later) shows a signed ticket for circles
 * once the sign-on is done; it is an attempt of its own only where no other was seen.
 */
function onUser(session: Session, command: Command): void {
  const [trid = '', mechanism = '', stage = '', value = ''] = command.args;
  if (stage === 'I') {
    finishSignOn(session, command, 'unknown');
    session.attempt = { mechanism, account: parseId(value), trid };
    if (session.attempt.account) session.account = session.attempt.account;
  } else if (stage === 'S') {
    session.attempt ??= { mechanism, account: session.account, trid };
    session.attempt.trid = trid;
    const exposed = lookUp(EXPOSED, mechanism);
    if (exposed) session.attempt.exposed = exposed;
  } else if (stage === 'A' && !session.signedOn && !session.attempt) {
    session.attempt = { mechanism, account: session.account, trid, exposed: 'token' };
  }
}

/** `USR TrID OK email [nick] ...`, or `USR TrID mechanism S challenge`, from the notification server. */
function onUserReply(session: Session, command: Command): void {
  const { args } = command;
  if (args[1] !== 'OK') {
    session.attempt ??= { mechanism: args[1] ?? '', account: session.account, trid: args[0] ?? '' };
    return;
  }
  // The reply to `USR SHA A` (circle ticket, MSNP18) looks the same and comes when the sign-on is done.
  if (session.signedOn) return;
  const account = parseId(args[2]);
  if (account) session.account = account;
  const more = args.slice(3);
  // Up to MSNP9 a name follows the account; then, from MSNP6 on, whether the address was verified and whether a child's.
  if (hasName(more, session.dialect)) session.displayName = parseName(more.shift(), account);
  checkName(session, command, session.displayName);
  session.attempt ??= { mechanism: usualMechanism(session.dialect), account: session.account, trid: '' };
  finishSignOn(session, command, 'success', undefined, flags(more));
}

/** Whether a name stands before the flags of `USR OK`: where the dialect is unknown, what is not two numbers begins with one. */
function hasName(more: readonly string[], dialect: number): boolean {
  if (dialect > 0) return dialect < 10 && more.length > 0;
  return more.length === 1 || more.length >= 3 || (more.length === 2 && !more.every(isNumber));
}

/** `verified kids`: what is known of the account. */
function flags([verified, kids]: readonly string[]): Record<string, boolean> | undefined {
  if (verified !== '0' && verified !== '1') return undefined;
  const profile: Record<string, boolean> = { email_verified: verified === '1' };
  if (kids === '1') profile.kids_account = true;
  return profile;
}

function usualMechanism(dialect: number): string {
  if (dialect === 0) return 'unknown';
  return dialect < 8 ? 'MD5' : dialect < 15 ? 'TWN' : 'SSO';
}

/** Tells the sign-on that was under way, if any. */
export function finishSignOn(
  session: Session,
  at: { direction: Direction; offset: number },
  result: 'success' | 'failure' | 'unknown',
  reason?: string,
  profile?: Record<string, unknown>,
): void {
  const { attempt } = session;
  if (!attempt) return;
  session.attempt = undefined;
  if (result === 'success') session.signedOn = true;
  const facts = session.fact('login');
  const account = attempt.account || session.account;
  if (account) facts.account = facts.from = account;
  if (session.displayName) facts.from_name = session.displayName;
  facts.auth = { mechanism: attempt.mechanism, result };
  if (reason) facts.auth.reason = reason;
  if (attempt.exposed) facts.auth.exposed = attempt.exposed;
  if (session.client) facts.client = session.client;
  if (profile) facts.profile = profile;
  facts.sent = true;
  session.flow.emit(at.direction, at.offset, facts);
}

/** A command that only a signed-on client sends: proof of success where the server's word was not seen. */
export function proveSignOn(session: Session, command: Command): void {
  if (session.attempt?.exposed) finishSignOn(session, command, 'success');
}

/** `XFR TrID NS address ...` sends the client to another server, where the sign-on goes on; `XFR TrID SB address CKI key` opens a switchboard. */
function onTransfer(session: Session, command: Command): void {
  const [, kind, , scheme, key] = command.args;
  if (kind === 'NS') session.attempt = undefined;
  else if (kind === 'SB' && scheme === 'CKI' && key) issueKey(session, key);
}

/** `RNG session address CKI key email nick`: somebody calls this client to a switchboard. */
function onRing(session: Session, command: Command): void {
  const [, , scheme, key, who, nick] = command.args;
  const id = parseId(who);
  if (id) noteName(session, id, parseName(nick, id));
  if (scheme === 'CKI' && key) issueKey(session, key);
}

/** Learns how a contact is called, so that what comes later tells it. */
function noteName(session: Session, id: string, name: string): void {
  const known = session.presence.get(id);
  if (name && known) known.name = name;
}

function issueKey(session: Session, key: string): void {
  const account = session.account || undefined;
  session.flow.issue(SWITCHBOARD_REALM, keyOf(key, session.account), account);
}

/** A key belongs to an account: a server that gives two accounts the same one does not mix them up. */
export function keyOf(key: string, account: string): string {
  return account ? `${key} ${account}` : key;
}

/** `OUT [reason]`, either way. */
export function onOut(session: Session, command: Command): void {
  if (session.role !== ROLE.NOTIFICATION) return;
  finishSignOn(session, command, 'unknown');
  signOff(session, command, command.args[0]);
}

/** Tells the sign-off once, of a client that was signed on as far as is known. */
export function signOff(
  session: Session,
  at: { direction: Direction; offset: number },
  reason: string | undefined,
): void {
  if (session.signedOff || !(session.signedOn || session.flow.midstream)) return;
  session.signedOff = true;
  const facts = session.fact('logout');
  if (session.account) facts.from = session.account;
  if (reason) facts.reason = lookUp(OUT_REASONS, reason) ?? reason;
  facts.sent = at.direction === 0;
  session.flow.emit(at.direction, at.offset, facts);
}

/** `911 TrID`: an error reply. One that answers the sign-on is its outcome, others are notices. */
export function onError(session: Session, command: Command): void {
  const code = Number(command.name);
  const text = ERRORS[code];
  if (session.attempt?.trid === command.args[0]) {
    finishSignOn(session, command, 'failure', text ? `${command.name} ${text}` : command.name);
    return;
  }
  const facts = session.fact('notice');
  facts.code = code;
  if (text) facts.text = text;
  session.tell(command, facts);
}

export const SIGN_ON_FROM_CLIENT: Handlers = {
  VER: onVersion,
  CVR: onClientVersion,
  USR: onUser,
  OUT: onOut,
};
export const SIGN_ON_FROM_SERVER: Handlers = {
  VER: onVersion,
  USR: onUserReply,
  XFR: onTransfer,
  RNG: onRing,
  OUT: onOut,
};
