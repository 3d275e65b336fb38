import { SERVERS } from '../addresses.ts';
import { ByteWriter } from '../byte-writer.ts';
import { IM_PORTS } from '../kinds.ts';
import { CLIENT, SERVER, type Side } from '../path.ts';
import type { Random } from '../random.ts';
import { sendBytes, type Step } from '../step.ts';
import type { World } from '../world.ts';
import { converse, drawBuddies, drawUser, type Chat, type Manner, type Wire } from './converse.ts';

const SERVICE = {
  LOGON: 0x01,
  LOGOFF: 0x02,
  MESSAGE: 0x06,
  PING: 0x12,
  NOTIFY: 0x4b,
  AUTH_RESPONSE: 0x54,
  LIST: 0x55,
  AUTH: 0x57,
  KEEP_ALIVE: 0x8a,
} as const;
const STATUS = { NONE: 0, SERVER: 1, TYPING: 0x16, OFFLINE: 0x5a55aa56 } as const;
const SEPARATOR = Uint8Array.of(0xc0, 0x80);
const VERSIONS = [9, 12, 16];
/** The usual port, and those by which clients get through firewalls. */
const PORTS = [IM_PORTS.ymsg, IM_PORTS.ymsg, IM_PORTS.ymsg, 80, 23];

type Pairs = readonly (readonly [number, string])[];

/** Signs on and talks, all on one connection. */
export function startYmsg({ scene, random }: World, { chat, missed, usualPort }: Manner): void {
  const me = drawUser(random);
  const buddies = drawBuddies(random, me, random.between(6, 50));
  const index = 120 + random.below(20);
  const port = usualPort ? IM_PORTS.ymsg : random.pick(PORTS);
  const wish = { servers: SERVERS.IM, index, port, v4: true };
  scene.startTcp('ymsg', scene.addresses.path(wish), session(random, me, buddies, chat), { missed });
}

function id(user: number): string {
  return `yahoo-user-${user}`;
}

function* session(random: Random, me: number, buddies: readonly number[], chat: Chat): Generator<Step, void> {
  const wire = new YmsgWire(random, me);
  const name = id(me);
  yield wire.packet(CLIENT, SERVICE.AUTH, STATUS.NONE, [[1, name]]);
  yield wire.packet(SERVER, SERVICE.AUTH, STATUS.SERVER, [
    [1, name],
    [94, random.hex(24)],
    [13, '1'],
  ]);
  const login: Pairs = [
    [0, name],
    [6, random.hex(24)],
    [96, random.hex(24)],
    [2, name],
    [1, name],
    [135, '7.5.0.647'],
    [148, '300'],
  ];
  yield wire.packet(CLIENT, SERVICE.AUTH_RESPONSE, STATUS.OFFLINE, login);
  const cookies: Pairs = [
    [59, `Y\tv=1&n=${random.hex(13)}; path=/; domain=.example.test`],
    [59, `T\tz=${random.hex(40)}; path=/; domain=.example.test`],
  ];
  const list = `Friends:${buddies.map(id).join(',')}\n`;
  yield wire.packet(SERVER, SERVICE.LIST, STATUS.NONE, [
    [87, list],
    [88, ''],
    [89, name],
    ...cookies,
    [3, name],
  ]);
  const online = buddies.filter(() => random.chance(0.4));
  const present = online.flatMap((buddy): Pairs => [
    [7, id(buddy)],
    [10, '0'],
    [11, '0'],
    [17, '0'],
    [13, '1'],
  ]);
  const count = String(online.length);
  yield wire.packet(SERVER, SERVICE.LOGON, STATUS.NONE, [[0, name], [1, name], [8, count], ...present]);
  yield* converse(random, wire, buddies, chat);
  yield wire.packet(CLIENT, SERVICE.LOGOFF, STATUS.NONE, [], 300_000);
}

class YmsgWire implements Wire {
  private readonly me: number;
  private readonly version: number;
  private readonly session: number;
  private readonly writer = new ByteWriter();

  constructor(random: Random, me: number) {
    this.me = me;
    this.version = random.pick(VERSIONS);
    this.session = random.bits() >>> 0;
  }

  packet(from: Side, service: number, status: number, pairs: Pairs, wait = 0): Step {
    const { writer } = this;
    writer
      .text('YMSG')
      .u16(from === CLIENT ? this.version : 0)
      .u16(0);
    const place = writer.open(2);
    writer.u16(service).u32(status).u32(this.session);
    const header = writer.length;
    for (const [key, value] of pairs) writer.text(String(key)).raw(SEPARATOR).text(value).raw(SEPARATOR);
    return sendBytes(from, writer.patch16(place, writer.length - header).take(), wait);
  }

  typing(from: Side, partner: number, wait: number): readonly Step[] {
    const status = from === CLIENT ? STATUS.TYPING : STATUS.SERVER;
    const pairs: Pairs = [[49, 'TYPING'], ...this.people(from, partner), [14, ' '], [13, '1']];
    return [this.packet(from, SERVICE.NOTIFY, status, pairs, wait)];
  }

  message(from: Side, partner: number, text: string, wait: number): readonly Step[] {
    const status = from === CLIENT ? STATUS.OFFLINE : STATUS.SERVER;
    const pairs: Pairs = [...this.people(from, partner), [14, text], [97, '1'], [63, ';0'], [64, '0']];
    return [this.packet(from, SERVICE.MESSAGE, status, pairs, wait)];
  }

  idle(wait: number): readonly Step[] {
    const alive: Pairs = [[0, id(this.me)]];
    return [this.packet(CLIENT, SERVICE.KEEP_ALIVE, STATUS.NONE, alive, wait)];
  }

  /** Who writes to whom: the sender is key 1 on the way up and key 4 on the way down. */
  private people(from: Side, partner: number): Pairs {
    return from === CLIENT
      ? [
          [1, id(this.me)],
          [5, id(partner)],
        ]
      : [
          [5, id(this.me)],
          [4, id(partner)],
        ];
  }
}
