import { describe, expect, test } from '@jest/globals';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import { bytes, chatLine, COOKIE, END, roomInfo, Sender, tlv, u16, u32, userInfo, utf16be } from './build.ts';
import type { Part } from './build.ts';
import oscar from './index.ts';
import { SNAC } from './numbers.ts';

const ROOM = '4-0-Allotment Club';
const NAMED = { id: ROOM, name: 'Allotment Club' };
/** Capture time of tests. */
const NOW = 1_100_000_000;

const run = (steps: Step[], midstream = false): Told =>
  runDissector(oscar, [...steps, ...END], { midstream });

function start(c: Sender, s: Sender, ...members: string[]): Step[] {
  return [
    s.signOn(),
    c.signOn(tlv(6, 'room cookie')),
    s.snac(SNAC.OSERVICE_HOST_ONLINE, bytes(u16(1), u16(0x0e))),
    s.snac(SNAC.CHAT_JOINED, bytes(...members.map((m) => userInfo(m)))),
    s.snac(SNAC.CHAT_ROOM_INFO, roomInfo(4, ROOM, tlv(0xd3, 'Allotment Club'))),
  ];
}

const line = (text: Part, charset = 'us-ascii', ...tlvs: Uint8Array[]): Uint8Array =>
  chatLine(COOKIE, charset, text, ...tlvs);
const from = (who: string): Uint8Array => tlv(3, userInfo(who));

describe('a chat room', () => {
  test('join, members, lines, leave', () => {
    const c = new Sender(0);
    const s = new Sender(1);
    const told = run([
      ...start(c, s, 'FogHorn', 'juniper5'),
      c.snac(SNAC.CHAT_SEND, line('first'), { requestId: 41 }),
      s.snac(SNAC.CHAT_RECEIVE, line('first', 'us-ascii', from('FogHorn')), { requestId: 41 }),
      s.snac(SNAC.CHAT_JOINED, userInfo('Paper Boat')),
      s.snac(SNAC.CHAT_RECEIVE, line('<b>too</b> much', 'us-ascii', from('Paper Boat'))),
      c.snac(SNAC.CHAT_SEND, line(utf16be('Улитки'), 'unicode-2-0'), { requestId: 42 }),
      s.snac(SNAC.CHAT_RECEIVE, line(utf16be('Улитки'), 'unicode-2-0', from('FogHorn')), { requestId: 42 }),
      s.snac(SNAC.CHAT_LEFT, userInfo('juniper5')),
    ]);
    expect(told.facts).toMatchObject([
      { kind: 'room', op: 'join', room: NAMED },
      { kind: 'room', op: 'members', room: NAMED, members: ['foghorn', 'juniper5'] },
      {
        kind: 'message',
        room: NAMED,
        text: 'first',
        from: 'foghorn',
        from_name: 'FogHorn',
        sent: true,
        message_id: COOKIE,
      },
      { kind: 'room', op: 'join', from: 'paperboat', from_name: 'Paper Boat' },
      { kind: 'message', text: 'too much', format: 'html', from: 'paperboat', sent: false },
      { kind: 'message', text: 'Улитки', from: 'foghorn', sent: true },
      { kind: 'room', op: 'leave', from: 'juniper5' },
      { kind: 'room', op: 'leave', from: 'foghorn', account: 'foghorn' },
    ]);
    expect(told.facts).toHaveLength(8);
    expect(told.presented).toEqual([{ realm: 'oscar-cookie', token: 'room cookie' }]);
  });

  test("another's line under the same cookie is not taken for the own reflection", () => {
    const c = new Sender(0);
    const s = new Sender(1);
    const told = run([
      ...start(c, s, 'juniper5'),
      c.snac(SNAC.CHAT_SEND, line('mine'), { requestId: 41 }),
      s.snac(SNAC.CHAT_RECEIVE, line('yours', 'us-ascii', from('FogHorn')), { requestId: 0 }),
      s.snac(SNAC.CHAT_RECEIVE, line('mine', 'us-ascii', from('juniper5')), { requestId: 41 }),
    ]);
    expect(told.facts.filter((f) => f.kind === 'message')).toMatchObject([
      { text: 'yours', from: 'foghorn', sent: false },
      { text: 'mine', from: 'juniper5', sent: true },
    ]);
  });

  test('lines whose reflections are not captured are told without a sender', () => {
    const c = new Sender(0);
    const told = run([
      c.signOn(tlv(6, 'x')),
      c.snac(SNAC.CHAT_SEND, line('one')),
      c.snac(SNAC.CHAT_SEND, line('two')),
      c.snac(SNAC.CHAT_SEND, line('three')),
    ]);
    const texts = told.events
      .filter((e) => e.facts.kind === 'message')
      .map((e) => [e.facts.text, e.direction]);
    expect(texts).toEqual([
      ['one', 0],
      ['two', 0],
      ['three', 0],
    ]);
  });

  test('a room named before the capture has an id of its own', () => {
    const s = new Sender(1);
    const told = run(
      [
        s.snac(SNAC.CHAT_RECEIVE, line('hi', 'us-ascii', from('FogHorn'))),
        s.snac(SNAC.CHAT_JOINED, userInfo('juniper5')),
      ],
      true,
    );
    expect(told.facts).toMatchObject([
      { kind: 'message', room: { id: expect.stringMatching(/^unnamed-/) } },
      { kind: 'room', op: 'join', from: 'juniper5' },
    ]);
  });

  test('a whisper is private', () => {
    const c = new Sender(0);
    const s = new Sender(1);
    const told = run([
      ...start(c, s, 'a'),
      c.snac(SNAC.CHAT_SEND, line('psst', 'us-ascii', tlv(2, 'Two Bridges'))),
    ]);
    expect(told.facts).toContainEqual(
      expect.objectContaining({ text: 'psst', to: ['twobridges'], private: true }),
    );
  });
});

describe('chat navigation', () => {
  const info = (made: number): Uint8Array =>
    tlv(4, roomInfo(4, ROOM, tlv(0xca, u32(made)), tlv(0xd3, 'Allotment Club')));

  test('a room made just now was made by who asked', () => {
    expect(run([new Sender(1).snac(SNAC.CHAT_NAV_INFO, info(NOW - 2))], true).facts).toMatchObject([
      { kind: 'room', op: 'create', room: NAMED },
    ]);
  });

  test('an older room was only found', () => {
    expect(run([new Sender(1).snac(SNAC.CHAT_NAV_INFO, info(NOW - 600))], true).facts).toEqual([]);
  });
});
