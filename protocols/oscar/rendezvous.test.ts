import { describe, expect, test } from '@jest/globals';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import {
  bosStart,
  bytes,
  COOKIE,
  END,
  fileData,
  fromHex,
  icbmHead,
  rendezvous,
  Sender,
  tlv,
  u16,
  u16le,
  u32,
  u32le,
  userInfo,
  utf16be,
} from './build.ts';
import type { Part } from './build.ts';
import { CAPABILITY } from './capabilities.ts';
import oscar from './index.ts';
import { SNAC } from './numbers.ts';

const RV = '3131383036393100';

function onBos(make: (c: Sender, s: Sender) => Step[], account = 'FogHorn'): Told & { own: object[] } {
  const c = new Sender(0);
  const s = new Sender(1);
  const told = runDissector(oscar, [...bosStart(c, s, account), ...make(c, s), ...END]);
  return { ...told, own: told.facts.slice(1, -1) };
}

function up(c: Sender, peer: string, ...tlvs: Part[]): Step {
  return c.snac(SNAC.ICBM_SEND, bytes(icbmHead(RV, 2, peer), ...tlvs));
}

function down(s: Sender, peer: string, ...tlvs: Part[]): Step {
  return s.snac(
    SNAC.ICBM_RECEIVE,
    bytes(icbmHead(RV, 2, peer), userInfo(peer).slice(1 + peer.length), ...tlvs),
  );
}

const file = (type: number, ...tlvs: Uint8Array[]): Uint8Array =>
  rendezvous(type, RV, CAPABILITY.SEND_FILE, ...tlvs);
const address = (ip: number[], port: number): Uint8Array => bytes(tlv(2, ip), tlv(3, ip), tlv(5, u16(port)));
const offer = file(
  0,
  tlv(0x0a, u16(1)),
  tlv(0x0f),
  fileData(8982, 'late.pdf'),
  address([192, 0, 2, 11], 5190),
);

describe('shared files', () => {
  const ask = (type: number, ...tlvs: Uint8Array[]): Uint8Array =>
    rendezvous(type, RV, CAPABILITY.GET_FILE, ...tlvs);

  test('asked for, taken, and who sends what their connection carries', () => {
    const { own, announced } = onBos((c, s) => [up(c, 'Blue Heron', ask(0)), down(s, 'Blue Heron', ask(2))]);
    expect(own).toMatchObject([
      { kind: 'call', from: 'foghorn', to: ['blueheron'], call: { media: 'shared-files', state: 'invite' } },
      { kind: 'call', from: 'blueheron', to: ['foghorn'], call: { media: 'shared-files', state: 'accept' } },
    ]);
    expect(announced).toMatchObject([
      { realm: 'oft', token: RV, file: { name: '', many: true, from: 'blueheron', to: ['foghorn'] } },
    ]);
  });

  test('a second proposal is of the same request; an unknown type is none', () => {
    const again = ask(0, tlv(0x0a, u16(2)));
    const { own } = onBos((c, s) => [
      up(c, 'heron', ask(0)),
      down(s, 'heron', again),
      up(c, 'heron', ask(7)),
    ]);
    expect(own).toHaveLength(1);
  });
});

describe('files', () => {
  test('offered and accepted', () => {
    const { own } = onBos((c, s) => [up(c, 'Blue Heron 42', offer), down(s, 'Blue Heron 42', file(2))]);
    const facts = { name: 'late.pdf', size: 8982, method: 'oft', id: `oft|${RV}|late.pdf|8982` };
    expect(own).toMatchObject([
      {
        kind: 'file',
        sent: true,
        to: ['blueheron42'],
        file: { ...facts, state: 'offer', peer_ip: '192.0.2.11', peer_port: 5190 },
      },
      { kind: 'file', sent: false, from: 'blueheron42', file: { ...facts, state: 'accept' } },
    ]);
  });

  test('a redirection accepts, once; the third attempt says nothing new', () => {
    const redirect = file(0, tlv(0x0a, u16(2)), address([192, 0, 2, 12], 5191));
    const { own } = onBos((c, s) => [
      up(c, 'you', offer),
      down(s, 'you', redirect),
      up(c, 'you', file(0, tlv(0x0a, u16(3)), tlv(0x10))),
      down(s, 'you', file(2)),
    ]);
    expect(own).toMatchObject([
      { file: { state: 'offer' } },
      { file: { state: 'accept', peer_ip: '192.0.2.12', peer_port: 5191 } },
    ]);
    expect(own).toHaveLength(2);
  });

  const refusals: readonly (readonly [string, string, (c: Sender, s: Sender) => Step[]])[] = [
    ['refused', 'decline', (_c, s) => [down(s, 'you', file(1, tlv(0x0b, u16(1))))]],
    ['withdrawn', 'cancel', (c) => [up(c, 'you', file(1, tlv(0x0b, u16(1))))]],
    [
      'refused by an old client',
      'decline',
      (_c, s) => [s.snac(SNAC.ICBM_CLIENT_EVENT, bytes(icbmHead(RV, 2, 'you'), u16(3), u16(2)))],
    ],
    [
      'given up after it was accepted',
      'cancel',
      (_c, s) => [down(s, 'you', file(2)), down(s, 'you', file(1))],
    ],
  ];
  test.each(refusals)('%s', (_name, state, answer) => {
    const { own } = onBos((c, s) => [up(c, 'you', offer), ...answer(c, s)]);
    expect(own.at(-1)).toMatchObject({ kind: 'file', file: { name: 'late.pdf', state } });
  });

  test('names: a charset label, UTF-16, control characters', () => {
    const named = (data: Uint8Array, label?: string): Uint8Array =>
      file(0, data, ...(label === undefined ? [] : [tlv(0x2712, label)]));
    const { own } = onBos((c) => [
      up(c, 'you', named(fileData(1, 'Überweg.txt'), 'utf-8')),
      up(c, 'you', named(fileData(1, bytes([0xdc], 'berweg.txt')))),
      up(c, 'you', named(tlv(0x2711, u16(1), u16(1), u32(1), utf16be('план.doc')), 'unicode-2-0')),
      up(c, 'you', named(fileData(1, 'a\u001b[2Jb.txt'))),
      up(c, 'you', named(fileData(1, ''))),
    ]);
    expect(own.map((f) => (f as { file: { name: string } }).file.name)).toEqual([
      'Überweg.txt',
      'Überweg.txt',
      'план.doc',
      'a[2Jb.txt',
    ]);
  });

  test('an answer to an offer that was not seen says nothing', () => {
    expect(onBos((_c, s) => [down(s, 'you', file(2)), down(s, 'you', file(1))]).own).toEqual([]);
  });
});

