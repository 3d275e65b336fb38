import {
  appendFileSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Archive } from '../../src/archive/archive.ts';
import { NameList, mayHold } from '../../src/archive/names.ts';
import type { Query } from '../../src/archive/query.ts';
import { search } from '../../src/archive/search.ts';
import { ArchiveWriter } from '../../src/archive/writer.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { message, timeAt } from './events.ts';

const scratch = mkdtempSync(join(tmpdir(), 'imspan-search-'));
const folder = join(scratch, 'arc');
const log = join(scratch, 'events.jsonl');
const HASH = 'd41d8cd98f00b204e9800998ecf8427e';

const events: EveEvent[] = [
  ...Array.from({ length: 200 }, (_, i) => message(i, 20)),
  message(900, 20, {
    from: 'Zoë@example.org',
    account: 'zoë@example.org',
    person: 'Zoë Müller',
    text: 'Grüße',
  }),
  { ...message(901, 20), event_type: 'fileinfo', fileinfo: { filename: 'Ｆalcon.exe', md5: HASH, size: 0 } },
  {
    ...message(902, 20, { kind: 'client' }),
    event_type: 'alert',
    alert: {
      ...{ action: 'allowed', gid: 1, signature_id: 9_000_101, rev: 1, signature: 'IM executable offered' },
      ...{ category: 'x', severity: 1, metadata: {} },
    },
  },
];
delete events[202]?.im?.text;

