/** Two accounts of AIM behind one address, signed on and chatting at once: what is whose. */
import { expect, test } from '@jest/globals';
import {
  bosStart,
  bytes,
  chatLine,
  COOKIE,
  fileData,
  fragments,
  icbmHead,
  rendezvous,
  roomInfo,
  Sender,
  tlv,
  u16,
  userInfo,
} from '../../protocols/oscar/build.ts';
import { CAPABILITY } from '../../protocols/oscar/capabilities.ts';
import { SNAC } from '../../protocols/oscar/numbers.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { runPackets } from '../support/engine.ts';
import { Conversation } from '../support/packets.ts';
import type { Packet } from '../support/packets.ts';

/** One NAT address for both. */
const NAT = '192.0.2.77';
const HASH = new Uint8Array(16).fill(7);

interface Person {
  name: string;
  friend: string;
  room: string;
  port: number;
}

const ANN: Person = { name: 'Ann Lee', friend: 'bob', room: '4-0-Ann Room', port: 40_000 };
const CARL: Person = { name: 'Carl', friend: 'dora', room: '4-0-Carl Room', port: 40_010 };

/** The steps of a person's connections: authorisation, BOS, a chat room that it was redirected to. */
function connectionsOf({ name, friend, room }: Person): Step[][] {
  const cookie = `cookie of ${name}`;
  const chat = `chat cookie of ${name}`;
  const auth = [new Sender(0), new Sender(1)] as const;
  const bos = [new Sender(0), new Sender(1)] as const;
  const rooms = [new Sender(0), new Sender(1)] as const;
  // Cookies of messages are the same for both: clients take them from an unseeded generator.
  const head = (channel: number) => icbmHead(COOKIE, channel, friend);
  return [
    [
      auth[1].signOn(),
      auth[0].signOn(),
      auth[0].snac(SNAC.BUCP_KEY_REQUEST, tlv(1, name)),
      auth[0].snac(SNAC.BUCP_LOGIN, bytes(tlv(1, name), tlv(0x25, HASH))),
      auth[1].snac(SNAC.BUCP_LOGIN_REPLY, bytes(tlv(1, name), tlv(5, '203.0.113.9:5190'), tlv(6, cookie))),
    ],
    [
      ...bosStart(bos[0], bos[1], name, cookie),
      bos[0].snac(SNAC.ICBM_SEND, bytes(head(1), fragments({ text: 'the same words' }))),
      bos[1].snac(SNAC.OSERVICE_SERVICE_RESPONSE, bytes(tlv(0x0d, u16(0x0e)), tlv(6, chat))),
      bos[0].snac(
        SNAC.ICBM_SEND,
        bytes(head(2), rendezvous(0, COOKIE, CAPABILITY.SEND_FILE, fileData(9, 'same name.txt'))),
      ),
      bos[1].snac(
        SNAC.ICBM_RECEIVE,
        bytes(
          head(2),
          userInfo(friend).slice(1 + friend.length),
          rendezvous(2, COOKIE, CAPABILITY.SEND_FILE),
        ),
      ),
    ],
    [
      rooms[1].signOn(),
      rooms[0].signOn(tlv(6, chat)),
      rooms[1].snac(SNAC.OSERVICE_HOST_ONLINE, bytes(u16(1), u16(0x0e))),
      rooms[1].snac(SNAC.CHAT_ROOM_INFO, roomInfo(4, room)),
      rooms[0].snac(SNAC.CHAT_SEND, chatLine(COOKIE, 'us-ascii', 'the same line'), {
        requestId: 5,
      }),
      rooms[1].snac(
        SNAC.CHAT_RECEIVE,
        chatLine(COOKIE, 'us-ascii', 'the same line', tlv(3, userInfo(name))),
        { requestId: 5 },
      ),
    ],
  ];
}

/** Packets of all connections, taken in turn, so that everything of one is amid that of the other. */
function interleaved(people: readonly Person[]): Packet[] {
  const open = people.flatMap((person) =>
    connectionsOf(person).map((steps, i) => ({
      steps,
      conversation: new Conversation({
        client: { ip: NAT, port: person.port + i },
        server: { ip: '203.0.113.9', port: 5190 },
        clientSeq: 1_000 * person.port + i,
        serverSeq: 9_000 * person.port + i,
      }).open(),
    })),
  );
  const packets: Packet[] = [];
  // The stages of a person follow each other; those of the two go on at once.
  for (let stage = 0; stage < 3; stage++) {
    const both = open.filter((_, i) => i % 3 === stage);
    const most = Math.max(...both.map(({ steps }) => steps.length));
    for (let i = 0; i < most; i++) {
      for (const { steps, conversation } of both) {
        const before = i === 0 ? 0 : conversation.packets.length;
        const step = steps[i];
        if (step && 'bytes' in step) conversation.send(step.direction, step.bytes);
        packets.push(...conversation.packets.slice(before));
      }
    }
  }
  return packets.map((packet, i) => ({ ...packet, seconds: 1_110_290_592, nanos: i * 1_000_000 }));
}

test('nothing of one is told of the other', () => {
  const { events } = runPackets(interleaved([ANN, CARL]));
  const told = events.filter((e) => e.event_type === 'im');
  const of = (account: string): EveEvent[] => told.filter((e) => e.im?.account === account);
  expect(told.filter((e) => e.im?.account === undefined && e.im?.kind !== 'conversation')).toEqual([]);
  const sessions = ['annlee', 'carl'].map((account) => new Set(of(account).map((e) => e.im?.session)));
  expect(sessions.map((s) => s.size)).toEqual([1, 1]);
  expect([...(sessions[0] ?? [])]).not.toEqual([...(sessions[1] ?? [])]);
  for (const [account, friend, room] of [
    ['annlee', 'bob', 'Ann Room'],
    ['carl', 'dora', 'Carl Room'],
  ] as const) {
    const said = of(account).map((e) => e.im);
    expect(said.filter((im) => im?.kind === 'login')).toHaveLength(1);
    expect(said.filter((im) => im?.kind === 'message')).toMatchObject([
      { from: account, to: [friend], text: 'the same words' },
      { from: account, room: { name: room }, text: 'the same line' },
    ]);
    expect(said.filter((im) => im?.kind === 'file').map((im) => [im?.from, im?.to, im?.file?.state])).toEqual(
      [
        [account, [friend], 'offer'],
        [friend, [account], 'accept'],
      ],
    );
  }
  const flows = events.filter((e) => e.event_type === 'flow');
  expect(flows.map((e) => [e.src_port, e.im?.account])).toEqual(
    expect.arrayContaining(
      [ANN, CARL].flatMap(({ port }, i) => [0, 1, 2].map((n) => [port + n, i === 0 ? 'annlee' : 'carl'])),
    ),
  );
});
