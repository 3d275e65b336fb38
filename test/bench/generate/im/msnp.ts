import { hostText, SERVERS, serverText } from '../addresses.ts';
import { encode } from '../byte-writer.ts';
import { IM_PORTS } from '../kinds.ts';
import { CLIENT, SERVER, type Side } from '../path.ts';
import type { Random } from '../random.ts';
import { sendBytes, type Step } from '../step.ts';
import type { World } from '../world.ts';
import { converse, drawBuddies, drawUser, type Chat, type Manner, type Wire } from './converse.ts';

const FONTS = ['Microsoft%20Sans%20Serif', 'Segoe%20UI', 'Comic%20Sans%20MS', 'Verdana'];
/** Capabilities of Messenger 7.5 and of Live Messenger 8.5. */
const CAPABILITIES = { MSNP8: '268435508', MSNP15: '2147483684' } as const;
type Dialect = keyof typeof CAPABILITIES;

interface Account {
  readonly me: number;
  readonly host: number;
  readonly dialect: Dialect;
  readonly buddies: readonly number[];
}

const line = (from: Side, text: string, wait = 0): Step => sendBytes(from, encode(`${text}\r\n`), wait);
const withPayload = (from: Side, command: string, payload: string, wait = 0): Step => {
  const bytes = encode(payload);
  return sendBytes(from, encode(`${command} ${bytes.length}\r\n${payload}`), wait);
};

/** Signs on to a notification server, which sends the client to a switchboard for each conversation. */
export function startMsnp(world: World, { chat, missed }: Manner): void {
  const { scene, random } = world;
  const me = drawUser(random);
  const host = scene.addresses.host();
  const dialect = random.chance(0.5) ? 'MSNP15' : 'MSNP8';
  const account = { me, host, dialect, buddies: drawBuddies(random, me, random.between(5, 40)) } as const;
  const wish = { servers: SERVERS.IM, index: 40 + random.below(10), port: IM_PORTS.msnp, host, v4: true };
  scene.startTcp('msnp', scene.addresses.path(wish), notification(world, account, chat), { missed });
}

function email(user: number): string {
  return `msn-user-${user}@example.test`;
}

function nick(user: number): string {
  return `User%20${user}`;
}

function* notification(world: World, account: Account, chat: Chat): Generator<Step, void> {
  const { random } = world;
  yield* signOn(random, account);
  let trid = 20;
  const rounds = Math.max(1, Math.min(3, Math.round(chat.messages / 12)));
  const share = { ...chat, messages: Math.ceil(chat.messages / rounds) };
  for (let round = 0; round < rounds; round++) {
    const partner = random.pick(account.buddies);
    const key = `${random.between(1e6, 9e6)}.${random.between(1e6, 9e6)}`;
    const id = String(random.between(1e6, 9e8));
    const index = 60 + random.below(40);
    const board = `${serverText(SERVERS.IM, index)}:${IM_PORTS.msnp}`;
    const calls = random.chance(0.5);
    if (calls) {
      trid++;
      yield line(CLIENT, `XFR ${trid} SB`, random.exponential(chat.pace));
      yield line(SERVER, `XFR ${trid} SB ${board} CKI ${key}`);
    } else {
      const ring = `RNG ${id} ${board} CKI ${key} ${email(partner)} ${nick(partner)}`;
      yield line(SERVER, ring, random.exponential(chat.pace));
    }
    const wish = { servers: SERVERS.IM, index, port: IM_PORTS.msnp, host: account.host, v4: true };
    const script = switchboard(random, account, partner, calls, key, id, share);
    world.scene.startTcp('msnp', world.scene.addresses.path(wish), script, { missed: 0 });
    for (let i = 0; i < 3; i++) {
      yield line(CLIENT, 'PNG', (chat.pace * share.messages) / 3);
      yield line(SERVER, 'QNG 50');
    }
  }
  yield line(CLIENT, 'OUT', chat.pace);
}

function* signOn(random: Random, account: Account): Generator<Step, void> {
  const { me, dialect } = account;
  const modern = dialect === 'MSNP15';
  const version = modern ? '8.5.1302' : '5.0.0544';
  yield line(CLIENT, `VER 1 ${dialect} CVR0`);
  yield line(SERVER, `VER 1 ${dialect}`);
  yield line(
    CLIENT,
    `CVR 2 0x0409 winnt 5.1 i386 ${modern ? 'MSNMSGR' : 'MSMSGS'} ${version} MSMSGS ${email(me)}`,
  );
  yield line(
    SERVER,
    `CVR 2 ${version} ${version} ${version} http://download.example.test http://www.example.test`,
  );
  const scheme = modern ? 'SSO' : 'TWN';
  yield line(CLIENT, `USR 3 ${scheme} I ${email(me)}`);
  const challenge = modern
    ? `MBI_KEY_OLD ${random.hex(64)}`
    : `lc=1033,id=507,tw=40,fs=1,ru=http%3A%2F%2Fmessenger%2Emsn%2Ecom,ct=1700000000,kpp=1,tpf=${random.hex(32)}`;
  yield line(SERVER, `USR 3 ${scheme} S ${challenge}`);
  yield line(CLIENT, `USR 4 ${scheme} S t=${random.hex(300)}&p=`, 400_000);
  yield line(SERVER, `USR 4 OK ${email(me)} ${modern ? '1 0' : `${nick(me)} 1 0`}`);
  yield withPayload(SERVER, 'MSG Hotmail Hotmail', profile(random, account));
  yield* modern ? contactsMsnp15(account) : contactsMsnp8(account);
  yield line(CLIENT, `CHG 12 NLN ${CAPABILITIES[dialect]}`);
  yield line(SERVER, `CHG 12 NLN ${CAPABILITIES[dialect]}`);
  for (const buddy of account.buddies.filter(() => random.chance(0.4))) {
    const known = modern ? `${email(buddy)} 1 ${nick(buddy)}` : `${email(buddy)} ${nick(buddy)}`;
    yield line(SERVER, `ILN 12 NLN ${known} ${CAPABILITIES[dialect]}`, 200);
  }
}

