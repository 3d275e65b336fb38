import { expect, test } from '@jest/globals';
import { Classifier } from '../../src/classify/classifier.ts';
import { imEvent, flowEvent } from '../../src/classify/build.ts';
import { parsePolicy } from '../../src/classify/policy-file.ts';
import { defaultRulebook } from '../../src/classify/rulebook.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { TrafficMaker, makeTraffic } from './traffic.ts';
import type { WormSettings } from './traffic.ts';

const WORM: WormSettings = {
  seed: 1,
  contacts: 12,
  gap: 0.3,
  mutation: 0,
  delay: 5,
  typing: false,
  what: 'link',
  passedOn: 2,
};

/** What is told of behaviour of these events. */
async function judge(events: readonly EveEvent[], policy?: string): Promise<EveEvent[]> {
  const alerts: EveEvent[] = [];
  const rulebook = defaultRulebook();
  const read = policy === undefined ? rulebook.policy : await parsePolicy(`version: 1\n${policy}`, 'p.yaml');
  const emit = (alert: EveEvent): void => {
    if ((alert.alert?.signature_id ?? 0) >= 9_000_140) alerts.push(alert);
  };
  const classifier = new Classifier({ rulebook: { ...rulebook, policy: read }, emit });
  for (const event of events) classifier.on(event);
  classifier.finish();
  return alerts;
}

const idsOf = (alerts: readonly EveEvent[]): number[] => [
  ...new Set(alerts.map((alert) => alert.alert?.signature_id ?? 0)),
];
const evidenceOf = (alert: EveEvent | undefined): string[] => alert?.alert?.metadata['evidence'] ?? [];
const spread = (alert: EveEvent): boolean => (alert.alert?.signature_id ?? 0) <= 9_000_142;

async function measure(set: WormSettings): Promise<{ precision: number; recall: number; found: number }> {
  const { events, infected } = makeTraffic(set);
  const alerts = await judge(events);
  const accused = new Set(alerts.filter(spread).map((alert) => alert.im?.from ?? ''));
  const right = [...accused].filter((name) => infected.has(name)).length;
  return {
    precision: accused.size === 0 ? 1 : right / accused.size,
    recall: right / infected.size,
    found: accused.size,
  };
}

/** Parameters over which precision and recall are measured, and the least recall of each. */
const TABLE: readonly (readonly [string, Partial<WormSettings>, number])[] = [
  ['link, fast', {}, 1],
  ['link, a second contact each 4 s', { gap: 4 }, 1],
  ['link, each 6 s', { gap: 6 }, 1],
  ['link, 5 contacts only', { contacts: 5 }, 1],
  ['link, 4 contacts only: below the threshold', { contacts: 4, passedOn: 0 }, 0],
  ['link, a third of the words changed', { mutation: 0.3 }, 1],
  ['link, all words changed', { mutation: 1 }, 1],
  ['link, 30 minutes after sign-on', { delay: 1_800 }, 1],
  ['link, with typing told', { typing: true }, 1],
  ['text, fast', { what: 'text' }, 1],
  ['text, an eighth of the words changed', { what: 'text', mutation: 0.125 }, 1],
  ['text, half of the words changed', { what: 'text', mutation: 0.5 }, 0],
  ['text, each 5 s', { what: 'text', gap: 5 }, 0.9],
  ['file', { what: 'file' }, 1],
  ['file, the number changes', { what: 'file', mutation: 1 }, 1],
  ['file, each 6 s, late', { what: 'file', gap: 6, delay: 1_800 }, 1],
];

