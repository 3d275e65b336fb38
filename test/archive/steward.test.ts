import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Archive } from '../../src/archive/archive.ts';
import { ChainedLog, checkLog, plainFields } from '../../src/archive/chained-log.ts';
import { exportPerson } from '../../src/archive/export.ts';
import { addMark, marksOf } from '../../src/archive/marks.ts';
import { openPseudonym } from '../../src/archive/pseudonyms.ts';
import { search } from '../../src/archive/search.ts';
import { erase, hold, purge, release, retentionEnd, rotatePseudonyms } from '../../src/archive/steward.ts';
import { verifyArchive } from '../../src/archive/verify.ts';
import { ArchiveWriter } from '../../src/archive/writer.ts';
import type { ArchiveMode } from '../../src/classify/policy/archive-modes.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { message } from './events.ts';

const scratch = mkdtempSync(join(tmpdir(), 'imspan-steward-'));
let folder = '';
let archive: Archive;
let number = 0;

beforeEach(() => {
  folder = join(scratch, `arc${++number}`);
  archive = Archive.init(folder, { purpose: 'ticket 4711', retentionDays: 30 });
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

async function write(
  from: number,
  to: number,
  mode: ArchiveMode = 'full',
  segmentBytes = 1e9,
): Promise<void> {
  const modes = { fallback: mode, groups: [] };
  const writer = new ArchiveWriter(folder, { modes, tell: () => undefined, segmentBytes });
  for (let i = from; i < to; i++) writer.write(message(i));
  await writer.close();
}

async function find(names: string[]): Promise<EveEvent[]> {
  const found: EveEvent[] = [];
  await search([folder], { names }, {}, (event) => found.push(event));
  return found;
}

const problems = async (): Promise<string[]> => (await verifyArchive(Archive.open(folder))).problems;
const textsOf = (events: EveEvent[]): string[] => events.flatMap(({ im }) => im?.text ?? []);

describe('erasure', () => {
  test('destroys what a person wrote and got, leaves others alone, and the archive is whole', async () => {
    await write(0, 50);
    const keysFile = join(`${folder}.keys`, 'people.jsonl');
    const before = readFileSync(keysFile, 'utf8');
    expect(textsOf(await find(['xmpp:user3@example.org']))).toHaveLength(10);
    expect(erase(archive, ['xmpp:user3@example.org'], 'Art. 17')).toEqual({ keys: 1, pseudonyms: 0 });
    expect(textsOf(await find(['user3@example.org']))).toEqual([]);
    // With 4 and with 2 it is gone; what 4 wrote to 5 is there.
    expect(textsOf(await find(['user4@example.org']))).toHaveLength(5);
    expect(readFileSync(keysFile, 'utf8')).not.toContain('user3@');
    expect(before).toContain('user3@');
    expect(await problems()).toEqual([]);
    // Neither the manifest nor the log says who it was.
    const said = ['manifest.jsonl', 'archive.json'].map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(said.join()).not.toContain('user3');
  });

  test('a writer that runs makes new keys for what comes after', async () => {
    const modes = { fallback: 'full' as const, groups: [] };
    const writer = new ArchiveWriter(folder, { modes, tell: () => undefined, segmentBytes: 1_500 });
    for (let i = 0; i < 10; i++) writer.write(message(i));
    erase(archive, ['xmpp:user3@example.org'], 'Art. 17');
    // The end of a segment is where a writer looks.
    for (let i = 10; i < 30; i++) writer.write(message(i));
    await writer.close();
    const numbers = textsOf(await find(['user3@example.org'])).map((text) => Number(/\d+/.exec(text)?.[0]));
    expect(numbers.filter((n) => n < 10)).toEqual([]);
    expect(numbers).toContain(23);
    expect(await problems()).toEqual([]);
  });

  test('a hold forbids it', async () => {
    await write(0, 5);
    const id = hold(archive, { reason: 'case 7', names: ['xmpp:user3@example.org'] });
    expect(() => erase(archive, ['xmpp:user3@example.org'], 'x')).toThrow(`hold ${id} forbids it (case 7)`);
    erase(archive, ['xmpp:user2@example.org'], 'x');
    release(archive, id, 'closed');
    expect(erase(archive, ['xmpp:user3@example.org'], 'x').keys).toBe(1);
    expect(() => release(archive, id, 'again')).toThrow(/no hold of that number/);
  });

  test.each(['alice', ':x', 'xmpp:'])('%s is no account', (name) => {
    expect(() => erase(archive, [name], 'x')).toThrow(/write an account as NETWORK:NAME/);
  });

  test('with other keys nothing is read, and it is said', async () => {
    await write(0, 5);
    const other = Archive.init(join(scratch, `other${number}`), { purpose: 'x' });
    const people = readFileSync(archive.keys.people, 'utf8').replace(/"key":"..../g, '"key":"AAAA');
    writeFileSync(other.keys.people, people);
    const options = { keys: other.keys.path };
    const { unsealed, found } = await search([folder], { network: 'xmpp' }, options, () => undefined);
    expect({ unsealed, found }).toEqual({ unsealed: { opened: 0, erased: 0, wrong: 5 }, found: 5 });
  });
});

describe('purge', () => {
  test('removes what is old, leaves a signed tombstone, and the archive is whole', async () => {
    await write(0, 100, 'metadata', 10_000);
    const files = readdirSync(join(folder, 'segments')).length;
    const dry = purge(archive, '2026-03-02', 'retention', true);
    expect(readdirSync(join(folder, 'segments'))).toHaveLength(files);
    const done = purge(archive, '2026-03-02', 'retention', false);
    expect(done).toEqual(dry);
    expect(done.events).toBe(100);
    expect(readdirSync(join(folder, 'segments'))).toEqual([]);
    expect(await problems()).toEqual([]);
    await write(100, 110);
    expect(await find(['user3@example.org'])).toHaveLength(2);
    expect(await problems()).toEqual([]);
  });

  test('what is younger stays, and a segment that comes back is told', async () => {
    await write(0, 10);
    const path = join(folder, 'segments', '00000001.jsonl.gz');
    expect(purge(archive, '2026-03-01', 'x', false).segments).toEqual([]);
    const bytes = readFileSync(path);
    expect(purge(archive, '2026-03-01T08:00:01', 'x', false).segments).toEqual([1]);
    writeFileSync(path, bytes);
    expect(await problems()).toEqual(['segment 1: was purged and is there']);
  });

  test('holds keep segments: of a person, of a time, of all', async () => {
    await write(0, 5);
    await write(5, 8);
    const id = hold(archive, { reason: 'case', names: ['xmpp:user1@example.org'] });
    expect(purge(archive, '2027', 'x', true)).toMatchObject({ segments: [2], held: [{ seq: 1, hold: id }] });
    release(archive, id, 'x');
    hold(archive, { reason: 'case', names: [], from: '2026-03-01', to: '2026-03-01' });
    expect(purge(archive, '2027', 'x', true).segments).toEqual([]);
  });

  test('the retention period says what is old', () => {
    expect(retentionEnd(archive, new Date('2026-03-31T12:00:00Z'))).toBe('2026-03-01');
    const other = Archive.init(join(scratch, `ever${number}`), { purpose: 'x' });
    expect(() => retentionEnd(other, new Date())).toThrow(/no retention period/);
  });
});

describe('pseudonyms', () => {
  const guardian = (name: string): string => {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    writeFileSync(join(scratch, name), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(scratch, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
    return join(scratch, name);
  };

  test('open with the keys of both people, in any order, and of no one alone', async () => {
    const [a, b, c] = [guardian('a'), guardian('b'), guardian('c')];
    folder = join(scratch, `two${number}`);
    archive = Archive.init(folder, { purpose: 'x', guardians: [`${a}.pub`, `${b}.pub`] });
    await write(0, 3, 'hashed');
    const [event] = await find([]);
    const pseudonym = event?.im?.from ?? '';
    const { pseudonyms } = archive.paths;
    expect(openPseudonym(pseudonyms, pseudonym, [a, b])).toBe('xmpp:user0@example.org');
    expect(openPseudonym(pseudonyms, pseudonym, [b, a])).toBe('xmpp:user0@example.org');
    for (const [x, y] of [
      [a, a],
      [b, b],
      [a, c],
    ] as const)
      expect(() => openPseudonym(pseudonyms, pseudonym, [x, y])).toThrow(/not the keys of both people/);
    // Found by the pseudonym; rotated, the name has another; erased, it has none.
    expect(await find([pseudonym])).toHaveLength(1);
    expect(erase(archive, ['xmpp:user0@example.org'], 'x')).toEqual({ keys: 0, pseudonyms: 1 });
    expect(() => openPseudonym(pseudonyms, pseudonym, [a, b])).toThrow(/no name is kept for it/);
    expect(rotatePseudonyms(archive)).toBe(2);
    await write(0, 1, 'hashed');
    expect((await find([])).at(-1)?.im?.from).toMatch(/^p2:/);
    expect(await problems()).toEqual([]);
  });

  test('one key, or the same twice, makes no two people', () => {
    const a = guardian('same');
    for (const guardians of [[`${a}.pub`], [`${a}.pub`, `${a}.pub`]])
      expect(() => Archive.init(join(scratch, 'no'), { purpose: 'x', guardians })).toThrow(
        /two different public keys/,
      );
  });
});

test('an export has all of one person, with names of nobody else', async () => {
  await write(0, 50);
  const out = join(scratch, `out${number}`);
  const accounts = ['xmpp:user3@example.org'];
  const { result } = await exportPerson(archive, { accounts, out, withOthers: false });
  expect(result.found).toBe(10);
  const text = readFileSync(join(out, 'events.jsonl'), 'utf8');
  expect(text).toMatch(/message number 3 about/);
  expect(text).not.toMatch(/user[24]@/);
  expect(text).toMatch(/"other-1"/);
  expect(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'))).toMatchObject({
    ...{
      purpose: 'ticket 4711',
      kept_for_days: 30,
      events: 10,
      texts: { read: 10, erased: 0, unreadable: 0 },
    },
  });
  expect(readFileSync(join(out, 'transcript.html'), 'utf8')).toContain('message number 3 about');
  await expect(exportPerson(archive, { accounts, out, withOthers: true })).rejects.toThrow(/not empty/);
});

test('every search and export is in the log of access', async () => {
  await write(0, 3);
  await find(['user1@example.org']);
  await exportPerson(archive, { accounts: ['xmpp:a'], out: join(scratch, `e${number}`), withOthers: false });
  const log = checkLog(new ChainedLog(archive.paths.access, 'log'), plainFields);
  expect(log.problems).toEqual([]);
  expect(log.entries.map(({ fields }) => fields.what)).toEqual([
    'write',
    'written',
    'search',
    'export',
    'search',
  ]);
  expect(log.entries[2]?.fields.query).toEqual({ names: ['user1@example.org'] });
  // Where it cannot be written down, nothing is read.
  rmSync(archive.paths.access);
  writeFileSync(archive.paths.access, 'no log\n');
  await expect(find(['user1@example.org'])).rejects.toThrow(/its last line is none of the log of access/);
});

test('marks are kept in order, and bad ones refused', () => {
  const id = message(7).im?.id ?? '';
  addMark(archive, id, 'flag');
  addMark(archive, id, 'comment', 'asked her');
  addMark(archive, '1'.repeat(32), 'sign-off');
  expect(marksOf(archive, id)).toMatchObject([{ mark: 'flag' }, { mark: 'comment', comment: 'asked her' }]);
  expect(marksOf(archive)).toHaveLength(3);
  expect(() => addMark(archive, 'x', 'flag')).toThrow(/is no id/);
  expect(() => addMark(archive, id, 'comment')).toThrow(/is to have words/);
  expect(existsSync(`${archive.paths.marks}.lock`)).toBe(false);
});
