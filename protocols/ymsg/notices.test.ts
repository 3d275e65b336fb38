import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import ymsg from './index.ts';
import { SERVICE } from './numbers.ts';

/** Facts of packets in one direction, of a session whose account is alice. */
function told(direction: Direction, ...packets: Uint8Array[]): ImFacts[] {
  const hello = build.packet(SERVICE.KEEPALIVE, [[0, 'alice']]);
  const steps = [
    { direction: TO_SERVER, bytes: hello } as const,
    ...packets.map((bytes) => ({ direction, bytes })),
  ];
  return runDissector(ymsg, steps, { midstream: true }).facts.slice(1);
}
const up = (...packets: Uint8Array[]): ImFacts[] => told(TO_SERVER, ...packets);
const down = (...packets: Uint8Array[]): ImFacts[] => told(TO_CLIENT, ...packets);
const head = { service: 'yahoo', account: 'alice' };
const mine = { ...head, from: 'alice', to: ['bob'], sent: true };
const bobs = { ...head, from: 'bob', to: ['alice'], sent: false };

describe('beside messages', () => {
  const notify = (word: string, flag: string): Uint8Array =>
    build.packet(SERVICE.NOTIFY, [
      [49, word],
      [1, 'alice'],
      [14, ' '],
      [13, flag],
      [5, 'bob'],
      [1002, 1],
    ]);
  test.each<[string, Uint8Array, Partial<ImFacts>]>([
    ['typing', notify('TYPING', '1'), { kind: 'typing', state: 'typing' }],
    ['typing no more', notify('TYPING', '0'), { kind: 'typing', state: 'stopped' }],
    ['a game', notify('GAME', '1'), { kind: 'call', call: { media: 'game', state: 'start' } }],
    ['a game over', notify('GAME', '0'), { kind: 'call', call: { media: 'game', state: 'end' } }],
    ['a camera', notify('WEBCAMINVITE', '0'), { kind: 'call', call: { media: 'webcam', state: 'invite' } }],
    [
      'a voice chat',
      build.packet(SERVICE.VOICECHAT, [
        [1, 'alice'],
        [5, 'bob'],
        [57, 'room'],
      ]),
      { kind: 'call', call: { media: 'voice', state: 'invite' } },
    ],
    [
      'an audible',
      build.packet(SERVICE.AUDIBLE, [
        [1, 'alice'],
        [5, 'bob'],
        [230, 'base.us.smiley.smiley43'],
        [231, 'Hello!'],
        [232, 'S3cret'],
      ]),
      { kind: 'attention', state: 'audible', ref: 'base.us.smiley.smiley43', text: 'Hello!' },
    ],
  ])('%s', (_name, packet, parts) => {
    expect(up(packet)).toEqual([{ ...mine, ...parts }]);
  });

  test('what notifies of something else tells nothing', () => {
    expect(up(notify('IMVIRONMENT', '1'), notify('', '1'))).toEqual([]);
  });

  test('from the other side', () => {
    const typing = build.reply(SERVICE.NOTIFY, [
      [5, 'alice'],
      [4, 'bob'],
      [49, 'TYPING'],
      [13, 1],
    ]);
    expect(down(typing)).toEqual([{ kind: 'typing', ...bobs, state: 'typing' }]);
  });
});

describe('notices', () => {
  test.each<[string, Uint8Array, Partial<ImFacts>]>([
    [
      'a system message',
      build.reply(SERVICE.SYSMESSAGE, [
        [5, 'alice'],
        [14, 'Maintenance at <b>noon</b>'],
      ]),
      { text: 'Maintenance at noon', code: 'system' },
    ],
    [
      'a mail',
      build.reply(SERVICE.NEWMAIL, [
        [9, 3],
        [43, 'Eve'],
        [42, 'Eve@example.test'],
        [18, 'Hello'],
      ]),
      { from: 'eve@example.test', from_name: 'Eve', text: 'Hello', code: 'mail' },
    ],
    [
      'an error text',
      build.reply(SERVICE.PING, [
        [16, 'Slow down'],
        [66, 42],
      ]),
      { text: 'Slow down', code: 42 },
    ],
  ])('%s', (_name, packet, parts) => {
    expect(down(packet)).toEqual([{ kind: 'notice', ...head, ...parts }]);
  });

  test('how many mails there are is none', () => {
    expect(down(build.reply(SERVICE.NEWMAIL, [[9, 3]]))).toEqual([]);
  });

  test('a mail packet with filler between its pairs is read', () => {
    const bytes = new TextEncoder().encode('9 3 \u000142 eve@example.test 18 Hello ');
    const body = Uint8Array.from([...bytes].flatMap((c) => (c === 0x20 ? [0xc0, 0x80] : [c])));
    const steps = [
      { direction: TO_CLIENT, bytes: build.raw(SERVICE.NEWMAIL, body, { version: 0 }) } as const,
    ];
    const { facts, anomalies } = runDissector(ymsg, steps);
    expect(facts).toMatchObject([{ kind: 'notice', text: 'Hello' }]);
    expect(anomalies).toEqual([]);
  });
});
