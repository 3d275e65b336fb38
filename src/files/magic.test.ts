import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasOversizedTransparency, magicOf } from './magic.ts';
import { shapeOf } from './shapes.ts';

const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [...part])),
  );

const zeros = (n: number): number[] => new Array<number>(n).fill(0);
const name = (head: Uint8Array, whole = true): string | undefined => magicOf(head, head.length, whole);

test.each([
  [bytes('%PDF-1.4\n'), 'PDF document'],
  [bytes([0x89], 'PNG\r\n\x1a\n'), 'PNG image data'],
  [bytes([0xff, 0xd8, 0xff, 0xe0]), 'JPEG image data'],
  [bytes('GIF89a'), 'GIF image data, version 89a'],
  [bytes('BM', [1, 2, 3, 4], zeros(8)), 'PC bitmap'],
  [bytes('MZ', zeros(58), [64, 0, 0, 0], 'PE\0\0', zeros(20)), 'PE executable for MS Windows'],
  [bytes('MZ', zeros(58), [64, 0, 0, 0], 'PE\0\0', zeros(19), [0x20]), 'PE executable (DLL) for MS Windows'],
  [bytes('MZ', zeros(58), [0xff, 0xff, 0xff, 0xff], zeros(24)), 'MS-DOS executable'],
  [bytes('MZ'), 'MS-DOS executable'],
  [bytes([0x7f], 'ELF'), 'ELF executable'],
  [bytes('PK\x03\x04', zeros(26), 'word/document.xml'), 'Microsoft Word 2007+'],
  [bytes('PK\x03\x04', zeros(2), [1, 0], zeros(22), 'a.exe'), 'Zip archive data, encrypted'],
  [bytes('RIFF', zeros(4), 'WAVE'), 'RIFF data, WAVE audio'],
  [bytes(zeros(257), 'ustar'), 'POSIX tar archive'],
  [bytes('<!DOCTYPE html>'), 'HTML document text'],
  [bytes('plain words\r\n'), 'ASCII text'],
  [bytes('gr\xc3\xbc\xc3\x9fe'), 'Unicode text, UTF-8'],
  [bytes('gr\xfc\xdfe'), 'ISO-8859 text'],
  [bytes([1, 2, 3]), 'data'],
  [bytes(), 'empty'],
])('%#: %s', (head, expected) => {
  expect(name(head)).toBe(expected);
});

test('nothing is said of nothing', () => {
  expect(name(bytes(), false)).toBeUndefined();
});

test('a PNG whose tRNS chunk overruns a palette', () => {
  const chunk = (type: string, length: number, data = length): number[] => [
    ...[0, 0, length >> 8, length & 0xff],
    ...bytes(type, zeros(data), zeros(4)),
  ];
  const png = (...chunks: number[][]): Uint8Array => bytes([0x89], 'PNG\r\n\x1a\n', ...chunks);
  const odd = (head: Uint8Array): boolean => hasOversizedTransparency(head, head.length);
  expect(odd(png(chunk('IHDR', 13), chunk('tRNS', 257, 0)))).toBe(true);
  expect(odd(png(chunk('IHDR', 13), chunk('tRNS', 256, 0)))).toBe(false);
  expect(odd(png(chunk('IHDR', 13), chunk('IDAT', 257)))).toBe(false);
  expect(odd(bytes('GIF89a'))).toBe(false);
});

test('files that are made to harm who opens them, and their harmless neighbours', () => {
  const shape = (...parts: (string | number[])[]): string | undefined => {
    const head = bytes(...parts);
    return shapeOf(head, head.length);
  };
  const page = (id: string): string => `<html><object classid="CLSID:${id}" id="x"></object>`;
  expect(shape('[ICQ User]\r\nUIN=123456\r\n')).toBe('file_icq_add');
  expect(shape('notes: [ICQ User] is a section')).toBeUndefined();
  expect(shape(page('DCE2F8B1-A520-11D4-8FD0-00D0B7730277'))).toBe('file_webcam_control');
  expect(shape(page('9d39223e-ae8e-11d4-8fd3-00d0b7730277'))).toBe('file_webcam_control');
  expect(shape(page('d27cdb6e-ae6d-11cf-96b8-444553540000'))).toBeUndefined();
  expect(shape('the control DCE2F8B1-A520-11D4-8FD0-00D0B7730277 has a hole')).toBeUndefined();
});

test('whatever the bytes, an answer and no more', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(400), (head, end) => {
      magicOf(head, Math.min(end, head.length), false);
      shapeOf(head, Math.min(end, head.length));
    }),
    { seed: 89, numRuns: 500 },
  );
});
