/**
 * What a file is, by its first bytes. Signatures are those that the formats' own specifications give; the names are
 * in the manner of file(1), so that `fileinfo.magic` reads as Suricata's does.
 */

/** So many first bytes decide. */
export const MAGIC_BYTES = 1_024;

interface Signature {
  readonly at: number;
  readonly bytes: readonly number[];
  readonly name: string;
}

const ascii = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));
const starts = (bytes: readonly number[] | string, name: string, at = 0): Signature => ({
  at,
  bytes: typeof bytes === 'string' ? ascii(bytes) : bytes,
  name,
});

const SIGNATURES: readonly Signature[] = [
  starts([0x7f, 0x45, 0x4c, 0x46], 'ELF executable'),
  starts([0xfe, 0xed, 0xfa, 0xce], 'Mach-O executable'),
  starts([0xfe, 0xed, 0xfa, 0xcf], 'Mach-O 64-bit executable'),
  starts([0xce, 0xfa, 0xed, 0xfe], 'Mach-O executable'),
  starts([0xcf, 0xfa, 0xed, 0xfe], 'Mach-O 64-bit executable'),
  starts([0xca, 0xfe, 0xba, 0xbe], 'Java class or Mach-O universal binary'),
  starts([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], 'Composite Document File V2 Document'),
  starts([0x4c, 0, 0, 0, 0x01, 0x14, 0x02, 0], 'MS Windows shortcut'),
  starts('MSCF\0\0\0\0', 'Microsoft Cabinet archive data'),
  starts('ITSF', 'MS Windows HtmlHelp Data'),
  starts('%PDF-', 'PDF document'),
  starts('%!PS', 'PostScript document'),
  starts('{\\rtf', 'Rich Text Format data'),
  starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 'PNG image data'),
  starts([0xff, 0xd8, 0xff], 'JPEG image data'),
  starts('GIF87a', 'GIF image data, version 87a'),
  starts('GIF89a', 'GIF image data, version 89a'),
  starts('II*\0', 'TIFF image data, little-endian'),
  starts('MM\0*', 'TIFF image data, big-endian'),
  starts([0, 0, 1, 0], 'MS Windows icon resource'),
  starts([0, 0, 2, 0], 'MS Windows cursor resource'),
  starts([0xd7, 0xcd, 0xc6, 0x9a], 'Windows metafile'),
  starts(' EMF', 'Windows Enhanced Metafile (EMF) image data', 40),
  starts('8BPS', 'Adobe Photoshop Image'),
  starts('ID3', 'Audio file with ID3'),
  starts('OggS', 'Ogg data'),
  starts('fLaC', 'FLAC audio bitstream data'),
  starts('MThd', 'Standard MIDI data'),
  starts('.snd', 'Sun/NeXT audio data'),
  starts([0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11], 'Microsoft ASF'),
  starts('ftyp', 'ISO Media', 4),
  starts('moov', 'Apple QuickTime movie', 4),
  starts([0x1a, 0x45, 0xdf, 0xa3], 'Matroska data'),
  starts([0, 0, 1, 0xba], 'MPEG sequence'),
  starts('FLV\x01', 'Macromedia Flash Video'),
  starts('FWS', 'Macromedia Flash data'),
  starts('CWS', 'Macromedia Flash data (compressed)'),
  starts('Rar!\x1a\x07', 'RAR archive data'),
  starts([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], '7-zip archive data'),
  starts([0x1f, 0x8b, 8], 'gzip compressed data'),
  starts('BZh', 'bzip2 compressed data'),
  starts([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], 'XZ compressed data'),
  starts([0x28, 0xb5, 0x2f, 0xfd], 'Zstandard compressed data'),
  starts([0x60, 0xea], 'ARJ archive data'),
  starts('**ACE**', 'ACE archive data', 7),
  starts('ustar', 'POSIX tar archive', 257),
  starts('-----BEGIN PGP', 'PGP data'),
  starts('SQLite format 3\0', 'SQLite 3.x database'),
  starts('regf', 'MS Windows registry file'),
  starts('!BDN', 'Microsoft Outlook email folder'),
  starts('#!', 'script text executable'),
];

/** RIFF's forms. */
const RIFF: ReadonlyMap<string, string> = new Map([
  ['WAVE', 'RIFF data, WAVE audio'],
  ['AVI ', 'RIFF data, AVI'],
  ['WEBP', 'RIFF data, Web/P image'],
  ['ACON', 'RIFF data, animated cursor'],
]);

/** What the first entries of a ZIP archive say that it is. */
const ZIP: readonly (readonly [mark: string, name: string])[] = [
  ['word/', 'Microsoft Word 2007+'],
  ['xl/', 'Microsoft Excel 2007+'],
  ['ppt/', 'Microsoft PowerPoint 2007+'],
  ['[Content_Types].xml', 'Microsoft OOXML'],
  ['mimetypeapplication/vnd.oasis.opendocument', 'OpenDocument'],
  ['mimetypeapplication/epub', 'EPUB document'],
  ['AndroidManifest.xml', 'Android package (APK)'],
  ['META-INF/', 'Java archive data (JAR)'],
];

