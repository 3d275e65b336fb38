import { ByteWriter, encode } from '../byte-writer.ts';
import type { Random } from '../random.ts';

const TAG = {
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OID: 0x06,
  UTF8: 0x0c,
  UTC_TIME: 0x17,
  SEQUENCE: 0x30,
  SET: 0x31,
  DNS_NAME: 0x82,
  VERSION: 0xa0,
  EXTENSIONS: 0xa3,
} as const;

const OID = {
  commonName: Uint8Array.of(0x55, 4, 3),
  subjectAltName: Uint8Array.of(0x55, 0x1d, 0x11),
  sha256WithRsa: Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11),
  rsa: Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1),
} as const;

/** An X.509 certificate in form (RFC 5280) that names its hosts; key and signature are random bytes. */
export function certificate(random: Random, issuer: string, hosts: readonly string[]): Uint8Array {
  const algorithm = der(TAG.SEQUENCE, der(TAG.OID, OID.sha256WithRsa));
  const key = der(
    TAG.SEQUENCE,
    der(TAG.SEQUENCE, der(TAG.OID, OID.rsa)),
    der(TAG.BIT_STRING, Uint8Array.of(0), rsaKey(random)),
  );
  const names = der(TAG.SEQUENCE, ...hosts.map((host) => der(TAG.DNS_NAME, encode(host))));
  const extension = der(TAG.SEQUENCE, der(TAG.OID, OID.subjectAltName), der(TAG.OCTET_STRING, names));
  const body = der(
    TAG.SEQUENCE,
    der(TAG.VERSION, der(TAG.INTEGER, Uint8Array.of(2))),
    der(TAG.INTEGER, Uint8Array.of(1), random.bytes(15)),
    algorithm,
    name(issuer),
    der(TAG.SEQUENCE, time('230101000000Z'), time('330101000000Z')),
    name(hosts[0] ?? issuer),
    key,
    der(TAG.EXTENSIONS, der(TAG.SEQUENCE, extension)),
  );
  return der(TAG.SEQUENCE, body, algorithm, der(TAG.BIT_STRING, Uint8Array.of(0), random.bytes(256)));
}

/** Modulus and exponent (RFC 8017, appendix A.1.1). */
function rsaKey(random: Random): Uint8Array {
  const modulus = der(TAG.INTEGER, Uint8Array.of(0, 0xc1), random.bytes(255));
  return der(TAG.SEQUENCE, modulus, der(TAG.INTEGER, Uint8Array.of(1, 0, 1)));
}

function name(common: string): Uint8Array {
  const attribute = der(TAG.SEQUENCE, der(TAG.OID, OID.commonName), der(TAG.UTF8, encode(common)));
  return der(TAG.SEQUENCE, der(TAG.SET, attribute));
}

function time(text: string): Uint8Array {
  return der(TAG.UTC_TIME, encode(text));
}

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = new ByteWriter().u8(tag);
  if (length < 0x80) out.u8(length);
  else if (length < 0x100) out.u8(0x81).u8(length);
  else out.u8(0x82).u16(length);
  for (const part of parts) out.raw(part);
  return out.take();
}
