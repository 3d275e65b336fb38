import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import ymsg from './index.ts';
import { SERVICE, STATUS } from './numbers.ts';

const HELLO: Step = { direction: TO_SERVER, bytes: build.packet(SERVICE.KEEPALIVE, [[0, 'alice']]) };
const up = (bytes: Uint8Array): Step => ({ direction: TO_SERVER, bytes });
const down = (bytes: Uint8Array): Step => ({ direction: TO_CLIENT, bytes });
/** Runs steps of a session whose account is alice; the fact of the keep-alive is left out. */
function run(...steps: Step[]): Told {
  const told = runDissector(ymsg, [HELLO, ...steps], { midstream: true });
  return { ...told, facts: told.facts.slice(1) };
}
const head = { service: 'yahoo', account: 'alice' };

describe('presence of contacts', () => {
  const contact = (service: number, pairs: build.Pair[], status?: number): ImFacts['status'][] =>
    run(down(build.reply(service, [[0, 'alice'], [7, 'Bob'], ...pairs], status))).facts.map((facts) => {
      expect(facts).toMatchObject({ kind: 'presence', ...head, from: 'bob' });
      return facts.status;
    });
  test.each<[string, number, build.Pair[], ImFacts['status'] | undefined]>([
    [
      'comes',
      SERVICE.LOGON,
      [
        [10, 0],
        [13, 1],
      ],
      { show: 'available' },
    ],
    ['comes, without a status', SERVICE.LOGON, [[13, 1]], { show: 'available' }],
    [
      'goes',
      SERVICE.LOGOFF,
      [
        [10, 0],
        [13, 0],
      ],
      { show: 'offline' },
    ],
    ['is back', SERVICE.ISBACK, [], { show: 'available' }],
    ['is away', SERVICE.ISAWAY, [], { show: 'away' }],
    ['will be right back', SERVICE.ISAWAY, [[10, 1]], { show: 'brb' }],
    ['is out to lunch', SERVICE.Y6_STATUS_UPDATE, [[10, 8]], { show: 'outtolunch' }],
    [
      'is idle',
      SERVICE.STATUS_15,
      [
        [10, 999],
        [138, 1],
      ],
      { show: 'idle' },
    ],
    [
      'is busy and idle',
      SERVICE.STATUS_15,
      [
        [10, 2],
        [47, 2],
        [137, 60],
      ],
      { show: 'idle' },
    ],
    [
      'away in own words',
      SERVICE.ISAWAY,
      [
        [10, 99],
        [19, 'ä'],
        [47, 1],
      ],
      { show: 'away', text: 'ä' },
    ],
    [
      'there in own words',
      SERVICE.ISAWAY,
      [
        [10, 99],
        [19, 'x'],
        [47, 0],
      ],
      { show: 'available', text: 'x' },
    ],
    [
      'idle in own words',
      SERVICE.ISAWAY,
      [
        [10, 99],
        [19, 'x'],
        [47, 2],
      ],
      { show: 'idle', text: 'x' },
    ],
    [
      'in none of pager, chat and game',
      SERVICE.STATUS_15,
      [
        [10, 0],
        [13, 0],
      ],
      { show: 'offline' },
    ],
    ['offline by number', SERVICE.STATUS_15, [[10, STATUS.OFFLINE]], { show: 'offline' }],
    ['a status that nobody knows', SERVICE.ISAWAY, [[10, 77]], { show: 'status-77' }],
    ['of which nothing is said', SERVICE.STATUS_15, [[13, 1]], undefined],
    [
      'was added',
      SERVICE.NEWCONTACT,
      [
        [10, 0],
        [13, 1],
      ],
      { show: 'available' },
    ],
    [
      'chats',
      SERVICE.CHATLOGON,
      [
        [10, 0],
        [13, 3],
      ],
      { show: 'available' },
    ],
  ])('%s', (_name, service, pairs, status) => {
    expect(contact(service, pairs)).toEqual(status === undefined ? [] : [status]);
  });

  test('several in one packet', () => {
    const { facts } = run(
      down(
        build.reply(SERVICE.STATUS_15, [
          [302, 315],
          [300, 315],
          [7, 'bob'],
          [10, 0],
          [301, 315],
          [300, 315],
          [7, 'eve@live.example'],
          [241, 2],
          [10, 99],
          [19, 'out'],
          [47, 1],
          [301, 315],
          [303, 315],
        ]),
      ),
    );
    expect(facts.map((f) => [f.from, f.status])).toEqual([
      ['bob', { show: 'available' }],
      ['eve@live.example', { show: 'away', text: 'out' }],
    ]);
  });
});

test('own presence', () => {
  const status = (pairs: build.Pair[], options: build.PacketOptions = {}): Step =>
    up(build.packet(SERVICE.Y6_STATUS_UPDATE, pairs, options));
  const { facts } = run(
    status([
      [10, 2],
      [19, ''],
      [47, 1],
    ]),
    up(build.packet(SERVICE.Y6_VISIBLE_TOGGLE, [[13, 2]])),
    up(build.packet(SERVICE.Y6_VISIBLE_TOGGLE, [[13, 1]])),
    status([
      [10, 99],
      [97, 1],
      [19, 'Gone fishing'],
      [47, 1],
    ]),
    up(build.packet(SERVICE.ISAWAY, [], { status: 6 })),
    up(build.packet(SERVICE.ISAWAY)),
    up(build.packet(SERVICE.ISBACK, [[10, 0]])),
    up(build.packet(SERVICE.Y6_VISIBLE_TOGGLE, [[13, 9]])),
  );
  expect(facts.every((f) => f.kind === 'presence' && f.from === 'alice')).toBe(true);
  expect(facts.map((f) => f.status)).toEqual([
    { show: 'busy' },
    { show: 'invisible' },
    { show: 'busy' },
    { show: 'away', text: 'Gone fishing' },
    { show: 'onphone' },
    { show: 'away' },
    { show: 'available' },
  ]);
});
