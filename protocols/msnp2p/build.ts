/** Builds the bytes of direct connections for tests and capture generators. */

const encoder = new TextEncoder();

export function join(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => [...(typeof part === 'string' ? encoder.encode(part) : part)]),
  );
}

/** A frame: its length and what is in it. */
export function frame(content: Uint8Array): Uint8Array {
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, content.length, true);
  return join(new Uint8Array(length.buffer), content);
}

/** What the client begins with. */
export const FOO = frame(encoder.encode('foo\0'));

export interface Header {
  session?: number;
  id?: number;
  offset?: number;
  total?: number;
  length?: number;
  flags?: number;
}

/** A frame of version 1. */
export function packet(data: Uint8Array | string, header: Header = {}): Uint8Array {
  const body = join(data);
  const view = new DataView(new ArrayBuffer(48));
  view.setUint32(0, header.session ?? 0, true);
  view.setUint32(4, header.id ?? 7, true);
  view.setBigUint64(8, BigInt(header.offset ?? 0), true);
  view.setBigUint64(16, BigInt(header.total ?? body.length), true);
  view.setUint32(24, header.length ?? body.length, true);
  view.setUint32(28, header.flags ?? (header.session ? 0x1000030 : 0), true);
  return frame(join(new Uint8Array(view.buffer), body));
}

/** A frame of version 2. */
export function packetV2(data: Uint8Array | string, first = true, remaining = 0, session = 0): Uint8Array {
  const body = join(data);
  const tlv = remaining > 0 ? 12 : 0;
  const view = new DataView(new ArrayBuffer(16 + tlv));
  view.setUint8(0, 8);
  view.setUint16(2, 8 + tlv + body.length);
  view.setUint8(8, 8 + tlv);
  view.setUint8(9, (session === 0 ? 0 : 6) | (first ? 1 : 0));
  view.setUint16(10, 3);
  view.setUint32(12, session);
  if (remaining > 0) {
    view.setUint8(16, 1);
    view.setUint8(17, 8);
    view.setBigUint64(18, BigInt(remaining));
  }
  return frame(join(new Uint8Array(view.buffer), body));
}

/** The handshake of version 1. */
export const HANDSHAKE = packet('', { flags: 0x100 });

/** The base64 context of an offered file. */
export function fileContext(name: string, size: number): string {
  const view = new DataView(new ArrayBuffer(574));
  view.setUint32(0, 574, true);
  view.setUint32(4, 2, true);
  view.setBigUint64(8, BigInt(size), true);
  view.setUint32(16, 1, true);
  for (let i = 0; i < name.length; i++) view.setUint16(20 + 2 * i, name.charCodeAt(i), true);
  return btoa(String.fromCharCode(...new Uint8Array(view.buffer)));
}

/** An MSNSLP text. */
export function slp(
  start: string,
  from: string,
  to: string,
  callId: string,
  type: string,
  body: string,
): string {
  return (
    `${start}\r\nTo: <msnmsgr:${to}>\r\nFrom: <msnmsgr:${from}>\r\nCSeq: 0\r\nCall-ID: ${callId}\r\n` +
    `Content-Type: application/x-msnmsgr-${type}\r\nContent-Length: ${body.length + 3}\r\n\r\n${body}\r\n\0`
  );
}

/** An invitation to take a file. */
export function fileInvite(
  from: string,
  to: string,
  callId: string,
  name: string,
  size: number,
  session = 77,
): string {
  const body =
    'EUF-GUID: {5D3E02AB-6190-11D3-BBBB-00C04F795683}\r\n' +
    `SessionID: ${session}\r\nAppID: 2\r\nContext: ${fileContext(name, size)}\r\n`;
  return slp(`INVITE MSNMSGR:${to} MSNSLP/1.0`, from, to, callId, 'sessionreqbody', body);
}
