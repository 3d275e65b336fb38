import type { Cursor } from '../../src/sdk/index.ts';
import { identifyClient } from './client.ts';
import { codePageOf } from './codepage.ts';
import type { Conn, Facts, Handlers, SnacHeader } from './conn.ts';
import { tellProfile } from './directory.ts';
import { tellAddresses } from './identity.ts';
import { loginError } from './errors.ts';
import { KNOWN } from './known.ts';
import { CLIENT_TLV, FAMILY, FLAP_VERSION, ROAST, SIGNON_TLV, SNAC } from './numbers.ts';
import { normalise, readTLVs, readUserInfo } from './tlv.ts';
import type { TLVs } from './tlv.ts';
import { roast } from './wire.ts';

/** Signing on and off: one login told for each attempt, where its outcome is seen. */

/** Cookies join an authorisation to its BOS connection, and BOS to the services it asks for. */
const REALM = 'oscar-cookie';

/** Channel 1 of the client: version u32, then TLVs. Of the server: the version alone. */
export function onSignOn(conn: Conn, payload: Cursor, fromClient: boolean): void {
  const version = payload.u32();
  const tlvs = readTLVs(payload);
  if (!payload.ok || version !== FLAP_VERSION) {
    conn.anomaly(payload.ok ? 'oscar_flap_version' : 'oscar_snac_truncated');
    return;
  }
  if (!fromClient) return;
  conn.check(tlvs, KNOWN.SIGNON);
  if (tlvs.has(SIGNON_TLV.COOKIE)) showCookie(conn, tlvs);
  else if (tlvs.has(SIGNON_TLV.NAME) && tlvs.has(SIGNON_TLV.ROASTED)) startRoasted(conn, tlvs);
}

function showCookie(conn: Conn, tlvs: TLVs): void {
  conn.cookieShown = true;
  conn.flow.present(REALM, cookieToken(tlvs));
  learnClient(conn, tlvs);
}

/** One character a byte: what `issue` and `present` join by. */
function cookieToken(tlvs: TLVs): string {
  const value = tlvs.value(SIGNON_TLV.COOKIE);
  return value.latin1(value.left);
}

/** The whole sign-on is in this frame; the answer comes on channel 4 (or, from some servers, as 17/03). */
function startRoasted(conn: Conn, tlvs: TLVs): void {
  begin(conn, tlvs, roastMechanism(tlvs));
  if (conn.login) conn.login.exposed = 'password';
  tellClient(conn, tlvs);
}

/** AIM for Java and the Kerberos sign-on have tables of their own: the right one makes the password readable. */
function roastMechanism(tlvs: TLVs): string {
  const value = tlvs.value(SIGNON_TLV.ROASTED);
  const roasted = value.take(value.left);
  const readable = TABLES.find(([, table]) => isReadable(roast(roasted, table)));
  return readable?.[0] ?? 'roasted';
}

const TABLES: readonly (readonly [mechanism: string, table: readonly number[]])[] = [
  ['roasted', ROAST.COMMON],
  ['roasted-java', ROAST.JAVA],
  ['roasted-kerberos', ROAST.KERBEROS],
];

function isReadable(bytes: Uint8Array): boolean {
  return bytes.every((c) => c >= 0x20 && c < 0x7f);
}

function begin(conn: Conn, tlvs: TLVs, mechanism: string): void {
  flushLogin(conn);
  conn.role = 'authorisation';
  conn.learn(tlvs.text(SIGNON_TLV.NAME) ?? '');
  conn.login = { mechanism, account: conn.account };
}

/** 17/06: TLV 1 name: the client asks for the key of the hash. */
function onKeyRequest(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  if (body.ok && tlvs.has(SIGNON_TLV.NAME)) begin(conn, tlvs, 'md5');
}

/** 17/02: TLVs 1 name, 0x25 hash (or 2 roasted password), and the client's. */
function onLogin(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  if (!body.ok || !tlvs.has(SIGNON_TLV.NAME)) return;
  conn.check(tlvs, KNOWN.SIGNON);
  const continues = conn.login?.mechanism === 'md5' && conn.login.exposed === undefined;
  if (!continues) begin(conn, tlvs, 'md5');
  const { login } = conn;
  if (!login) return;
  if (tlvs.has(SIGNON_TLV.ROASTED)) {
    login.mechanism = roastMechanism(tlvs);
    login.exposed = 'password';
  } else if (tlvs.has(SIGNON_TLV.HASH)) login.exposed = 'hash';
  tellClient(conn, tlvs);
}

