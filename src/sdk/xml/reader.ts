import type { Cursor } from '../../core/cursor.ts';
import type { XmlSource } from './chars.ts';
import type { XmlElement } from './element.ts';
import { XML_LIMITS } from './limits.ts';
import type { XmlLimits, XmlTrouble } from './limits.ts';
import { XmlParser } from './parser.ts';
import type { XmlScope } from './parser.ts';
import { FOUND, SEEN, XML_SPACE, XmlScanner } from './scanner.ts';
import { XmlSync } from './sync.ts';

/** What `XmlStreamReader.next` answers. */
export const XML = {
  /** The bytes end inside a piece: call again when there are more. */
  MORE: 0,
  /** The root's start tag; `element` has its attributes and no content. */
  OPEN: 1,
  /** A whole element directly below the root. */
  ELEMENT: 2,
  /** The root's end tag. */
  CLOSE: 3,
} as const;
export type XmlAnswer = (typeof XML)[keyof typeof XML];

export interface XmlStreamOptions {
  /** Local name of the element that encloses the stream. */
  readonly root: string;
  /** Names, as written, of elements that stand directly below the root: where reading can begin in mid-stream. */
  readonly starts: ReadonlySet<string>;
  /** Namespaces of prefixes that are taken as declared where the root's start tag was not seen. */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly limits?: XmlLimits;
  /** Told of each trouble; `offset` is the stream offset of the piece that it is in. */
  readonly trouble: (code: XmlTrouble, offset: number) => void;
}

const LT = 0x3c;
const BOM = [0xef, 0xbb, 0xbf] as const;

/**
 * Reads restricted XML (RFC 6120, 11.1) of one direction of a stream, from bytes, piece by piece:
 * the root's start and end tags and the whole elements between them. Never throws. A piece that is
 * not whole is left at the cursor and not looked at twice; where the stream is not well-formed, or
 * bytes are missing, it goes on at the next plausible element.
 */
export class XmlStreamReader implements XmlSource {
  bytes: Uint8Array = NOTHING;
  /** What the last answer is about; valid until a reader is called again. */
  element: XmlElement | undefined;
  /** Stream offset of its first byte. */
  offset = 0;
  readonly #options: XmlStreamOptions;
  readonly #limits: XmlLimits;
  readonly #scanner: XmlScanner;
  readonly #sync: XmlSync;
  #scope: XmlScope | undefined;
  /** Bytes behind the cursor that the scanner has seen. */
  #scanned = 0;
  /** The piece is larger than is read: its bytes are let go as they are scanned. */
  #skipping = false;
  /** The piece was told as large. */
  #large = false;
  #lost = false;
  /** Where reading was taken up may have been inside an element: what is wrong then is no news. */
  #doubtful = false;

  constructor(options: XmlStreamOptions) {
    this.#options = options;
    this.#limits = options.limits ?? XML_LIMITS;
    this.#scanner = new XmlScanner(options.root, this.#limits.name);
    this.#sync = new XmlSync(options.root, options.starts);
    for (const [prefix, ns] of Object.entries(options.prefixes)) {
      this.#scope = { prefix, ns, outer: this.#scope };
    }
  }

  /** Bytes passed over since the last piece in search of a plausible one. */
  get passed(): number {
    return this.#lost ? this.#sync.passed : 0;
  }

  /** Bytes are missing here, or the stream begins in the middle: the next piece has to be searched for. */
  lose(): void {
    this.#scanner.begin();
    this.#scanned = 0;
    this.#skipping = false;
    this.#large = false;
    this.#lost = true;
    this.#doubtful = true;
    this.#sync.begin();
  }

  /** Pieces come wrapped in elements of this name: after a loss one of them is a place to go on. */
  wrapped(name: string): void {
    this.#sync.wrapper = name;
  }

  trouble(code: XmlTrouble): void {
    this.#options.trouble(code, this.offset);
  }

