import type { Direction } from '../../src/sdk/index.ts';
import { formatTime } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';
import type { Handler } from './client.ts';
import { profileOf } from './client.ts';
import { onMessage } from './message.ts';
import type { IcqSession } from './session.ts';
import { readText, showOf, SRV } from './wire.ts';

/** What servers answer and tell. */

const DOWN: Direction = 1;

const malformed = (session: IcqSession): void => session.anomaly(DOWN, 'icq_malformed');

/** The most bytes of a name or an address in an entry: clients let nobody type more. */
const LONGEST_FIELD = 128;

/** Four texts: nick, first name, last name, e-mail. One that claims more than any entry holds is told, whole or not. */
function readEntry(session: IcqSession, body: Cursor): Uint8Array[] {
  const ahead = body.sub(body.left);
  body.pos -= ahead.end - ahead.pos;
  for (let i = 0; i < 4 && ahead.ok; i++) {
    const length = ahead.u16le();
    if (ahead.ok && length > LONGEST_FIELD + 1) {
      session.anomaly(DOWN, 'icq_long_field');
      break;
    }
    ahead.skip(length);
  }
  return [readText(body), readText(body), readText(body), readText(body)];
}

/** The first u32 of version 2 is the account; later versions have it in the header. */
const onLoginReply: Handler = (session, { version, body }) => {
  if (version === 2 && session.account === undefined && body.left >= 4) session.setAccount(body.u32le());
  session.conclude(DOWN, 'success');
  session.signedOn = true;
};

/** Ends a sign-on that is under way; where none is, the server only says so. */
function refusal(reason: string): Handler {
  return (session, { command }) => {
    if (session.attempt !== undefined) session.conclude(DOWN, 'failure', reason);
    else session.tell(DOWN, { kind: 'notice', ...session.toSelf(), text: reason, code: command });
  };
}

const onNotConnected: Handler = (session, { command }) => {
  if (!session.signedOn) return;
  session.tell(DOWN, { kind: 'notice', ...session.toSelf(), text: 'not connected', code: command });
};

const onGoAway: Handler = (session) => session.signOff(DOWN, 'disconnected by the server');

/** UIN u32, external address, port u32, internal address, mode u8, status u32. */
const onOnline: Handler = (session, { body }) => {
  const uin = body.u32le();
  body.skip(13);
  tellStatus(session, body, uin, showOf(body.u32le()));
};

const onOffline: Handler = (session, { body }) => tellStatus(session, body, body.u32le(), 'offline');

/** UIN u32, status u32. */
const onStatus: Handler = (session, { body }) => {
  const uin = body.u32le();
  tellStatus(session, body, uin, showOf(body.u32le()));
};

function tellStatus(session: IcqSession, body: Cursor, uin: number, show: string): void {
  const from = String(uin);
  if (!body.ok) malformed(session);
  else if (session.statusChanged(from, show))
    session.tell(DOWN, { kind: 'presence', from, status: { show } });
}

/** UIN u32, then the message. */
const onIncoming: Handler = (session, { body }) => {
  const from = String(body.u32le());
  onMessage(session, { direction: DOWN, from, to: session.account }, body);
};

/** UIN u32, year u16, month, day, hour, minute, then the message. The server's clock is UTC. */
const onStored: Handler = (session, { body }) => {
  const from = String(body.u32le());
  const [year, month, day, hour, minute] = [body.u16le(), body.u8(), body.u8(), body.u8(), body.u8()];
  const seconds = Date.UTC(year, month - 1, day, hour, minute) / 1000;
  const valid =
    year >= 1996 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && hour < 24 && minute < 60;
  onMessage(
    session,
    {
      direction: DOWN,
      from,
      to: session.account,
      stored: { offline: true, ...(valid && { original_time: formatTime(seconds, 0) }) },
    },
    body,
  );
};

/** UIN u32, nick, first name, last name, e-mail. */
function tellEntry(session: IcqSession, body: Cursor): void {
  const from = String(body.u32le());
  const profile = profileOf(readEntry(session, body));
  if (!body.ok || Object.keys(profile).length === 0) return;
  session.tell(DOWN, { kind: 'profile', from, profile });
}

const onUserFound: Handler = (session, { body }) => tellEntry(session, body);

/** What it answers u16, result u8, then its fields; search results carry the account they are of. */
const onMeta: Handler = (session, { body }) => {
  const answers = body.u16le();
  const result = body.u8();
  if (META_FOUND.has(answers)) {
    if (result === META_SUCCESS) tellEntry(session, body);
  } else if (META_NAMES.has(answers) || answers < FIRST_META) readEntry(session, body);
};

const META_SUCCESS = 0x0a;
const META_FOUND: ReadonlySet<number> = new Set([0x0190, 0x019a]);
/** Answers that begin with the four names, without the account; and what is below all answers, as attacks have it. */
const META_NAMES: ReadonlySet<number> = new Set([0x00c8, 0x0104]);
const FIRST_META = 0x64;

/** The new account: in the body in version 2, later in the header. */
const onNewUin: Handler = (session, { version, uin, body }) => {
  if (!session.registering) return;
  session.registering = false;
  session.setAccount(version === 2 ? body.u32le() : uin);
  session.tell(DOWN, { kind: 'account', op: 'registered', ...session.self() });
};

export const serverHandlers: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [SRV.LOGIN_REPLY, onLoginReply],
  [SRV.BAD_PASSWORD, refusal('bad password')],
  [SRV.LOGIN_ERROR, refusal('sign-on refused')],
  [SRV.TRY_AGAIN, refusal('server busy')],
  [SRV.INVALID_UIN, refusal('no such account')],
  [SRV.NOT_CONNECTED, onNotConnected],
  [SRV.GO_AWAY, onGoAway],
  [SRV.USER_ONLINE, onOnline],
  [SRV.USER_OFFLINE, onOffline],
  [SRV.STATUS_UPDATE, onStatus],
  [SRV.MESSAGE, onIncoming],
  [SRV.OFFLINE_MESSAGE, onStored],
  [SRV.USER_FOUND, onUserFound],
  [SRV.INFO_REPLY, onUserFound],
  [SRV.META_USER, onMeta],
  [SRV.NEW_UIN, onNewUin],
]);
