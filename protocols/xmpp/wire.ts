/**
 * Namespaces and names of XMPP as the specifications write them, and the tables that go with the
 * stream's framing. XEP numbers stand behind what they define.
 */
export const NS = {
  CLIENT: 'jabber:client',
  SERVER: 'jabber:server',
  COMPONENT: 'jabber:component:accept',
  STREAMS: 'http://etherx.jabber.org/streams',
  STREAM_ERRORS: 'urn:ietf:params:xml:ns:xmpp-streams',
  STANZA_ERRORS: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  TLS: 'urn:ietf:params:xml:ns:xmpp-tls',
  SASL: 'urn:ietf:params:xml:ns:xmpp-sasl',
  SASL2: 'urn:xmpp:sasl:2', // 0388
  BIND: 'urn:ietf:params:xml:ns:xmpp-bind',
  BIND2: 'urn:xmpp:bind:0', // 0386
  COMPRESS: 'http://jabber.org/protocol/compress', // 0138
  DIALBACK: 'jabber:server:dialback', // 0220
  SM: 'urn:xmpp:sm:3', // 0198
  HTTPBIND: 'http://jabber.org/protocol/httpbind', // 0124
  FRAMING: 'urn:ietf:params:xml:ns:xmpp-framing', // RFC 7395
  AUTH: 'jabber:iq:auth', // 0078
  REGISTER: 'jabber:iq:register', // 0077
  ROSTER: 'jabber:iq:roster',
  PRIVACY: 'jabber:iq:privacy', // 0016
  BLOCKING: 'urn:xmpp:blocking', // 0191
  SIGNED: 'jabber:x:signed', // 0027
  ROSTERX: 'http://jabber.org/protocol/rosterx', // 0144
  VERSION: 'jabber:iq:version', // 0092
  DISCO_INFO: 'http://jabber.org/protocol/disco#info', // 0030
  CAPS: 'http://jabber.org/protocol/caps', // 0115
  SEARCH: 'jabber:iq:search', // 0055
  VCARD: 'vcard-temp', // 0054
  VCARD_UPDATE: 'vcard-temp:x:update', // 0153
  BOB: 'urn:xmpp:bob', // 0231
  SESSION: 'urn:ietf:params:xml:ns:xmpp-session',
  PUBSUB: 'http://jabber.org/protocol/pubsub', // 0060
  PUBSUB_EVENT: 'http://jabber.org/protocol/pubsub#event',
  MUC: 'http://jabber.org/protocol/muc', // 0045
  MUC_USER: 'http://jabber.org/protocol/muc#user',
  CONFERENCE: 'jabber:x:conference', // 0249
  CHATSTATES: 'http://jabber.org/protocol/chatstates', // 0085
  EVENT: 'jabber:x:event', // 0022
  RECEIPTS: 'urn:xmpp:receipts', // 0184
  MARKERS: 'urn:xmpp:chat-markers:0', // 0333
  ATTENTION: 'urn:xmpp:attention:0', // 0224
  REACTIONS: 'urn:xmpp:reactions:0', // 0444
  CORRECT: 'urn:xmpp:message-correct:0', // 0308
  CARBONS: 'urn:xmpp:carbons:2', // 0280
  FORWARD: 'urn:xmpp:forward:0', // 0297
  DELAY: 'urn:xmpp:delay', // 0203
  OLD_DELAY: 'jabber:x:delay', // 0091
  STANZA_ID: 'urn:xmpp:sid:0', // 0359
  XHTML_IM: 'http://jabber.org/protocol/xhtml-im', // 0071
  XHTML: 'http://www.w3.org/1999/xhtml',
  NICK: 'http://jabber.org/protocol/nick', // 0172
  DATA_FORM: 'jabber:x:data', // 0004
  OOB: 'jabber:x:oob', // 0066
  IQ_OOB: 'jabber:iq:oob',
  SI: 'http://jabber.org/protocol/si', // 0095
  SI_FILE: 'http://jabber.org/protocol/si/profile/file-transfer', // 0096
  FEATURE_NEG: 'http://jabber.org/protocol/feature-neg', // 0020
  BYTESTREAMS: 'http://jabber.org/protocol/bytestreams', // 0065
  IBB: 'http://jabber.org/protocol/ibb', // 0047
  JINGLE: 'urn:xmpp:jingle:1', // 0166
  JINGLE_MESSAGE: 'urn:xmpp:jingle-message:0', // 0353
  GOOGLE_SESSION: 'http://www.google.com/session',
  UPLOAD: 'urn:xmpp:http:upload:0', // 0363
  OLD_UPLOAD: 'urn:xmpp:http:upload',
} as const;

/** Message archive management (0313) counts its versions behind this. */
export const MAM_PREFIX = 'urn:xmpp:mam:';

/**
 * Namespaces in which `message`, `presence` and `iq` are stanzas. The empty one is the default
 * namespace of a stream whose header was not seen; that of BOSH is what its wrapper gives to
 * stanzas of clients that forget to declare theirs.
 */
export const STANZA_NAMESPACES: ReadonlySet<string> = new Set([
  NS.CLIENT,
  NS.SERVER,
  NS.COMPONENT,
  'jabber:component:connect',
  NS.HTTPBIND,
  '',
]);

/** The local name of the element that encloses a stream. */
export const STREAM = 'stream';

/** Names, as written, of what stands directly below `stream`: where reading can begin in mid-stream. */
export const TOP_LEVEL: ReadonlySet<string> = new Set([
  'message',
  'presence',
  'iq',
  '?xml',
  'stream:stream',
  'stream:features',
  'stream:error',
  'auth',
  'challenge',
  'response',
  'success',
  'failure',
  'authenticate',
  'starttls',
  'proceed',
  'compress',
  'compressed',
  'db:result',
  'db:verify',
]);

/** What prefixes commonly mean where the header that declares them was not seen. */
export const USUAL_PREFIXES: Readonly<Record<string, string>> = {
  '': '',
  xml: 'http://www.w3.org/XML/1998/namespace',
  stream: NS.STREAMS,
  db: NS.DIALBACK,
};

/** Ports: c2s, direct TLS c2s, s2s, components, link-local (0174). */
export const PORTS = [5222, 5223, 5269, 5347, 5275, 5298] as const;
export const SERVER_TO_SERVER_PORT = 5269;
export const COMPONENT_PORTS: ReadonlySet<number> = new Set([5347, 5275]);

/** First byte of a TLS handshake record. */
export const TLS_HANDSHAKE = 0x16;

/** The network of a domain where it is one of the large ones. */
export const SERVICE_OF_DOMAIN: ReadonlyMap<string, string> = new Map([
  ['gmail.com', 'gtalk'],
  ['googlemail.com', 'gtalk'],
  ['talk.google.com', 'gtalk'],
  ['chat.facebook.com', 'facebook'],
]);
