/** What was sent while captures/xmpp/extras.pcap was recorded (`record.sh`) is what it is told as. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { EveEvent } from '../../src/event/eve.ts';
import { ROOT } from '../golden/replay.ts';

interface Truth {
  messages: { from: string; to: string; body: string }[];
  files: { name: string; from: string; to: string; size: number; sha1: string }[];
  avatar: string;
  refused: string;
}

const read = (ending: string): string =>
  readFileSync(join(ROOT, 'captures/xmpp', `extras.${ending}`), 'utf8');
const truth = JSON.parse(read('truth.json')) as Truth;
const events = read('expected.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as EveEvent);
const of = (kind: string): NonNullable<EveEvent['im']>[] =>
  events.flatMap(({ event_type, im }) => (event_type === 'im' && im?.kind === kind ? [im] : []));

test('every message, on its way in and out', () => {
  const told = of('message').map(({ from, to, text, sent }) => [from, to?.[0], text, sent]);
  const both = truth.messages.flatMap(({ from, to, body }) => [
    [from, to, body, true],
    [from, to, body, false],
  ]);
  expect(told.sort()).toEqual(both.sort());
});

test('every file on both legs, with its bytes and whose it is', () => {
  const told = events
    .filter((e) => e.event_type === 'fileinfo')
    .map(({ fileinfo, im }) => [
      fileinfo?.['filename'],
      im?.from,
      im?.to?.[0],
      fileinfo?.['size'],
      fileinfo?.['sha1'],
    ]);
  const both = truth.files.flatMap(({ name, from, to, size, sha1 }) =>
    Array.from({ length: 2 }, () => [name, from, to, size, sha1]),
  );
  expect(told.sort()).toEqual(both.sort());
});

test('the checksum of the picture on both legs, and the refusal', () => {
  const hashes = of('profile').flatMap(({ from, profile }) =>
    profile?.['avatar_hash'] ? [[from, profile['avatar_hash']]] : [],
  );
  expect(hashes).toEqual(Array.from({ length: 2 }, () => ['bob@im.corp.test', truth.avatar]));
  expect(of('notice').filter(({ code }) => code === truth.refused)).toHaveLength(2);
});
