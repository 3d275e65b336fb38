import { ownText } from '../../src/sdk/index.ts';

/**
 * OSCAR through the HTTP proxies of AOL and ICQ: `GET /hello` answers with a session id, `POST /data?sid=ID&seq=N`
 * carries packets to the server, `GET /monitor?sid=ID` waits for those from it. One session carries several
 * virtual connections, each one FLAP stream.
 */

/** Length u16 (of what follows it), version u16, type u16, flags u32, connection u32. */
export const HEADER = 14;
/** Of the header, what the length counts. */
export const COUNTED = 12;
export const VERSION = 0x0443;

export const PACKET = {
  HELLO_REPLY: 2,
  /** Open a virtual connection: host with its length u16, port u16. */
  LOGIN: 3,
  /** One byte: 0 where it is open. */
  LOGIN_REPLY: 4,
  FLAP: 5,
  CLOSE: 6,
  CLOSE_REPLY: 7,
} as const;

/** What a request is for. */
export type Purpose = 'hello' | 'data' | 'monitor';

export interface Target {
  readonly purpose: Purpose;
  /** 32 hex digits; empty where there is none yet. */
  readonly sid: string;
  /** Host and port as a proxy is asked for them; undefined on the server's own connections. */
  readonly host: string | undefined;
  readonly port: number;
}

const TARGET =
  /^(?:http:\/\/([A-Za-z0-9._-]{1,255})(?::(\d{1,5}))?)?\/(?:(hello)|(data|monitor)\?sid=([0-9A-Fa-f]{32})(?:&seq=\d{1,10})?)$/;

/** A request's target, where it is one of the tunnel's. */
export function targetOf(text: string): Target | undefined {
  const match = TARGET.exec(text);
  if (!match) return undefined;
  const [, host, port, hello, other, sid = ''] = match;
  return {
    purpose: hello === undefined ? (other as Purpose) : 'hello',
    sid: ownText(sid.toLowerCase()),
    host: host === undefined ? undefined : ownText(host),
    port: Number(port ?? 80),
  };
}

/** Where the official clients say hello. */
export const HELLO_HOSTS: readonly string[] = ['http.proxy.icq.com', 'aimhttp.oscar.aol.com'];
export const PORTS: readonly number[] = [];