/**
 * Names what the first bytes (`head` up to `end`) of a file are; undefined where they say nothing. `whole` where the
 * file has no others.
 */
export function magicOf(head: Uint8Array, end: number, whole: boolean): string | undefined {
  if (end === 0) return whole ? 'empty' : undefined;
  if (isAt(head, end, 0, 0x4d, 0x5a)) return dosExecutable(head, end);
  if (isAt(head, end, 0, 0x50, 0x4b) && (isAt(head, end, 2, 3, 4) || isAt(head, end, 2, 5, 6)))
    return zip(head, end);
  if (isAt(head, end, 0, 0x52, 0x49, 0x46, 0x46)) return RIFF.get(latin1(head, 8, 12)) ?? 'RIFF data';
  if (isAt(head, end, 0, 0x42, 0x4d) && isAt(head, end, 6, 0, 0, 0, 0)) return 'PC bitmap';
  for (const { at, bytes, name } of SIGNATURES) if (isAt(head, end, at, ...bytes)) return name;
  if (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2) return 'MPEG ADTS, layer III audio';
  return textOf(head, end);
}

function isAt(head: Uint8Array, end: number, at: number, ...bytes: readonly number[]): boolean {
  return at + bytes.length <= end && bytes.every((byte, i) => head[at + i] === byte);
}

function latin1(head: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(head[i] ?? 0);
  return text;
}

/** `MZ`; the place of the newer header is a u32 at 60. */
function dosExecutable(head: Uint8Array, end: number): string {
  const at = (head[60] ?? 0) | ((head[61] ?? 0) << 8) | ((head[62] ?? 0) << 16) | ((head[63] ?? 0) << 24);
  if (end < 64 || at < 0 || at + 24 > end) return 'MS-DOS executable';
  if (isAt(head, end, at, 0x4e, 0x45)) return 'MS-DOS executable, NE for MS Windows';
  if (!isAt(head, end, at, 0x50, 0x45, 0, 0)) return 'MS-DOS executable';
  const dll = ((head[at + 23] ?? 0) & 0x20) !== 0 ? ' (DLL)' : '';
  return `PE executable${dll} for MS Windows`;
}

function zip(head: Uint8Array, end: number): string {
  const text = latin1(head, 0, end);
  const found = ZIP.find(([mark]) => text.includes(mark));
  const encrypted = ((head[6] ?? 0) & 1) !== 0 ? ', encrypted' : '';
  return (found?.[1] ?? 'Zip archive data') + encrypted;
}

/** Text is what holds no controls but line ends, tabs, form feeds and escapes. */
function textOf(head: Uint8Array, end: number): string {
  if (isAt(head, end, 0, 0xff, 0xfe) || isAt(head, end, 0, 0xfe, 0xff)) return 'Unicode text, UTF-16';
  let high = false;
  for (let i = 0; i < end; i++) {
    const c = head[i] ?? 0;
    if (c === 0x7f || (c < 0x20 && c !== 0x1b && (c < 0x08 || c > 0x0d))) return 'data';
    if (c >= 0x80) high = true;
  }
  const start = latin1(head, 0, Math.min(end, 256)).trimStart().toLowerCase();
  if (/^(?:<!doctype html|<html|<head|<script)/.test(start)) return 'HTML document text';
  if (start.startsWith('<?xml')) return 'XML document text';
  if (!high) return 'ASCII text';
  return isUtf8(head, end) ? 'Unicode text, UTF-8' : 'ISO-8859 text';
}

/** Well-formed UTF-8 but for a character that the end cuts. */
function isUtf8(head: Uint8Array, end: number): boolean {
  let follow = 0;
  for (let i = 0; i < end; i++) {
    const c = head[i] ?? 0;
    if (follow > 0) {
      if ((c & 0xc0) !== 0x80) return false;
      follow--;
    } else if (c >= 0x80) {
      if (c < 0xc2 || c > 0xf4) return false;
      follow = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    }
  }
  return true;
}

/** Colours of a palette; a tRNS chunk has no more entries. */
const PALETTE = 256;

/** True where a PNG's first bytes show a tRNS chunk longer than a palette: readers copied it into a buffer of that size (CVE-2004-0597). */
export function hasOversizedTransparency(head: Uint8Array, end: number): boolean {
  if (!isAt(head, end, 0, 0x89, 0x50, 0x4e, 0x47)) return false;
  for (let at = 8; at + 8 <= end;) {
    const length =
      (((head[at] ?? 0) << 24) |
        ((head[at + 1] ?? 0) << 16) |
        ((head[at + 2] ?? 0) << 8) |
        (head[at + 3] ?? 0)) >>>
      0;
    if (isAt(head, end, at + 4, 0x74, 0x52, 0x4e, 0x53)) return length > PALETTE;
    at += 12 + length;
  }
  return false;
}
