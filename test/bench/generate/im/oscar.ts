import { SERVERS, serverText } from '../addresses.ts';
import { ByteWriter } from '../byte-writer.ts';
import { IM_PORTS } from '../kinds.ts';
import { CLIENT, SERVER, type Side } from '../path.ts';
import type { Random } from '../random.ts';
import type { Step } from '../step.ts';
import type { World } from '../world.ts';
import { converse, drawBuddies, drawUser, type Chat, type Manner, type Wire } from './converse.ts';
import { CHANNEL, FlapWriter, SNAC, tlv } from './oscar-wire.ts';

const NOTHING = new Uint8Array(0);
const HELLO = Uint8Array.of(0, 0, 0, 1);
const FAMILIES = [1, 2, 3, 4, 6, 8, 9, 0x0a, 0x0b, 0x13, 0x15];
const CLIENTS = ['AOL Instant Messenger, version 5.5.3595/WIN32', 'Purple/2.5.9', 'AIM/5.9.3857'];
const CAPABILITIES = [0x1343, 0x1345, 0x1346, 0x1348, 0x134e];
/** The usual port, and those by which clients get through firewalls. */
const PORTS = [IM_PORTS.oscar, IM_PORTS.oscar, IM_PORTS.oscar, IM_PORTS.oscar, 443, 80];

/** Signs on: an authorisation connection hands out the cookie with which the second one, where people talk, begins. */
export function startOscar({ scene, random }: World, { chat, missed, usualPort }: Manner): void {
  const me = drawUser(random);
  // One account in five is an ICQ number.
  const name = me % 5 === 0 ? icqNumber : screenName;
  const host = scene.addresses.host();
  const port = usualPort ? IM_PORTS.oscar : random.pick(PORTS);
  const where = { servers: SERVERS.IM, port, host, v4: true };
  const index = 10 + random.below(20);
  const cookie = random.bytes(256);
  const buddies = drawBuddies(random, me, random.between(8, 60));
  const manner = missed > 0 ? { missed } : { missed: 0 };
  const talk = () => {
    const script = session(random, new FlapWriter(random), { me, name, buddies, cookie }, chat);
    scene.startTcp('oscar', scene.addresses.path({ ...where, index }), script, manner);
  };
  if (missed > 0) {
    talk();
    return;
  }
  const address = `${serverText(SERVERS.IM, index)}:${port}`;
  const login = authorise(random, new FlapWriter(random), name(me), address, cookie, talk);
  scene.startTcp('oscar', scene.addresses.path({ ...where, index: random.below(4) }), login, manner);
}

function screenName(user: number): string {
  return `aim-user-${user}`;
}

function icqNumber(user: number): string {
  return String(10_000_000 + user * 7);
}

interface Account {
  readonly me: number;
  readonly name: (user: number) => string;
  readonly buddies: readonly number[];
  readonly cookie: Uint8Array;
}

function* authorise(
  random: Random,
  flap: FlapWriter,
  name: string,
  bos: string,
  cookie: Uint8Array,
  then: () => void,
): Generator<Step, void> {
  const key = random.hex(32);
  yield* flap.frame(SERVER, CHANNEL.SIGNON, HELLO, 900);
  yield* flap.frame(CLIENT, CHANNEL.SIGNON, HELLO);
  const ask = tlv(tlv(tlv(new ByteWriter(), 0x01, name), 0x4b, NOTHING), 0x5a, NOTHING);
  yield* flap.snac(CLIENT, SNAC.BUCP_CHALLENGE_REQUEST, ask.take());
  yield* flap.snac(SERVER, SNAC.BUCP_CHALLENGE, new ByteWriter().u16(key.length).text(key).take());
  const login = tlv(tlv(tlv(new ByteWriter(), 0x01, name), 0x25, random.bytes(16)), 0x4c, NOTHING);
  tlv(tlv(tlv(login, 0x03, random.pick(CLIENTS)), 0x16, 0x0109), 0x17, 5);
  tlv(tlv(tlv(tlv(login, 0x18, 5), 0x19, 0), 0x1a, 3595), 0x14, Uint8Array.of(0, 0, 0, 0xd2));
  tlv(tlv(login, 0x0f, 'en'), 0x0e, 'us');
  yield* flap.snac(CLIENT, SNAC.BUCP_LOGIN, login.take());
  const reply = tlv(tlv(tlv(new ByteWriter(), 0x01, name), 0x05, bos), 0x06, cookie);
  yield* flap.snac(SERVER, SNAC.BUCP_REPLY, tlv(reply, 0x11, `${name}@example.com`).take(), 9000);
  yield* flap.frame(SERVER, CHANNEL.SIGNOFF, NOTHING);
  then();
}

