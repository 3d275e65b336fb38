import type { ArchiveListing } from './file.ts';
import type { EveTls } from './tls.ts';

/**
 * The `im` object: what EVENTS.md adds to Suricata's EVE JSON. Absent means unknown: no empty
 * strings, no nulls. Names of fields are the contract's own.
 */

/** `app_proto` of an event. */
export type AppProto =
  'oscar' | 'toc' | 'oft' | 'icq' | 'msnp' | 'msnftp' | 'msnp2p' | 'ymsg' | 'xmpp' | 'irc' | (string & {});

/** `im.carrier`: what an IM stream travels in. Nested ones are joined by `+`, the outermost first. */
export type CarrierName =
  'http-connect' | 'http-tunnel' | 'http-gateway' | 'bosh' | 'websocket' | 'socks4' | 'socks5';

export type Confidence = 'low' | 'medium' | 'high';

/** Which way the bytes went: 0 client to server, 1 server to client. */
export type Direction = 0 | 1;
export const TO_SERVER = 0;
export const TO_CLIENT = 1;

export type ImKind =
  | 'login'
  | 'logout'
  | 'client'
  | 'presence'
  | 'contact'
  | 'message'
  | 'typing'
  | 'receipt'
  | 'attention'
  | 'room'
  | 'file'
  | 'call'
  | 'profile'
  | 'search'
  | 'account'
  | 'conversation'
  | 'service'
  | 'notice';

export interface Auth {
  /** The protocol's own name for it: `md5`, `roasted`, `TWN`, `PLAIN`, ... */
  mechanism: string;
  result: 'success' | 'failure' | 'unknown';
  /** Why it failed, in the server's words or its code. */
  reason?: string;
  /** What a listener can recover from what was sent: a password in clear (or trivially masked), a crackable hash, a token. Never the secret. */
  exposed?: 'password' | 'hash' | 'token';
}

export interface ClientSoftware {
  name: string;
  version?: string;
  os?: string;
  /** The client's own words, verbatim (valid Unicode). */
  raw: string;
  /** Short facts with their place: `TLV 0x03 client string`. */
  evidence: string[];
  /** What it claims to be and is not. */
  masquerade?: string;
}

export interface FileTransfer {
  /** 32 hex digits, the same on every event of one transfer. */
  id: string;
  name: string;
  size?: number;
  mime?: string;
  hash?: string;
  url?: string;
  /** How the bytes travel: `oft`, `msnslp`, `msnftp`, `http`, `ibb`, ... */
  method: string;
  state: 'offer' | 'accept' | 'decline' | 'cancel' | 'start' | 'complete' | 'failed';
  peer_ip?: string;
  peer_port?: number;
  verified?: boolean;
  /** On `fileinfo`: what an archive holds, one level deep. */
  archive?: ArchiveListing;
}

/** What passed while a messenger was in use that cannot be read. */
export interface ServiceUse {
  /** Connections that were recognised. */
  flows: number;
  /** Bytes from the client and to it, of all frames of those connections that are over. */
  sent: number;
  received: number;
  /** Seconds during which connections of voice or video were open. */
  call_seconds?: number;
  /** What the volume is like: `call`, `upload`, `download`. */
  like?: string[];
}

/** How a text is shown, as its sender chose. */
export interface TextStyle {
  font?: string;
  /** `bold`, `italic`, `underline`, `strikethrough`. */
  effects?: string[];
  /** `#rrggbb`; absent for black. */
  color?: string;
  right_to_left?: true;
}

/**
 * What a dissector says of one message, before the session stage adds `v`, `id`, `session`,
 * `conversation` and `account`. A dissector sets only what it read.
 */
export interface ImFacts {
  kind: ImKind;
  /** The network: `aim`, `icq`, `msn`, `yahoo`, `xmpp`, `gtalk`, ... */
  service: string;
  /** Who is signed on at the client side of this flow, where the dissector knows it (normalised). */
  account?: string;
  /** Normalised ids. */
  from?: string;
  to?: string[];
  from_name?: string;
  from_resource?: string;
  /** True where the client of this leg sent it. The session stage fills it from the direction when unset. */
  sent?: boolean;
  message_id?: string;
  room?: { id: string; name?: string };
  auth?: Auth;
  client?: ClientSoftware;
  reason?: string;
  status?: { show: string; text?: string; priority?: number };
  contact?: {
    op: 'list' | 'add' | 'remove' | 'block' | 'unblock' | 'request' | 'accept' | 'deny';
    id: string;
    name?: string;
    groups?: string[];
  };
  text?: string;
  format?: 'plain' | 'html' | 'rtf';
  html?: string;
  /** Where the text itself is plain and its look travels beside it. */
  style?: TextStyle;
  text_length?: number;
  offline?: boolean;
  auto?: boolean;
  encrypted?: string;
  truncated?: boolean;
  copy?: 'carbon' | 'archive' | 'history' | 'offline';
  original_time?: string;
  private?: boolean;
  replaces?: string;
  state?: string;
  ref?: string;
  op?: string;
  members?: string[];
  file?: FileTransfer;
  call?: { media: string; state: string };
  profile?: Record<string, unknown>;
  query?: string;
  code?: number | string;
  evidence?: string[];
  confidence?: Confidence;
  /** Of a `service` event with `state` `ended`: what passed while it was in use. */
  use?: ServiceUse;
  /** Not part of `im`: becomes the event's own `tls` object, and that of the flow's end. */
  tls?: EveTls;
  /** Not part of `im`: what is told once an hour a client address and network, whatever the connections. */
  once?: string;
}

/** How the detector came to its verdict; rides on `flow` events as `im.verdict`. */
export interface Verdict {
  protocol: AppProto;
  confidence: Confidence;
  /** Each a short fact with its place: `client: FLAP sign-on at byte 0`. */
  evidence: string[];
}
