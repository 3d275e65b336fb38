import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Archive } from '../../src/archive/archive.ts';
import { stateOf } from '../../src/archive/manifest.ts';
import { search } from '../../src/archive/search.ts';
import { verifyArchive } from '../../src/archive/verify.ts';
import { ArchiveWriter } from '../../src/archive/writer.ts';
import type { WriterOptions } from '../../src/archive/writer.ts';
import { parsePolicy } from '../../src/classify/policy-file.ts';
import type { ArchiveMode } from '../../src/classify/policy/archive-modes.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { message } from './events.ts';

const scratch = mkdtempSync(join(tmpdir(), 'imspan-archive-'));
let folder = '';
let told: string[] = [];
let number = 0;

beforeEach(() => {
  folder = join(scratch, `arc${++number}`);
  told = [];
  Archive.init(folder, { purpose: 'test' });
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const modes = (fallback: ArchiveMode): WriterOptions['modes'] => ({ fallback, groups: [] });

function open(options: Partial<WriterOptions> = {}): ArchiveWriter {
  return new ArchiveWriter(folder, { modes: modes('metadata'), tell: (line) => told.push(line), ...options });
}

async function written(
  events: readonly EveEvent[],
  options: Partial<WriterOptions> = {},
): Promise<EveEvent[]> {
  const writer = open(options);
  for (const event of events) writer.write(event);
  await writer.close();
  return found();
}

async function found(): Promise<EveEvent[]> {
  const events: EveEvent[] = [];
  await search([folder], { network: 'xmpp' }, {}, (event) => events.push(event));
  return events;
}

const part = (seq: number, kind = 'part'): string => join(folder, 'segments', `0000000${seq}.${kind}`);

test('a sealing that is cut off before the manifest knows of it leaves the open text, and is done again', async () => {
  const first = open();
  for (let i = 0; i < 3; i++) first.write(message(i));
  // As a kill between the two leaves it: compressed, renamed, and not recorded.
  writeFileSync(part(1, 'jsonl.gz'), gzipSync(readFileSync(part(1))));
  const cut = await verifyArchive(Archive.open(folder));
  expect(cut.problems).toEqual([]);
  expect(cut.notes.join()).toContain('segment 1: its sealing was cut off');
  expect((await found()).length).toBe(3);
  await first.close();
  const whole = await verifyArchive(Archive.open(folder));
  expect([whole.problems, whole.notes, whole.events]).toEqual([[], [], 3]);
});

describe('writing', () => {
  test('each event is in the file when write returns', async () => {
    const writer = open();
    for (let i = 0; i < 3; i++) {
      writer.write(message(i));
      expect(readFileSync(part(1), 'utf8').split('\n')).toHaveLength(i + 2);
    }
    await writer.close();
    expect(existsSync(part(1))).toBe(false);
  });

  test('what is read while it is written is what was written', async () => {
    const writer = open({ segmentBytes: 5_000 });
    for (let i = 0; i < 40; i++) writer.write(message(i));
    expect((await found()).map((event) => event.im?.id)).toEqual(
      Array.from({ length: 40 }, (_, i) => message(i).im?.id),
    );
    expect((await verifyArchive(Archive.open(folder))).problems).toEqual([]);
    await writer.close();
    expect(await found()).toHaveLength(40);
  });

  test('a second writer is refused, and the lock of one that has gone is not in the way', async () => {
    const writer = open();
    expect(() => open()).toThrow(/process \d+ is at it/);
    await writer.close();
    writeFileSync(join(folder, 'writer.lock'), `999999999\n${(await import('node:os')).hostname()}\n`);
    await open().close();
  });

  test('active characters leave as escapes', async () => {
    await written([message(1, 10, { from_name: 'a\u202eb\x7f' })]);
    const [event] = await found();
    expect(event?.im?.from_name).toBe('a\u202eb\x7f');
  });

  test('what is no archive is refused in words', () => {
    rmSync(join(folder, 'archive.json'));
    expect(() => open()).toThrow(/is no archive; make one with imspan archive init/);
  });

  test('keys inside the archive are refused', () => {
    const inside = join(scratch, 'other');
    expect(() => Archive.init(inside, { purpose: 'x', keys: join(inside, 'keys') })).toThrow(
      /must lie elsewhere/,
    );
  });
});

describe('after a crash', () => {
  /** A run that ended without a word: its text lies open. */
  async function crashed(lines: number, sign: boolean): Promise<void> {
    const writer = open();
    for (let i = 0; i < lines; i++) writer.write(message(i));
    if (sign) await new Promise((resolve) => setTimeout(resolve, 1_050));
    rmSync(join(folder, 'writer.lock'));
  }

  test('the next run seals what there is, and says what is missing', async () => {
    await crashed(5, false);
    appendFileSync(part(1), '{"timestamp":"2026-03');
    await written([message(5)]);
    expect(told.join()).toMatch(
      /the run before had no end.*\(1\) there are 5 events; the one that was being written is missing/,
    );
    expect(await found()).toHaveLength(6);
    const report = await verifyArchive(Archive.open(folder));
    expect(report.events).toBe(6);
  });

  test('a change of what was signed shows, before and after it is sealed', async () => {
    await crashed(5, true);
    const text = readFileSync(part(1), 'utf8');
    expect((await verifyArchive(Archive.open(folder))).problems).toEqual([]);
    writeFileSync(part(1), text.replace('user2', 'user9'));
    const wrong = 'its first 5 lines are not those that were signed';
    expect((await verifyArchive(Archive.open(folder))).problems).toEqual([
      `segment 1, not sealed yet: ${wrong}`,
    ]);
    await written([message(5)]);
    expect(told.join()).toContain(wrong);
    expect((await verifyArchive(Archive.open(folder))).problems).toEqual([
      `segment 1: was changed before it was sealed: ${wrong}`,
    ]);
  });

  test('lines taken from the end of what was signed are counted', async () => {
    await crashed(5, true);
    writeFileSync(part(1), `${readFileSync(part(1), 'utf8').split('\n').slice(0, 3).join('\n')}\n`);
    await written([]);
    expect(told.join()).toMatch(/2 that were written are gone; it is shorter than what was signed/);
  });

  test('a signed record that was taken away shows', async () => {
    await crashed(3, false);
    rmSync(part(1, 'open'));
    expect((await verifyArchive(Archive.open(folder))).problems).toEqual([
      'segment 1, not sealed yet: its signed record is missing',
    ]);
  });

  test('sealed, but not cleared away: nothing is there twice', async () => {
    await written([message(1), message(2)]);
    writeFileSync(part(1), 'left behind\n');
    writeFileSync(part(1, 'tmp'), 'half');
    expect(await found()).toHaveLength(2);
    await written([message(3)]);
    expect(await found()).toHaveLength(3);
    expect(existsSync(part(1)) || existsSync(part(1, 'tmp'))).toBe(false);
    expect((await verifyArchive(Archive.open(folder))).problems).toEqual([]);
  });

  test('a torn manifest is mended', async () => {
    await written([message(1)]);
    appendFileSync(join(folder, 'manifest.jsonl'), '{"sig":"abc');
    await written([message(2)]);
    const archive = Archive.open(folder);
    expect((await verifyArchive(archive)).problems).toEqual([]);
    expect([...stateOf(archive.manifest.entries()).segments.keys()]).toEqual([1, 2]);
  });
});

test('a disk that takes no more is told at once, and at the end', async () => {
  const writer = open();
  writer.write(message(1));
  // The segment that comes next cannot be made: its name is taken.
  writeFileSync(part(2), 'taken');
  writer.write(message(2, 10, { text_length: 5 }));
  const other = open.bind(undefined, {});
  expect(other).toThrow();
  await writer.close();
  rmSync(part(2));
  const full = open({ segmentBytes: 1 });
  writeFileSync(part(3), 'taken');
  full.write(message(3));
  full.write(message(4));
  full.write(message(5));
  await expect(full.close()).rejects.toThrow(/cannot write .*; events lost: \d/);
  expect(told.join()).toMatch(/nothing more is archived in this run/);
});

describe('privacy', () => {
  const events = [
    message(1, 10, { text: 'write to bob@example.com or call +49 221 4711 0815, user1', html: '<b>x</b>' }),
    { ...message(2), event_type: 'stats' as const, im: { v: 1, id: 'f'.repeat(32), stats: {} } },
  ];
  const textOf = (event: EveEvent | undefined): string => JSON.stringify(event);

  test('none: nothing of people', async () => {
    expect(await written(events, { modes: modes('none') })).toEqual([]);
    const [entry] = [...stateOf(Archive.open(folder).manifest.entries()).segments.values()];
    expect(entry?.kept_out).toBe(1);
    expect(entry?.lines).toBe(1);
  });

  test('metadata: who, when and how long', async () => {
    const [event] = await written(events);
    expect(event?.im).toMatchObject({ from: 'user1@example.org', text_length: 57 });
    expect(textOf(event)).not.toMatch(/bob@|sealed/);
  });

  test('hashed: no name, address or id that could be traced', async () => {
    const [event] = await written(events, { modes: modes('hashed') });
    expect(textOf(event)).not.toMatch(/user1|user2|10\.1\.|bob@|0000000000000001|community/);
    expect(event?.im?.from).toMatch(/^p1:[0-9a-f]{24}$/);
    expect(event?.src_ip).toMatch(/^fd/);
    const [again] = (await written(events.slice(0, 1), { modes: modes('hashed') })).slice(-1);
    expect(again?.im?.from).toBe(event?.im?.from);
  });

  test('redacted: texts sealed, without what is personal in them', async () => {
    const [event] = await written(events, { modes: modes('redacted') });
    expect(event?.im?.text).toBe('write to [address] or call [number], [name]');
    expect(event?.im?.html).toBeUndefined();
  });

  test('full: texts sealed; nothing of them in the files', async () => {
    const writer = open({ modes: modes('full') });
    for (const event of events) writer.write(event);
    expect(readFileSync(part(1), 'utf8')).not.toMatch(/bob@|<b>/);
    await writer.close();
    expect((await found())[0]?.im).toMatchObject({ text: events[0]?.im?.text, html: '<b>x</b>' });
  });

  test('the same text again is sealed into the same bytes', async () => {
    await written([events[0]!, events[0]!], { modes: modes('full') });
    const sealed = (event: EveEvent): unknown => (event.im as { sealed?: unknown }).sealed;
    const seen: unknown[] = [];
    await search([folder], { network: 'xmpp' }, { keys: join(scratch, 'none') }, (event) =>
      seen.push(sealed(event)),
    );
    expect(seen[0]).toBeDefined();
    expect(seen[0]).toEqual(seen[1]);
  });

  test('groups of the policy: whoever keeps least decides', async () => {
    const policy = await parsePolicy(
      [
        'version: 2',
        'default: { verdict: allow }',
        'groups:',
        '  traders: [user1@example.org, user2@example.org]',
        '  legal: [user3@example.org]',
        'archive:',
        '  default: metadata',
        '  groups: { traders: full, legal: none }',
      ].join('\n'),
      'p.yaml',
    );
    const kept = await written(
      [0, 1, 2, 3, 5].map((i) => message(i)),
      { modes: policy.archive! },
    );
    // 0 writes to 1 (a trader), 1 to 2; 2 to 3 and 3 to 4 are of the legal department; 5 is in no group.
    expect(kept.map((event) => [event.im?.from, event.im?.text !== undefined])).toEqual([
      ['user0@example.org', true],
      ['user1@example.org', true],
      ['user5@example.org', false],
    ]);
  });

  test('a policy with a group that is none is refused', async () => {
    const text = 'version: 2\ndefault: { verdict: allow }\narchive:\n  groups: { traders: full }\n';
    await expect(parsePolicy(text, 'p.yaml')).rejects.toThrow(
      /p.yaml:4:13: the policy has no group "traders"/,
    );
  });
});