function* session(random: Random, flap: FlapWriter, account: Account, chat: Chat): Generator<Step, void> {
  yield* signOn(random, flap, account);
  yield* converse(random, new OscarWire(random, flap, account.name), account.buddies, chat);
  yield* flap.frame(CLIENT, CHANNEL.SIGNOFF, NOTHING, 300_000);
}

function* signOn(
  random: Random,
  flap: FlapWriter,
  { me, name, buddies, cookie }: Account,
): Generator<Step, void> {
  const families = (out: ByteWriter, each: number[]) => {
    for (const family of FAMILIES) for (const word of [family, ...each]) out.u16(word);
    return out.take();
  };
  yield* flap.frame(SERVER, CHANNEL.SIGNON, HELLO, 900);
  yield* flap.frame(CLIENT, CHANNEL.SIGNON, tlv(new ByteWriter().raw(HELLO), 0x06, cookie).take());
  yield* flap.snac(SERVER, SNAC.HOST_ONLINE, families(new ByteWriter(), []));
  yield* flap.snac(CLIENT, SNAC.CLIENT_VERSIONS, families(new ByteWriter(), [1]));
  yield* flap.snac(SERVER, SNAC.HOST_VERSIONS, families(new ByteWriter(), [1]));
  yield* flap.snac(CLIENT, SNAC.RATE_QUERY, NOTHING);
  yield* flap.snac(SERVER, SNAC.RATE_REPLY, rates());
  yield* flap.snac(CLIENT, SNAC.RATE_ADD, Uint8Array.of(0, 1));
  yield* flap.snac(CLIENT, SNAC.SELF_QUERY, NOTHING);
  yield* flap.snac(SERVER, SNAC.SELF_INFO, userInfo(new ByteWriter(), name(me)).take());
  yield* flap.snac(CLIENT, SNAC.FEEDBAG_QUERY, NOTHING);
  yield* flap.snac(SERVER, SNAC.FEEDBAG_REPLY, feedbag(buddies.map(name)));
  yield* flap.snac(CLIENT, SNAC.FEEDBAG_USE, NOTHING);
  yield* flap.snac(CLIENT, SNAC.SET_INFO, tlv(new ByteWriter(), 0x05, capabilities()).take());
  yield* flap.snac(CLIENT, SNAC.ICBM_SETUP, icbmSetup());
  yield* flap.snac(CLIENT, SNAC.CLIENT_ONLINE, families(new ByteWriter(), [1, 0x0110, 0x08f1]));
  for (const buddy of buddies.filter(() => random.chance(0.4))) {
    yield* flap.snac(SERVER, SNAC.ARRIVED, userInfo(new ByteWriter(), name(buddy)).take(), 300);
  }
}

/** One rate class with its pairs. */
function rates(): Uint8Array {
  const out = new ByteWriter().u16(1).u16(1);
  for (const level of [80, 2500, 2000, 1500, 800, 5850, 6000, 0]) out.u32(level);
  out.u8(0).u16(1).u16(8);
  for (const subtype of [2, 4, 6, 8, 0x0e, 0x11, 0x16, 0x17]) out.u16(1).u16(subtype);
  return out.take();
}

