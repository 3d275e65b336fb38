/** Yahoo's file transfer of version 15 through the whole engine: two messenger connections, and the connections of the bytes. */
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import * as build from '../../protocols/ymsg/build.ts';
import { SERVICE } from '../../protocols/ymsg/numbers.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { runPackets } from '../support/engine.ts';
import { Conversation } from '../support/packets.ts';

const SERVER = { ip: '198.51.100.10', port: 5050 };
const RELAY = { ip: '203.0.113.5', port: 80 };
const BODY = 'MZ'.padEnd(5_000, 'the bytes ');
const SIZE = BODY.length;
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

let port = 41_000;
const connection = (ip: string, server: typeof SERVER, seconds: number): Conversation =>
  new Conversation({ client: { ip, port: port++ }, server, seconds, stepNanos: 1_000_000 });

interface Person {
  name: string;
  ip: string;
}

function signOn({ name, ip }: Person): Conversation {
  return connection(ip, SERVER, 100)
    .open()
    .send(0, build.packet(SERVICE.KEEPALIVE, [[0, name]]));
}

/** Both connections of a transfer: what one writes, the other is told. */
class Pair {
  readonly #sender: Person;
  readonly #receiver: Person;
  readonly connections: readonly [Conversation, Conversation];

  constructor(sender: Person, receiver: Person) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.connections = [signOn(sender), signOn(receiver)];
  }

  /** `back`: the receiver writes. */
  say(service: number, pairs: readonly build.Pair[], back = false): this {
    const [writer, reader] = back ? [1, 0] : [0, 1];
    const [from, to] = back ? [this.#receiver, this.#sender] : [this.#sender, this.#receiver];
    const ends: build.Pair[] = [
      [5, to.name],
      [265, `id of ${this.#sender.name}`],
    ];
    this.connections[writer as 0 | 1].send(0, build.packet(service, [[1, from.name], ...ends, ...pairs]));
    this.connections[reader as 0 | 1].send(1, build.reply(service, [[4, from.name], ...ends, ...pairs]));
    return this;
  }

  /** Up to the packets of DD and DE. */
  offer(): this {
    const file: build.Pair[] = [
      [266, 1],
      [27, 'tool.exe'],
      [28, SIZE],
    ];
    this.say(SERVICE.FILETRANS_15, [[222, 1], ...file]);
    return this.say(SERVICE.FILETRANS_15, [[222, 3]], true);
  }
}

const ok = `HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n${BODY}`;
const created = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

function run(conversations: readonly Conversation[]): EveEvent[] {
  const packets = conversations.flatMap((c) => c.packets);
  packets.sort((a, b) => a.seconds - b.seconds || a.nanos - b.nanos);
  return runPackets(packets).events;
}

/** Every event of the flows that carry the bytes: whose it is, what it is called, and which transfer. */
function expectJoined(events: readonly EveEvent[], from: string, to: string, flows: number): void {
  const offered = events.find(({ im }) => im?.file?.state === 'offer' && im.from === from)?.im?.file?.id;
  const infos = events.filter((e) => e.event_type === 'fileinfo' && e.im?.file?.id === offered);
  expect(infos).toHaveLength(flows);
  for (const { fileinfo, im } of infos) {
    expect(im).toMatchObject({ from, to: [to], service: 'yahoo' });
    expect(fileinfo).toMatchObject({ filename: 'tool.exe', size: SIZE, state: 'CLOSED' });
    expect(fileinfo?.['sha256']).toBe(createHash('sha256').update(BODY).digest('hex'));
  }
  const told = events.filter(
    (e) => e.app_proto === 'http' && e.im?.file?.id === offered && e.im?.kind === 'file',
  );
  expect(told.map(({ im }) => im?.file?.state).sort()).toEqual([
    ...Array<string>(flows).fill('complete'),
    ...Array<string>(flows).fill('start'),
  ]);
}

const ALICE: Person = { name: 'alice', ip: '192.0.2.1' };
const BOB: Person = { name: 'bob', ip: '192.0.2.2' };

const query = (token: string, sender: Person, receiver: Person): string =>
  `/relay?token=${encodeURIComponent(token)}&sender=${sender.name}&recver=${receiver.name}`;

