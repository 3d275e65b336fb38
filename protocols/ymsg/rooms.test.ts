import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import { parseUrl } from './files.ts';
import ymsg from './index.ts';
import { SERVICE, STATUS } from './numbers.ts';

type Sent = readonly [direction: Direction, service: number, pairs: build.Pair[], status?: number];

/** Facts of packets of a session whose account is alice, without service and account. */
function told(...packets: Sent[]): Partial<ImFacts>[] {
  const hello = build.packet(SERVICE.KEEPALIVE, [[0, 'alice']]);
  const steps = packets.map(([direction, service, pairs, status = 0]) => ({
    direction,
    bytes: build.packet(service, pairs, { status }),
  }));
  const { facts } = runDissector(ymsg, [{ direction: TO_SERVER, bytes: hello }, ...steps], {
    midstream: true,
  });
  return facts.slice(1).map(({ service, account, ...rest }) => {
    expect([service, account]).toEqual(['yahoo', 'alice']);
    return rest;
  });
}

const room = { id: 'alice-2' };
const us: build.Pair = [1, 'alice'];
const at: build.Pair = [57, 'alice-2'];

describe('conferences', () => {
  test.each<[string, Sent, Partial<ImFacts>]>([
    ['made', [TO_SERVER, SERVICE.CONFLOGON, [us, [3, 'alice'], at]], { op: 'create', from: 'alice' }],
    [
      'entered',
      [TO_SERVER, SERVICE.CONFLOGON, [us, [3, 'alice'], [3, 'bob'], at]],
      { op: 'join', from: 'alice', members: ['bob'] },
    ],
    ['somebody comes', [TO_CLIENT, SERVICE.CONFLOGON, [us, at, [53, 'Bob']]], { op: 'join', from: 'bob' }],
    [
      'we invite',
      [TO_SERVER, SERVICE.CONFINVITE, [us, [50, 'alice'], at, [58, 'come'], [52, 'bob'], [52, 'carol']]],
      { op: 'invite', from: 'alice', to: ['bob', 'carol'], text: 'come' },
    ],
    [
      'we invite more',
      [TO_SERVER, SERVICE.CONFADDINVITE, [us, [51, 'dave,eve'], at, [58, ''], [52, 'bob'], [53, 'bob']]],
      { op: 'invite', from: 'alice', to: ['dave', 'eve'], members: ['bob'] },
    ],
    [
      'we are invited',
      [TO_CLIENT, SERVICE.CONFINVITE, [us, at, [50, 'bob'], [58, 'come'], [52, 'alice'], [53, 'carol']]],
      { op: 'invite', from: 'bob', to: ['alice'], members: ['bob', 'carol'], text: 'come' },
    ],
    [
      'somebody else is invited',
      [TO_CLIENT, SERVICE.CONFADDINVITE, [us, at, [50, 'bob'], [51, 'dave']], 11],
      { op: 'invite', from: 'bob', to: ['dave'], members: ['bob'] },
    ],
    ['we leave', [TO_SERVER, SERVICE.CONFLOGOFF, [us, [3, 'bob'], at]], { op: 'leave', from: 'alice' }],
    ['somebody leaves', [TO_CLIENT, SERVICE.CONFLOGOFF, [us, at, [56, 'bob']]], { op: 'leave', from: 'bob' }],
  ])('%s', (_name, packet, parts) => {
    expect(told(packet)).toEqual([{ kind: 'room', room, ...parts }]);
  });

  test('declined', () => {
    expect(told([TO_CLIENT, SERVICE.CONFDECLINE, [us, at, [54, 'bob'], [14, 'no time']]])).toEqual([
      { kind: 'notice', room, from: 'bob', text: 'no time', code: 'conference-declined' },
    ]);
  });

  test('messages', () => {
    expect(
      told(
        [TO_SERVER, SERVICE.CONFMSG, [us, [53, 'bob'], [53, 'carol'], at, [14, 'hi'], [97, 1]]],
        [TO_CLIENT, SERVICE.CONFMSG, [us, at, [3, 'bob'], [14, '\u001b[1mhi\u001b[x1m'], [97, 1]]],
      ),
    ).toEqual([
      { kind: 'message', room, from: 'alice', to: ['bob', 'carol'], sent: true, text: 'hi' },
      {
        kind: 'message',
        room,
        from: 'bob',
        sent: false,
        text: 'hi',
        format: 'html',
        html: '\u001b[1mhi\u001b[x1m',
      },
    ]);
  });

  test('without a room tell nothing', () => {
    for (const service of [0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d]) {
      const pairs: build.Pair[] = [
        us,
        [57, ' '],
        [3, 'bob'],
        [50, 'bob'],
        [53, 'bob'],
        [54, 'bob'],
        [56, 'bob'],
        [14, 'x'],
      ];
      expect(told([TO_CLIENT, service, pairs], [TO_SERVER, service, pairs])).toEqual([]);
    }
  });
});