describe('other rendezvous', () => {
  test('an invitation to a chat room', () => {
    const data = tlv(0x2711, u16(4), [17], '4-0-Late Arrivals', u16(0));
    const invite = rendezvous(0, RV, CAPABILITY.CHAT, tlv(0x0c, 'Come and join us'), data);
    expect(onBos((c) => [up(c, 'juniper5', invite)]).own).toMatchObject([
      {
        kind: 'room',
        op: 'invite',
        room: { id: '4-0-Late Arrivals', name: 'Late Arrivals' },
        from: 'foghorn',
        to: ['juniper5'],
        text: 'Come and join us',
      },
    ]);
  });

  test('direct IM that has to be called back', () => {
    const direct = (type: number, sequence = 1): Uint8Array =>
      rendezvous(type, RV, CAPABILITY.DIRECT_IM, tlv(0x0a, u16(sequence)));
    const { own } = onBos((c, s) => [
      up(c, 'you', direct(0)),
      down(s, 'you', direct(0, 2)),
      up(c, 'you', direct(2)),
      up(c, 'you', direct(1)),
    ]);
    expect(own).toMatchObject([
      { kind: 'call', call: { media: 'direct-im', state: 'invite' }, from: 'foghorn' },
      { call: { state: 'accept' }, from: 'you' },
      { call: { state: 'cancel' }, from: 'foghorn' },
    ]);
  });

  test('a game with service data that overflowed AIM', () => {
    const game = (length: number): Uint8Array =>
      rendezvous(0, RV, CAPABILITY.GAMES, tlv(0x2711, new Uint8Array(length)));
    expect(onBos((_c, s) => [down(s, 'you', game(100))]).anomalies).toEqual([]);
    const { own, anomalies } = onBos((_c, s) => [down(s, 'you', game(2000))]);
    expect(anomalies).toEqual(['oscar_game_data_overlong']);
    expect(own).toMatchObject([{ kind: 'call', call: { media: 'game', state: 'invite' } }]);
  });

  test('a service nobody knows', () => {
    expect(onBos((c) => [up(c, 'you', rendezvous(0, RV, 'f'.repeat(32)))]).own).toEqual([]);
  });
});

describe("ICQ's server relay", () => {
  const relay = (text: Part, guid = '', plugin: Uint8Array = new Uint8Array(16)): Uint8Array => {
    const first = bytes(u16le(8), plugin, u16le(0), u32le(3), [0], u16le(7));
    const second = bytes(u16le(7), new Uint8Array(12));
    const said = bytes(text, [0]);
    const rest = guid === '' ? [] : bytes(u32le(0), u32le(0xffffff), u32le(guid.length), guid);
    const body = bytes([1, 0], u16le(0), u16le(1), u16le(said.length), said, rest);
    return rendezvous(
      0,
      RV,
      CAPABILITY.ICQ_RELAY,
      tlv(0x2711, u16le(first.length), first, u16le(second.length), second, body),
    );
  };

  test('a plain text, UTF-8 where it says so', () => {
    const { own } = onBos(
      (c) => [up(c, '654321', relay('grün', '{0946134E-4C7F-11D1-8222-444553540000}'))],
      '123456',
    );
    expect(own).toMatchObject([
      { kind: 'message', service: 'icq', from: '123456', to: ['654321'], text: 'grün', format: 'plain' },
    ]);
  });

  test('without colours and charset', () => {
    expect(onBos((_c, s) => [down(s, '654321', relay('short'))], '123456').own).toMatchObject([
      { text: 'short', from: '654321' },
    ]);
  });

  test('a plug-in has no text for people', () => {
    expect(onBos((c) => [up(c, '654321', relay('x', '', fromHex('01'.repeat(16))))], '123456').own).toEqual(
      [],
    );
  });

  test('a block that lies about its length', () => {
    const lie = rendezvous(0, RV, CAPABILITY.ICQ_RELAY, tlv(0x2711, u16le(0x1b), 'short'));
    expect(onBos((c) => [up(c, '654321', lie)]).own).toEqual([]);
  });
});

test('cookies of messages and of rendezvous are two things', () => {
  const { own } = onBos((c) => [
    c.snac(SNAC.ICBM_SEND, bytes(icbmHead(COOKIE, 2, 'you'), offer)),
    c.snac(SNAC.ICBM_SEND, bytes(icbmHead(RV, 2, 'you'), file(1))),
  ]);
  expect(own).toMatchObject([{ message_id: COOKIE }, { message_id: RV, file: { state: 'cancel' } }]);
});
