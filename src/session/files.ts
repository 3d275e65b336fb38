import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../core/cache.ts';
import type { Limits } from '../core/limits.ts';
import type { ImObject } from '../event/eve.ts';
import type { CarvedFile, FileAnnouncement, FileDigest } from '../event/file.ts';
import type { Direction, ImFacts } from '../event/im.ts';
import type { Session } from './accounts.ts';

/** A flow in which a file was announced: one end of the transfer. */
interface Party {
  readonly ip: string;
  readonly account: string;
  readonly session: Session | undefined;
}

/** A file that another flow will carry. */
export interface Announced {
  readonly file: FileAnnouncement;
  /** Whose connections announced it, at most the two ends. */
  readonly parties: Party[];
  /** Another transfer was announced by the same token while nobody had claimed it. */
  ambiguous: boolean;
  claimed: boolean;
  seconds: number;
}

/** A flow's word that it carries an announced file, and which way the bytes go. */
export interface Claim {
  readonly token: string;
  readonly sender: Direction | undefined;
}

/** Packet seconds after which a token that nobody showed may be given out again. */
const STALE = 600;
const MOST_PARTIES = 4;
/** Claims remembered of one flow; the oldest gives way. */
const MOST_CLAIMS = 64;

/** Which flow carries which file: what one flow announced and another claims by the same token. */
export class FileJoiner {
  /** Announcements that were forgotten because their limit was reached. */
  forgotten = 0;
  readonly #byToken: LRUCache<string, Announced>;

  constructor(limits: Limits) {
    this.#byToken = boundedCache(limits.announced_files, () => this.forgotten++);
  }

  announce(token: string, file: FileAnnouncement, party: Party | undefined, seconds: number): void {
    const known = this.#byToken.get(token);
    if (known && isSame(known.file, file)) {
      if (party && known.parties.length < MOST_PARTIES) known.parties.push(party);
      known.seconds = seconds;
      return;
    }
    if (known && !known.claimed && seconds - known.seconds < STALE) {
      known.ambiguous = true;
      return;
    }
    this.#byToken.set(token, {
      file,
      parties: party ? [party] : [],
      ambiguous: false,
      claimed: false,
      seconds,
    });
  }

  /** Notes that a flow's file of this id is the one announced by `token`. */
  claim(claims: Map<string, Claim>, fileId: string, claim: Claim): void {
    if (claims.size >= MOST_CLAIMS && !claims.has(fileId)) {
      const [oldest] = claims.keys();
      if (oldest !== undefined) claims.delete(oldest);
    }
    claims.set(fileId, claim);
  }

  find(claims: ReadonlyMap<string, Claim> | undefined, fileId: string): Announced | undefined {
    const token = claims?.get(fileId)?.token;
    const announced = token === undefined ? undefined : this.#byToken.get(token);
    if (announced) announced.claimed = true;
    return announced;
  }
}

/** The two legs of a transfer announce the same, perhaps under ids of their own. */
function isSame(a: FileAnnouncement, b: FileAnnouncement): boolean {
  return (
    a.id === b.id || (a.name === b.name && a.size === b.size && a.from === b.from && a.to?.[0] === b.to?.[0])
  );
}

/** Fills in what the announcement says and the flow that carries the file does not. */
export function complete(facts: ImFacts, { file }: Announced): void {
  const told = facts.file;
  if (!told) return;
  if (!file.many) {
    told.id = file.id;
    if (file.name !== '') told.name = file.name;
    if (file.size !== undefined) {
      // A connection that knows nothing of the size takes its own end for the file's.
      if (told.state === 'complete' && (told.size ?? file.size) < file.size) told.state = 'failed';
      if (told.state === 'failed') told.size = file.size;
      told.size ??= file.size;
    }
    if (file.mime !== undefined) told.mime ??= file.mime;
  }
  facts.service = file.service;
  addPeople(facts, file);
}

/** Who sent the file to whom. */
function addPeople(facts: Pick<ImFacts, 'from' | 'to'>, file: Pick<FileAnnouncement, 'from' | 'to'>): void {
  if (file.from !== undefined) facts.from ??= file.from;
  if (file.to !== undefined) facts.to ??= [...file.to];
}

/** The one party at the client's address, where there is only one; `sender` says which way the bytes go, if known. */
export function partyAt(announced: Announced, ip: string, sender: Direction | undefined): Party | undefined {
  const { parties, file } = announced;
  const ends = sender === undefined ? undefined : sender === 0 ? [file.from] : (file.to ?? []);
  const here = parties.filter((p) => p.ip === ip && (ends === undefined || ends.includes(p.account)));
  const [first] = here;
  return first && here.every((p) => p.account === first.account) ? first : undefined;
}

/** EVE's `fileinfo` of a file, and what `im` says of it. */
export function fileInfo(
  carved: CarvedFile,
  announcement?: FileAnnouncement,
): { info: Record<string, unknown>; im: Pick<ImObject, 'from' | 'to' | 'file'> } {
  const announced = ofOne(announcement);
  const size = announced.size ?? carved.size;
  const closed = carved.complete && carved.end >= (size ?? 0);
  const info: Record<string, unknown> = { filename: announced.name || carved.name };
  if (carved.magic !== undefined) info['magic'] = carved.magic;
  Object.assign(info, { gaps: carved.gaps, state: closed ? 'CLOSED' : 'TRUNCATED' });
  Object.assign(info, { md5: carved.md5, sha1: carved.sha1, sha256: carved.sha256 });
  Object.assign(info, storedAs(carved), { size: carved.carved });
  Object.assign(info, extentOf(carved));
  const im: Pick<ImObject, 'from' | 'to' | 'file'> = {};
  for (const people of [carved, announcement]) if (people) addPeople(im, people);
  im.file = { id: announced.id ?? carved.id };
  if (size !== undefined && size !== carved.carved) im.file.size = size;
  const verified = carved.verified ?? (closed ? isRight(carved, announced.digest) : undefined);
  if (verified !== undefined) im.file.verified = verified;
  if (carved.archive) im.file.archive = carved.archive;
  return { info, im };
}

/** Whether its bytes were kept, and the number of what was. */
function storedAs({ stored, sha256 }: CarvedFile): { stored: boolean; file_id?: number } {
  return stored ? { stored, file_id: Number.parseInt(sha256.slice(0, 12), 16) } : { stored };
}

/** What an announcement says of the file itself. */
function ofOne(announcement: FileAnnouncement | undefined): Partial<FileAnnouncement> {
  return announcement === undefined || announcement.many ? {} : announcement;
}

/** Places of the first and the last byte, where not all of them passed. */
function extentOf({ start, end, gaps }: CarvedFile): { start?: number; end?: number } {
  return start > 0 || gaps ? { start, end: Math.max(0, end - 1) } : {};
}

/** Whether the bytes have the checksum that was announced; undefined where there was none. */
function isRight(carved: CarvedFile, digest: FileDigest | undefined): boolean | undefined {
  return digest && carved[digest.algorithm] === digest.value;
}
