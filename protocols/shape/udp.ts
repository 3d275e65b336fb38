import { DATE, filled, has, u16be, u32be, u32le } from './shape.ts';
import type { Shape } from './shape.ts';
import { SIP_MESSAGE } from './sip.ts';

/** Commands of OICQ that clients send first: log out, keep alive, send, search, log in, friends, and the newer sign-ons. */
const OICQ_COMMANDS: ReadonlySet<number> = new Set([
  ...[0x01, 0x02, 0x04, 0x05, 0x06, 0x0a, 0x0d, 0x16, 0x17, 0x18, 0x1d, 0x22, 0x26, 0x27, 0x30, 0x3c, 0x5c],
  ...[0x62, 0x65, 0x67, 0x80, 0x81, 0x91, 0xba, 0xdd, 0xe3, 0xe5, 0x31, 0x0825, 0x0836, 0x0839, 0x0058],
]);

/** Shapes of datagrams. */
export const UDP_SHAPES: readonly Shape[] = [
  {
    service: 'discord',
    name: 'Discord, discovery of the own address before voice',
    source: 'Discord, voice connections',
    date: DATE,
    confidence: 'high',
    first: [0x00],
    either: true,
    // Type 1 or 2, length 70, SSRC, 64 bytes of address, port.
    begins: (b, s, e) => {
      const type = u16be(b, s);
      if (e - s !== 74 || (type !== 1 && type !== 2) || u16be(b, s + 2) !== 70) return false;
      return type === 2 || filled(b, s + 8, e, 0);
    },
  },
  {
    service: 'discord',
    name: 'Discord, keep-alive of voice (1337CAFE)',
    source: 'discordgo, discord.py-self',
    date: DATE,
    confidence: 'medium',
    first: [0x13],
    either: true,
    begins: (b, s, e) => e - s === 8 && u32be(b, s) === 0x1337cafe,
  },
  {
    service: 'telegram',
    name: 'Telegram call, request to a reflector',
    source: 'libtgvoip',
    date: DATE,
    confidence: 'high',
    first: null,
    // A tag of 16 bytes, then 12 bytes of ones: what reflectors take for themselves.
    begins: (b, s, e) =>
      e - s >= 32 && b[s + 16] === 0xff && filled(b, s + 17, s + 28, 0xff) && u32be(b, s) !== 0xffffffff,
  },
  {
    service: 'qq',
    name: 'QQ, packet of OICQ',
    source: 'libqq of Pidgin, protocol description of LumaQQ',
    date: DATE,
    confidence: 'high',
    first: [0x02],
    either: true,
    // Head, version, command, sequence, number; tail.
    begins: (b, s, e) =>
      e - s >= 12 &&
      b[e - 1] === 0x03 &&
      (b[s + 1] ?? 0) >= 0x0a &&
      (b[s + 1] ?? 0) <= 0x40 &&
      OICQ_COMMANDS.has(u16be(b, s + 3)) &&
      u32be(b, s + 7) > 9_999,
    account: (b, s) => String(u32be(b, s + 7)),
  },
  {
    service: 'steam',
    name: 'Steam, connection of the client (VS01)',
    source: 'SteamKit2',
    date: DATE,
    confidence: 'medium',
    first: [0x56],
    either: true,
    begins: (b, s, e) =>
      e - s >= 36 &&
      has(b, s, e, [0x56, 0x53, 0x30, 0x31]) &&
      (b[s + 6] ?? 0) < 8 &&
      u32le(b, s + 8) < 0x100000,
  },
  SIP_MESSAGE,
];