  /** Reads the next piece. */
  next(cursor: Cursor): XmlAnswer {
    this.bytes = cursor.bytes;
    for (;;) {
      if (this.#lost && !this.#find(cursor)) return XML.MORE;
      if (this.#scanned === 0 && !this.#skipping && !this.#pieceStart(cursor)) {
        if (this.#lost) continue;
        return XML.MORE;
      }
      const answer = this.#piece(cursor);
      if (answer >= 0) return answer as XmlAnswer;
    }
  }

  /** Searches for a plausible piece; leaves the cursor at it. */
  #find(cursor: Cursor): boolean {
    if (!this.#sync.search(cursor)) return false;
    this.#lost = false;
    return true;
  }

  /** Passes white space and byte order marks; false where no piece begins. */
  #pieceStart(cursor: Cursor): boolean {
    const { bytes, end } = cursor;
    let mark = 0;
    do {
      let i = cursor.pos + mark;
      while (i < end && XML_SPACE[bytes[i] ?? 0]) i++;
      cursor.pos = i;
      mark = i < end ? byteOrderMark(bytes, i, end) : -1;
    } while (mark > 0);
    if (mark < 0) return false;
    this.offset = cursor.tell();
    const first = bytes[cursor.pos] ?? 0;
    if (first === LT) return true;
    if (!this.#doubtful) this.trouble(first >= 0x80 ? 'encoding' : 'not_well_formed');
    this.lose();
    this.#doubtful = false;
    return false;
  }

  /** Reads on in the piece at the cursor; −1 where it is none to tell of. */
  #piece(cursor: Cursor): number {
    const scanner = this.#scanner;
    const start = cursor.pos;
    const i = scanner.scan(cursor.bytes, start, start + this.#scanned, cursor.end);
    if (scanner.found === FOUND.NOTHING) return this.#wait(cursor, i);
    const { found, seen } = scanner;
    const token = start + scanner.token;
    const oversize = this.#tooMuch(i - start);
    this.#scanned = 0;
    this.#skipping = false;
    this.#large = false;
    scanner.begin();
    if (found === FOUND.BROKEN) {
      if (!this.#doubtful) this.trouble('not_well_formed');
      this.#doubtful = false;
      // An end tag is judged again by the search: it may be the one behind which a new element begins. Not one
      // that the search found itself: it would be found for ever.
      const again = !oversize && token > start && cursor.bytes[token + 1] === 0x2f;
      cursor.pos = again ? token : Math.max(i, start + 1);
      this.#lost = true;
      this.#sync.begin();
      return -1;
    }
    cursor.pos = i;
    this.#tellSeen(seen, cursor.bytes, start);
    if (oversize || found === FOUND.MISC) return -1;
    return this.#read(found, start, i, cursor);
  }

  /** The piece is not whole: remembers what was scanned of it. */
  #wait(cursor: Cursor, i: number): number {
    if (this.#tooMuch(i - cursor.pos)) cursor.pos = i;
    this.#scanned = i - cursor.pos;
    return XML.MORE;
  }

  /** Tells a piece of so many bytes as large or oversize, once each; true where it is not to be read. */
  #tooMuch(length: number): boolean {
    if (length > this.#limits.large && !this.#large) {
      this.#large = true;
      this.trouble('large');
    }
    if (length > this.#limits.element && !this.#skipping) {
      this.#skipping = true;
      this.trouble('oversize');
    }
    return this.#skipping;
  }

  #tellSeen(seen: number, bytes: Uint8Array, start: number): void {
    if (seen === 0) return;
    if (seen & SEEN.DTD) this.trouble('dtd');
    if (seen & SEEN.COMMENT || (seen & SEEN.PI && !isDeclaration(bytes, start)))
      this.trouble('comment_or_pi');
  }

  #read(found: number, start: number, end: number, cursor: Cursor): number {
    const suspect = this.#sync.suspect;
    this.#sync.suspect = false;
    if (found === FOUND.CLOSE) {
      this.element = undefined;
      return XML.CLOSE;
    }
    if (found === FOUND.OPEN) return this.#open(start, end);
    if (suspect && this.#sync.wasNested(cursor)) {
      this.#lost = true;
      return -1;
    }
    this.#doubtful = this.#doubtful && suspect;
    this.element = parser.parse(this, this.#limits, start, end, this.#scope);
    if (this.element) return XML.ELEMENT;
    this.trouble('not_well_formed');
    return -1;
  }

  #open(start: number, end: number): number {
    const element = parser.parseOpen(this, this.#limits, start, end, undefined);
    if (!element) {
      this.trouble('not_well_formed');
      return -1;
    }
    this.#scope = parser.scope;
    this.#doubtful = false;
    this.element = element;
    return XML.OPEN;
  }
}

const NOTHING = new Uint8Array(0);

/** Trees are short-lived: one parser, with its stacks, serves all streams. */
const parser = new XmlParser();

/** Bytes of a UTF-8 byte order mark at `i`; 0 where there is none, −1 where it may be one that is cut. */
function byteOrderMark(bytes: Uint8Array, i: number, end: number): number {
  for (let n = 0; n < BOM.length; n++) {
    if (i + n === end) return -1;
    if (bytes[i + n] !== BOM[n]) return 0;
  }
  return BOM.length;
}

/** `<?xml` and white space: the declaration, which a stream may begin with. */
function isDeclaration(bytes: Uint8Array, start: number): boolean {
  const target = '?xml';
  for (let i = 0; i < target.length; i++) if (bytes[start + 1 + i] !== target.charCodeAt(i)) return false;
  return XML_SPACE[bytes[start + 5] ?? 0] === 1;
}