/** The sender posts to the relay, the receiver asks for its size and fetches, naming itself as the sender as libpurple does. */
function relayed(sender: Person, receiver: Person, token: string): Conversation[] {
  const pair = new Pair(sender, receiver)
    .offer()
    .say(SERVICE.FILETRANS_INFO_15, [
      [27, 'tool.exe'],
      [249, 3],
      [250, RELAY.ip],
      [251, token],
    ])
    .say(
      SERVICE.FILETRANS_ACC_15,
      [
        [27, 'tool.exe'],
        [249, 3],
        [251, token],
      ],
      true,
    );
  const post = `POST ${query(token, sender, receiver)} HTTP/1.1\r\nHost: ${RELAY.ip}\r\nContent-Length: ${SIZE}\r\n\r\n${BODY}`;
  const asks = (method: string): Uint8Array =>
    latin1(`${method} ${query(token, receiver, sender)} HTTP/1.1\r\nHost: ${RELAY.ip}\r\n\r\n`);
  return [
    ...pair.connections,
    connection(sender.ip, RELAY, 110).open().send(0, latin1(post)).send(1, latin1(created)).close(),
    connection(receiver.ip, RELAY, 111)
      .open()
      .send(0, asks('HEAD'))
      .send(1, latin1(`HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`))
      .close(),
    connection(receiver.ip, RELAY, 112).open().send(0, asks('GET')).send(1, latin1(ok)).close(),
  ];
}

describe('files of Yahoo! Messenger 8 and newer', () => {
  test('through the relay: both connections of the bytes belong to the transfer', () => {
    const events = run(relayed(ALICE, BOB, 'S3cret+1'));
    expectJoined(events, 'alice', 'bob', 2);
    const web = events.filter((e) => e.app_proto === 'http' && e.im?.kind === 'file');
    expect(new Set(web.map((e) => `${e.src_ip} ${e.im?.account}`))).toEqual(
      new Set(['192.0.2.1 alice', '192.0.2.2 bob']),
    );
    expect(JSON.stringify(events)).not.toContain('S3cret');
  });

  test('two transfers at once of four people behind one address', () => {
    const ip = '192.0.2.77';
    const [carl, dora] = [
      { name: 'carl', ip },
      { name: 'dora', ip },
    ];
    const events = run([...relayed({ ...ALICE, ip }, { ...BOB, ip }, 'one'), ...relayed(carl, dora, 'two')]);
    expectJoined(events, 'alice', 'bob', 2);
    expectJoined(events, 'carl', 'dora', 2);
    const infos = events.filter((e) => e.event_type === 'fileinfo');
    expect(infos.map(({ im }) => im?.account)).toEqual(['alice', 'carl', 'bob', 'dora']);
  });

  test('one token for two transfers: neither is joined, and that is told once a connection', () => {
    const people = [
      { name: 'carl', ip: '192.0.2.3' },
      { name: 'dora', ip: '192.0.2.4' },
    ] as const;
    const events = run([...relayed(ALICE, BOB, 'same'), ...relayed(...people, 'same')]);
    const offered = new Set(events.flatMap(({ im }) => (im?.file?.state === 'offer' ? [im.file.id] : [])));
    const infos = events.filter((e) => e.event_type === 'fileinfo');
    expect(infos).toHaveLength(4);
    for (const { im } of infos) {
      expect(offered.has(im?.file?.id ?? '')).toBe(false);
      expect(im).not.toHaveProperty('account');
    }
    const open = events.filter((e) => e.anomaly?.event === 'file_join_ambiguous');
    expect(open.map((e) => e.src_ip).sort()).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']);
  });

  const path = (who: string): string =>
    `/Messenger.${who}.1700000000000tool.exe?AppID=Messenger&UserID=${who}&K=lc9`;

  test('from the sender’s machine', () => {
    const pair = new Pair(ALICE, BOB)
      .offer()
      .say(SERVICE.FILETRANS_INFO_15, [
        [27, 'tool.exe'],
        [249, 1],
        [250, `http://192.0.2.1:8080${path('bob')}`],
      ])
      .say(
        SERVICE.FILETRANS_ACC_15,
        [
          [27, 'tool.exe'],
          [249, 1],
          [271, 1],
        ],
        true,
      );
    const get = `GET ${path('bob')} HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n`;
    const flow = connection(BOB.ip, { ip: ALICE.ip, port: 8080 }, 110).open().send(0, latin1(get));
    expectJoined(run([...pair.connections, flow.send(1, latin1(ok)).close()]), 'alice', 'bob', 1);
  });

  test('to the receiver’s machine', () => {
    const pair = new Pair(ALICE, BOB)
      .offer()
      .say(SERVICE.FILETRANS_INFO_15, [
        [27, 'tool.exe'],
        [249, 2],
      ])
      .say(
        SERVICE.FILETRANS_ACC_15,
        [
          [27, 'tool.exe'],
          [249, 2],
          [250, `http://192.0.2.2:8081${path('alice')}`],
        ],
        true,
      );
    const post = `POST ${path('alice')} HTTP/1.1\r\nHost: 192.0.2.2\r\nContent-Length: ${SIZE}\r\n\r\n${BODY}`;
    const flow = connection(ALICE.ip, { ip: BOB.ip, port: 8081 }, 110).open().send(0, latin1(post));
    expectJoined(run([...pair.connections, flow.send(1, latin1(created)).close()]), 'alice', 'bob', 1);
  });
});
