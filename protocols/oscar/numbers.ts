/** Numbers of OSCAR, by the names that its descriptions (README.md) give them. */

/** Usual ports of servers; AOL's answered on any. */
export const PORTS: readonly number[] = [5190, 5191, 5192, 5193];

export const CHANNEL = { SIGNON: 1, DATA: 2, ERROR: 3, SIGNOFF: 4, KEEP_ALIVE: 5 } as const;

/** The version in a channel-1 frame. */
export const FLAP_VERSION = 1;

export const SNAC_FLAG = {
  MORE: 0x0001,
  /** A block with its own u16 length precedes the body. */
  EXTENDED: 0x8000,
} as const;

/** Families (foodgroups) by the names of the specification. */
export const FAMILY = {
  OSERVICE: 0x0001,
  LOCATE: 0x0002,
  BUDDY: 0x0003,
  ICBM: 0x0004,
  ADVERT: 0x0005,
  INVITE: 0x0006,
  ADMIN: 0x0007,
  POPUP: 0x0008,
  PERMIT_DENY: 0x0009,
  USER_LOOKUP: 0x000a,
  STATS: 0x000b,
  TRANSLATE: 0x000c,
  CHAT_NAV: 0x000d,
  CHAT: 0x000e,
  ODIR: 0x000f,
  BART: 0x0010,
  FEEDBAG: 0x0013,
  ICQ: 0x0015,
  BUCP: 0x0017,
  ALERT: 0x0018,
  PLUGIN: 0x0022,
  MDIR: 0x0025,
  /** Rendezvous proxies; framed by itself (plug-in `oft`). */
  ARS: 0x044a,
  /** Sign-on by Kerberos, inside HTTPS. */
  KERBEROS: 0x050c,
} as const;

/** SNACs with a meaning here: family in the high half, subtype in the low half. */
export const SNAC = {
  OSERVICE_HOST_ONLINE: 0x00010003,
  OSERVICE_CLIENT_ONLINE: 0x00010002,
  OSERVICE_SERVICE_RESPONSE: 0x00010005,
  OSERVICE_RATE_CHANGE: 0x0001000a,
  OSERVICE_USER_INFO: 0x0001000f,
  OSERVICE_EVIL_NOTIFICATION: 0x00010010,
  OSERVICE_IDLE: 0x00010011,
  OSERVICE_MIGRATE: 0x00010012,
  OSERVICE_MOTD: 0x00010013,
  OSERVICE_CLIENT_VERSIONS: 0x00010017,
  OSERVICE_SET_STATUS: 0x0001001e,
  LOCATE_SET_INFO: 0x00020004,
  LOCATE_USER_INFO: 0x00020006,
  LOCATE_SET_DIRECTORY: 0x00020009,
  LOCATE_GET_DIRECTORY: 0x0002000b,
  LOCATE_DIRECTORY: 0x0002000c,
  BUDDY_ADD: 0x00030004,
  BUDDY_REMOVE: 0x00030005,
  BUDDY_ADD_TEMPORARY: 0x0003000f,
  BUDDY_REMOVE_TEMPORARY: 0x00030010,
  BUDDY_ARRIVED: 0x0003000b,
  BUDDY_DEPARTED: 0x0003000c,
  ICBM_SEND: 0x00040006,
  ICBM_RECEIVE: 0x00040007,
  ICBM_EVIL_REQUEST: 0x00040008,
  ICBM_EVIL_REPLY: 0x00040009,
  ICBM_MISSED: 0x0004000a,
  ICBM_CLIENT_EVENT: 0x0004000b,
  ICBM_HOST_ACK: 0x0004000c,
  ICBM_TYPING: 0x00040014,
  INVITE_FRIEND: 0x00060002,
  ADMIN_CHANGE: 0x00070004,
  ADMIN_CHANGE_REPLY: 0x00070005,
  POPUP_DISPLAY: 0x00080002,
  PERMIT_ADD: 0x00090005,
  PERMIT_REMOVE: 0x00090006,
  DENY_ADD: 0x00090007,
  DENY_REMOVE: 0x00090008,
  LOOKUP_BY_EMAIL: 0x000a0002,
  LOOKUP_REPLY: 0x000a0003,
  CHAT_NAV_INFO: 0x000d0009,
  CHAT_ROOM_INFO: 0x000e0002,
  CHAT_JOINED: 0x000e0003,
  CHAT_LEFT: 0x000e0004,
  CHAT_SEND: 0x000e0005,
  CHAT_RECEIVE: 0x000e0006,
  ODIR_SEARCH: 0x000f0002,
  ODIR_REPLY: 0x000f0003,
  BART_UPLOAD: 0x00100002,
  BART_DOWNLOADED: 0x00100005,
  BART_DOWNLOADED_BEST: 0x00100007,
  FEEDBAG_LIST: 0x00130006,
  FEEDBAG_ADD: 0x00130008,
  FEEDBAG_UPDATE: 0x00130009,
  FEEDBAG_DELETE: 0x0013000a,
  FEEDBAG_STATUS: 0x0013000e,
  FEEDBAG_REMOVE_ME: 0x00130016,
  FEEDBAG_PRE_AUTHORIZE: 0x00130014,
  FEEDBAG_PRE_AUTHORIZED: 0x00130015,
  FEEDBAG_REQUEST: 0x00130018,
  FEEDBAG_REQUESTED: 0x00130019,
  FEEDBAG_ANSWER: 0x0013001a,
  FEEDBAG_ANSWERED: 0x0013001b,
  FEEDBAG_YOU_WERE_ADDED: 0x0013001c,
  ICQ_REQUEST: 0x00150002,
  ICQ_REPLY: 0x00150003,
  BUCP_LOGIN: 0x00170002,
  BUCP_LOGIN_REPLY: 0x00170003,
  BUCP_REGISTER: 0x00170004,
  BUCP_REGISTERED: 0x00170005,
  BUCP_KEY_REQUEST: 0x00170006,
  BUCP_SECURID_REQUEST: 0x0017000a,
  BUCP_SECURID: 0x0017000b,
  ALERT_NOTIFY: 0x00180007,
} as const;