beforeAll(async () => {
  Archive.init(folder, { purpose: 'test' });
  const modes = { fallback: 'full' as const, groups: [] };
  const writer = new ArchiveWriter(folder, { modes, tell: () => undefined, segmentBytes: 20_000 });
  for (const event of events) writer.write(event);
  await writer.close();
  writeFileSync(log, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

async function ids(place: string, query: Query): Promise<number[]> {
  const found: number[] = [];
  await search([place], query, {}, ({ im }) => found.push(parseInt(im?.id ?? '', 16)));
  return found;
}

describe('an archive and an event log answer alike', () => {
  test.each<[string, Query, number[]]>([
    [
      'a name',
      { names: ['user3@example.org'] },
      [2, 3, 22, 23, 42, 43, 62, 63, 82, 83, 102, 103, 122, 123, 142, 143, 162, 163, 182, 183, 902],
    ],
    ['a name of a network', { names: ['xmpp:USER3@example.org'], to: timeAt(200) }, [2, 3, 22, 23]],
    ['a name of another network', { names: ['aim:user3@example.org'] }, []],
    [
      'two people together',
      { names: ['user3@example.org'], peer: 'user2@example.org', to: timeAt(200) },
      [2, 22],
    ],
    ['a person', { names: ['ZOË müller'] }, [900]],
    ['a word in any case', { text: 'NUMBER 77 About' }, [77]],
    ['a word with other letters', { text: 'GRÜSSE' }, []],
    ['a word with its letters', { text: 'grüße' }, [900]],
    ['the name of a file, in full width', { text: 'falcon.EXE' }, [901]],
    ['the hash of a file', { hash: HASH }, [901]],
    ['alerts', { alerts: true }, [902]],
    ['alerts of a signature', { signature: 9_000_101 }, [902]],
    ['alerts of no signature', { alerts: true, signature: 1 }, []],
    ['times', { from: timeAt(700), to: timeAt(721).slice(0, 23) }, [100, 101, 102, 103]],
    ['a kind', { kinds: ['client', 'login'] }, [902]],
    ['a conversation', { conversation: '5'.padStart(32, '0'), to: timeAt(300) }, [5, 25]],
    ['an id', { id: '9'.padStart(32, '0') }, [9]],
  ])('%s', async (_name, query, expected) => {
    expect(await ids(folder, query)).toEqual(expected);
    expect(await ids(log, query)).toEqual(expected);
  });

  test('segments without the name, or of other times, are not read', async () => {
    const counts = async (query: Query): Promise<[number, number]> => {
      const result = await search([folder], query, {}, () => undefined);
      return [result.counts.segments, result.counts.skipped];
    };
    const [all] = await counts({ network: 'xmpp' });
    expect(await counts({ names: ['zoë@example.org'] })).toEqual([1, all - 1]);
    expect(await counts({ to: timeAt(0) })).toEqual([1, all - 1]);
    expect(await counts({ names: ['nobody'] })).toEqual([0, all]);
  });

  test('more than the limit is said', async () => {
    const result = await search([folder], { network: 'xmpp' }, { limit: 5 }, () => undefined);
    expect([result.found, result.cut]).toEqual([5, true]);
  });
});

describe('what cannot be read is told, and the rest is found', () => {
  test('lines that are no events, and a torn one', async () => {
    const path = join(scratch, 'bad.jsonl');
    const good = JSON.stringify(message(1));
    writeFileSync(
      path,
      `${good}\nnot json\n[]\n{"a":1}\n{"timestamp":"x","event_type":"im","im":null}\n${good}\n{"timest`,
    );
    const result = await search([path], { kinds: ['message'] }, {}, () => undefined);
    expect(result.found).toBe(2);
    expect(result.counts.problems).toEqual([2, 3, 4, 5].map((line) => `${path}, line ${line}: is no event`));
  });

  test('a cut file, and a missing segment', async () => {
    const path = join(scratch, 'cut.jsonl.gz');
    const lines = events.slice(0, 200).map((event) => JSON.stringify(event));
    writeFileSync(path, gzipSync(`${lines.join('\n')}\n`));
    truncateSync(path, Math.floor(statSync(path).size / 2));
    const cut = await search([path], { network: 'xmpp' }, {}, () => undefined);
    expect(cut.found).toBeGreaterThan(20);
    expect(cut.counts.problems.join()).toMatch(/cut.jsonl.gz: cannot be read after line \d+/);
    unlinkSync(join(folder, 'segments', '00000001.jsonl.gz'));
    const missing = await search([folder], { names: ['zoë@example.org'] }, {}, () => undefined);
    expect([missing.found, missing.counts.problems]).toEqual([1, []]);
    const all = await search([folder], { network: 'xmpp' }, {}, () => undefined);
    expect(all.counts.problems).toEqual(['segment 1 is missing']);
  });

  test('events whose fields have other forms', async () => {
    const path = join(scratch, 'odd.jsonl');
    const odd = {
      timestamp: '2026',
      event_type: 'im',
      im: { id: 1, from: 5, to: 'x', members: 7, room: 3, text: {} },
    };
    writeFileSync(path, `${JSON.stringify(odd)}\n`);
    for (const query of [
      { names: ['x'] },
      { text: 'x' },
      { peer: 'y' },
      { kinds: ['x'] },
      { conversation: '1' },
    ])
      await search([path], query, {}, () => undefined);
    appendFileSync(
      path,
      `${JSON.stringify({ ...odd, im: { ...odd.im, sealed: { keys: [1], data: 2 } } })}\n`,
    );
    expect(await search([path], { from: '2026' }, {}, () => undefined)).toMatchObject({ found: 2 });
  });

  test('a place that is none', async () => {
    await expect(search([join(scratch, 'nowhere')], { text: 'x' }, {}, () => undefined)).rejects.toThrow(
      /cannot read .*nowhere: it is not there/,
    );
  });
});

test('a name that is in a list is always found in it', () => {
  const names = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), { maxLength: 50 });
  const run = fc.property(names, (all) => {
    const list = new NameList();
    for (const from of all) list.add({ ...message(1), im: { v: 1, id: '', from } });
    const marks = list.bytes();
    expect(marks).toBeDefined();
    for (const name of all)
      expect(
        mayHold(marks!, name.toUpperCase().toLowerCase() === name.toLowerCase() ? name.toUpperCase() : name),
      ).toBe(true);
    const others = all.map((name) => `${name}\0other`);
    expect(
      others.filter((name) => name.length <= 256 && mayHold(marks!, name) && !all.includes(name)),
    ).toEqual([]);
  });
  fc.assert(run, { seed: 13, numRuns: 100 });
});