describe('chat rooms', () => {
  const chat = { id: 'Books:1' };
  const here: build.Pair = [104, 'Books:1'];
  test.each<[string, Sent, Partial<ImFacts>[]]>([
    [
      'entered',
      [TO_SERVER, SERVICE.CHATJOIN, [us, here, [62, 2], [129, 0]]],
      [{ op: 'join', from: 'alice' }],
    ],
    [
      'who is there, and what it is about',
      [
        TO_CLIENT,
        SERVICE.CHATJOIN,
        [here, [105, 'Reading'], [108, 2], [109, 'alice'], [109, 'bob'], [110, 0]],
        1,
      ],
      [
        { op: 'members', members: ['alice', 'bob'] },
        { op: 'topic', text: 'Reading' },
      ],
    ],
    ['somebody comes', [TO_CLIENT, SERVICE.CHATJOIN, [here, [109, 'bob']], 1], [{ op: 'join', from: 'bob' }]],
    ['we leave', [TO_SERVER, SERVICE.CHATEXIT, [here, [109, 'alice']]], [{ op: 'leave', from: 'alice' }]],
    [
      'somebody leaves',
      [TO_CLIENT, SERVICE.CHATLEAVE, [here, [109, 'bob']], 1],
      [{ op: 'leave', from: 'bob' }],
    ],
    [
      'we invite',
      [TO_SERVER, SERVICE.CHATADDINVITE, [us, [118, 'bob'], here, [117, 'come']]],
      [{ op: 'invite', from: 'alice', to: ['bob'], text: 'come' }],
    ],
    [
      'we are invited',
      [TO_CLIENT, SERVICE.CHATADDINVITE, [[118, 'alice'], [119, 'bob'], here, [117, 'come']]],
      [{ op: 'invite', from: 'bob', to: ['alice'], text: 'come' }],
    ],
  ])('%s', (_name, packet, parts) => {
    expect(told(packet)).toEqual(parts.map((part) => ({ kind: 'room', room: chat, ...part })));
  });

  test('messages', () => {
    expect(
      told(
        [TO_SERVER, SERVICE.COMMENT, [us, here, [117, 'hello'], [124, 1], [97, 1]]],
        [TO_CLIENT, SERVICE.COMMENT, [here, [109, 'bob'], [117, 'hi'], [124, 1]]],
      ),
    ).toEqual([
      { kind: 'message', room: chat, from: 'alice', sent: true, text: 'hello' },
      { kind: 'message', room: chat, from: 'bob', sent: false, text: 'hi' },
    ]);
  });

  test('no way in', () => {
    expect(told([TO_CLIENT, SERVICE.CHATJOIN, [[114, '-15']], STATUS.DISCONNECTED])).toEqual([
      { kind: 'notice', code: 'room-refused -15' },
    ]);
  });
});

