/** Builds MSNP bytes for tests and capture generators. */

const encoder = new TextEncoder();

export type Text = string | Uint8Array;

export function bytesOf(...parts: readonly Text[]): Uint8Array {
  const arrays = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const out = new Uint8Array(arrays.reduce((n, array) => n + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    out.set(array, at);
    at += array.length;
  }
  return out;
}

/** A command line. */
export function line(...words: readonly (string | number)[]): Uint8Array {
  return bytesOf(`${words.join(' ')}\r\n`);
}

/** A command with a payload, whose length is appended to the line. */
export function withPayload(words: readonly (string | number)[], payload: Text): Uint8Array {
  const body = bytesOf(payload);
  return bytesOf(line(...words, body.length), body);
}

/** Headers, an empty line and a body. */
export function mime(headers: Readonly<Record<string, string>>, body: Text = ''): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return bytesOf(`${lines.join('')}\r\n`, body);
}

const PLAIN = { 'MIME-Version': '1.0', 'Content-Type': 'text/plain; charset=UTF-8' };

/** A text as a client sends it. */
export function plain(text: Text, headers: Readonly<Record<string, string>> = {}): Uint8Array {
  return mime({ ...PLAIN, ...headers, 'X-MMS-IM-Format': 'FN=Arial; EF=; CO=0; CS=0; PF=22' }, text);
}

/** A body of another media type. */
export function typed(
  type: string,
  body: Text = '\r\n',
  headers: Readonly<Record<string, string>> = {},
): Uint8Array {
  return mime({ 'MIME-Version': '1.0', 'Content-Type': type, ...headers }, body);
}

/** `MSG` of the client. */
export function sent(trid: number, payload: Text, acknowledge = 'N'): Uint8Array {
  return withPayload(['MSG', trid, acknowledge], payload);
}

/** `MSG` from somebody. */
export function received(from: string, name: string, payload: Text): Uint8Array {
  return withPayload(['MSG', from, name], payload);
}

export function typing(user: string): Uint8Array {
  return typed('text/x-msmsgscontrol', '\r\n', { TypingUser: user });
}

/** A peer-to-peer message of version 1. */
export function p2p(
  to: string,
  data: Text,
  header: {
    session?: number;
    id?: number;
    offset?: number;
    total?: number;
    length?: number;
    flags?: number;
  } = {},
): Uint8Array {
  const body = bytesOf(data);
  return typed('application/x-msnmsgrp2p', bytesOf(packet(body, header), new Uint8Array(4)), {
    'P2P-Dest': to,
  });
}

/** The 48-byte header of version 1 and its data. */
export function packet(
  data: Uint8Array,
  header: {
    session?: number;
    id?: number;
    offset?: number;
    total?: number;
    length?: number;
    flags?: number;
  } = {},
): Uint8Array {
  const view = new DataView(new ArrayBuffer(48));
  view.setUint32(0, header.session ?? 0, true);
  view.setUint32(4, header.id ?? 7, true);
  view.setBigUint64(8, BigInt(header.offset ?? 0), true);
  view.setBigUint64(16, BigInt(header.total ?? data.length), true);
  view.setUint32(24, header.length ?? data.length, true);
  view.setUint32(28, header.flags ?? (header.session ? 0x1000030 : 0), true);
  return bytesOf(new Uint8Array(view.buffer), data);
}

/** A peer-to-peer message of version 2; `remaining` is what follows in other parts. */
export function p2pV2(
  to: string,
  data: Text,
  packageId: number,
  first: boolean,
  remaining = 0,
  session = 0,
): Uint8Array {
  const body = bytesOf(data);
  const tlv = remaining > 0 ? 12 : 0;
  const view = new DataView(new ArrayBuffer(16 + tlv));
  view.setUint8(0, 8);
  view.setUint8(1, first ? 1 : 0);
  view.setUint16(2, 8 + tlv + body.length);
  view.setUint32(4, 1000);
  view.setUint8(8, 8 + tlv);
  view.setUint8(9, (session === 0 ? 0 : 6) | (first ? 1 : 0));
  view.setUint16(10, packageId);
  view.setUint32(12, session);
  if (remaining > 0) {
    view.setUint8(16, 1);
    view.setUint8(17, 8);
    view.setBigUint64(18, BigInt(remaining));
  }
  const payload = bytesOf(new Uint8Array(view.buffer), body, new Uint8Array(4));
  return typed('application/x-msnmsgrp2p', payload, { 'P2P-Dest': to });
}

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
  body: Readonly<Record<string, string>>,
): string {
  const content = `${Object.entries(body)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n\0`;
  return (
    `${start}\r\nTo: <msnmsgr:${to}>\r\nFrom: <msnmsgr:${from}>\r\n` +
    'Via: MSNSLP/1.0/TLP ;branch={8147455F-1BE9-9E6D-1C6E-4BEA8B3E9C46}\r\n' +
    `CSeq: 0\r\nCall-ID: ${callId}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-${type}\r\n` +
    `Content-Length: ${content.length}\r\n\r\n${content}`
  );
}

export const FILE_GUID = '{5D3E02AB-6190-11D3-BBBB-00C04F795683}';

/** An invitation to take a file. */
export function fileInvite(
  from: string,
  to: string,
  callId: string,
  name: string,
  size: number,
  session = 77,
): string {
  return slp(`INVITE MSNMSGR:${to} MSNSLP/1.0`, from, to, callId, 'sessionreqbody', {
    'EUF-GUID': FILE_GUID,
    SessionID: String(session),
    AppID: '2',
    Context: fileContext(name, size),
  });
}

/** A message between people in the form of MSNP21. */
export function routed(
  from: string,
  to: string,
  headers: Readonly<Record<string, string>>,
  body: Text,
  opening = 'Messaging: 2.0',
): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return bytesOf(
    `Routing: 1.0\r\nTo: ${to}\r\nFrom: ${from}\r\n\r\nReliability: 1.0\r\n\r\n${opening}\r\n${lines.join('')}\r\n`,
    body,
  );
}