/** 17/03: TLVs 1 name, 5 address of BOS, 6 cookie; or 8 error code. */
function onLoginReply(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  if (!body.ok) return;
  conn.check(tlvs, KNOWN.SIGNON);
  settle(conn, tlvs, 'md5');
}

/** 17/0A and 17/0B: the server asks for the number of a SecurID card, and gets it. */
function onSecurId(conn: Conn, body: Cursor): void {
  body.skip(body.left);
  if (conn.login && !conn.login.mechanism.endsWith(SECURID)) conn.login.mechanism += SECURID;
}

const SECURID = '+securid';

/**
 * The answer to a sign-on: a cookie or an error. Where the question was not seen, `mechanism` is what it
 * must have been.
 */
function settle(conn: Conn, tlvs: TLVs, mechanism: string): boolean {
  const error = tlvs.u16(SIGNON_TLV.ERROR);
  const cookie = tlvs.has(SIGNON_TLV.COOKIE);
  const expected = conn.role === 'authorisation' || conn.role === 'unknown';
  if (!expected || (error === undefined && !cookie)) return false;
  conn.role = 'authorisation';
  conn.learn(tlvs.text(SIGNON_TLV.NAME) ?? '');
  if (!conn.loginTold) {
    conn.login ??= { mechanism: conn.cookieShown ? 'cookie' : mechanism, account: conn.account };
  }
  if (cookie) conn.flow.issue(REALM, cookieToken(tlvs), conn.account || undefined);
  tellLogin(conn, cookie ? 'success' : 'failure', error === undefined ? undefined : loginError(error));
  const email = tlvs.text(SIGNON_TLV.EMAIL);
  if (cookie && email !== undefined) tellProfile(conn, conn.account, { email });
  return true;
}

function tellLogin(conn: Conn, result: 'success' | 'failure' | 'unknown', reason?: string): void {
  const { login } = conn;
  conn.login = undefined;
  if (!login || login.account === '') return;
  conn.loginTold = true;
  const facts: Facts = { kind: 'login', auth: { mechanism: login.mechanism, result } };
  if (facts.auth && reason !== undefined) facts.auth.reason = reason;
  if (facts.auth && login.exposed !== undefined) facts.auth.exposed = login.exposed;
  if (login.client) facts.client = login.client;
  conn.tell(facts);
}

/** Tells an attempt that was left without an answer. */
export function flushLogin(conn: Conn): void {
  if (conn.login) tellLogin(conn, 'unknown');
}

function tellClient(conn: Conn, tlvs: TLVs): void {
  learnClient(conn, tlvs);
  if (conn.login && conn.client) conn.login.client = conn.client;
  flushClient(conn);
}

function learnClient(conn: Conn, tlvs: TLVs): void {
  conn.client = identifyClient(tlvs);
  const language = tlvs.text(CLIENT_TLV.LANGUAGE);
  if (language !== undefined) conn.codePage = codePageOf(language, tlvs.text(CLIENT_TLV.COUNTRY) ?? '');
}

/** Tells the software, once: behind a cookie when the account is known, and with it the network. */
export function flushClient(conn: Conn): void {
  const { client } = conn;
  if (!client || conn.clientTold) return;
  conn.clientTold = true;
  conn.tell({ kind: 'client', client });
}

/** 17/04: registration of a new UIN; the password stands in it in clear. */
function onRegister(conn: Conn, body: Cursor): void {
  if (body.left < 4) return;
  body.skip(body.left);
  const auth = { mechanism: 'registration', result: 'unknown', exposed: 'password' } as const;
  conn.tell({ kind: 'account', op: 'register', auth });
}

/** 17/05: the server made the account. */
function onRegistered(conn: Conn, body: Cursor): void {
  if (body.left < 4) return;
  body.skip(body.left);
  conn.tell({ kind: 'account', op: 'registered' });
}

