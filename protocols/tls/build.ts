/** Builders of TLS records, hellos and certificates for tests. */

export type Part = Uint8Array | readonly number[] | string;

const encoder = new TextEncoder();

export function bytes(...parts: Part[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => [...(typeof part === 'string' ? encoder.encode(part) : part)]),
  );
}

export function u16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

export function u24(value: number): number[] {
  return [(value >> 16) & 0xff, ...u16(value)];
}

function list8(...parts: Part[]): Uint8Array {
  const joined = bytes(...parts);
  return bytes([joined.length], joined);
}

function list16(...parts: Part[]): Uint8Array {
  const joined = bytes(...parts);
  return bytes(u16(joined.length), joined);
}

/** A record; its content is cut into records of `size` bytes where that is given. */
export function record(content: Uint8Array, type = 0x16, size = 16_384): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += size) {
    const piece = content.slice(at, at + size);
    parts.push(bytes([type, 3, 1], u16(piece.length), piece));
  }
  return bytes(...parts);
}

/** A handshake message. */
export function handshake(type: number, ...body: Part[]): Uint8Array {
  const joined = bytes(...body);
  return bytes([type], u24(joined.length), joined);
}

export function extension(type: number, ...body: Part[]): Uint8Array {
  return bytes(u16(type), list16(...body));
}

export interface HelloParts {
  version?: number;
  ciphers?: readonly number[];
  sni?: string;
  alpns?: readonly Part[];
  groups?: readonly number[];
  formats?: readonly number[];
  signatures?: readonly number[];
  versions?: readonly number[];
  /** Extensions as they are, before those above. */
  before?: readonly Uint8Array[];
  /** Extensions as they are, behind those above. */
  after?: readonly Uint8Array[];
  /** No list of extensions at all. */
  bare?: boolean;
}

export function numbers16(values: readonly number[]): Uint8Array {
  return bytes(values.flatMap(u16));
}

export const sniExtension = (name: Part): Uint8Array => extension(0, list16([0], list16(name)));

/** A ClientHello message, without its record. */
export function clientHello(parts: HelloParts = {}): Uint8Array {
  const { sni, alpns, groups, formats, signatures, versions } = parts;
  const extensions = [
    ...(parts.before ?? []),
    ...(sni === undefined ? [] : [sniExtension(sni)]),
    ...(groups ? [extension(10, list16(numbers16(groups)))] : []),
    ...(formats ? [extension(11, list8(formats))] : []),
    ...(signatures ? [extension(13, list16(numbers16(signatures)))] : []),
    ...(alpns ? [extension(16, list16(...alpns.map((name) => list8(name))))] : []),
    ...(versions ? [extension(43, list8(numbers16(versions)))] : []),
    ...(parts.after ?? []),
  ];
  const tail = parts.bare ? [] : list16(...extensions);
  return handshake(
    1,
    u16(parts.version ?? 0x0303),
    new Uint8Array(32).fill(7),
    list8(new Uint8Array(32).fill(9)),
    list16(numbers16(parts.ciphers ?? [0x1301, 0xc02f])),
    list8([0]),
    tail,
  );
}

/** A ServerHello message; TLS 1.3 says so in an extension. */
export function serverHello(
  version = 0x0303,
  cipher = 0xc02f,
  extensions: readonly Uint8Array[] = [],
): Uint8Array {
  const all = version === 0x0304 ? [extension(43, u16(version)), ...extensions] : extensions;
  const tail = all.length > 0 ? list16(...all) : [];
  const legacy = Math.min(version, 0x0303);
  return handshake(2, u16(legacy), new Uint8Array(32), list8([]), u16(cipher), [0], tail);
}

/** A hello in the form of SSL 2.0. */
export function v2Hello(version = 0x0301, ciphers: readonly number[] = [0x04, 0x05, 0x010080]): Uint8Array {
  const specs = bytes(...ciphers.map(u24));
  const body = bytes(
    [1],
    u16(version),
    u16(specs.length),
    u16(0),
    u16(16),
    specs,
    new Uint8Array(16).fill(3),
  );
  return bytes(u16(0x8000 | body.length), body);
}

export function der(tag: number, ...content: Part[]): Uint8Array {
  const joined = bytes(...content);
  const n = joined.length;
  const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, ...u16(n)];
  return bytes([tag], length, joined);
}

const ATTRIBUTE = { CN: 3, C: 6, L: 7, ST: 8, O: 10, OU: 11 } as const;

/** A distinguished name; values are UTF8Strings. */
export function dn(parts: Partial<Record<keyof typeof ATTRIBUTE, string>>): Uint8Array {
  const sets = Object.entries(parts).map(([key, value]) =>
    der(0x31, der(0x30, der(6, [0x55, 4, ATTRIBUTE[key as keyof typeof ATTRIBUTE]]), der(0x0c, value))),
  );
  return der(0x30, ...sets);
}

/** A certificate that verifies nowhere. */
export function x509(subject: Uint8Array, names: readonly string[] = [], critical = false): Uint8Array {
  const algorithm = der(0x30, der(6, [0x2a, 3]));
  const usage = der(0x30, der(6, [0x55, 0x1d, 0x0f]), der(4, der(3, [5, 0xa0])));
  const san = der(0x30, ...names.map((name) => der(0x82, name)));
  const flag = critical ? der(1, [0xff]) : [];
  const alternative = der(0x30, der(6, [0x55, 0x1d, 0x11]), flag, der(4, san));
  const extensions = names.length > 0 ? [usage, alternative] : [usage];
  const signed = der(
    0x30,
    der(0xa0, der(2, [2])),
    der(2, [1, 2, 3]),
    algorithm,
    dn({ O: 'Test CA', CN: 'Root' }),
    der(0x30, der(0x17, '090101000000Z'), der(0x17, '490101000000Z')),
    subject,
    der(0x30, algorithm, der(3, new Uint8Array(64))),
    der(0xa3, der(0x30, ...extensions)),
  );
  return der(0x30, signed, algorithm, der(3, new Uint8Array(64)));
}

/** A Certificate message of these. */
export function certificates(...all: readonly Uint8Array[]): Uint8Array {
  const entries = bytes(...all.map((one) => bytes(u24(one.length), one)));
  return handshake(11, u24(entries.length), entries);
}
