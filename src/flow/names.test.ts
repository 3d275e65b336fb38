import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FLOW_KEY } from '../decode/flow-key.ts';
import { PacketView } from '../decode/view.ts';
import { readAnswer } from './dns.ts';
import { NameCache } from './names.ts';
import { FlowTable, META_IPV6, W } from './table.ts';

const u16 = (n: number): number[] => [n >> 8, n & 0xff];
const labels = (name: string): number[] =>
  name === '' ? [] : name.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]);

interface Message {
  name?: string;
  type?: number;
  flags?: number;
  questions?: number;
  answers?: readonly (readonly [type: number, data: readonly number[], owner?: readonly number[]])[];
  count?: number;
}

/** An answer of DNS; owners are pointers to the question's name where none is given. */
function message(m: Message = {}): Uint8Array {
  const answers = m.answers ?? [[1, [198, 51, 100, 7]]];
  return Uint8Array.from([
    ...[
      0x12,
      0x34,
      ...u16(m.flags ?? 0x8180),
      ...u16(m.questions ?? 1),
      ...u16(m.count ?? answers.length),
      0,
      0,
      0,
      0,
    ],
    ...[...labels(m.name ?? 'scs.msg.yahoo.com'), 0, ...u16(m.type ?? 1), 0, 1],
    ...answers.flatMap(([type, data, owner]) => [
      ...(owner ?? [0xc0, 12]),
      ...[...u16(type), 0, 1, 0, 0, 0, 60, ...u16(data.length), ...data],
    ]),
  ]);
}

function read(bytes: Uint8Array, start = 0, end = bytes.length): string[] {
  const found: string[] = [];
  readAnswer(bytes, start, end, {
    address: (b, nameStart, nameEnd, at, length) => {
      const name = Buffer.from(b.subarray(nameStart, nameEnd))
        .toString('latin1')
        .replace(/[^\w-]/g, '.');
      found.push(`${name} ${b.subarray(at, at + length).join('.')}`);
    },
  });
  return found;
}

describe('answers', () => {
  const CNAME = [5, [1, 0x78, 0]] as const;
  const HTTPS = [0, 1, 0, 0, 1, 0, 3, 2, 0x68, 0x32, 0, 4, 0, 8, 192, 0, 2, 1, 192, 0, 2, 2];
  test('addresses that an HTTPS record gives are its name’s, as far as they are there', () => {
    const of = (data: readonly number[]): string[] =>
      read(message({ name: 'a.example', type: 65, answers: [[65, data]] }));
    expect(of(HTTPS)).toEqual(['.a.example 192.0.2.1', '.a.example 192.0.2.2']);
    expect(of([...HTTPS, 0, 6, 0, 16, ...new Array<number>(16).fill(9)])[2]).toBe(
      `.a.example ${'9.'.repeat(16).slice(0, -1)}`,
    );
    for (let end = 0; end < HTTPS.length; end++) expect(of(HTTPS.slice(0, end))).toEqual([]);
  });

  test.each<[string, Message, string[]]>([
    ['an address', {}, ['.scs.msg.yahoo.com 198.51.100.7']],
    [
      'of an alias the name that was asked for is told',
      { answers: [CNAME, [1, [192, 0, 2, 1], [...labels('other.example'), 0]], [1, [192, 0, 2, 2]]] },
      ['.scs.msg.yahoo.com 192.0.2.1', '.scs.msg.yahoo.com 192.0.2.2'],
    ],
    [
      'IPv6',
      { type: 28, answers: [[28, Array.from({ length: 16 }, (_, i) => i)]] },
      ['.scs.msg.yahoo.com 0.1.2.3.4.5.6.7.8.9.10.11.12.13.14.15'],
    ],
    ['a query', { flags: 0x0100 }, []],
    ['an error', { flags: 0x8183 }, []],
    ['another operation', { flags: 0xa980 }, []],
    ['two questions', { questions: 2 }, []],
    ['no answer', { answers: [] }, []],
    ['more answers than there are', { count: 9 }, ['.scs.msg.yahoo.com 198.51.100.7']],
    ['a question for something else', { type: 33 }, []],
    [
      'an address of another length',
      {
        answers: [
          [1, [1, 2, 3]],
          [28, [1, 2, 3, 4]],
        ],
      },
      [],
    ],
    ['no name', { name: '' }, []],
    ['a label that is too long', { name: 'a'.repeat(64) }, []],
    ['a name that is too long', { name: Array.from({ length: 130 }, () => 'a').join('.') }, []],
  ])('%s', (_, parts, expected) => {
    expect(read(message(parts))).toEqual(expected);
  });

  test('cut anywhere, it tells only what is whole', () => {
    const whole = message();
    for (let end = 0; end < whole.length; end++) expect(read(whole, 0, end)).toEqual([]);
  });

  test('no bytes make it throw or look past the ends', () => {
    const base = [
      ...message({ answers: [CNAME, [1, [1, 2, 3, 4]], [28, Array.from({ length: 16 }, () => 7)]] }),
    ];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = Uint8Array.from(base);
        for (const [at, value] of changes) bytes[at] = value;
        readAnswer(bytes, 0, bytes.length, {
          address: (_, start, end, at, length) => {
            expect(end - start).toBeLessThanOrEqual(255);
            expect(at + length).toBeLessThanOrEqual(bytes.length);
          },
        });
      }),
      { seed: 5, numRuns: 2_000 },
    );
  });
});