function profile(random: Random, { host }: Account): string {
  const lines = [
    'MIME-Version: 1.0',
    'Content-Type: text/x-msmsgsprofile; charset=UTF-8',
    'LoginTime: 1700000000',
    'EmailEnabled: 1',
    `MemberIdHigh: ${random.below(1e9)}`,
    `MemberIdLow: ${random.below(1e9)}`,
    'lang_preference: 1033',
    'preferredEmail: ',
    'country: US',
    'Kid: 0',
    'Flags: 1073742915',
    'sid: 507',
    `MSPAuth: ${random.hex(200)}`,
    `ClientIP: ${hostText(host)}`,
    `ClientPort: ${random.below(60_000)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function* contactsMsnp8({ buddies }: Account): Generator<Step, void> {
  yield line(CLIENT, 'SYN 5 0');
  yield line(SERVER, `SYN 5 1 ${buddies.length} 1`);
  yield line(SERVER, 'GTC A\r\nBLP AL\r\nLSG 0 Friends 0');
  for (const buddy of buddies) yield line(SERVER, `LST ${email(buddy)} ${nick(buddy)} 11 0`);
}

function* contactsMsnp15({ me, buddies }: Account): Generator<Step, void> {
  yield line(CLIENT, 'BLP 5 AL');
  const list = buddies.map((buddy) => `<c n="msn-user-${buddy}" l="3" t="1"/>`).join('');
  yield withPayload(CLIENT, 'ADL 6', `<ml l="1"><d n="example.test">${list}</d></ml>`);
  yield line(CLIENT, `PRP 7 MFN ${nick(me)}`);
  yield line(SERVER, `BLP 5 AL\r\nADL 6 OK\r\nPRP 7 MFN ${nick(me)}`);
  yield withPayload(CLIENT, 'UUX 8', '<Data><PSM>At work</PSM><CurrentMedia></CurrentMedia></Data>');
  yield line(SERVER, 'UUX 8 0');
}

function* switchboard(
  random: Random,
  account: Account,
  partner: number,
  calls: boolean,
  key: string,
  id: string,
  chat: Chat,
): Generator<Step, void> {
  const { me, dialect } = account;
  const joined = `${email(partner)} ${nick(partner)}${dialect === 'MSNP15' ? ` ${CAPABILITIES.MSNP15}` : ''}`;
  if (calls) {
    yield line(CLIENT, `USR 1 ${email(me)} ${key}`);
    yield line(SERVER, `USR 1 OK ${email(me)} ${nick(me)}`);
    yield line(CLIENT, `CAL 2 ${email(partner)}`);
    yield line(SERVER, `CAL 2 RINGING ${id}`);
    yield line(SERVER, `JOI ${joined}`, 300_000);
  } else {
    yield line(CLIENT, `ANS 1 ${email(me)} ${key} ${id}`);
    yield line(SERVER, `IRO 1 1 1 ${joined}`);
    yield line(SERVER, 'ANS 1 OK');
  }
  yield* converse(random, new SwitchboardWire(random, me), [partner], chat);
  if (random.chance(0.5)) yield line(SERVER, `BYE ${email(partner)}`, chat.pace);
  yield line(CLIENT, 'OUT', chat.pace);
}

class SwitchboardWire implements Wire {
  private readonly me: number;
  private readonly format: string;
  private trid = 2;

  constructor(random: Random, me: number) {
    this.me = me;
    this.format = `FN=${random.pick(FONTS)}; EF=; CO=0; CS=0; PF=22`;
  }

  typing(from: Side, partner: number, wait: number): readonly Step[] {
    const user = from === CLIENT ? this.me : partner;
    const body = `MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: ${email(user)}\r\n\r\n\r\n`;
    return [withPayload(from, this.command(from, partner, 'U'), body, wait)];
  }

  message(from: Side, partner: number, text: string, wait: number): readonly Step[] {
    const head = `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: ${this.format}`;
    const sent = withPayload(from, this.command(from, partner, 'A'), `${head}\r\n\r\n${text}`, wait);
    return from === CLIENT ? [sent, line(SERVER, `ACK ${this.trid}`)] : [sent];
  }

  idle(wait: number): readonly Step[] {
    const body = 'MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n';
    this.trid++;
    return [withPayload(CLIENT, `MSG ${this.trid} N`, body, wait)];
  }

  private command(from: Side, partner: number, acknowledge: string): string {
    if (from === SERVER) return `MSG ${email(partner)} ${nick(partner)}`;
    this.trid++;
    return `MSG ${this.trid} ${acknowledge}`;
  }
}
