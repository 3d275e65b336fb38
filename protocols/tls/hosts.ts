/** How sure a server name makes: `high` where only the messenger uses the host, `medium` where other software of the same maker did, too. */
export type HostConfidence = 'high' | 'medium';

/** A host by which a network's clients are known. Its own name and every name below it count; the longest row wins. */
export interface HostRow {
  /** `im.service`. */
  readonly service: string;
  /** Lower case. */
  readonly host: string;
  /** What the client wants there. */
  readonly role: string;
  /**
   * What is spoken inside TLS is HTTP. Where it is not, a hello that offers protocols of the web is a
   * browser's or a tool's, and is not told.
   */
  readonly web: boolean;
  readonly confidence: HostConfidence;
  /** Where the host is named. */
  readonly source: string;
  /** When that was last looked at: hosts move. */
  readonly date: string;
}

const LIBPURPLE = 'libpurple 2.x';
const GENERAL = 'general knowledge, no primary source at hand';

/**
 * Hosts of the consumer networks of the first age. Left out because much else than a messenger goes
 * there: login.live.com, login.passport.com, login.yahoo.com, api.screenname.aol.com, accounts.google.com, mtalk.google.com.
 */
export const HOSTS: readonly HostRow[] = [
  row('aim', 'oscar.aol.com', 'sign-on and service', false, 'high', LIBPURPLE),
  row('aim', 'api.oscar.aol.com', 'sign-on by clientLogin', true, 'high', LIBPURPLE),
  row('aim', 'kdc.uas.aol.com', 'sign-on by Kerberos', true, 'high', LIBPURPLE),
  row('aim', 'login.messaging.aol.com', 'sign-on', false, 'high', LIBPURPLE),
  row('icq', 'login.icq.com', 'sign-on', false, 'high', LIBPURPLE),
  row('icq', 'slogin.icq.com', 'sign-on', false, 'high', LIBPURPLE),
  row('icq', 'ars.icq.com', 'file relay', false, 'high', LIBPURPLE),
  row('icq', 'api.icq.net', 'sign-on by clientLogin', true, 'high', LIBPURPLE),
  row('icq', 'api.login.icq.net', 'sign-on by clientLogin', true, 'high', LIBPURPLE),
  row('msn', 'messenger.hotmail.com', 'dispatch and gateway', true, 'high', LIBPURPLE),
  row('msn', 'messenger.msn.com', 'messenger services', true, 'high', LIBPURPLE),
  row('msn', 'rsi.hotmail.com', 'offline messages', true, 'high', LIBPURPLE),
  row('msn', 'contacts.msn.com', 'address book', true, 'medium', LIBPURPLE),
  row('msn', 'nexus.passport.com', 'sign-on by Passport', true, 'medium', LIBPURPLE),
  row('yahoo', 'msg.yahoo.com', 'sign-on, relay and files', true, 'high', LIBPURPLE),
  row('yahoo', 'msg.edit.yahoo.com', 'account settings', true, 'high', GENERAL),
  row('gtalk', 'talk.google.com', 'sign-on', false, 'high', LIBPURPLE),
  row('facebook', 'chat.facebook.com', 'sign-on', false, 'high', LIBPURPLE),
];

function row(
  service: string,
  host: string,
  role: string,
  web: boolean,
  confidence: HostConfidence,
  source: string,
): HostRow {
  return { service, host, role, web, confidence, source, date: '2026-11' };
}
