import { MODERN_ROWS } from './modern.ts';

/** How sure a name makes: `high` where only the messenger uses it, `medium` where other software of the same maker did, too, `low` where nobody is at hand to ask. */
export type RowConfidence = 'high' | 'medium' | 'low';

/**
 * A host, or a place on it, by which a network's clients are known. The name itself and every name below it count; the
 * longest host wins, and of its rows the longest path.
 */
export interface ServiceRow {
  /** `im.service`. */
  readonly service: string;
  /** Lower case. */
  readonly host: string;
  /** With what the path begins, lower case; without it any path does. Rows with a path are for plain HTTP only. */
  readonly path?: string;
  /** What must stand behind the `?`, lower case. */
  readonly query?: string;
  /** What the client wants there. */
  readonly role: string;
  /**
   * HTTP is spoken there, in clear or inside TLS. Where it is not, a hello that offers protocols of the web is a
   * browser's or a tool's, and is not told.
   */
  readonly web: boolean;
  /** The messenger's own protocol travels there: its plug-in decides first. */
  readonly gateway?: boolean;
  /** Pages of anybody show what is there: it says nothing, though a row above would. */
  readonly ignore?: boolean;
  readonly confidence: RowConfidence;
  /** Where the place is named. */
  readonly source: string;
  /** When that was last looked at: hosts move. */
  readonly date: string;
}

const LIBPURPLE = 'libpurple 2.x';
const ESCARGOT = 'escargot, patches and hosts of its clients';
const LIBYAHOO2 = 'libyahoo2';
const KOPETE = 'Kopete';
const MIRANDA = 'Miranda IM';
const LINKS = 'links on pages of the time';
const BLOCK_LISTS = 'block lists of the time';
const GENERAL = 'general knowledge, no primary source at hand';

/** The same for a place where HTTP is spoken. */
type Web = Pick<ServiceRow, 'path' | 'query' | 'gateway' | 'ignore'>;

/**
 * Places of the consumer networks of the first age. Hosts where much else than a messenger goes have a row for its
 * paths at most: login.live.com, login.passport.com, login.yahoo.com, api.screenname.aol.com, www.facebook.com.
 * accounts.google.com, mtalk.google.com and mail.google.com have none.
 */
