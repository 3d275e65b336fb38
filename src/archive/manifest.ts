import type { KeyObject } from 'node:crypto';
import { ChainedLog, checkLog } from './chained-log.ts';
import type { CheckedLog, LogHead } from './chained-log.ts';
import type { ArchivePaths } from './files.ts';
import { isSigned } from './keys.ts';
import type { KeyFolder, Signer } from './keys.ts';

/** What a segment was when it was sealed. Hashes are SHA-256 in hex. */
export interface SegmentEntry {
  readonly type: 'segment';
  readonly seq: number;
  readonly lines: number;
  /** Of its text. */
  readonly bytes: number;
  /** Of the compressed file. */
  readonly size: number;
  readonly file: string;
  /** The end of the chain, and the file of its blocks and line checks. */
  readonly head: string;
  readonly chain: string;
  /** The file of names in it; absent where there are too many. */
  readonly names?: string;
  /** Times of its earliest and latest event; absent where it has none. */
  readonly first?: string;
  readonly last?: string;
  /** It was left behind by a run that had no end. */
  readonly recovered?: { readonly torn: number; readonly lost: number; readonly checked: string };
  /** Events that the mode `none` kept out, and texts for which there was no key. */
  readonly kept_out?: number;
  readonly texts_dropped?: number;
  /** Where the logs of reading and of marks stood. */
  readonly access: LogHead;
  readonly marks: LogHead;
}

/** What keeps segments from being purged, or a person from being erased. */
export interface HoldEntry {
  readonly type: 'hold';
  readonly hold: string;
  readonly reason: string;
  /** Names (`network:name` or `name`) that it is about; all where absent. */
  readonly names?: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

export interface ReleaseEntry {
  readonly type: 'release';
  readonly hold: string;
  readonly reason: string;
}

/** The tombstone of segments that were purged. */
export interface PurgeEntry {
  readonly type: 'purge';
  readonly segments: readonly number[];
  readonly before: string;
  readonly reason: string;
  readonly events: number;
}

/** The tombstone of keys that were destroyed; names nobody. */
export interface EraseEntry {
  readonly type: 'erase';
  readonly keys: readonly string[];
  readonly pseudonyms: number;
  readonly reason: string;
}

export interface InitEntry {
  readonly type: 'init';
  readonly archive: string;
  readonly public_key: string;
  readonly settings: string;
}

/** Parquet files made of segments. */
export interface CompactEntry {
  readonly type: 'compact';
  readonly segments: readonly number[];
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly day: string }[];
  readonly events: number;
}

export interface RotateEntry {
  readonly type: 'rotate';
  readonly epoch: number;
}

export type ManifestFields =
  InitEntry | SegmentEntry | HoldEntry | ReleaseEntry | PurgeEntry | EraseEntry | CompactEntry | RotateEntry;

/** An entry as it stands in the manifest: `time` is the wall clock's, `by` who did it. */
export type ManifestEntry = ManifestFields & {
  readonly n: number;
  readonly prev: string;
  readonly time: string;
  readonly by: string;
};

const LINE = /^\{"sig":"([A-Za-z0-9+/=]{88})","entry":(\{.*\})\}$/;

/** The signed list of all that an archive has been through: one entry a line, each chained to the one before. */
export class Manifest {
  readonly #log: ChainedLog;

  constructor(paths: ArchivePaths) {
    this.#log = new ChainedLog(paths.manifest, 'the manifest');
  }

  /** Signs and adds an entry; where the manifest stands is kept with the keys, too. */
  append(
    fields: ManifestFields,
    who: { signer: Signer; keys: KeyFolder; by: string; time: string },
  ): LogHead {
    const head = this.#log.appendLine(({ n, hash }) => {
      const { time, by } = who;
      const entry = JSON.stringify({ n: n + 1, prev: hash, time, by, ...fields });
      return `{"sig":"${who.signer.sign(entry)}","entry":${entry}}`;
    });
    who.keys.keepHead(head);
    return head;
  }

  /** All entries, and each line that is none, does not follow or is not signed by `key` (where one is given). */
  check(key?: KeyObject): CheckedLog<ManifestEntry> {
    const unsigned: number[] = [];
    let line = 0;
    const checked = checkLog(this.#log, (text) => {
      line++;
      const [, signature = '', entry = ''] = LINE.exec(text) ?? [];
      if (entry === '') return undefined;
      if (key !== undefined && !isSigned(entry, signature, key)) unsigned.push(line);
      return entryOf(entry);
    });
    const wrong = unsigned.map((n) => ({ line: n, problem: 'is not signed by this key' }));
    return {
      entries: checked.entries,
      problems: [...wrong, ...checked.problems].sort((a, b) => a.line - b.line),
    };
  }

  entries(): ManifestEntry[] {
    return this.check().entries.map(({ fields }) => fields);
  }
}

function entryOf(text: string): ManifestEntry | undefined {
  try {
    const entry = JSON.parse(text) as Partial<ManifestEntry>;
    return typeof entry.type === 'string' && typeof entry.n === 'number'
      ? (entry as ManifestEntry)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What an archive consists of now, by its manifest. */
export interface ArchiveState {
  readonly init: InitEntry | undefined;
  /** Segments that are to be there, by number. */
  readonly segments: ReadonlyMap<number, SegmentEntry>;
  readonly purged: ReadonlySet<number>;
  /** Holds in force. */
  readonly holds: ReadonlyMap<string, HoldEntry & { readonly time: string; readonly by: string }>;
  readonly compacted: readonly CompactEntry[];
}

export function stateOf(entries: readonly ManifestEntry[]): ArchiveState {
  let init: InitEntry | undefined;
  const segments = new Map<number, SegmentEntry>();
  const purged = new Set<number>();
  const holds = new Map<string, HoldEntry & { time: string; by: string }>();
  const compacted: CompactEntry[] = [];
  for (const entry of entries) {
    switch (entry.type) {
      case 'init':
        init ??= entry;
        break;
      case 'segment':
        segments.set(entry.seq, entry);
        break;
      case 'purge':
        for (const seq of entry.segments) {
          segments.delete(seq);
          purged.add(seq);
        }
        break;
      case 'hold':
        holds.set(entry.hold, entry);
        break;
      case 'release':
        holds.delete(entry.hold);
        break;
      case 'compact':
        compacted.push(entry);
        break;
    }
  }
  return { init, segments, purged, holds, compacted };
}
