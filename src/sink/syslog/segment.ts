import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/**
 * A segment of a spool: this line, and records behind it. A record is the length of its message and the CRC-32 of
 * the message, 4 bytes each, the lowest first, and the message.
 */
export const SEGMENT_HEAD = Buffer.from('imspan spool 1\n');
export const RECORD_HEAD = 8;
/** Longest message of a record. */
export const MAX_MESSAGE = 65_536;

/** What a segment holds. */
export interface SegmentScan {
  /** Bytes up to the end of the last whole record. */
  valid: number;
  /** Messages before and from the place that was asked about. */
  before: number;
  records: number;
  /** Whether a record ends (or the first begins) at that place. */
  atRecord: boolean;
  /** `torn`: the last record is not whole, as a run that was killed leaves it; `damaged`: something else is wrong. */
  state: 'whole' | 'torn' | 'damaged';
  first?: Buffer;
}

/** Reads a segment through; `from` is a place in it. Throws what the file system does. */
export function scanSegment(path: string, from = 0): SegmentScan {
  const bytes = readFileSync(path);
  const scan: SegmentScan = {
    valid: SEGMENT_HEAD.length,
    before: 0,
    records: 0,
    atRecord: from <= SEGMENT_HEAD.length,
    state: 'whole',
  };
  if (!bytes.subarray(0, SEGMENT_HEAD.length).equals(SEGMENT_HEAD)) {
    scan.valid = 0;
    // A run that was killed while it began one.
    scan.state =
      bytes.length < SEGMENT_HEAD.length && SEGMENT_HEAD.subarray(0, bytes.length).equals(bytes)
        ? 'torn'
        : 'damaged';
    return scan;
  }
  let at = SEGMENT_HEAD.length;
  while (at < bytes.length) {
    const message = recordAt(bytes, at);
    if (typeof message === 'string') {
      scan.state = message;
      break;
    }
    if (at < from) scan.before++;
    else {
      scan.records++;
      scan.first ??= message;
    }
    at += RECORD_HEAD + message.length;
    if (at === from) scan.atRecord = true;
    scan.valid = at;
  }
  return scan;
}

/** The message of the record at `at`; `torn` where the bytes end before it does, `damaged` where they are not what was written. */
export function recordAt(bytes: Buffer, at: number): Buffer | 'torn' | 'damaged' {
  if (at + RECORD_HEAD > bytes.length) return 'torn';
  const length = bytes.readUInt32LE(at);
  if (length === 0 || length > MAX_MESSAGE) return 'damaged';
  const end = at + RECORD_HEAD + length;
  if (end > bytes.length) return 'torn';
  const message = bytes.subarray(at + RECORD_HEAD, end);
  return crc32(message) === bytes.readUInt32LE(at + 4) ? message : 'damaged';
}

/** The record of a message. */
export function makeRecord(message: Buffer): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEAD + message.length);
  record.writeUInt32LE(message.length, 0);
  record.writeUInt32LE(crc32(message), 4);
  message.copy(record, RECORD_HEAD);
  return record;
}
