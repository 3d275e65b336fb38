import { DATE, filled, has, says, u16be, u24be, u32be, u32le } from './shape.ts';
import { SIP_MESSAGE } from './sip.ts';
import type { Bytes, Shape } from './shape.ts';

/** Messages of Gadu-Gadu by which a client signs on (libgadu: GG_LOGIN to GG_LOGIN105), and the place of the number in them. */
const GG_LOGINS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x15, 0x19, 0x29, 0x31]);

/** Shapes of streams. What follows after them is not read. */
export const TCP_SHAPES: readonly Shape[] = [
  {
    service: 'whatsapp',
    name: 'WhatsApp, routing before the Noise handshake (ED 00 01)',
    source: 'whatsmeow, Baileys',
    date: DATE,
    confidence: 'high',
    first: [0x45],
    begins: (b, s, e) => has(b, s, e, [0x45, 0x44, 0x00, 0x01]) && (e - s < 7 || u24be(b, s + 4) < 0x400),
  },
  {
    service: 'whatsapp',
    name: 'WhatsApp, Noise handshake (WA, version, frame)',
    source: 'whatsmeow, Baileys; yowsup for versions before Noise',
    date: DATE,
    confidence: 'high',
    first: [0x57],
    begins: beginsWhatsApp,
  },
  {
    service: 'telegram',
    name: 'MTProto, abridged transport, key exchange',
    source: 'Telegram, MTProto transports',
    date: DATE,
    confidence: 'high',
    first: [0xef],
    // Length in words, then a key id of zero: the exchange of keys begins (req_pq).
    begins: (b, s, e) => e - s >= 10 && words(b, s) === e - s - 2 && filled(b, s + 2, s + 10, 0),
  },
  {
    service: 'telegram',
    name: 'MTProto, abridged transport, with a key',
    source: 'Telegram, MTProto transports',
    date: DATE,
    confidence: 'low',
    first: [0xef],
    begins: (b, s, e) => e - s >= 42 && words(b, s) === e - s - 2 && !filled(b, s + 2, s + 10, 0),
  },
  {
    service: 'telegram',
    name: 'MTProto, intermediate or padded transport',
    source: 'Telegram, MTProto transports',
    date: DATE,
    confidence: 'high',
    first: [0xee, 0xdd],
    begins: (b, s, e) => {
      const mark = b[s] ?? 0;
      if (!has(b, s, e, [mark, mark, mark, mark]) || e - s < 16) return false;
      const length = u32le(b, s + 4);
      return length >= 16 && length <= 0x10000 && length === e - s - 8;
    },
  },
  {
    service: 'wechat',
    name: 'WeChat, mmtls record (F1 03, F1 04)',
    source: 'Citizen Lab, analysis of MMTLS (2024)',
    date: DATE,
    confidence: 'high',
    first: [0x15, 0x16, 0x17, 0x19],
    begins: (b, s, e) => {
      const version = u16be(b, s + 1);
      const length = u16be(b, s + 3);
      if (e - s < 6 || (version !== 0xf103 && version !== 0xf104) || length === 0 || length > 0x4000)
        return false;
      // Records follow each other to the segment's end.
      return s + 5 + length >= e || u16be(b, s + 5 + length + 1) === version;
    },
  },
  {
    service: 'kakaotalk',
    name: 'KakaoTalk, secure LOCO handshake',
    source: 'KiwiTalk, node-kakao',
    date: DATE,
    confidence: 'high',
    first: [0x00],
    // Size of the sealed key, its kind, the cipher, then 256 bytes of RSA.
    begins: (b, s, e) => {
      if (e - s < 268 || u32le(b, s) !== 256) return false;
      const key = u32le(b, s + 4);
      const cipher = u32le(b, s + 8);
      return (key === 12 || key === 15 || key === 16) && (cipher === 2 || cipher === 3);
    },
  },
  {
    service: 'threema',
    name: 'Threema, handshake of 48 and 80 bytes',
    source: 'Threema, protocol specification (chat server)',
    date: DATE,
    confidence: 'medium',
    first: null,
    begins: (_, s, e) => e - s === 48,
    // The server answers with 80 bytes; the client's login follows.
    confirms: (client, server) => {
      if (size(client) < 48 || size(server) > 80) return false;
      if (size(client) === 48 && size(server) > 0 && size(server) !== 80) return false;
      // The client waits for the answer before it goes on.
      if (size(client) > 48 && size(server) === 0) return false;
      // Chance gives both lengths once in a while: they have to be of bytes that are not text.
      if (isText(client)) return false;
      return size(server) === 80 && size(client) > 48 ? true : undefined;
    },
  },
  {
    service: 'steam',
    name: 'Steam, connection of the client (VT01)',
    source: 'SteamKit2',
    date: DATE,
    confidence: 'medium',
    first: null,
    server: true,
    begins: (b, s, e) => e - s >= 8 && says(b, s + 4, e, 'VT01') && u32le(b, s) === e - s - 8,
  },
  {
    service: 'gadu-gadu',
    name: 'Gadu-Gadu, welcome of the server and sign-on',
    source: 'libgadu, protocol description',
    date: DATE,
    confidence: 'high',
    first: [0x01],
    server: true,
    // GG_WELCOME: type 1, length 4, a seed.
    begins: (b, s, e) => e - s === 12 && u32le(b, s) === 1 && u32le(b, s + 4) === 4,
    confirms: ({ bytes, start, end }) => {
      if (end - start < 12) return undefined;
      return GG_LOGINS.has(u32le(bytes, start)) && u32le(bytes, start + 4) < 0x1000;
    },
    account: (b, s, e) => {
      const number = u32le(b, s + 8);
      return e - s >= 12 && number > 0 ? String(number) : undefined;
    },
  },
  {
    service: 'mrim',
    name: 'Mail.ru Agent, header (DEADBEEF)',
    source: 'MRIM protocol description of Mail.ru',
    date: DATE,
    confidence: 'high',
    first: [0xef],
    // Magic, version 1.x in 16 and 16 bits, sequence, command, length, address, port, 16 reserved bytes.
    begins: (b, s, e) =>
      e - s >= 44 &&
      u32le(b, s) === 0xdeadbeef &&
      u32le(b, s + 4) >>> 16 === 1 &&
      u32le(b, s + 16) < 0x100000,
  },
  {
    service: 'sametime',
    name: 'IBM Sametime, handshake on the master channel',
    source: 'Meanwhile library',
    date: DATE,
    confidence: 'high',
    first: [0x00, 0x80],
    // A byte that keeps the line alive may stand before: length, type 0, options, channel 0, major 0x1E.
    begins: (b, s, e) => {
      const at = b[s] === 0x80 ? s + 1 : s;
      const length = u32be(b, at);
      if (e - at < 20 || length < 16 || length > 0x400 || length > e - at - 4) return false;
      return (
        u16be(b, at + 4) === 0 &&
        u32be(b, at + 8) === 0 &&
        u16be(b, at + 12) === 0x001e &&
        u16be(b, at + 14) < 0x0100
      );
    },
  },
  {
    service: 'groupwise',
    name: 'Novell GroupWise Messenger, sign-on',
    source: 'libpurple 2.x, its GroupWise plug-in',
    date: DATE,
    confidence: 'high',
    first: [0x50],
    begins: (b, s, e) =>
      says(b, s, e, 'POST /login HTTP/1.0\r\nHost: ') || says(b, s, e, 'POST /setstatus HTTP/1.0\r\n'),
    confirms: ({ bytes, start, end }) => {
      const tag = find(bytes, start, end, '&tag=NM_A_');
      return tag ? true : end - start > 1_024 ? false : undefined;
    },
  },
  {
    service: 'simple',
    name: 'MSRP, a message of SIMPLE',
    source: 'RFC 4975',
    date: DATE,
    confidence: 'high',
    first: [0x4d],
    either: true,
    begins: (b, s, e) =>
      says(b, s, e, 'MSRP ') &&
      (find(b, s, e, ' SEND\r\n') || find(b, s, e, ' AUTH\r\n') || find(b, s, e, ' 200 OK\r\n')),
  },
  SIP_MESSAGE,
  {
    service: 'skype',
    name: 'Skype of before 2017, empty record of its sign-on',
    source: 'Biondi and Desclaux, Silver Needle in the Skype (2006)',
    date: DATE,
    confidence: 'medium',
    first: [0x16],
    // A record of TLS that holds nothing: no other software sends it.
    begins: (b, s, e) => e - s === 5 && has(b, s, e, [0x16, 0x03, 0x01, 0x00, 0x00]),
    confirms: (_, { bytes, start, end }) =>
      end - start < 5 ? undefined : has(bytes, start, end, [0x17, 0x03, 0x01, 0x00, 0x00]),
  },
];