describe('files', () => {
  const ours = { from: 'alice', to: ['bob'], sent: true };
  const bobs = { from: 'bob', to: ['alice'], sent: false };

  test('over the server', () => {
    const url = 'http://files.example.test/d/My%20file.doc?S3cretTicket';
    const [fact] = told([
      TO_CLIENT,
      SERVICE.FILETRANSFER,
      [
        [5, 'alice'],
        [4, 'bob'],
        [14, 'look\u0006x'],
        [20, url],
        [28, 7],
      ],
    ]);
    expect(fact).toEqual({
      kind: 'file',
      ...bobs,
      text: 'look',
      file: {
        id: `ymsg-file|${url}`,
        name: 'My file.doc',
        method: 'http',
        state: 'offer',
        size: 7,
        url: 'http://files.example.test/d/My%20file.doc',
      },
    });
  });

  test('of a server that takes sender for receiver', () => {
    const packet: Sent = [
      TO_CLIENT,
      SERVICE.FILETRANSFER,
      [us, [5, 'bob'], [4, 'alice'], [20, 'http://h/a.txt']],
    ];
    expect(told(packet)).toMatchObject([bobs]);
  });

  test('from peer to peer', () => {
    const packet: Sent = [
      TO_SERVER,
      SERVICE.P2PFILEXFER,
      [
        [4, 'alice'],
        [5, 'bob'],
        [49, 'FILEXFER'],
        [13, 1],
        [27, 'a.txt'],
        [28, 9],
        [20, 'http://192.0.2.7:5101/Messenger.17?S3cret'],
      ],
    ];
    expect(told(packet)).toMatchObject([
      {
        ...ours,
        file: { name: 'a.txt', size: 9, method: 'p2p-http', peer_ip: '192.0.2.7', peer_port: 5101 },
      },
    ]);
    expect(
      told([
        TO_SERVER,
        SERVICE.P2PFILEXFER,
        [
          [4, 'alice'],
          [5, 'bob'],
          [49, 'PEERTOPEER'],
          [13, 1],
        ],
      ]),
    ).toEqual([]);
  });

  test('from version 15 on: two files, offered, taken, begun', () => {
    const id: build.Pair = [265, 'hWph1xJ3NoI07IjAI80sFb$$'];
    const down: build.Pair[] = [[5, 'alice'], [4, 'bob'], id];
    const up: build.Pair[] = [us, [5, 'bob'], id];
    const facts = told(
      [
        TO_SERVER,
        SERVICE.FILETRANS_15,
        [
          ...up,
          [222, 1],
          [266, 2],
          [302, 268],
          [300, 268],
          [27, 'a'],
          [28, 1],
          [301, 268],
          [300, 268],
          [27, 'b'],
          [28, 2],
        ],
      ],
      [TO_CLIENT, SERVICE.FILETRANS_15, [...down, [222, 3]], 1],
      [
        TO_SERVER,
        SERVICE.FILETRANS_INFO_15,
        [...up, [27, 'a'], [249, 3], [250, '192.0.2.9'], [251, 'S3cret']],
      ],
      [TO_CLIENT, SERVICE.FILETRANS_ACC_15, [...down, [27, 'a'], [249, 3], [251, 'S3cret']], 1],
      [TO_SERVER, SERVICE.FILETRANS_15, [...up, [222, 2]]],
      [TO_SERVER, SERVICE.FILETRANS_15, [...up, [222, 2]]],
    );
    expect(facts.map(({ from, file }) => [from, file?.name, file?.size, file?.state, file?.peer_ip])).toEqual(
      [
        ['alice', 'a', 1, 'offer', undefined],
        ['alice', 'b', 2, 'offer', undefined],
        ['bob', 'a', 1, 'accept', undefined],
        ['bob', 'b', 2, 'accept', undefined],
        // The relay's address is nobody's.
        ['bob', 'a', 1, 'start', undefined],
        ['alice', 'a', 1, 'cancel', undefined],
        ['alice', 'b', 2, 'cancel', undefined],
      ],
    );
    expect(JSON.stringify(facts)).not.toContain('S3cret');
    expect(new Set(facts.filter((f) => f.file?.name === 'a').map((f) => f.file?.id)).size).toBe(1);
  });

  test('declined, failed, and only the end seen', () => {
    const id: build.Pair = [265, 'x'];
    const offer: Sent = [
      TO_CLIENT,
      SERVICE.FILETRANS_15,
      [[4, 'bob'], [5, 'alice'], id, [222, 1], [27, 'a']],
      1,
    ];
    const states = (...packets: Sent[]): unknown[] =>
      told(...packets).map(({ file }) => [file?.name, file?.state]);
    expect(states(offer, [TO_SERVER, SERVICE.FILETRANS_15, [us, [5, 'bob'], id, [222, 4]]])).toEqual([
      ['a', 'offer'],
      ['a', 'decline'],
    ]);
    expect(
      states(offer, [TO_CLIENT, SERVICE.FILETRANS_ACC_15, [[4, 'bob'], id, [66, -1]], STATUS.DISCONNECTED]),
    ).toEqual([
      ['a', 'offer'],
      ['a', 'failed'],
    ]);
    expect(
      states(offer, [TO_CLIENT, SERVICE.FILETRANS_INFO_15, [[4, 'bob'], id, [66, -1]], STATUS.DISCONNECTED]),
    ).toEqual([
      ['a', 'offer'],
      ['a', 'cancel'],
    ]);
    expect(states([TO_CLIENT, SERVICE.FILETRANS_ACC_15, [[4, 'bob'], id, [27, 'late']], 1])).toEqual([
      ['late', 'start'],
    ]);
    expect(states([TO_CLIENT, SERVICE.FILETRANS_15, [[4, 'bob'], id, [222, 3]], 1])).toEqual([]);
  });

  test('the oldest of too many transfers is forgotten', () => {
    const offers = Array.from({ length: 70 }, (_, i): Sent => [
      TO_CLIENT,
      SERVICE.FILETRANS_15,
      [
        [4, 'bob'],
        [5, 'alice'],
        [265, `id${i}`],
        [222, 1],
        [27, `f${i}`],
      ],
      1,
    ]);
    const accept = (i: number): Sent => [
      TO_SERVER,
      SERVICE.FILETRANS_15,
      [us, [5, 'bob'], [265, `id${i}`], [222, 3]],
    ];
    const facts = told(...offers, accept(0), accept(69)).filter(({ file }) => file?.state === 'accept');
    expect(facts.map(({ file }) => file?.name)).toEqual(['f69']);
  });

  test.each<[string, unknown]>([
    ['http://h/a', { url: 'http://h/a', name: 'a' }],
    [
      'http://192.0.2.1:80/x/b%20c?k=1/2',
      { url: 'http://192.0.2.1:80/x/b%20c', name: 'b c', ip: '192.0.2.1', port: 80 },
    ],
    ['http://192.0.2.1', { url: 'http://192.0.2.1', ip: '192.0.2.1' }],
    ['http://h/%ff', { url: 'http://h/%ff', name: '%ff' }],
    ['http://h?a/b', { url: 'http://h' }],
    ['http://h/', { url: 'http://h/' }],
    ['http://192.0.2.1:99999/a', { url: 'http://192.0.2.1:99999/a', name: 'a', ip: '192.0.2.1' }],
    ['nothing', undefined],
    ['://x', undefined],
  ])('the URL %s', (url, place) => {
    expect(parseUrl(url)).toEqual(place);
  });
});
