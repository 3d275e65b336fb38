/** Builds YMSG packets for tests and capture generators. */
import { KEY, SERVICE, STATUS } from './numbers.ts';
import { HEADER } from './wire.ts';

/** Key and value; a text is written as UTF-8. */
export type Pair = readonly [key: number, value: string | number | Uint8Array];

export interface PacketOptions {
  /** 12 where it is not given; servers write 0. */
  version?: number;
  /** Official 5.x clients write the version in little-endian order. */
  littleEndian?: boolean;
  vendor?: number;
  status?: number;
  sessionId?: number;
  /** Told in the header instead of the true length. */
  length?: number;
}

const encoder = new TextEncoder();

/** A packet of a service with its pairs in the order given. */
export function packet(
  service: number,
  pairs: readonly Pair[] = [],
  options: PacketOptions = {},
): Uint8Array {
  const body = pairs.flatMap(([key, value]) => [
    ...encoder.encode(String(key)),
    ...SEPARATOR,
    ...(value instanceof Uint8Array ? value : encoder.encode(String(value))),
    ...SEPARATOR,
  ]);
  return raw(service, Uint8Array.from(body), options);
}

/** A packet with any bytes as its body. */
export function raw(service: number, body: Uint8Array, options: PacketOptions = {}): Uint8Array {
  const { version = 12, littleEndian = false, vendor = 0, status = 0, sessionId = 0 } = options;
  const bytes = new Uint8Array(HEADER + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set(encoder.encode('YMSG'));
  view.setUint16(4, version, littleEndian);
  view.setUint16(6, vendor);
  view.setUint16(8, options.length ?? body.length);
  view.setUint16(10, service);
  view.setUint32(12, status);
  view.setUint32(16, sessionId);
  bytes.set(body, HEADER);
  return bytes;
}

const SEPARATOR = [0xc0, 0x80] as const;

/** A packet as servers write it: version 0, and status 1 where no other is given. */
export function reply(
  service: number,
  pairs: readonly Pair[] = [],
  status: number = STATUS.SERVER_ACK,
): Uint8Array {
  return packet(service, pairs, { version: 0, status });
}

/** 57 up. */
export function auth(id: string, options: PacketOptions = {}): Uint8Array {
  return packet(SERVICE.AUTH, [[KEY.ACTIVE_ID, id]], options);
}

/** 57 down; without a method as the oldest servers write it. */
export function challenge(id: string, method?: number): Uint8Array {
  const pairs: Pair[] = [
    [KEY.ACTIVE_ID, id],
    [KEY.CHALLENGE, 'Q3haLL.ngE_Of-ThE_DaY--'],
  ];
  if (method !== undefined) pairs.push([KEY.FLAG, method]);
  return reply(SERVICE.AUTH, pairs);
}

/** 54 up, as the official client of version 5 answers. */
export function answer(id: string, options: PacketOptions = {}): Uint8Array {
  return packet(
    SERVICE.AUTHRESP,
    [
      [KEY.PRIMARY_ID, id],
      [KEY.CRYPT_RESPONSE, 'S3cretAnswerOne.abcde--'],
      [KEY.CRYPT_RESPONSE_2, 'S3cretAnswerTwo.abcde--'],
      [KEY.ID_LIST, id],
      [KEY.ACTIVE_ID, id],
      [KEY.CLIENT_VERSION, '5, 5, 0, 1246'],
      [KEY.TIME_ZONE, '0'],
    ],
    options,
  );
}

/** 54 up, as libpurple answers from version 16 on. */
export function tokenAnswer(id: string): Uint8Array {
  return packet(
    SERVICE.AUTHRESP,
    [
      [KEY.ACTIVE_ID, id],
      [KEY.PRIMARY_ID, id],
      [KEY.COOKIE_Y, 'v=1&n=S3cretCookieY'],
      [KEY.COOKIE_T, 'z=S3cretCookieT'],
      [KEY.TOKEN_RESPONSE, 'S3cretTokenAnswer.abc--'],
      [KEY.CLIENT_ID, '4194239'],
      [KEY.ID_LIST, id],
      [KEY.ID_LIST, '1'],
      [KEY.LOCALE, 'us'],
    ],
    { version: 16 },
  );
}

/** 54 down: refused. */
export function refusal(id: string, error: number): Uint8Array {
  return reply(
    SERVICE.AUTHRESP,
    [
      [KEY.ACTIVE_ID, id],
      [KEY.ERROR, error],
      [KEY.PRIMARY_ID, id],
    ],
    STATUS.DISCONNECTED,
  );
}

/** 55 down, with the cookies that are handed out. */
export function list(id: string, buddies: string, status = 0): Uint8Array {
  return reply(
    SERVICE.LIST,
    [
      [KEY.BUDDY_LIST, buddies],
      [KEY.IGNORE_LIST, ''],
      [KEY.IDENTITIES, id],
      [KEY.COOKIE, 'Y\tv=1&n=S3cretListCookie; path=/'],
      [KEY.CURRENT_ID, id],
    ],
    status,
  );
}

/** 01 down: the account is on. */
export function accepted(id: string): Uint8Array {
  return reply(
    SERVICE.LOGON,
    [
      [KEY.PRIMARY_ID, id],
      [KEY.ACTIVE_ID, id],
      [KEY.COUNT, 0],
    ],
    0,
  );
}

/** 06 up, keys in the order of libpurple. */
export function sent(from: string, to: string, text: string, options: PacketOptions = {}): Uint8Array {
  return packet(
    SERVICE.MESSAGE,
    [
      [KEY.ACTIVE_ID, from],
      [KEY.TO, to],
      [KEY.UTF8, 1],
      [KEY.TEXT, text],
      [KEY.IMVIRONMENT, ';0'],
      [KEY.IMV_FLAG, 0],
      [KEY.CLIENT_6, 1],
      [KEY.PICTURE_FLAG, 0],
    ],
    { status: STATUS.OFFLINE, ...options },
  );
}

/** 06 down. */
export function received(from: string, to: string, text: string): Uint8Array {
  return reply(SERVICE.MESSAGE, [
    [KEY.TO, to],
    [KEY.FROM, from],
    [KEY.TEXT, text],
    [KEY.UTF8, 1],
  ]);
}

export interface WebcamHeader {
  /** Eight bytes, without type and time. */
  short?: boolean;
  /** The third byte: 1 of who watches, 5 of who shows and of servers. */
  kind?: number;
  /** Length of what follows. */
  size: number;
  /** What follows: 2 a picture. */
  type?: number;
  reason?: number;
}

/** The header of a message of a webcam connection. */
export function webcamHeader(options: WebcamHeader): Uint8Array {
  const { short = false, kind = 1, size, type = 1, reason = 0 } = options;
  const bytes = new Uint8Array(short ? 8 : 13);
  bytes.set([bytes.length, reason, kind, 0]);
  new DataView(bytes.buffer).setUint32(4, size);
  if (!short) bytes.set([type, 0, 0, 0, 1], 8);
  return bytes;
}
