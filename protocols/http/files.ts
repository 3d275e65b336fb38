import { field, HttpDialog, ownText, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  FileTransfer,
  FileWriter,
  FlowContext,
  HttpHandler,
  HttpHead,
} from '../../src/sdk/index.ts';
import { MOST_PACKET, readUpload } from './packet.ts';
import { placeOfPath } from './place.ts';
import type { FilePlace } from './place.ts';

const LONGEST_NAME = 256;
/** Bytes of a `Passing`, with its name. */
const ITEM = 1_024;

/** A file that goes one way. */
interface Passing {
  readonly id: string;
  readonly place: FilePlace;
  readonly direction: Direction;
  name: string;
  size: number | undefined;
  from: string | undefined;
  to: string | undefined;
  /** Place in the file of the next byte. */
  next: number;
  writer: FileWriter | undefined;
  /** The packet before an upload, while it is not whole. */
  packet: Uint8Array | undefined;
  packetLength: number;
  /** All bytes of the message that carries it were there. */
  whole: boolean;
  /** Of an upload: its response has begun. */
  answered: boolean;
  told: boolean;
}

/** Files that are put to, or fetched from, the places of messengers. */
export class WebFiles implements HttpHandler<Passing | null> {
  readonly itemCost = ITEM;
  readonly #flow: FlowContext;
  readonly #dialog: HttpDialog<Passing | null>;
  readonly #asked: (head: HttpHead, offset: number) => void;
  /** What the messages that are read carry. */
  readonly #now: [Passing | undefined, Passing | undefined] = [undefined, undefined];
  readonly #offsets: [number, number] = [0, 0];
  /** Which response is whose is not known any more. */
  #lost = false;
  #count = 0;

  /** `asked` sees every request. */
  constructor(flow: FlowContext, asked: (head: HttpHead, offset: number) => void) {
    this.#flow = flow;
    this.#asked = asked;
    this.#dialog = new HttpDialog(flow, this);
  }

  data(direction: Direction, cursor: Cursor): number {
    const answer = this.#dialog.data(direction, cursor);
    this.#offsets[direction] = cursor.tell();
    return answer;
  }

  gap(direction: Direction, length: number): void {
    this.#dialog.gap(direction, length);
    this.#offsets[direction] += length;
    // A body of known length goes on.
    this.#lost = true;
    const passing = this.#now[direction];
    if (passing?.packet) this.#now[direction] = undefined;
    else if (passing) passing.next += length;
  }