/** Subtype 1 of every family is its error answer. */
export const SUBTYPE_ERROR = 1;

/** Roast tables: the password is XORed with one of them, repeated. */
export const ROAST = {
  COMMON: [0xf3, 0x26, 0x81, 0xc4, 0x39, 0x86, 0xdb, 0x92, 0x71, 0xa3, 0xb9, 0xe6, 0x53, 0x7a, 0x95, 0x7c],
  /** Of Kerberos sign-ons (AIM 7). */
  KERBEROS: [0x76, 0x91, 0xc5, 0xe7, 0xd0, 0xd9, 0x95, 0xdd, 0x9e, 0x2f, 0xea, 0xd8, 0x6b, 0x21, 0xc2, 0xbc],
  JAVA: [0xf3, 0xb3, 0x6c, 0x99, 0x95, 0x3f, 0xac, 0xb6, 0xc5, 0xfa, 0x6b, 0x63, 0x69, 0x6c, 0xc3, 0x9a],
} as const;

/** TLVs of sign-ons, their answers, redirections and sign-offs. */
export const SIGNON_TLV = {
  NAME: 0x01,
  ROASTED: 0x02,
  COOKIE: 0x06,
  ERROR: 0x08,
  DISCONNECT: 0x09,
  EMAIL: 0x11,
  HASH: 0x25,
} as const;

/** TLVs of a sign-on that describe the client. */
export const CLIENT_TLV = {
  STRING: 0x03,
  COUNTRY: 0x0e,
  LANGUAGE: 0x0f,
  DISTRIBUTION: 0x14,
  CLIENT_ID: 0x16,
  MAJOR: 0x17,
  MINOR: 0x18,
  POINT: 0x19,
  BUILD: 0x1a,
} as const;

/** TLVs behind the head of a message. */
export const ICBM_TLV = {
  MESSAGE: 0x02,
  AUTO_RESPONSE: 0x04,
  /** Of channels 2 and 4: all that they have to say. */
  DATA: 0x05,
  STORE_OFFLINE: 0x06,
  SEND_TIME: 0x16,
  FRIENDLY_NAME: 0x17,
} as const;

/** Channels of messages. */
export const ICBM_CHANNEL = { TEXT: 1, RENDEZVOUS: 2, ICQ: 4 } as const;

/** TLVs of a rendezvous (channel 2). */
export const RENDEZVOUS_TLV = {
  PROPOSED_IP: 0x02,
  REQUESTER_IP: 0x03,
  PORT: 0x05,
  SEQUENCE: 0x0a,
  TEXT: 0x0c,
  CHARSET: 0x0d,
  SERVICE_DATA: 0x2711,
  NAME_CHARSET: 0x2712,
} as const;

export const RENDEZVOUS_TYPE = { PROPOSE: 0, CANCEL: 1, ACCEPT: 2 } as const;

/** TLVs of 02/04 and behind the user info in 02/06. */
export const LOCATE_TLV = {
  PROFILE_TYPE: 0x01,
  PROFILE: 0x02,
  AWAY_TYPE: 0x03,
  AWAY: 0x04,
  CAPABILITIES: 0x05,
} as const;

/** TLVs of a chat line. */
export const CHAT_TLV = {
  /** Everybody in the room reads it; where it is absent, one does. */
  PUBLIC: 0x01,
  WHISPER_TO: 0x02,
  SENDER: 0x03,
  MESSAGE: 0x05,
} as const;

/** TLVs of a chat message's text. */
export const CHAT_TEXT_TLV = { TEXT: 0x01, CHARSET: 0x02 } as const;

