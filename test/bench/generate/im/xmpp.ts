import { SERVERS } from '../addresses.ts';
import { encode } from '../byte-writer.ts';
import { IM_PORTS } from '../kinds.ts';
import { CLIENT, SERVER, type Side } from '../path.ts';
import type { Random } from '../random.ts';
import { sendBytes, type Step } from '../step.ts';
import type { World } from '../world.ts';
import { converse, drawBuddies, drawUser, type Chat, type Manner, type Wire } from './converse.ts';

const DOMAIN = 'chat.example.test';
const RESOURCES = ['Gajim.8F2C', 'Psi', 'Pidgin', 'laptop', 'Conversations.k3Xq'];
const NS = {
  SASL: 'urn:ietf:params:xml:ns:xmpp-sasl',
  TLS: 'urn:ietf:params:xml:ns:xmpp-tls',
  BIND: 'urn:ietf:params:xml:ns:xmpp-bind',
  CHAT_STATES: 'http://jabber.org/protocol/chatstates',
} as const;

const xml = (from: Side, text: string, wait = 0): Step => sendBytes(from, encode(text), wait);

/** Signs on and talks, all on one connection; one in `1 / encrypted` goes on under TLS. */
export function startXmpp(world: World, { chat, missed, encrypted }: Manner): void {
  const { scene, random } = world;
  const me = drawUser(random);
  const buddies = drawBuddies(random, me, random.between(6, 50));
  const wish = { servers: SERVERS.IM, index: 160 + random.below(20), port: IM_PORTS.xmpp };
  const script = random.chance(encrypted) ? startTls(world) : session(random, me, buddies, chat);
  scene.startTcp('xmpp', scene.addresses.path(wish), script, { missed });
}

function bare(user: number): string {
  return `xmpp-user-${user}@${DOMAIN}`;
}

function openStream(): Step {
  const names = `xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'`;
  return xml(CLIENT, `<?xml version='1.0'?><stream:stream to='${DOMAIN}' ${names} version='1.0'>`);
}

function answerStream(random: Random, features: string): Step {
  const names = `xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'`;
  const head = `<?xml version='1.0'?><stream:stream id='${random.hex(16)}' from='${DOMAIN}' ${names} version='1.0'>`;
  return xml(SERVER, `${head}<stream:features>${features}</stream:features>`);
}

function* startTls(world: World): Generator<Step, void> {
  const { random, tls } = world;
  yield openStream();
  yield answerStream(random, `<starttls xmlns='${NS.TLS}'><required/></starttls>`);
  yield xml(CLIENT, `<starttls xmlns='${NS.TLS}'/>`);
  yield xml(SERVER, `<proceed xmlns='${NS.TLS}'/>`);
  const requests = random.between(3, 40);
  const answer = () => random.logNormal(220, 0.8, 4000);
  yield* tls.talk(random.below(0x10000), { requests, answer, think: () => random.exponential(1_500_000) });
}

function* session(random: Random, me: number, buddies: readonly number[], chat: Chat): Generator<Step, void> {
  const full = `${bare(me)}/${random.pick(RESOURCES)}`;
  yield* signOn(random, me, full);
  yield* roster(random, full, buddies);
  yield* converse(random, new XmppWire(random, full), buddies, chat);
  yield xml(CLIENT, `<presence type='unavailable'/></stream:stream>`, 300_000);
  yield xml(SERVER, `</stream:stream>`);
}

function* signOn(random: Random, me: number, full: string): Generator<Step, void> {
  const mechanisms = ['SCRAM-SHA-1', 'PLAIN'].map((name) => `<mechanism>${name}</mechanism>`).join('');
  yield openStream();
  yield answerStream(random, `<mechanisms xmlns='${NS.SASL}'>${mechanisms}</mechanisms>`);
  const secret = Buffer.from(`\0xmpp-user-${me}\0${random.hex(10)}`).toString('base64');
  yield xml(CLIENT, `<auth xmlns='${NS.SASL}' mechanism='PLAIN'>${secret}</auth>`);
  yield xml(SERVER, `<success xmlns='${NS.SASL}'/>`, 4000);
  yield openStream();
  yield answerStream(random, `<bind xmlns='${NS.BIND}'/>`);
  const resource = full.slice(full.indexOf('/') + 1);
  yield xml(
    CLIENT,
    `<iq type='set' id='b1'><bind xmlns='${NS.BIND}'><resource>${resource}</resource></bind></iq>`,
  );
  yield xml(SERVER, `<iq type='result' id='b1'><bind xmlns='${NS.BIND}'><jid>${full}</jid></bind></iq>`);
}

function* roster(random: Random, full: string, buddies: readonly number[]): Generator<Step, void> {
  const item = (buddy: number) =>
    `<item jid='${bare(buddy)}' name='User ${buddy}' subscription='both'><group>Friends</group></item>`;
  yield xml(CLIENT, `<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>`);
  const items = buddies.map(item).join('');
  yield xml(
    SERVER,
    `<iq type='result' id='r1' to='${full}'><query xmlns='jabber:iq:roster'>${items}</query></iq>`,
  );
  const caps = `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://gajim.org' ver='${random.hex(27)}='/>`;
  yield xml(CLIENT, `<presence><priority>5</priority>${caps}</presence>`);
  for (const buddy of buddies.filter(() => random.chance(0.4))) {
    yield xml(
      SERVER,
      `<presence from='${bare(buddy)}/home' to='${full}'><show>away</show>${caps}</presence>`,
      200,
    );
  }
}

class XmppWire implements Wire {
  private readonly random: Random;
  private readonly full: string;

  constructor(random: Random, full: string) {
    this.random = random;
    this.full = full;
  }

  typing(from: Side, partner: number, wait: number): readonly Step[] {
    const state = `<composing xmlns='${NS.CHAT_STATES}'/>`;
    return [xml(from, `<message type='chat' ${this.people(from, partner)}>${state}</message>`, wait)];
  }

  message(from: Side, partner: number, text: string, wait: number): readonly Step[] {
    const head = `<message type='chat' ${this.people(from, partner)} id='${this.random.hex(12)}'>`;
    const state = `<active xmlns='${NS.CHAT_STATES}'/>`;
    return [xml(from, `${head}<body>${text}</body>${state}</message>`, wait)];
  }

  idle(wait: number): readonly Step[] {
    return [xml(CLIENT, ' ', wait)];
  }

  private people(from: Side, partner: number): string {
    if (from === CLIENT) return `to='${bare(partner)}'`;
    return `from='${bare(partner)}/home' to='${this.full}'`;
  }
}
