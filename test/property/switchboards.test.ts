/** Which switchboard belongs to which notification session: through the whole engine. */
import { describe, expect, test } from '@jest/globals';
import * as build from '../../protocols/msnp/build.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { runPackets } from '../support/engine.ts';
import { Conversation } from '../support/packets.ts';
import type { Packet } from '../support/packets.ts';

const { bytesOf, line } = build;
const ALICE = 'alice@example.test';
const BOB = 'bob@example.test';
const CAROL = 'carol@example.test';
const DAVE = 'dave@example.test';
/** One address for all: they share it through NAT. */
const NAT = '192.0.2.1';
const SERVER = { ip: '198.51.100.10', port: 1863 };
const BOARD = { ip: '198.51.100.77', port: 1864 };

let port = 40_000;
const connection = (server: typeof SERVER, seconds: number): Conversation =>
  new Conversation({ client: { ip: NAT, port: port++ }, server, seconds, stepNanos: 1_000_000 });

/** A client signs on. */
function signOn(account: string, seconds: number): Conversation {
  return connection(SERVER, seconds)
    .open()
    .send(0, line('VER', 1, 'MSNP9', 'CVR0'))
    .send(1, line('VER', 1, 'MSNP9'))
    .send(0, line('CVR', 2, '0x0409', 'winnt', '5.1', 'i386', 'MSNMSGR', '6.2.0208', 'MSMSGS', account))
    .send(0, line('USR', 3, 'TWN', 'I', account))
    .send(1, line('USR', 3, 'TWN', 'S', 'lc=1033'))
    .send(0, line('USR', 4, 'TWN', 'S', 't=ticket'))
    .send(1, line('USR', 4, 'OK', account, 'Name', 1, 0));
}

/** A key is given to the caller of a switchboard, or to the one who is called. */
function give(server: Conversation, key: string, from?: string): Conversation {
  const address = `${BOARD.ip}:${BOARD.port}`;
  return from === undefined
    ? server.send(0, line('XFR', 9, 'SB')).send(1, line('XFR', 9, 'SB', address, 'CKI', key))
    : server.send(1, line('RNG', 'sid7', address, 'CKI', key, from, 'Name'));
}

/** A switchboard on which two say one thing each. */
function talk(account: string, key: string, other: string, seconds: number, called = false): Conversation {
  const board = connection(BOARD, seconds).open();
  if (called) {
    board.send(0, line('ANS', 1, account, key, 'sid7'));
    board.send(1, bytesOf(line('IRO', 1, 1, 1, other, 'Name'), line('ANS', 1, 'OK')));
  } else {
    board.send(0, line('USR', 1, account, key)).send(1, line('USR', 1, 'OK', account, 'Name'));
    board.send(0, line('CAL', 2, other)).send(1, line('CAL', 2, 'RINGING', 'sid7'));
    board.send(1, line('JOI', other, 'Name'));
  }
  return board
    .send(0, build.sent(3, build.plain(`${account} says`)))
    .send(1, build.received(other, 'Name', build.plain(`${other} says to ${account}`)))
    .close();
}

function run(...conversations: readonly { packets: readonly Packet[] }[]): EveEvent[] {
  const packets = conversations.flatMap((c) => c.packets);
  packets.sort((a, b) => a.seconds - b.seconds || a.nanos - b.nanos);
  return runPackets(packets).events;
}

const kinds = (events: readonly EveEvent[], kind: string): EveEvent[] =>
  events.filter(({ im }) => im?.kind === kind);
const sessionOf = (events: readonly EveEvent[], account: string): string | undefined =>
  kinds(events, 'login').find(({ im }) => im?.account === account)?.im?.session;
const ambiguous = (events: readonly EveEvent[]): number =>
  events.filter(({ anomaly }) => anomaly?.event === 'session_join_ambiguous').length;

/** Every message is in the session and under the account of its leg. */
function expectSorted(events: readonly EveEvent[], accounts: readonly string[]): void {
  const messages = kinds(events, 'message');
  expect(messages).toHaveLength(2 * accounts.length);
  for (const { im } of messages) {
    const account = accounts.find((a) => im?.text === `${a} says` || im?.text?.endsWith(` to ${a}`));
    expect(im?.account).toBe(account);
    expect(im?.session).toBe(sessionOf(events, account ?? ''));
  }
}

describe('two accounts behind one address, signed on and talking at once', () => {
  test.each([
    ['each with its own key', 'key1', 'key2'],
    ['with one key, which a server that is broken gave twice', 'key1', 'key1'],
  ])('%s', (_, first, second) => {
    const alice = give(signOn(ALICE, 100), first);
    const carol = give(signOn(CAROL, 100), second, DAVE);
    const events = run(alice, carol, talk(CAROL, second, DAVE, 110, true), talk(ALICE, first, BOB, 110));
    expect(sessionOf(events, ALICE)).not.toBe(sessionOf(events, CAROL));
    expectSorted(events, [ALICE, CAROL]);
    expect(ambiguous(events)).toBe(0);
  });

  test('a person on two switchboards at once is one session', () => {
    const alice = give(give(signOn(ALICE, 100), 'key1'), 'key2', BOB);
    const events = run(alice, talk(ALICE, 'key1', DAVE, 110), talk(ALICE, 'key2', BOB, 110, true));
    expect(new Set(kinds(events, 'message').map(({ im }) => im?.session)).size).toBe(1);
  });
});

describe('a switchboard by itself', () => {
  test('whose notification connection is missing is still a conversation, and says whose it is', () => {
    const events = run(talk(ALICE, 'key1', BOB, 110));
    expect(kinds(events, 'message').map(({ im }) => [im?.account, im?.from, im?.to])).toEqual([
      [ALICE, ALICE, [BOB]],
      [ALICE, BOB, [ALICE]],
    ]);
    expect(kinds(events, 'conversation')).toHaveLength(1);
    expect(kinds(events, 'login')).toEqual([]);
  });

  test('whose beginning is missing, too: the account is not known, the conversation is', () => {
    const board = talk(ALICE, 'key1', BOB, 110);
    // Without the handshake and what was said before the first message.
    const events = run({ packets: board.packets.slice(3 + 10) });
    const [first, second] = kinds(events, 'message');
    expect(first?.im).not.toHaveProperty('account');
    expect(second?.im).toMatchObject({ from: BOB, sent: false });
    expect(second?.im).not.toHaveProperty('account');
  });
});

describe('a notification connection that began before the capture', () => {
  const midstream = (seconds: number): Conversation =>
    connection(SERVER, seconds).send(0, line('PNG')).send(1, line('QNG', 45));

  test('belongs to the account that its switchboard names', () => {
    const server = give(midstream(100), 'key1').send(0, line('PNG')).wait(60).send(0, line('OUT')).close();
    const events = run(server, talk(ALICE, 'key1', BOB, 110));
    const [logout] = kinds(events, 'logout');
    expect(kinds(events, 'message').map(({ im }) => im?.account)).toEqual([ALICE, ALICE]);
    expect(logout?.im?.account).toBe(ALICE);
    expect(logout?.im?.session).toBe(kinds(events, 'message')[0]?.im?.session);
  });

  test('two with one key: the join is left open, and told', () => {
    const events = run(
      give(midstream(100), 'key1'),
      give(midstream(100), 'key1'),
      talk(ALICE, 'key1', BOB, 110),
    );
    expect(ambiguous(events)).toBe(1);
    expect(kinds(events, 'message').map(({ im }) => im?.account)).toEqual([ALICE, ALICE]);
  });
});