/** 01/03: the families of this connection, u16 each. That with messages is BOS. */
function onHostOnline(conn: Conn, body: Cursor): void {
  const families: number[] = [];
  while (body.has(2)) {
    const family = body.u16();
    if (families.length < MOST_FAMILIES) families.push(family);
  }
  conn.families = families;
  conn.role = families.includes(FAMILY.ICBM) ? 'bos' : families.includes(FAMILY.CHAT) ? 'chat' : 'service';
}

/** No server has more families. */
const MOST_FAMILIES = 64;

/** 01/0F: the own user info; with it BOS has accepted the cookie. */
function onOwnInfo(conn: Conn, body: Cursor): void {
  const info = readUserInfo(body);
  const { name } = info;
  if (!body.ok) return;
  conn.learn(name);
  conn.check(info.tlvs, KNOWN.USER);
  body.skip(body.left);
  flushClient(conn);
  if (!conn.cookieShown || conn.loginTold || conn.role === 'service' || conn.role === 'chat') return;
  conn.login = { mechanism: 'cookie', account: normalise(name), exposed: 'token' };
  if (conn.client) conn.login.client = conn.client;
  tellLogin(conn, 'success');
  tellAddresses(conn, info.tlvs, name, true);
}

/** 01/05: TLVs 0D family, 05 address, 06 cookie. 01/12: families (count u16), the last two. */
function onRedirect(conn: Conn, body: Cursor, header: SnacHeader): void {
  if (header.code === SNAC.OSERVICE_MIGRATE) {
    const families = body.u16();
    body.skip(families * 2);
  }
  const tlvs = readTLVs(body);
  if (body.ok) conn.check(tlvs, KNOWN.SIGNON);
  if (body.ok && tlvs.has(SIGNON_TLV.COOKIE))
    conn.flow.issue(REALM, cookieToken(tlvs), conn.account || undefined);
}

const DISCONNECTED = new Map([[0x01, 'signed on elsewhere']]);

/** Channel 4: from a server it may hold the answer to a roasted sign-on, or why it ends the session. */
export function onSignOff(conn: Conn, payload: Cursor, fromClient: boolean): void {
  const tlvs = readTLVs(payload);
  if (!payload.ok) {
    conn.anomaly('oscar_snac_truncated');
    return;
  }
  if (!fromClient && settle(conn, tlvs, 'roasted')) return;
  const code = tlvs.u16(SIGNON_TLV.DISCONNECT) ?? oneByte(tlvs);
  if (fromClient) tellLogout(conn, 'signed off');
  else if (code === undefined) tellLogout(conn, 'disconnected by the server');
  else tellLogout(conn, DISCONNECTED.get(code) ?? `disconnected by the server (code ${code})`);
}

/** Open OSCAR Server writes the code in one byte. */
function oneByte(tlvs: TLVs): number | undefined {
  const value = tlvs.value(SIGNON_TLV.DISCONNECT);
  return value.left === 1 ? value.u8() : undefined;
}

/** The end of a BOS connection is the end of a session; told once. */
export function tellLogout(conn: Conn, reason: string): void {
  if (conn.role !== 'bos' || conn.signedOff) return;
  conn.signedOff = true;
  conn.tell({ kind: 'logout', reason });
}

export const SIGNON_HANDLERS: Handlers = [
  [SNAC.BUCP_KEY_REQUEST, 'client', onKeyRequest],
  [SNAC.BUCP_LOGIN, 'client', onLogin],
  [SNAC.BUCP_LOGIN_REPLY, 'server', onLoginReply],
  [SNAC.BUCP_REGISTER, 'client', onRegister],
  [SNAC.BUCP_REGISTERED, 'server', onRegistered],
  [SNAC.BUCP_SECURID_REQUEST, 'server', onSecurId],
  [SNAC.BUCP_SECURID, 'client', onSecurId],
  [SNAC.OSERVICE_HOST_ONLINE, 'server', onHostOnline],
  [SNAC.OSERVICE_USER_INFO, 'server', onOwnInfo],
  [SNAC.OSERVICE_SERVICE_RESPONSE, 'server', onRedirect],
  [SNAC.OSERVICE_MIGRATE, 'server', onRedirect],
];