const FIRST_ROWS: readonly ServiceRow[] = [
  // AIM and ICQ
  own('aim', 'oscar.aol.com', 'sign-on and service', 'high', LIBPURPLE),
  own('aim', 'login.messaging.aol.com', 'sign-on', 'high', LIBPURPLE),
  web('aim', 'api.oscar.aol.com', 'sign-on by clientLogin', 'high', LIBPURPLE),
  web('aim', 'api.oscar.aol.com', 'status picture of a web page', 'low', LINKS, {
    path: '/soa/',
    ignore: true,
  }),
  web('aim', 'api.oscar.aol.com', 'status picture of a web page', 'low', LINKS, {
    path: '/presence/',
    ignore: true,
  }),
  web('aim', 'api.screenname.aol.com', 'sign-on by clientLogin', 'high', LIBPURPLE, {
    path: '/auth/clientlogin',
  }),
  web('aim', 'kdc.uas.aol.com', 'sign-on by Kerberos', 'high', LIBPURPLE),
  web('aim', 'aimhttp.oscar.aol.com', 'HTTP gateway', 'low', GENERAL, { gateway: true }),
  web('aim', 'www.aim.com', 'web messenger (AIM Express)', 'medium', LINKS, { path: '/aimexpress' }),
  web('aim', 'aimexpress.aim.com', 'web messenger (AIM Express)', 'low', GENERAL),
  web('aim', 'download.newaol.com', 'download', 'low', GENERAL, { path: '/aim/' }),
  own('icq', 'login.icq.com', 'sign-on', 'high', LIBPURPLE),
  own('icq', 'slogin.icq.com', 'sign-on', 'high', LIBPURPLE),
  own('icq', 'ars.icq.com', 'file relay', 'high', LIBPURPLE),
  web('icq', 'api.icq.net', 'sign-on by clientLogin', 'high', LIBPURPLE),
  web('icq', 'api.login.icq.net', 'sign-on by clientLogin', 'high', LIBPURPLE),
  web('icq', 'http.proxy.icq.com', 'HTTP gateway', 'high', MIRANDA, { gateway: true }),
  web('icq', 'go.icq.com', 'web messenger (ICQ2Go)', 'medium', LINKS, { path: '/icqgo/' }),
  web('icq', 'go.icq.com', 'web messenger (ICQ2Go)', 'medium', LINKS, { path: '//icqgo/' }),
  web('icq', 'go.icq.com', 'registration', 'medium', KOPETE, { path: '/register/' }),
  // MSN
  web('msn', 'messenger.hotmail.com', 'dispatch and gateway', 'high', LIBPURPLE, { gateway: true }),
  web('msn', 'messenger.msn.com', 'messenger services', 'high', LIBPURPLE),
  web('msn', 'config.messenger.msn.com', 'configuration', 'high', ESCARGOT),
  web('msn', 'ows.messenger.msn.com', 'offline messages', 'high', ESCARGOT),
  // Skype's too, later.
  web('msn', 'messenger.live.com', 'messenger services', 'medium', LIBPURPLE),
  web('msn', 'rsi.hotmail.com', 'offline messages', 'high', LIBPURPLE),
  web('msn', 'contacts.msn.com', 'address book', 'medium', LIBPURPLE),
  web('msn', 'tkrdr.storage.msn.com', 'stored profile', 'medium', ESCARGOT),
  web('msn', 'nexus.passport.com', 'sign-on by Passport', 'medium', LIBPURPLE),
  web('msn', 'login.passport.com', 'sign-on by Passport', 'medium', LIBPURPLE, { path: '/login2.srf' }),
  web('msn', 'login.live.com', 'sign-on by Passport', 'medium', LIBPURPLE, { path: '/rst.srf' }),
  web('msn', 'webmessenger.msn.com', 'web messenger', 'high', 'pfSense documentation'),
  web('msn', 'msgr.dlservice.microsoft.com', 'download', 'high', 'answers to CVR'),
  // Yahoo
  web('yahoo', 'msg.yahoo.com', 'sign-on, relay and files', 'high', LIBPURPLE),
  web('yahoo', 'vcs1.msg.yahoo.com', 'which server to use', 'high', LIBPURPLE, { path: '/capacity' }),
  web('yahoo', 'vcs2.msg.yahoo.com', 'which server to use', 'high', LIBPURPLE, { path: '/capacity' }),
  web('yahoo', 'cs1.yahoo.co.jp', 'which server to use', 'high', LIBPURPLE, { path: '/capacity' }),
  web('yahoo', 'http.pager.yahoo.com', 'HTTP gateway', 'low', GENERAL, { gateway: true }),
  web('yahoo', 'shttp.msg.yahoo.com', 'HTTP gateway', 'medium', BLOCK_LISTS, { gateway: true }),
  web('yahoo', 'filetransfer.msg.yahoo.com', 'file relay', 'high', LIBPURPLE, { gateway: true }),
  web('yahoo', 'relay.msg.yahoo.com', 'file relay', 'high', LIBPURPLE, { gateway: true }),
  web('yahoo', 'insider.msg.yahoo.com', 'start page and chat rooms', 'high', LIBYAHOO2),
  web('yahoo', 'insider.msg.yahoo.com', 'install statistics', 'high', 'Emerging Threats 2002659', {
    path: '/ycontent/stats.php',
    query: 'event=install',
  }),
  web('yahoo', 'msg.edit.yahoo.com', 'account settings', 'high', LIBYAHOO2),
  web('yahoo', 'update.messenger.yahoo.com', 'update', 'high', MIRANDA),
  web('yahoo', 'update.pager.yahoo.com', 'update', 'medium', BLOCK_LISTS),
  web('yahoo', 'webmessenger.yahoo.com', 'web messenger', 'high', LINKS),
  web('yahoo', 'address.yahoo.com', 'address book', 'high', LIBPURPLE, {
    path: '/yab/',
    query: 'prog=ymsgr',
  }),
  web('yahoo', 'login.yahoo.com', 'sign-on by token', 'high', LIBPURPLE, {
    path: '/config/pwtoken_',
    query: 'src=ymsgr',
  }),
  web('yahoo', 'login.yahoo.com', 'sign-on by password', 'medium', LIBYAHOO2, {
    path: '/config/login',
    query: '.src=ym',
  }),
  // XMPP services
  own('gtalk', 'talk.google.com', 'sign-on', 'high', LIBPURPLE),
  web('gtalk', 'dl.google.com', 'download', 'medium', LINKS, { path: '/googletalk/' }),
  own('facebook', 'chat.facebook.com', 'sign-on', 'high', LIBPURPLE),
  web('facebook', 'channel.facebook.com', 'web messenger (chat bar)', 'medium', LINKS, { path: '/pull' }),
  web(
    'facebook',
    'www.facebook.com',
    'web messenger (chat bar)',
    'medium',
    'Emerging Threats 2010784 to 2010786',
    {
      path: '/ajax/chat/',
    },
  ),
  own('xmpp', 'jabber.org', 'sign-on', 'low', GENERAL),
  // Web messengers for several networks
  web('meebo', 'meebo.com', 'web messenger', 'medium', LINKS),
  web('meebo', 'cim.meebo.com', 'chat bar of a web page', 'low', LINKS, { ignore: true }),
  web('meebo', 'widget.meebo.com', 'chat box of a web page', 'low', LINKS, { ignore: true }),
  web('ebuddy', 'ebuddy.com', 'web messenger', 'medium', LINKS),
  web('iloveim', 'iloveim.com', 'web messenger', 'medium', BLOCK_LISTS),
];

/** All places, of the networks of the first age and of the messengers of today. */
export const SERVICE_ROWS: readonly ServiceRow[] = [...FIRST_ROWS, ...MODERN_ROWS];

/** A host at which the messenger's own protocol is spoken. */
function own(
  service: string,
  host: string,
  role: string,
  confidence: RowConfidence,
  source: string,
): ServiceRow {
  return { service, host, role, web: false, confidence, source, date: '2026-11' };
}

/** A place where HTTP is spoken. */
function web(
  service: string,
  host: string,
  role: string,
  confidence: RowConfidence,
  source: string,
  more: Web = {},
): ServiceRow {
  return { service, host, role, web: true, confidence, source, date: '2026-11', ...more };
}