  end(direction: Direction): void {
    const passing = this.#now[direction];
    // A response without a length ends with the connection.
    if (passing?.direction === TO_CLIENT && passing.size === undefined) passing.whole = passing.next > 0;
    this.#finish(direction);
    if (direction !== TO_CLIENT) return;
    this.#lost = true;
    for (const waiting of this.#dialog.waiting()) if (waiting?.writer) this.#over(waiting, waiting.whole);
  }

  request(head: HttpHead, offset: number): Passing | null {
    this.#offsets[TO_SERVER] = offset;
    this.#asked(head, offset);
    this.#finish(TO_SERVER);
    const passing = this.#begin(head);
    if (passing?.direction === TO_SERVER) this.#now[TO_SERVER] = passing;
    return passing ?? null;
  }

  response(head: HttpHead, offset: number, asked: Passing | null | undefined): Passing | null {
    this.#offsets[TO_CLIENT] = offset;
    this.#finish(TO_CLIENT);
    if (asked && !this.#lost) this.#answered(head, asked);
    return null;
  }

  body(direction: Direction, _: Passing | null, bytes: Uint8Array, from: number, to: number): void {
    const passing = this.#now[direction];
    if (!passing) return;
    if (passing.packet) this.#packet(passing, passing.packet, bytes, from, to);
    else this.#write(passing, bytes, from, to);
  }

  done(direction: Direction): void {
    const passing = this.#now[direction];
    if (passing) passing.whole = true;
    this.#finish(direction);
  }

  /** The file of a request, if its place is one. */
  #begin(head: HttpHead): Passing | undefined {
    const { method } = head;
    const [host, path] = addressOf(head);
    const place = placeOfPath(path);
    const puts = method === (place?.post === undefined ? 'PUT' : 'POST');
    if (!place || (!puts && (method !== 'GET' || place.post === 'packet'))) return undefined;
    const id = this.#flow.hash(place.realm, this.#flow.id, this.#count++);
    const said = saidBy(place, path);
    const packet = place.post === 'packet';
    const fetcher = place.receives ? TO_CLIENT : undefined;
    const token = tokenOf(place, host, path, said['token']);
    if (!packet) this.#flow.claim(id, place.realm, token, puts ? TO_SERVER : fetcher);
    return {
      ...{ id, place, direction: puts ? TO_SERVER : TO_CLIENT, name: nameIn(said['name'], path) },
      size: puts && !packet ? lengthOf(head) : undefined,
      // Clients that fetch name themselves as the sender.
      ...peopleOf(puts ? said : {}),
      ...{ next: 0, writer: undefined, packet: packet ? new Uint8Array(MOST_PACKET) : undefined },
      ...{ packetLength: 0, whole: false, answered: false, told: false },
    };
  }

  #answered(head: HttpHead, passing: Passing): void {
    const good = head.status >= 200 && head.status < 300;
    if (passing.direction === TO_SERVER) {
      passing.answered = true;
      if (passing.writer) this.#over(passing, good && passing.whole);
      return;
    }
    if (head.status !== 200 && head.status !== 206) return;
    if (head.status === 200) passing.size = lengthOf(head);
    else {
      const [, first, , all] =
        /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})/.exec(field(head, 'content-range') ?? '') ?? [];
      passing.next = Number(first ?? 0);
      passing.size = all === undefined ? undefined : Number(all);
    }
    this.#now[TO_CLIENT] = passing;
  }

  /** Gathers the packet before an upload; what follows is the file. */
  #packet(passing: Passing, packet: Uint8Array, bytes: Uint8Array, from: number, to: number): void {
    const length = Math.min(packet.length - passing.packetLength, to - from);
    packet.set(bytes.subarray(from, from + length), passing.packetLength);
    passing.packetLength += length;
    // The packet can only be whole where an end of a part came.
    const ends = packet.subarray(passing.packetLength - length, passing.packetLength).includes(0x80);
    const upload = ends ? readUpload(packet, passing.packetLength) : undefined;
    if (upload === undefined && passing.packetLength < packet.length) return;
    passing.packet = undefined;
    if (!upload) {
      this.#now[TO_SERVER] = undefined;
      return;
    }
    Object.assign(passing, { name: upload.name, size: upload.size, from: upload.from, to: upload.to });
    this.#write(passing, packet, upload.begin, passing.packetLength);
    this.#write(passing, bytes, from + length, to);
  }

  #write(passing: Passing, bytes: Uint8Array, from: number, to: number): void {
    const end =
      passing.size === undefined ? to : Math.min(to, from + Math.max(0, passing.size - passing.next));
    if (end <= from) return;
    passing.writer ??= this.#open(passing);
    passing.writer.write(passing.next, bytes, from, end);
    passing.next += end - from;
  }

  #open(passing: Passing): FileWriter {
    this.#tell(passing, 'start');
    const { id, name, size, from, to, place } = passing;
    return this.#flow.carve({
      ...{ id, name, service: place.service },
      ...(size === undefined ? {} : { size }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to: [to] }),
    });
  }

  /** No more bytes of the message at hand. An upload is over with its answer. */
  #finish(direction: Direction): void {
    const passing = this.#now[direction];
    this.#now[direction] = undefined;
    // Its request may wait long for an answer: not with that buffer.
    if (passing) passing.packet = undefined;
    if (!passing?.writer) return;
    passing.whole &&= passing.size === undefined || passing.next >= passing.size;
    passing.writer.close(direction, this.#offsets[direction], { complete: passing.whole });
    if (direction === TO_CLIENT || this.#lost || passing.answered) this.#over(passing, passing.whole);
  }

  #over(passing: Passing, complete: boolean): void {
    if (passing.told) return;
    passing.told = true;
    this.#tell(passing, complete ? 'complete' : 'failed');
  }

  #tell({ id, name, size, from, to, place, direction }: Passing, state: FileTransfer['state']): void {
    this.#flow.emit(direction, this.#offsets[direction], {
      ...{ kind: 'file', service: place.service, confidence: 'medium', evidence: [place.evidence] },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to: [to] }),
      file: { id, name, method: place.method, state, ...(size === undefined ? {} : { size }) },
    });
  }
}

/** Host with its port where that is not 80, lower case; path and query. */
function addressOf(head: HttpHead): [host: string, path: string] {
  const [, authority, path] = /^http:\/\/([^/?#]{1,300})(.*)$/i.exec(head.target) ?? [];
  const host = (authority ?? field(head, 'host') ?? '').toLowerCase();
  return [host.replace(/:80$/, ''), path ?? head.target];
}

function lengthOf(head: HttpHead): number | undefined {
  const length = field(head, 'content-length') ?? '';
  return /^\d{1,15}$/.test(length) && field(head, 'content-encoding') === undefined
    ? Number(length)
    : undefined;
}

/** What the messenger's own connection announced the file by. */
function tokenOf({ realm }: FilePlace, host: string, path: string, token: string | undefined): string {
  if (token !== undefined) return unescapeText(token);
  return realm === 'yahoo-file' ? path : `${host}${path}`;
}

/** The groups of the place's path. */
function saidBy(place: FilePlace, path: string): Readonly<Record<string, string>> {
  return place.path.exec(path)?.groups ?? {};
}

function peopleOf(said: Readonly<Record<string, string>>): Pick<Passing, 'from' | 'to'> {
  return { from: personOf(said['from']), to: personOf(said['to']) };
}

/** An id as the networks compare them. */
function personOf(text: string | undefined): string | undefined {
  return (
    unescapeText(text ?? '')
      .trim()
      .toLowerCase() || undefined
  );
}

/** What the place itself says that the file's name is, else the last part of the path. */
function nameIn(said: string | undefined, path: string): string {
  const name = said?.replaceAll('+', ' ') ?? path.replace(/\?.*$/, '').replace(/^.*\//, '');
  return unescapeText(name.slice(0, LONGEST_NAME));
}

/** Kept for as long as the file is under way: not with the head that it stood in. */
function unescapeText(text: string): string {
  const own = ownText(text);
  try {
    return decodeURIComponent(own);
  } catch {
    return own;
  }
}
