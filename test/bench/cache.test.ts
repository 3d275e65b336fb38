import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Cache, emptyOf, folderOf, gzipOf, sliceOf, type Capture } from './cache.ts';
import { readCapture } from './capture-reader.ts';

const SOURCES = fileURLToPath(new URL('generate', import.meta.url));
const PARAMETERS = { workload: 'im', seed: 7, bytes: 2_200_000 } as const;

describe('the cache', () => {
  let root = '';
  let cache: Cache;
  let capture: Capture;
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'bench-cache-'));
    cache = new Cache(root, SOURCES);
    capture = cache.obtain(PARAMETERS, note);
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  test('writes a workload once', () => {
    const before = statSync(capture.path).mtimeMs;
    const again = new Cache(root, SOURCES).obtain(PARAMETERS, note);
    expect(again).toEqual(capture);
    expect(statSync(again.path).mtimeMs).toBe(before);
    expect(notes).toEqual(['writing im-2200000 ...']);
    expect(readCapture(readFileSync(capture.path)).length).toBe(capture.summary.packets);
  });

  test('cuts slices at whole packets', async () => {
    const slice = await sliceOf(capture, 1_000_000);
    expect(slice.bytes).toBeLessThan(capture.summary.bytes);
    expect(readFileSync(slice.path).length).toBe(slice.bytes);
    expect(readCapture(readFileSync(slice.path)).length).toBe(slice.packets);
    expect((await sliceOf(capture, 1e9)).packets).toBe(capture.summary.packets);
    expect(readCapture(readFileSync(await emptyOf(capture)))).toEqual([]);
  });

  test('compresses a slice', async () => {
    const slice = await sliceOf(capture, 1_000_000);
    const packed = readFileSync(await gzipOf(slice));
    expect(packed.length).toBeLessThan(slice.bytes);
    expect(gunzipSync(packed).equals(readFileSync(slice.path))).toBe(true);
  });

  test('spreads a slice over small files', async () => {
    const slice = await sliceOf(capture, 1_000_000);
    const folder = await folderOf(slice, 100_000);
    const files = readdirSync(folder).sort();
    expect(files.length).toBeGreaterThanOrEqual(10);
    const packets = files.flatMap((file) => readCapture(readFileSync(join(folder, file))));
    expect(packets).toEqual(readCapture(readFileSync(slice.path)));
  });

  test('replaces a workload of other parameters', () => {
    const other = cache.obtain({ ...PARAMETERS, seed: 8 }, note);
    expect(other.folder).not.toBe(capture.folder);
    expect(readdirSync(root)).toEqual([basename(other.folder)]);
  });
});
