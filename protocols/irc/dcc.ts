import { formatIPv4 } from '../../src/sdk/index.ts';

/** Scopes the token by which the connection that carries the bytes is known. */
export const DCC_REALM = 'irc-dcc';
const LONGEST_NAME = 512;
/** Nobody offers more: 2^53 − 1. */
const MOST = Number.MAX_SAFE_INTEGER;

/** `DCC SEND name address port [size [token]]`, `DCC CHAT chat address port [token]`, and RESUME, ACCEPT, REJECT. */
export interface DccOffer {
  readonly type: string;
  readonly name: string;
  readonly ip?: string;
  /** 0: the other side is asked to listen (passive). */
  readonly port: number;
  readonly size?: number;
  readonly token?: string;
  /** Address, port or size are none. */
  readonly bad: boolean;
}

/** Reads what is behind `DCC `; undefined where it is no offer at all. The name may stand in quotes. */
export function readDcc(text: string): DccOffer | undefined {
  const [, type, quoted, bare, rest] =
    /^(T?SEND|CHAT|SCHAT|RESUME|ACCEPT|REJECT) +(?:"([^"]*)"|(\S+))(?: +(.*))?$/i.exec(text) ?? [];
  if (type === undefined) return undefined;
  const kind = type.toUpperCase();
  const name = (quoted ?? bare ?? '').slice(0, LONGEST_NAME);
  const words = (rest ?? '').split(/ +/).filter((word) => word !== '');
  if (kind === 'RESUME' || kind === 'ACCEPT') return position(kind, name, words);
  return kind.endsWith('SEND') ? sending(kind, name, words) : chatting(kind, name, words);
}

/** `SEND name address port [size [token]]`. */
function sending(type: string, name: string, [address, at, bytes, token]: readonly string[]): DccOffer {
  const ip = readAddress(address);
  const port = readNumber(at, 65_535);
  const size = readNumber(bytes, MOST);
  const bad = ip === undefined || port === undefined || (bytes !== undefined && size === undefined);
  return {
    ...{ type, name, port: port ?? 0, bad },
    ...(ip === undefined ? {} : { ip }),
    ...(size === undefined ? {} : { size }),
    ...(token === undefined ? {} : { token }),
  };
}

/** `CHAT chat address port [token]`; what a refusal names does not matter. */
function chatting(type: string, name: string, [address, at, token]: readonly string[]): DccOffer {
  const ip = readAddress(address);
  return {
    ...{ type, name, port: readNumber(at, 65_535) ?? 0, bad: false },
    ...(ip === undefined ? {} : { ip }),
    ...(token === undefined ? {} : { token }),
  };
}

/** `RESUME name port position [token]`. */
function position(type: string, name: string, words: readonly string[]): DccOffer {
  const port = readNumber(words[0], 65_535);
  const bad = port === undefined || readNumber(words[1], MOST) === undefined;
  return { type, name, port: port ?? 0, bad, ...(words[2] === undefined ? {} : { token: words[2] }) };
}

/** An IPv4 address as one decimal number, or an address as usual. */
function readAddress(text = ''): string | undefined {
  const number = readNumber(text, 0xffff_ffff);
  if (number !== undefined) {
    const bytes = Uint8Array.of(number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255);
    return formatIPv4(bytes, 0);
  }
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text))
    return text.split('.').every((part) => Number(part) < 256) ? text : undefined;
  return /^[0-9a-f:]{3,39}$/i.test(text) && text.includes(':') ? text.toLowerCase() : undefined;
}

function readNumber(text: string | undefined, most: number): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= most ? number : undefined;
}

/** What the connection that carries the bytes shows: where it goes. */
export function dccToken(ip: string, port: number): string {
  return `${ip} ${port}`;
}