const CLIENT = [10, 0, 0, 1];
const SERVER = [198, 51, 100, 7];

/** A packet to a client. */
function packet(payload: Uint8Array, asker: readonly number[] = CLIENT): PacketView {
  const view = new PacketView();
  view.bytes = Uint8Array.from([...asker, ...payload]);
  view.ipVersion = asker.length === 16 ? 6 : 4;
  view.destinationAt = 0;
  view.payloadStart = asker.length;
  view.payloadEnd = view.bytes.length;
  return view;
}

/** The record of a flow. */
function record(client: readonly number[], server: readonly number[], started: number): Int32Array {
  const r = new Int32Array(32);
  const word = (b: readonly number[], i: number): number => Buffer.from(b).readInt32BE(i * 4);
  r[W.META] = client.length === 16 ? META_IPV6 : 0;
  r[W.SOURCE] = word(client, 0);
  r[W.DESTINATION] = word(server, 0);
  for (let i = 0; i < 3 && client.length === 16; i++) {
    r[W.SOURCE_REST + i] = word(client, i + 1);
    r[W.DESTINATION_REST + i] = word(server, i + 1);
  }
  r[W.START_SECONDS] = started;
  return r;
}

describe('names', () => {
  test('who asked, and before what', () => {
    const names = new NameCache(1_024);
    const find = (started: number, client = CLIENT): unknown =>
      names.find(record(client, SERVER, started), 0, false);
    expect(find(1_000)).toBeUndefined();
    names.learn(packet(message({ name: 'SCS.msg.Yahoo.com' })), false, 1_000);
    expect(find(1_003)).toEqual({ name: 'scs.msg.yahoo.com', before: 3, byClient: true });
    expect(find(1_003, [10, 0, 0, 9])).toEqual({ name: 'scs.msg.yahoo.com', before: 3, byClient: false });
    expect(find(1_000 + 86_401)).toBeUndefined();
    // Looked up only when the connection was there.
    expect(find(999)).toBeUndefined();
    expect(names.find(record(SERVER, CLIENT, 1_003), 0, false)).toBeUndefined();
    expect(names.find(record(SERVER, CLIENT, 1_003), 0, true)).toMatchObject({ byClient: true });
  });

  test('what the client itself asked counts before what others did', () => {
    const names = new NameCache(1_024);
    names.learn(packet(message({ name: 'a.example' })), false, 10);
    names.learn(packet(message({ name: 'b.example' }), [10, 0, 0, 2]), false, 20);
    expect(names.find(record(CLIENT, SERVER, 30), 0, false)).toMatchObject({ name: 'a.example', before: 20 });
    expect(names.find(record([10, 0, 0, 3], SERVER, 30), 0, false)).toMatchObject({ name: 'b.example' });
    names.learn(packet(message({ name: 'c.example' })), false, 25);
    expect(names.find(record(CLIENT, SERVER, 30), 0, false)).toMatchObject({ name: 'c.example', before: 5 });
  });

  test('IPv6, and an IPv4 address is none of its kind', () => {
    const six = (n: number): number[] => [0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), n];
    const names = new NameCache(1_024);
    names.learn(packet(message({ type: 28, answers: [[28, six(7)]] }), six(1)), false, 1);
    expect(names.find(record(six(1), six(7), 1), 0, false)).toMatchObject({ before: 0, byClient: true });
    expect(names.find(record(six(1), six(8), 1), 0, false)).toBeUndefined();
    expect(names.find(record([0x20, 1, 0xd, 0xb8], [0x20, 1, 0xd, 0xb8], 1), 0, false)).toBeUndefined();
  });

  test('addresses that overlap: a name is that of its own VLAN', () => {
    const names = new NameCache(1_024, FLOW_KEY.VLAN);
    for (const [vlan, name] of [
      [5, 'five.example'],
      [6, 'six.example'],
    ] as const) {
      const view = packet(message({ name }));
      view.vlanCount = 1;
      view.vlans = vlan;
      names.learn(view, false, 1);
    }
    const table = new FlowTable(64 * 8, 1, FLOW_KEY.VLAN);
    const nameIn = (vlan: number): string | undefined => {
      const view = packet(message());
      view.bytes = Uint8Array.from([...CLIENT, ...SERVER]);
      Object.assign(view, { sourceAt: 0, destinationAt: 4, vlanCount: vlan === 0 ? 0 : 1, vlans: vlan });
      const at = table.insert(view, table.hashOf(view), 0, 1, 0, false);
      table.records[at + W.START_SECONDS] = 2;
      return names.find(table.records, at, false)?.name;
    };
    expect([5, 6, 7, 0].map(nameIn)).toEqual(['five.example', 'six.example', undefined, undefined]);
  });

  test('a message of TCP in one segment', () => {
    const names = new NameCache(16);
    const whole = message();
    const framed = (length: number): Uint8Array => Uint8Array.from([...u16(length), ...whole]);
    names.learn(packet(framed(whole.length + 1)), true, 1);
    expect(names.find(record(CLIENT, SERVER, 1), 0, false)).toBeUndefined();
    names.learn(packet(framed(whole.length)), true, 1);
    expect(names.find(record(CLIENT, SERVER, 1), 0, false)).toBeDefined();
  });

  test.each(['a b.example', 'a\u0000.example', 'x\u001b[2J.example', 'é.example'])(
    '%j is no name',
    (name) => {
      const names = new NameCache(16);
      names.learn(packet(message({ name })), false, 1);
      expect(names.find(record(CLIENT, SERVER, 1), 0, false)).toBeUndefined();
    },
  );

  test('a label with a dot in it is no two labels', () => {
    const names = new NameCache(16);
    const bytes = message({ name: 'scs.msg' });
    // `3scs3msg` becomes one label of seven bytes.
    bytes[12] = 7;
    bytes[16] = 0x2e;
    names.learn(packet(bytes), false, 1);
    expect(names.find(record(CLIENT, SERVER, 1), 0, false)).toBeUndefined();
  });

  test('a flood makes the oldest go, takes no more memory, and tells no wrong name', () => {
    const names = new NameCache(256);
    const address = (i: number): number[] => [198, 18, i >> 8, i & 0xff];
    for (let i = 0; i < 5_000; i++)
      names.learn(
        packet(message({ name: `host-${i}.${'x'.repeat(i % 60)}y.example`, answers: [[1, address(i)]] })),
        false,
        i,
      );
    let known = 0;
    for (let i = 0; i < 5_000; i++) {
      const found = names.find(record(CLIENT, address(i), 5_000), 0, false);
      if (!found) continue;
      known++;
      expect(found.name).toMatch(new RegExp(`^host-${i}\\.`));
      expect(i).toBeGreaterThan(4_000);
    }
    expect(known).toBeGreaterThan(50);
    expect(known).toBeLessThanOrEqual(256);
  });
});