function userInfo(out: ByteWriter, name: string): ByteWriter {
  out.u8(name.length).text(name).u16(0).u16(4);
  tlv(tlv(out, 0x01, 0x0010), 0x06, Uint8Array.of(0, 0, 0, 0));
  return tlv(tlv(out, 0x0d, capabilities()), 0x03, Uint8Array.of(0x65, 0x53, 0xec, 0x20));
}

/** Capabilities in their long form, 16 bytes each. */
function capabilities(): Uint8Array {
  const out = new ByteWriter();
  for (const short of CAPABILITIES) {
    out.u16(0x0946).u16(short).u32(0x4c7f11d1).u32(0x82224445).u32(0x53540000);
  }
  return out.take();
}

function icbmSetup(): Uint8Array {
  return new ByteWriter().u16(0).u32(0x0b).u16(8000).u16(999).u16(999).u32(0).take();
}

function feedbag(names: readonly string[]): Uint8Array {
  const out = new ByteWriter().u8(0).u16(names.length + 2);
  const item = (name: string, group: number, id: number, type: number) =>
    out.u16(name.length).text(name).u16(group).u16(id).u16(type).u16(0);
  item('', 0, 0, 1);
  item('Buddies', 1, 0, 1);
  names.forEach((name, i) => item(name, 1, i + 1, 0));
  return out.u32(0x6553ec20).take();
}

class OscarWire implements Wire {
  private readonly random: Random;
  private readonly flap: FlapWriter;
  private readonly name: (user: number) => string;
  private readonly writer = new ByteWriter();

  constructor(random: Random, flap: FlapWriter, name: (user: number) => string) {
    this.random = random;
    this.flap = flap;
    this.name = name;
  }

  typing(from: Side, partner: number, wait: number): readonly Step[] {
    const name = this.name(partner);
    const out = this.writer.u32(0).u32(0).u16(1).u8(name.length).text(name).u16(2);
    return this.flap.snac(from, SNAC.ICBM_TYPING, out.take(), wait);
  }

  message(from: Side, partner: number, text: string, wait: number): readonly Step[] {
    const { random, writer } = this;
    const name = this.name(partner);
    const [high, low] = [random.bits(), random.bits()];
    writer.u32(high).u32(low).u16(1);
    if (from === SERVER) {
      userInfo(writer, name);
      this.fragments(text);
      return this.flap.snac(SERVER, SNAC.ICBM_TO_CLIENT, writer.take(), wait);
    }
    writer.u8(name.length).text(name);
    this.fragments(text);
    tlv(writer, 0x03, NOTHING);
    const sent = this.flap.snac(CLIENT, SNAC.ICBM_TO_HOST, writer.take(), wait);
    writer.u32(high).u32(low).u16(1).u8(name.length).text(name);
    return [...sent, ...this.flap.snac(SERVER, SNAC.ICBM_ACK, writer.take())];
  }

  idle(wait: number): readonly Step[] {
    return this.flap.frame(CLIENT, CHANNEL.KEEP_ALIVE, NOTHING, wait);
  }

  /** TLV 2 of an ICBM on channel 1: features, then the text, as HTML mostly; UTF-16 where it must. */
  private fragments(text: string): void {
    const { writer } = this;
    const styled = this.random.chance(0.6);
    const html = styled ? `<HTML><BODY BGCOLOR="#ffffff"><FONT LANG="0">${text}</FONT></BODY></HTML>` : text;
    writer.u16(0x02);
    const value = writer.open(2);
    writer.u8(5).u8(1).u16(4).u32(0x01010102);
    writer.u8(1).u8(1);
    const fragment = writer.open(2);
    if (isAscii(html)) {
      writer.u16(0).u16(0).text(html);
    } else {
      writer.u16(2).u16(0);
      for (let i = 0; i < html.length; i++) writer.u16(html.charCodeAt(i));
    }
    writer.close(fragment, 2).close(value, 2);
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