/** Types of items of the stored contact list that tell something. */
export const FEEDBAG_ITEM = {
  BUDDY: 0x0000,
  GROUP: 0x0001,
  PERMIT: 0x0002,
  DENY: 0x0003,
  PRIVACY: 0x0004,
  /** A contact that is no buddy: a telephone, mostly. */
  NON_BUDDY: 0x0006,
  IGNORE: 0x000e,
  EXTERNAL_USER: 0x0010,
  ICON: 0x0014,
  STATUS_NOTE: 0x015c,
} as const;

/** TLVs of family 7. */
export const ADMIN_TLV = {
  NAME: 0x01,
  NEW_PASSWORD: 0x02,
  ERROR: 0x08,
  EMAIL: 0x11,
  OLD_PASSWORD: 0x12,
} as const;

/** Requests of family 15. */
export const ICQ_REQUEST = { META: 0x07d0 } as const;

/** Answers of family 15. */
export const ICQ_REPLY = { STORED_MESSAGE: 0x0041, META: 0x07da } as const;

export const ICQ_SEARCH_TLV = { EMAIL: 0x015e, UIN: 0x0136 } as const;

/** TLVs of the user-info block. */
export const USER_TLV = {
  CLASS: 0x01,
  IDLE: 0x04,
  STATUS: 0x06,
  EXTERNAL_IP: 0x0a,
  DC_INFO: 0x0c,
  CAPABILITIES: 0x0d,
  NICK: 0x18,
  BART: 0x1d,
} as const;

/** Attributes of items of the stored contact list. */
export const FEEDBAG_ATTRIBUTE = {
  AWAITS_AUTHORISATION: 0x0066,
  PRIVACY_MODE: 0x00ca,
  ICON: 0x00d5,
  ALIAS: 0x0131,
  EMAIL: 0x0137,
  PHONE: 0x0138,
  CELL_PHONE: 0x0139,
  SMS_NUMBER: 0x013a,
  NOTE: 0x013c,
  AWAY_TEXT: 0x0152,
  WORK_PHONE: 0x0158,
  OTHER_PHONE: 0x0159,
} as const;

/** TLVs of a room's description. */
export const ROOM_TLV = {
  CREATED: 0x00ca,
  NAME: 0x00d3,
  FULL_NAME: 0x006a,
} as const;

/** TLVs of chat navigation. */
export const CHAT_NAV_TLV = { ROOM: 0x04 } as const;

/** TLVs of directory entries and of searches for them (families 02, 0A, 0F). */
export const DIRECTORY_TLV = {
  FIRST_NAME: 0x01,
  LAST_NAME: 0x02,
  MIDDLE_NAME: 0x03,
  MAIDEN_NAME: 0x04,
  EMAIL: 0x05,
  COUNTRY: 0x06,
  STATE: 0x07,
  CITY: 0x08,
  SCREEN_NAME: 0x09,
  INTEREST: 0x0b,
  NICK: 0x0c,
  ZIP: 0x0d,
  ADDRESS: 0x21,
} as const;

/** TLVs of an invitation to the service (06/02). */
export const INVITE_TLV = { EMAIL: 0x11, TEXT: 0x15 } as const;

/** Subtypes of requests and answers of ICQ's family 15, type "meta". */
export const ICQ_META = {
  SET_BASIC: 0x03ea,
  SET_ABOUT: 0x0406,
  SET_PASSWORD: 0x042e,
  FULL_INFO: 0x04b2,
  SHORT_INFO: 0x04ba,
  UNREGISTER: 0x04c4,
  FULL_INFO_2: 0x04d0,
  SEARCH_BY_NAMES: 0x0515,
  SEARCH_BY_UIN: 0x051f,
  SEARCH_BY_EMAIL: 0x0529,
  WHITE_PAGES: 0x055f,
  SEARCH_BY_UIN_TLV: 0x0569,
  SEARCH_BY_EMAIL_TLV: 0x0573,
  SET_INFO: 0x0c3a,
  SEND_SMS: 0x1482,
  BASIC_REPLY: 0x00c8,
  WORK_REPLY: 0x00d2,
  MORE_REPLY: 0x00dc,
  ABOUT_REPLY: 0x00e6,
  EMAILS_REPLY: 0x00eb,
  INTERESTS_REPLY: 0x00f0,
  AFFILIATIONS_REPLY: 0x00fa,
  SHORT_REPLY: 0x0104,
  FOUND: 0x01a4,
  LAST_FOUND: 0x01ae,
} as const;

/** Types of ICQ's messages. */
export const ICQ_TYPE = {
  PLAIN: 0x01,
  CHAT: 0x02,
  FILE: 0x03,
  URL: 0x04,
  AUTHORISATION_REQUEST: 0x06,
  AUTHORISATION_DENIED: 0x07,
  AUTHORISATION_GRANTED: 0x08,
  SERVER: 0x09,
  ADDED: 0x0c,
  WEB_PAGER: 0x0d,
  EMAIL_EXPRESS: 0x0e,
  CONTACTS: 0x13,
  /** What it is stands in the plug-in's name. */
  PLUGIN: 0x1a,
  /** To FIRST + 4: asks for the away text of a status, or answers it. */
  AWAY_FIRST: 0xe8,
} as const;
