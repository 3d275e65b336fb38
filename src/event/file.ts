/** What is told of the bytes of a file: `fileinfo` in EVENTS.md. */

/** A checksum that somebody gave for a file. */
export interface FileDigest {
  readonly algorithm: 'md5' | 'sha1' | 'sha256';
  /** Lower-case hex digits. */
  readonly value: string;
}

/** What a plug-in says of a file whose bytes its flow carries. */
export interface FileTarget {
  /** `im.file.id`: that of the transfer's `file` events. */
  readonly id: string;
  /** As the wire names it. */
  readonly name: string;
  /** The network, for `im.service`. */
  readonly service: string;
  /** Bytes that were announced. */
  readonly size?: number;
  /** Normalised ids, where they are known. */
  readonly from?: string;
  readonly to?: readonly string[];
  /** What the sender says that the bytes' checksum is. */
  readonly digest?: FileDigest;
}

/** What a flow says of a file that another flow will carry. */
export interface FileAnnouncement extends FileTarget {
  readonly mime?: string;
  /** Several files go by this token: each keeps the id and the name that its own flow tells. */
  readonly many?: boolean;
}

/**
 * Why entries of an archive are not listed: its list is `packed` or `encrypted`, its `format` is one whose list is not read, or it
 * is `cut`: bytes did not pass, or there are more than are read.
 */
export type Unlisted = 'packed' | 'encrypted' | 'format' | 'cut';

/** What an archive says that it holds, one level deep. No file in it is unpacked. */
export interface ArchiveListing {
  /** `zip`, `rar`, `7z`, `tar`, `tar.gz`, `gzip`, `cab`; unlisted `bzip2`, `xz`, `zstd`, `arj`, `ace`, `lzh`. */
  readonly format: string;
  readonly unlisted?: Unlisted;
  /** Entries seen. */
  readonly entries: number;
  /** Names of the first of them. */
  readonly names: readonly string[];
  /** Entries that need a password. */
  readonly encrypted: number;
  /** Bytes of all entries as stored, and as they claim to become. */
  readonly packed: number;
  readonly unpacked: number;
}

/** A file that was carved: what passed of it. */
export interface CarvedFile extends FileTarget {
  /** Bytes that passed. */
  readonly carved: number;
  /** Place of the first and behind the last of them. */
  readonly start: number;
  readonly end: number;
  readonly gaps: boolean;
  /** The transfer came to its end. */
  readonly complete: boolean;
  /** Of the bytes that passed, in the order of their places. */
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
  /** What its first bytes say that it is. */
  readonly magic?: string;
  readonly archive?: ArchiveListing;
  /** Its bytes were kept. */
  readonly stored: boolean;
  /** Whether the protocol's own checksum is that of the bytes. */
  readonly verified?: boolean;
}
