/** Builders of ICQ datagrams and exchanges for tests and capture generators. */
import type { Step } from '../../src/sdk/testing.ts';
import { scramble } from './crypt.ts';
import { CMD, MESSAGE, SRV } from './wire.ts';

/** Little-endian fields: a number with its width in bytes, bytes, or text as Windows-1252's ASCII part. */
export type Field = [value: number, width: 1 | 2 | 4] | Uint8Array | string;

export function fields(...parts: Field[]): Uint8Array {
  const bytes: number[] = [];
  for (const part of parts) {
    if (typeof part === 'string') bytes.push(...new TextEncoder().encode(part));
    else if (part instanceof Uint8Array) bytes.push(...part);
    else for (let i = 0; i < part[1]; i++) bytes.push((part[0] >>> (8 * i)) & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** A text with its length and its NUL. */
export function text(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return fields([bytes.length + 1, 2], bytes, [0, 1]);
}

export interface ClientFields {
  version: 2 | 3 | 4 | 5;
  command: number;
  uin: number;
  sequence?: number;
  body?: Uint8Array;
  /** Versions 4 and 5: the places that the check code takes its bytes from. */
  check?: [offset: number, index: number];
}

/** A client's datagram, scrambled where its version is. */
export function client(of: ClientFields): Uint8Array {
  const { version, command, uin, sequence = 1, body = new Uint8Array(0) } = of;
  const header = {
    2: fields([2, 2], [command, 2], [sequence, 2], [uin, 4]),
    3: fields([3, 2], [command, 2], [sequence, 2], [sequence, 2], [uin, 4], [0, 4]),
    4: fields([4, 2], [0xbeef, 2], [0, 2], [command, 2], [sequence, 2], [sequence, 2], [uin, 4], [0, 4]),
    5: fields([5, 2], [0, 4], [uin, 4], [0x1234567, 4], [command, 2], [sequence, 2], [sequence, 2], [0, 4]),
  }[version];
  const datagram = fields(header, body);
  const [offset, index] = of.check ?? [8, 77];
  if (version >= 4) scramble(version as 4 | 5, datagram, offset, index);
  return datagram;
}

export interface ServerFields {
  version: 2 | 3 | 5;
  command: number;
  uin: number;
  sequence?: number;
  body?: Uint8Array;
}

export function server({
  version,
  command,
  uin,
  sequence = 1,
  body = new Uint8Array(0),
}: ServerFields): Uint8Array {
  const numbers = fields([command, 2], [sequence, 2]);
  if (version === 2) return fields([2, 2], numbers, body);
  const account = fields([sequence, 2], [uin, 4], [0, 4]);
  return version === 3
    ? fields([3, 2], numbers, account, body)
    : fields([5, 2], [0, 1], [0x1234567, 4], numbers, account, body);
}

/** Sign-on data: version 2 begins with the port, later ones with a time. */
export function signOnBody(version: number, password: string): Uint8Array {
  const time: Field[] = version >= 4 ? [[0x3b000000, 4]] : [];
  return fields(...time, [2672, 4], text(password), [0x98, 4], [0x0100007f, 4], [4, 1], [0, 4], [3, 4]);
}

/** The body of a message: to or from whom, kind, text. */
export function messageBody(
  uin: number,
  value: string | Uint8Array,
  type: number = MESSAGE.TEXT,
): Uint8Array {
  return fields([uin, 4], [type, 2], text(value));
}

/** Whose exchange it is, with whom, and the password that no event may show. */
export const ME = 91001;
export const PEER = 91002;
export const PASSWORD = 'uhoh-98-secret';

export const VERSIONS = [2, 3, 4, 5] as const;
export type Version = (typeof VERSIONS)[number];

/** Datagrams of the client. */
export function up(...parts: Uint8Array[]): Step[] {
  return parts.map((bytes) => ({ direction: 0, bytes }));
}

/** Datagrams of the server. */
export function down(...parts: Uint8Array[]): Step[] {
  return parts.map((bytes) => ({ direction: 1, bytes }));
}

/** The end of both directions. */
export const over: readonly Step[] = [
  { direction: 0, end: true },
  { direction: 1, end: true },
];

const NOTHING: Uint8Array = new Uint8Array(0);
let sequence = 100;

/** A client's datagram with a sequence number of its own. */
export function ask(version: Version, command: number, body = NOTHING, uin = ME): Step[] {
  return up(client({ version, command, uin, sequence: sequence++, body }));
}

/** A server's datagram with a sequence number of its own; version 4 is answered in the form of version 3. */
export function answer(version: Version, command: number, body = NOTHING): Step[] {
  return down(server({ version: version === 4 ? 3 : version, command, uin: ME, sequence: sequence++, body }));
}

export function login(version: Version): Step[] {
  return ask(version, CMD.LOGIN, signOnBody(version, PASSWORD));
}

export function welcome(version: Version): Step[] {
  return answer(version, SRV.LOGIN_REPLY, version === 2 ? fields([ME, 4], [0, 4]) : fields([0, 4]));
}
