import { EXECUTABLE_EXTENSIONS, WORM_FILES } from './data.ts';

const EXECUTABLE: ReadonlySet<string> = new Set(EXECUTABLE_EXTENSIONS.map(({ name }) => name));
const WORMS: ReadonlyMap<string, string> = new Map(
  WORM_FILES.map(({ name, source }) => [name.toLowerCase(), source]),
);
/** Extensions of what people look at: before another extension they are there to deceive. */
const HARMLESS: ReadonlySet<string> = new Set(
  'jpg jpeg gif png bmp tif tiff webp txt doc docx xls xlsx ppt pptx pdf rtf htm html mp3 wav wma avi mpg mpeg mp4 mov wmv zip rar'.split(
    ' ',
  ),
);
/** Characters of a name that are looked at. */
const MAX_NAME = 1_024;
/** So many spaces in a row push an extension out of sight. */
const HIDING_SPACES = 4;
const BIDI = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** What a file's name says of it. */
export interface NameVerdict {
  /** Small letters; `''` for none. */
  readonly extension: string;
  readonly executable: boolean;
  /** How the name hides its type; undefined where it does not. */
  readonly disguise: string | undefined;
  /** The source that knows the name as a worm's. */
  readonly worm: string | undefined;
}

/** Judges the last part of a path or name. Never throws; only the first and last characters of a long one count. */
export function judgeName(path: string): NameVerdict {
  const name = baseOf(path.length <= MAX_NAME ? path : path.slice(-MAX_NAME));
  // Windows drops dots and spaces at the end of a name, and nobody sees the marks of direction.
  const plain = name.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
  const shown = trimEnd(plain).toLowerCase();
  const extension = extensionOf(shown);
  const executable = EXECUTABLE.has(extension);
  return {
    extension,
    executable,
    disguise: disguiseOf(name, shown, extension, executable),
    worm: WORMS.get(shown),
  };
}

export function isExecutableExtension(extension: string): boolean {
  return EXECUTABLE.has(extension);
}

/** True for an extension under which nobody expects a program. */
export function isHarmlessExtension(extension: string): boolean {
  return HARMLESS.has(extension);
}

function disguiseOf(name: string, shown: string, extension: string, executable: boolean): string | undefined {
  if (BIDI.test(name) && (executable || /[\u202d\u202e]/.test(name)))
    return 'a mark that turns the reading direction';
  if (!executable) return undefined;
  const stem = shown.slice(0, -extension.length - 1);
  if (stem.endsWith(' '.repeat(HIDING_SPACES))) return 'spaces before the extension';
  const inner = extensionOf(stem.trimEnd());
  if (HARMLESS.has(inner)) return `two extensions (.${inner}.${extension})`;
  return undefined;
}

/** Behind the last slash of either kind. */
function baseOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function trimEnd(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === ' ' || name[end - 1] === '.')) end--;
  return name.slice(0, end);
}

/** Up to 11 letters and digits behind the last dot of a name in small letters; `''` for none. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  const extension = name.slice(dot + 1);
  return dot < 0 || extension.length > 11 || !/^[a-z0-9]+$/.test(extension) ? '' : extension;
}