/** `WA`, version, dictionary, then a frame behind its length: its first byte is a field of Protocol Buffers, or a list of before Noise. */
function beginsWhatsApp(b: Uint8Array, s: number, e: number): boolean {
  if (!has(b, s, e, [0x57, 0x41]) || e - s < 4) return false;
  const version = b[s + 2] ?? 0;
  const dictionary = b[s + 3] ?? 0;
  if (version < 1 || version > 9 || dictionary > 9) return false;
  if (e - s === 4) return true;
  // One frame may be of several segments.
  const length = u24be(b, s + 4);
  return e - s >= 8 && length > 0 && length < 0x4000 && (version < 4 || b[s + 7] === 0x12);
}

/** Bytes that the abridged transport's length says, where it is a short one. */
function words(b: Uint8Array, s: number): number {
  const n = b[s + 1] ?? 0;
  return n >= 0x7f ? -1 : n * 4;
}

function find(b: Uint8Array, s: number, e: number, what: string): boolean {
  for (let at = s; at + what.length <= e; at++) if (says(b, at, e, what)) return true;
  return false;
}

function size({ start, end }: Bytes): number {
  return end - start;
}

/** Nothing but printable ASCII and ends of lines. */
function isText({ bytes, start, end }: Bytes): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0x7f || (byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return false;
  }
  return true;
}
