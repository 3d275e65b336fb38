import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import ymsg from './index.ts';
import { SERVICE, STATUS } from './numbers.ts';

const HELLO: Step = { direction: TO_SERVER, bytes: build.packet(SERVICE.KEEPALIVE, [[0, 'alice']]) };
const down = (bytes: Uint8Array): Step => ({ direction: TO_CLIENT, bytes });
/** Runs steps of a session whose account is alice; the fact of the keep-alive is left out. */
function run(...steps: Step[]): Told {
  const told = runDissector(ymsg, [HELLO, ...steps], { midstream: true });
  return { ...told, facts: told.facts.slice(1) };
}
const head = { service: 'yahoo', account: 'alice' };
const contacts = (told: Told): ImFacts['contact'][] =>
  told.facts.filter(({ kind }) => kind === 'contact').map((facts) => facts.contact);

describe('contact list', () => {
  test('one event a contact, with all its groups, told once', () => {
    const list = down(build.list('alice', 'Friends:Bob,carol\nWork:bob\n:dave\nno colon\nEmpty:\n'));
    const told = run(list, list);
    expect(contacts(told)).toEqual([
      { op: 'list', id: 'bob', groups: ['Friends', 'Work'] },
      { op: 'list', id: 'carol', groups: ['Friends'] },
      { op: 'list', id: 'dave' },
    ]);
  });

  test('in several packets, cut inside a name', () => {
    const told = run(
      down(build.list('alice', 'Friends:bob,car', STATUS.CONTINUED)),
      down(build.list('alice', 'ol\nWork:da', STATUS.CONTINUED)),
      down(build.list('alice', 've\n')),
    );
    expect(contacts(told).map((contact) => contact?.id)).toEqual(['bob', 'carol', 'dave']);
  });

  test('in several packets, of which one is lost: what is left is not joined', () => {
    const told = run(
      down(build.list('alice', 'Friends:bob,car', STATUS.CONTINUED)),
      { direction: TO_CLIENT, gap: 100 },
      down(build.list('alice', 'Work:dave\n')),
    );
    expect(contacts(told).map((contact) => contact?.id)).toEqual(['dave']);
  });

  test('longer than is kept', () => {
    const part = down(build.list('alice', 'a'.repeat(60_000), STATUS.CONTINUED));
    expect(run(part, part, part, part, part).anomalies).toEqual(['ymsg_list_overflow']);
  });

  test('of people who are ignored', () => {
    const told = run(
      down(
        build.reply(
          SERVICE.LIST,
          [
            [87, ''],
            [88, 'eve,mallory'],
          ],
          0,
        ),
      ),
    );
    expect(contacts(told)).toEqual([
      { op: 'block', id: 'eve' },
      { op: 'block', id: 'mallory' },
    ]);
  });

  test('of version 15: groups, other networks, ignored; a group goes on in the next packet', () => {
    const told = run(
      down(
        build.reply(
          SERVICE.LIST_15,
          [
            [302, 318],
            [300, 318],
            [65, 'Friends'],
            [302, 319],
            [300, 319],
            [7, 'bob'],
            [301, 319],
            [300, 319],
            [7, 'Eve@Live.example'],
            [241, 2],
            [301, 319],
          ],
          STATUS.CONTINUED,
        ),
      ),
      down(
        build.reply(
          SERVICE.LIST_15,
          [
            [302, 319],
            [300, 319],
            [7, 'carol'],
            [301, 319],
            [303, 319],
            [303, 318],
            [302, 320],
            [300, 320],
            [7, 'mallory'],
            [301, 320],
            [303, 320],
          ],
          0,
        ),
      ),
      down(build.list('alice', 'Friends:bob,carol\n')),
    );
    expect(contacts(told)).toEqual([
      { op: 'list', id: 'bob', groups: ['Friends'] },
      { op: 'list', id: 'eve@live.example', groups: ['Friends'] },
      { op: 'list', id: 'carol', groups: ['Friends'] },
      { op: 'block', id: 'mallory' },
    ]);
  });
});

