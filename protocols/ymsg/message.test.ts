import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import ymsg from './index.ts';
import { SERVICE, STATUS, VENDOR_JAPAN } from './numbers.ts';

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

describe('messages', () => {
  test('sent, and received', () => {
    expect(up(build.sent('Alice', 'Bob', 'hi'))).toEqual([{ kind: 'message', ...mine, text: 'hi' }]);
    expect(down(build.received('Bob', 'alice', 'hi'))).toEqual([{ kind: 'message', ...bobs, text: 'hi' }]);
  });

  test.each<[string, build.Pair[]]>([
    [
      'text first',
      [
        [14, 'hi'],
        [97, 1],
        [5, 'bob'],
        [1, 'alice'],
      ],
    ],
    [
      'backwards',
      [
        [1002, 1],
        [64, 0],
        [63, ';0'],
        [14, 'hi'],
        [97, 1],
        [5, 'bob'],
        [1, 'alice'],
      ],
    ],
    [
      'with the primary id',
      [
        [0, 'alice'],
        [1, 'alice'],
        [5, 'bob'],
        [14, 'hi'],
      ],
    ],
    [
      'with the primary id alone',
      [
        [0, 'alice'],
        [5, 'bob'],
        [14, 'hi'],
      ],
    ],
    [
      'without an id',
      [
        [5, 'bob'],
        [14, 'hi'],
      ],
    ],
  ])('keys in any order: %s', (_name, pairs) => {
    expect(up(build.packet(SERVICE.MESSAGE, pairs))).toEqual([{ kind: 'message', ...mine, text: 'hi' }]);
  });

  test('from another id of the account', () => {
    const pairs: build.Pair[] = [
      [0, 'alice'],
      [1, 'Alicia'],
      [5, 'bob'],
      [14, 'hi'],
    ];
    expect(up(build.packet(SERVICE.MESSAGE, pairs))).toMatchObject([{ from: 'alicia', account: 'alice' }]);
  });

  test('from peer to peer, where both sides write as clients do', () => {
    expect(down(build.sent('bob', 'alice', 'hi'))).toEqual([{ kind: 'message', ...bobs, text: 'hi' }]);
  });

  test('to many', () => {
    const pairs: build.Pair[] = [
      [1, 'alice'],
      [5, 'bob'],
      [5, 'Carol'],
      [14, 'to all'],
    ];
    expect(up(build.packet(SERVICE.MASSMESSAGE, pairs))).toMatchObject([
      { to: ['bob', 'carol'], text: 'to all' },
    ]);
  });

  test('to a person of another network, whose id keeps its form', () => {
    const pairs: build.Pair[] = [
      [1, 'alice'],
      [5, 'Bob@Hotmail.example'],
      [241, 2],
      [14, 'hi'],
    ];
    expect(up(build.packet(SERVICE.MESSAGE, pairs))).toMatchObject([{ to: ['bob@hotmail.example'] }]);
  });

  test('formatted: the text as read, and the original', () => {
    const raw = '<font size="10">\u001b[1mbold\u001b[x1m</font>\r\nline';
    expect(down(build.received('bob', 'alice', raw))).toEqual([
      { kind: 'message', ...bobs, text: 'bold\nline', format: 'html', html: raw },
    ]);
    expect(down(build.received('bob', 'alice', 'a\r\nb'))).toEqual([
      { kind: 'message', ...bobs, text: 'a\nb' },
    ]);
  });

  test('of nothing but format there is none', () => {
    expect(down(build.received('bob', 'alice', '<font size="10"></font>'))).toEqual([]);
    expect(down(build.received('bob', 'alice', ''))).toEqual([]);
  });

  test('a buzz is drawing attention, too', () => {
    expect(up(build.sent('alice', 'bob', '<ding>'))).toEqual([
      { kind: 'message', ...mine, text: '<ding>' },
      { kind: 'attention', ...mine, state: 'buzz' },
    ]);
  });

  test.each([
    '?OTR:AAIDS3cret.',
    '?OTR,1,2,S3cret,',
    '?OTR|1|2,1,2,S3cret,',
    '?OTRv23?\nS3cret',
    '<font>?OTR:S3cret.',
  ])('encrypted: %s', (text) => {
    expect(up(build.sent('alice', 'bob', text))).toEqual([{ kind: 'message', ...mine, encrypted: 'otr' }]);
  });

  test('with an id, and its receipt', () => {
    const message = build.reply(SERVICE.MESSAGE, [
      [5, 'alice'],
      [4, 'bob'],
      [14, 'hi'],
      [97, 1],
      [429, '0000000052A4B1'],
      [450, 0],
    ]);
    const ack = build.packet(SERVICE.MESSAGE_ACK, [
      [1, 'alice'],
      [5, 'bob'],
      [302, 430],
      [430, '0000000052A4B1'],
      [303, 430],
      [450, 0],
    ]);
    expect(down(message)).toMatchObject([{ message_id: '0000000052A4B1', text: 'hi' }]);
    expect(up(ack)).toEqual([{ kind: 'receipt', ...mine, message_id: '0000000052A4B1', state: 'delivered' }]);
  });

  test('that were not sent', () => {
    const packet = build.reply(
      SERVICE.MESSAGE,
      [
        [5, 'bob'],
        [16, 'too fast'],
      ],
      STATUS.NOT_DONE,
    );
    expect(down(packet)).toEqual([
      { kind: 'notice', ...head, to: ['bob'], text: 'too fast', code: 'message-not-sent' },
    ]);
  });

  test('without text tell nothing', () => {
    expect(
      down(
        build.reply(
          SERVICE.MESSAGE,
          [
            [5, 'alice'],
            [10, '999\u00021051022787'],
          ],
          4,
        ),
      ),
    ).toEqual([]);
  });

  test('by telephone', () => {
    const sms: build.Pair[] = [
      [1, 'alice'],
      [69, 'Alice'],
      [5, '15551234567'],
      [68, 'carrier'],
      [14, 'hi'],
    ];
    expect(up(build.packet(SERVICE.SMS_MSG, sms))).toEqual([
      { kind: 'message', ...mine, to: ['+15551234567'], text: 'hi' },
    ]);
    expect(
      down(
        build.reply(SERVICE.SMS_MSG, [
          [4, '15551234567'],
          [14, 'yes'],
        ]),
      ),
    ).toEqual([{ kind: 'message', ...bobs, from: '+15551234567', text: 'yes' }]);
  });
});

