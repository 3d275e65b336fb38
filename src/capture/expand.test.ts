import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expandInputs } from './expand.ts';
import { writePcap, writePcapng } from './write.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'imspan-expand-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function put(path: string, content: Uint8Array | string): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}

test('a folder: what its content shows to be a capture, sorted, with all folders below', () => {
  const wanted = [
    put('a/10.pcap', writePcap([])),
    put('a/2.pcap', writePcap([], { bigEndian: true, nanos: true })),
    put('a/B/x', writePcapng([])),
    put(
      'a/b/deep/er/y.pcap.gz',
      gzipSync(writePcap([{ seconds: 1, bytes: new Uint8Array(9000).map((_, i) => i * i) }])),
    ),
    put('a/b.txt', gzipSync(writePcapng([]))),
  ];
  put('a/empty.pcap', '');
  put('a/notes.pcap', 'not at all');
  put('a/notes.gz', gzipSync('not at all'));
  put('a/broken.gz', '\x1f\x8b no gzip');
  mkdirSync(join(root, 'a/nothing'));
  expect(expandInputs([join(root, 'a')])).toEqual({ paths: wanted.sort(), problems: [], skipped: 4 });
});

test('arguments in their order; files are not judged; standard input once', () => {
  const one = put('b/one.pcap', writePcap([]));
  const note = put('b/note.txt', 'no capture, but named');
  const inputs = expandInputs(['-', note, join(root, 'b'), '-']);
  expect(inputs).toEqual({ paths: ['-', note, one], problems: [], skipped: 0 });
});

test('what several arguments name is read once, as the first names it', () => {
  const first = put('f/first.pcap', writePcap([]));
  const second = put('f/in/second.pcap', writePcap([]));
  const folder = join(root, 'f');
  const named = join(root, 'f-link.pcap');
  symlinkSync(second, named);
  expect(expandInputs([named, folder, folder, join(folder, 'in'), first, second])).toEqual({
    paths: [named, first],
    problems: [],
    skipped: 0,
  });
  expect(expandInputs([folder, first, named]).paths).toEqual([first, second]);
});

test('symbolic links: circles end, and what is met twice is read once under its own name', () => {
  const real = put('c/z/real.pcap', writePcap([]));
  const outside = put('elsewhere/outside.pcap', writePcap([]));
  symlinkSync(real, join(root, 'c/a-latest.pcap'));
  symlinkSync('.', join(root, 'c/circle'));
  symlinkSync('..', join(root, 'c/z/up'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'c/other'));
  symlinkSync('circle-b', join(root, 'c/circle-a'));
  symlinkSync('circle-a', join(root, 'c/circle-b'));
  symlinkSync('nowhere', join(root, 'c/dangling'));
  symlinkSync(outside, join(root, 'c/p.pcap'));
  linkSync(real, join(root, 'c/z/twin.pcap'));
  const inputs = expandInputs([join(root, 'c')]);
  expect(inputs.paths).toEqual([join(root, 'c/other/outside.pcap'), real]);
  expect(inputs.problems.map((p) => [p.path, p.kind])).toEqual([
    [join(root, 'c/circle-a'), 'unreadable'],
    [join(root, 'c/circle-b'), 'unreadable'],
  ]);
  expect(inputs.skipped).toBe(1);
});

test('what cannot be: missing files, folders without captures', () => {
  put('d/readme', 'text');
  mkdirSync(join(root, 'e'));
  const missing = join(root, 'missing.pcap');
  const inputs = expandInputs([missing, join(root, 'd'), join(root, 'e')]);
  expect(inputs.paths).toEqual([]);
  expect(inputs.problems).toEqual([
    { path: missing, kind: 'missing', message: 'no such file or folder' },
    { path: join(root, 'd'), kind: 'empty', message: 'holds no capture (files that are none: 1)' },
    { path: join(root, 'e'), kind: 'empty', message: 'holds no capture' },
  ]);
});

test('no arguments, no inputs', () => {
  expect(expandInputs([])).toEqual({ paths: [], problems: [], skipped: 0 });
});
