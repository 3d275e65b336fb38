import type { ImFacts } from '../../src/sdk/index.ts';
import { onMessage } from './message.ts';
import type { IcqSession } from './session.ts';
import { decodeField } from './text.ts';
import type { Datagram } from './wire.ts';
import { CMD, hasPassword, readText, showOf } from './wire.ts';

/** What clients ask for. */

export type Handler = (session: IcqSession, datagram: Datagram) => void;

const malformed = (session: IcqSession, { direction }: Datagram): void =>
  session.anomaly(direction, 'icq_malformed');

/**
 * LOGIN, and before it in versions 3 to 5 PRE_LOGIN, which asks whether the password is right: both
 * are one attempt. The password is not read, only whether one is there.
 */
function attempt(session: IcqSession, datagram: Datagram, exposed: boolean | undefined): void {
  if (exposed === undefined) malformed(session, datagram);
  session.attempt ??= { exposed: false, scrambled: datagram.version >= 4 };
  session.attempt.exposed ||= exposed ?? false;
  session.signedOn = false;
  session.refused = false;
}

const onLogin: Handler = (session, datagram) => attempt(session, datagram, hasPassword(datagram.body));

/** UIN u32 and password; version 2 has the UIN in the header's place. */
const onPreLogin: Handler = (session, datagram) => {
  const { body, version } = datagram;
  attempt(session, datagram, hasPassword(body, [version === 2 ? 0 : 4]));
  if (version > 2 && session.account === undefined) session.setAccount(body.u32le());
};

/** UIN u32, then the message. */
const onSend: Handler = (session, datagram) => {
  const to = datagram.body.u32le();
  onMessage(session, { direction: 0, from: session.account, to: String(to) }, datagram.body);
};

/** count u8, UINs u32. */
const onContactList: Handler = (session, datagram) => {
  const { body } = datagram;
  const count = body.u8();
  if (!body.has(count * 4)) {
    malformed(session, datagram);
    return;
  }
  for (let i = 0; i < count; i++) {
    session.tell(0, { kind: 'contact', contact: { op: 'list', id: String(body.u32le()) } });
  }
};

const onAddUser: Handler = (session, datagram) => {
  const uin = datagram.body.u32le();
  if (!datagram.body.ok) malformed(session, datagram);
  else session.tell(0, { kind: 'contact', contact: { op: 'add', id: String(uin) } });
};

const onStatus: Handler = (session, datagram) => {
  const show = showOf(datagram.body.u32le());
  if (!datagram.body.ok) malformed(session, datagram);
  else session.tell(0, { kind: 'presence', ...session.self(), status: { show }, sent: true });
};

/** A text and a code; the text of a sign-off is fixed. */
const onTextCode: Handler = (session, datagram) => {
  if (decodeField(readText(datagram.body)) !== 'B_USER_DISCONNECTED') return;
  session.signOff(0, 'signed off');
  session.forgetSeen();
};

const onRegister: Handler = (session, datagram) => {
  const body = datagram.body;
  if (datagram.version === 2) body.skip(2);
  const password = readText(body);
  if (!body.ok) {
    malformed(session, datagram);
    return;
  }
  session.registering = true;
  if (password.length > 0) tellExposed(session, 'register');
};

function tellExposed(session: IcqSession, op: string): void {
  session.tell(0, {
    kind: 'account',
    op,
    ...session.self(),
    auth: { mechanism: 'clear', result: 'unknown', exposed: 'password' },
  });
}

/** Version 2 has a sequence number of its own before the password. */
const onChangePassword: Handler = (session, datagram) => {
  if (datagram.version === 2) datagram.body.skip(2);
  if (readText(datagram.body).length > 0) tellExposed(session, 'change-password');
};

function tellSearch(session: IcqSession, terms: readonly string[]): void {
  const query = terms.filter((term) => term !== '').join(' ');
  if (query !== '') session.tell(0, { kind: 'search', ...session.self(), query });
}

/** UIN u32; version 2 numbers its searches before it. */
const onSearchUin: Handler = (session, { body }) => {
  if (body.left >= 6) body.skip(2);
  const uin = body.u32le();
  if (body.ok) tellSearch(session, [String(uin)]);
};

/** Nick, first name, last name, e-mail. */
const onSearchUser: Handler = (session, datagram) => {
  const { body } = datagram;
  if (datagram.version === 2) body.skip(2);
  const terms = [readText(body), readText(body), readText(body), readText(body)].map(decodeField);
  if (body.ok) tellSearch(session, terms);
};

/** Requests of META_USER: what they are about u16, then their own fields. */
const META: ReadonlyMap<number, (session: IcqSession, datagram: Datagram) => void> = new Map([
  [0x03e8, onSetBasic],
  [0x03e9, onSetBasic],
  [
    0x042e,
    (session: IcqSession, { body }: Datagram) => {
      if (readText(body).length > 0) tellExposed(session, 'change-password');
    },
  ],
  [0x04b0, onMetaUin],
  [0x04b1, onMetaUin],
  [0x04ba, onMetaUin],
  [0x0514, onMetaName],
  [0x0515, onMetaName],
  [0x051e, onMetaUin],
  [0x051f, onMetaUin],
  [0x0528, onMetaEmail],
  [0x0529, onMetaEmail],
]);

const onMeta: Handler = (session, datagram) => {
  META.get(datagram.body.u16le())?.(session, datagram);
};

function onMetaUin(session: IcqSession, { body }: Datagram): void {
  const uin = body.u32le();
  if (body.ok) tellSearch(session, [String(uin)]);
}

function onMetaName(session: IcqSession, { body }: Datagram): void {
  const terms = [readText(body), readText(body), readText(body)].map(decodeField);
  if (body.ok) tellSearch(session, terms);
}

function onMetaEmail(session: IcqSession, { body }: Datagram): void {
  const email = decodeField(readText(body));
  if (body.ok) tellSearch(session, [email]);
}

/** Nick, first name, last name, e-mail of the own entry. */
function onSetBasic(session: IcqSession, { body }: Datagram): void {
  const profile = profileOf([readText(body), readText(body), readText(body), readText(body)]);
  if (!body.ok || Object.keys(profile).length === 0) return;
  session.tell(0, { kind: 'profile', ...session.self(), profile, sent: true });
}

/** A directory entry from its first four fields. */
export function profileOf(fields: readonly Uint8Array[]): NonNullable<ImFacts['profile']> {
  const profile: Record<string, string> = {};
  ['nick', 'first_name', 'last_name', 'email'].forEach((name, i) => {
    const value = decodeField(fields[i] ?? new Uint8Array(0));
    if (value !== '') profile[name] = value;
  });
  return profile;
}

export const clientHandlers: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [CMD.LOGIN, onLogin],
  [CMD.PRE_LOGIN, onPreLogin],
  [CMD.SEND_MESSAGE, onSend],
  [CMD.AUTHORIZE, onSend],
  [CMD.CONTACT_LIST, onContactList],
  [CMD.ADD_USER, onAddUser],
  [CMD.STATUS_CHANGE, onStatus],
  [CMD.TEXT_CODE, onTextCode],
  [CMD.REGISTER, onRegister],
  [CMD.CHANGE_PASSWORD, onChangePassword],
  [CMD.SEARCH_UIN, onSearchUin],
  [CMD.SEARCH_USER, onSearchUser],
  [CMD.INFO_REQUEST, onSearchUin],
  [CMD.META_USER, onMeta],
]);