describe('offline messages', () => {
  test('several in one packet, marked with 31 and 32', () => {
    const packet = build.reply(
      SERVICE.MESSAGE,
      [
        [31, 6],
        [32, 6],
        [4, 'bob'],
        [5, 'alice'],
        [14, 'zwei ü'],
        [15, '1051027156'],
        [97, 1],
        [31, 6],
        [32, 6],
        [5, 'alice'],
        [4, 'carol'],
        [15, '1051027100.25'],
        [14, 'one'],
      ],
      STATUS.CONTINUED,
    );
    expect(down(packet)).toEqual([
      {
        kind: 'message',
        ...bobs,
        text: 'zwei ü',
        offline: true,
        copy: 'offline',
        original_time: '2003-04-22T15:59:16.000000+0000',
      },
      {
        kind: 'message',
        ...bobs,
        from: 'carol',
        text: 'one',
        offline: true,
        copy: 'offline',
        original_time: '2003-04-22T15:58:20.000000+0000',
      },
    ]);
  });

  test('without marks each begins where a key of it comes again', () => {
    const one = (from: string, text: string): build.Pair[] => [
      [97, 1],
      [5, 'alice'],
      [4, from],
      [14, text],
    ];
    const packet = build.reply(SERVICE.MESSAGE, [...one('bob', 'a'), ...one('carol', 'b')], STATUS.CONTINUED);
    expect(down(packet)).toMatchObject([
      { from: 'bob', to: ['alice'], text: 'a' },
      { from: 'carol', to: ['alice'], text: 'b' },
    ]);
  });

  test('a time that is none is left out', () => {
    for (const time of ['', 'soon', '-5', '99999999999']) {
      const packet = build.reply(
        SERVICE.MESSAGE,
        [
          [4, 'bob'],
          [14, 'x'],
          [15, time],
        ],
        STATUS.CONTINUED,
      );
      expect(down(packet)).toEqual([{ kind: 'message', ...bobs, text: 'x', offline: true, copy: 'offline' }]);
    }
  });
});

describe('charsets', () => {
  const message = (text: Uint8Array, utf8: boolean, vendor = 0): ImFacts[] =>
    down(
      build.packet(
        SERVICE.MESSAGE,
        [[5, 'alice'], [4, 'bob'], [14, text], ...(utf8 ? [[97, 1] as const] : [])],
        { version: 0, vendor },
      ),
    );
  test.each([
    ['UTF-8 as told', Uint8Array.of(0xc3, 0xbc), true, 0, 'ü'],
    ['UTF-8 as told, cut', Uint8Array.of(0x61, 0xc3), true, 0, 'a\ufffd'],
    ['UTF-8 untold', Uint8Array.of(0xe4, 0xbd, 0xa0), false, 0, '你'],
    ['the western code page', Uint8Array.of(0xfc, 0x80), false, 0, 'ü€'],
    ['Shift_JIS of Yahoo! Japan', Uint8Array.of(0x93, 0xfa, 0x96, 0x7b), false, VENDOR_JAPAN, '日本'],
    ['UTF-8 of Yahoo! Japan', Uint8Array.of(0xe6, 0x97, 0xa5), false, VENDOR_JAPAN, '日'],
  ])('%s', (_name, bytes, utf8, vendor, text) => {
    expect(message(bytes, utf8, vendor)).toMatchObject([{ text }]);
  });
});