describe('changes of the list', () => {
  const change = (service: number, direction: Direction, pairs: build.Pair[], status = 1): Step => ({
    direction,
    bytes: build.packet(service, [[1, 'alice'], ...pairs], { status }),
  });
  const bob: build.Pair = [7, 'Bob'];
  const group: build.Pair = [65, 'Friends'];

  test.each<[string, Step[], ImFacts['contact'][]]>([
    [
      'added',
      [
        change(SERVICE.ADDBUDDY, TO_SERVER, [bob, group]),
        change(SERVICE.ADDBUDDY, TO_CLIENT, [bob, group, [66, 0]]),
      ],
      [{ op: 'add', id: 'bob', groups: ['Friends'] }],
    ],
    [
      'added, of which only the answer was seen',
      [change(SERVICE.ADDBUDDY, TO_CLIENT, [bob, group, [66, 0]])],
      [{ op: 'add', id: 'bob', groups: ['Friends'] }],
    ],
    [
      'removed',
      [
        change(SERVICE.REMBUDDY, TO_SERVER, [bob, group]),
        change(SERVICE.REMBUDDY, TO_CLIENT, [[66, 0], bob, group]),
      ],
      [{ op: 'remove', id: 'bob', groups: ['Friends'] }],
    ],
    ['ignored', [change(SERVICE.IGNORECONTACT, TO_SERVER, [bob, [13, 1]])], [{ op: 'block', id: 'bob' }]],
    [
      'ignored no more',
      [change(SERVICE.IGNORECONTACT, TO_SERVER, [bob, [13, 2]])],
      [{ op: 'unblock', id: 'bob' }],
    ],
    ['ignored somehow', [change(SERVICE.IGNORECONTACT, TO_SERVER, [bob, [13, 7]])], []],
    ['rejected', [change(SERVICE.REJECTCONTACT, TO_SERVER, [bob, [14, '']])], [{ op: 'deny', id: 'bob' }]],
    [
      'moved',
      [change(SERVICE.CHGRP_15, TO_SERVER, [[302, 240], [300, 240], bob, [224, 'Friends'], [264, 'Work']])],
      [
        { op: 'remove', id: 'bob', groups: ['Friends'] },
        { op: 'add', id: 'bob', groups: ['Work'] },
      ],
    ],
    [
      'asks',
      [change(SERVICE.NEWCONTACT, TO_CLIENT, [[3, 'Bob']], STATUS.REQUEST)],
      [{ op: 'request', id: 'bob' }],
    ],
    [
      'refuses',
      [change(SERVICE.NEWCONTACT, TO_CLIENT, [[3, 'Bob']], STATUS.DENIED)],
      [{ op: 'deny', id: 'bob' }],
    ],
    [
      'asks, from version 13 on',
      [
        {
          direction: TO_CLIENT,
          bytes: build.reply(
            SERVICE.AUTH_REQ_15,
            [
              [4, 'Bob'],
              [5, 'alice'],
              [216, 'Robert'],
              [254, 'Tables'],
            ],
            STATUS.REQUEST,
          ),
        },
      ],
      [{ op: 'request', id: 'bob', name: 'Robert Tables' }],
    ],
    [
      'is allowed',
      [
        change(SERVICE.AUTH_REQ_15, TO_SERVER, [
          [5, 'Bob'],
          [13, 1],
        ]),
      ],
      [{ op: 'accept', id: 'bob' }],
    ],
    [
      'is not allowed',
      [
        change(SERVICE.AUTH_REQ_15, TO_SERVER, [
          [5, 'Bob'],
          [13, 2],
        ]),
      ],
      [{ op: 'deny', id: 'bob' }],
    ],
    [
      'allows',
      [
        {
          direction: TO_CLIENT,
          bytes: build.reply(SERVICE.AUTH_REQ_15, [
            [4, 'Bob'],
            [5, 'alice'],
            [13, 1],
          ]),
        },
      ],
      [{ op: 'accept', id: 'bob' }],
    ],
  ])('%s', (_name, steps, expected) => {
    expect(contacts(run(...steps))).toEqual(expected);
  });

  test('the words of a request are told', () => {
    const { facts } = run(
      change(
        SERVICE.NEWCONTACT,
        TO_CLIENT,
        [
          [3, 'bob'],
          [14, 'It is me'],
        ],
        STATUS.REQUEST,
      ),
    );
    expect(facts).toEqual([
      { kind: 'contact', ...head, contact: { op: 'request', id: 'bob' }, text: 'It is me' },
    ]);
  });

  test('a refusal is a notice', () => {
    const { facts } = run(
      change(SERVICE.ADDBUDDY, TO_SERVER, [bob, group]),
      change(SERVICE.ADDBUDDY, TO_CLIENT, [bob, group, [66, 3]]),
    );
    expect(facts.at(-1)).toEqual({ kind: 'notice', ...head, to: ['bob'], code: 'contact-3' });
  });

  test('a removed contact is told again when it is listed again', () => {
    const list = down(build.list('alice', 'Friends:bob\n'));
    const told = run(list, change(SERVICE.REMBUDDY, TO_SERVER, [bob, group]), list);
    expect(contacts(told).map((contact) => contact?.op)).toEqual(['list', 'remove', 'list']);
  });

  test('a group has a new name', () => {
    const { facts } = run(
      change(SERVICE.GROUPRENAME, TO_SERVER, [
        [65, 'Friends'],
        [67, 'Pals'],
      ]),
    );
    expect(facts).toEqual([
      { kind: 'profile', ...head, from: 'alice', profile: { group: 'Pals', previous_group: 'Friends' } },
    ]);
  });
});