test('precision and recall over the parameters of a worm', async () => {
  const lines: string[] = [];
  const short: string[] = [];
  for (const [name, part, least] of TABLE) {
    let [precision, recall] = [0, 0];
    const seeds = [1, 2];
    for (const seed of seeds) {
      const one = await measure({ ...WORM, ...part, seed });
      precision += one.precision / seeds.length;
      recall += one.recall / seeds.length;
    }
    lines.push(`${name.padEnd(46)} precision ${precision.toFixed(2)}  recall ${recall.toFixed(2)}`);
    if (precision < 1 || recall < least) short.push(lines.at(-1) ?? '');
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  expect(short).toEqual([]);
}, 120_000);

test('people alone raise nothing', async () => {
  const { events, messages } = makeTraffic({ ...WORM, contacts: 0, passedOn: 0 });
  expect(messages).toBeGreaterThan(1_500);
  expect(await judge(events)).toEqual([]);
});

test('a worm is told with the message that crosses the threshold, then as it doubles; the spread is a tree', async () => {
  const { events } = makeTraffic(WORM);
  const alerts = (await judge(events)).filter(spread);
  const [first, second] = alerts;
  expect(first?.im?.from).toBe('user0');
  expect(evidenceOf(first)[0]).toBe('the same to 5 contacts within 1 s');
  const copies = events.filter((event) => event.im?.kind === 'message' && event.im.from === 'user0');
  const crossing = copies.filter((event) => event.im?.text?.includes('pics1')).at(4);
  expect(first?.timestamp).toBe(crossing?.timestamp);
  expect([second?.im?.finding, second?.im?.count]).toEqual([first?.im?.finding, 10]);
  const children = alerts.filter((alert) => alert.alert?.signature_id === 9_000_142);
  expect(new Set(children.map((alert) => alert.im?.from))).toEqual(new Set(['user1', 'user2']));
  expect(evidenceOf(children[0])).toContain(`parent finding ${first?.im?.finding ?? ''}`);
  expect(evidenceOf(children[0])[0]).toBe('the same to 3 contacts within 0 s');
  expect(JSON.stringify(alerts)).not.toContain('funny');
});

test('the policy switches, tunes and exempts', async () => {
  const { events } = makeTraffic({ ...WORM, passedOn: 0 });
  expect(await judge(events, 'behaviour: { spread: off }')).toEqual([]);
  expect(await judge(events, 'behaviour: { spread: { contacts: 20 } }')).toEqual([]);
  expect(await judge(events, 'behaviour: { exempt: ["user0*"] }')).toEqual([]);
  expect(await judge(events, 'behaviour: { own_hosts: [example.test], spread: { score: 8 } }')).toEqual([]);
  const [severe] = await judge(events, 'behaviour: { spread: { severity: 3 } }');
  expect(severe?.alert?.severity).toBe(3);
  await expect(judge([], 'behaviour: { spread: { contacts: 1 } }')).rejects.toThrow(
    '"contacts" is to be a whole number from 2 to 64',
  );
  await expect(judge([], 'behaviour: { worms: off }')).rejects.toThrow('unknown key "worms"');
});

test('an announcer that people have put on their lists; not one that has them on its own, nor where no list was seen', async () => {
  const people = Array.from({ length: 12 }, (_, i) => `user${i}`);
  const news = (own: readonly string[] | undefined, theirs: readonly string[]): EveEvent[] => {
    const maker = new TrafficMaker(7);
    for (const name of people) maker.signOn(name, theirs, 0);
    maker.signOn('news99', own ?? [], 50);
    people.forEach((to, i) =>
      maker.say('news99', to, 'today: the canteen is closed, see http://news.example.test/1', 60 + i, false),
    );
    return maker.made(new Map()).events;
  };
  const spread = async (events: EveEvent[]): Promise<number[]> =>
    idsOf(await judge(events)).filter((id) => id <= 9_000_142);
  expect(await spread(news(['boss'], ['news99', 'user50']))).toEqual([]);
  expect(await spread(news(['boss', ...people], ['news99', 'user50']))).toEqual([9_000_140]);
  expect(await spread(news(['boss'], ['user50']))).toEqual([9_000_140]);
  expect(await spread(news(undefined, ['news99', 'user50']))).toEqual([9_000_140]);
});

/** Links of `senders` to `targets`, whose lists hold `knows`. */
function links(senders: readonly string[], targets: readonly string[], knows: readonly string[]): EveEvent[] {
  const maker = new TrafficMaker(3);
  targets.forEach((name) => maker.signOn(name, knows, 0));
  senders.forEach((from, i) =>
    targets.forEach((to, k) =>
      maker.say(from, to, `${maker.sentence()} http://x${k}.example.test/`, 60 * (i + k), true),
    ),
  );
  return maker.made(new Map()).events;
}

test('unsolicited links: one stranger to many, many strangers to one; not from contacts', async () => {
  const many = ['user1', 'user2', 'user3'];
  expect(idsOf(await judge(links(['user9'], many, ['user4'])))).toEqual([9_000_143]);
  expect(idsOf(await judge(links(many, ['user9'], ['user4'])))).toEqual([9_000_144]);
  expect(await judge(links(['user9'], many, ['user9']))).toEqual([]);
  expect(await judge(links(many, ['user9'], many))).toEqual([]);
  expect(await judge(links(['user9'], many, []))).toEqual([]);
  const own = 'behaviour: { own_hosts: [example.test] }';
  expect(await judge(links(['user9'], many, ['user4']), own)).toEqual([]);
});

test('the directory is harvested, contacts are added in bulk; a person searches now and then', async () => {
  const search = (n: number, gap: number): EveEvent[] =>
    Array.from({ length: n }, (_, i) => imEvent({ kind: 'search', account: 'a', sent: true }, i * gap));
  expect(idsOf(await judge(search(20, 1)))).toEqual([9_000_145]);
  expect(await judge(search(40, 20))).toEqual([]);
  const add = (op: 'add' | 'list'): EveEvent[] =>
    Array.from({ length: 30 }, (_, i) =>
      imEvent({ kind: 'contact', account: 'a', sent: true, contact: { op, id: `c${i}` } }, i),
    );
  expect(idsOf(await judge(add('add')))).toEqual([9_000_145]);
  expect(await judge(add('list'))).toEqual([]);
});

test('the volume of files sent; both legs of one file count once', async () => {
  const file = (id: string, size: number, flow_id: number): EveEvent => ({
    ...imEvent({ from: 'a', to: ['b'], file: { id } }, 1, { flow_id }),
    event_type: 'fileinfo',
    fileinfo: { size },
  });
  const both = (n: number, size: number): EveEvent[] =>
    Array.from({ length: n }, (_, i) => [file(`f${i}`, size, 1), file(`f${i}`, size, 2)]).flat();
  expect(idsOf(await judge(both(50, 10)))).toEqual([9_000_146]);
  expect(idsOf(await judge(both(5, 100_000_000)))).toEqual([9_000_146]);
  expect(await judge(both(49, 1_000_000))).toEqual([]);
});

test('a room is flooded; a lively one of many people, seen by many members, is not', async () => {
  const line = (from: string, at: number, flow_id: number): EveEvent =>
    imEvent({ kind: 'message', from, account: 'm', room: { id: 'r' }, text: `line ${at}` }, at, { flow_id });
  const flood = Array.from({ length: 20 }, (_, i) => line('a', Math.floor(i / 3), 1));
  expect(idsOf(await judge(flood))).toEqual([9_000_147]);
  const lively = Array.from({ length: 40 }, (_, i) => line(`u${i % 8}`, Math.floor(i / 5), 1));
  expect(await judge(lively)).toEqual([]);
  const seen = Array.from({ length: 30 }, (_, i) => line('a', Math.floor(i / 10) * 3, i % 10));
  expect(await judge(seen)).toEqual([]);
});

/** What `text` of the controller is answered with. */
function orders(commands: readonly string[], after: number, typing: boolean): EveEvent[] {
  const maker = new TrafficMaker(5);
  commands.forEach((text, i) => {
    maker.say('user1', 'user2', text, 50 + i * 37 + i * i, false);
    maker.say(
      'user2',
      'user1',
      `done number${i} with ${maker.sentence()}`,
      50 + i * 37 + i * i + after,
      typing,
    );
  });
  return maker.made(new Map()).events;
}

test('commands that a program obeys; not a robot that tells the weather, nor a person', async () => {
  const bot = ['!login x', '.download http://198.51.100.9/a', '!sysinfo'];
  expect(idsOf(await judge(orders(bot, 1, false)))).toEqual([9_000_148]);
  expect(await judge(orders(['!weather rome', '!help', '!time'], 1, false))).toEqual([]);
  expect(await judge(orders(bot, 9, false))).toEqual([]);
  expect(await judge(orders(bot, 1, true))).toEqual([]);
});

test('a beacon by the beat of a clock; a person who says the same now and then is none', async () => {
  const beat = (gap: (i: number) => number): EveEvent[] => {
    const maker = new TrafficMaker(5);
    for (let i = 0; i < 10; i++) maker.say('user1', 'user2', `alive ${i * 17}`, gap(i), false);
    return maker.made(new Map()).events;
  };
  expect(idsOf(await judge(beat((i) => 60 * i)))).toEqual([9_000_149]);
  expect(await judge(beat((i) => 60 * i + (i % 3) * 17))).toEqual([]);
  expect(await judge(beat((i) => 2 * i))).toEqual([]);
});

test('coded blobs; not encryption known as such, nor hashes', async () => {
  const say = (text: string, encrypted?: string): EveEvent[] =>
    [1, 50, 170].map((at) =>
      imEvent(
        {
          kind: 'message',
          from: 'a',
          to: ['b'],
          sent: true,
          text: `${text}${at}`,
          ...(encrypted && { encrypted }),
        },
        at,
      ),
    );
  const blob = Buffer.from('a blob that only a program can read 1234567')
    .toString('base64')
    .replaceAll('=', '');
  expect(idsOf(await judge(say(blob)))).toEqual([9_000_150]);
  expect(await judge(say(blob, 'otr'))).toEqual([]);
  expect(await judge(say('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8'))).toEqual([]);
});

test('hostile texts and endless accounts cost bounded time', async () => {
  const long = `http://${'a'.repeat(2_000)}`;
  const events = Array.from({ length: 20_000 }, (_, i) =>
    imEvent({ kind: 'message', from: `s${i % 40}`, to: [`t${i}`], sent: true, text: `${long}${i}` }, i % 30),
  );
  const start = performance.now();
  await judge([...events, flowEvent(100)]);
  expect(performance.now() - start).toBeLessThan(30_000);
}, 60_000);
