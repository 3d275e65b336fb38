import { scanSegment } from './segment.ts';
import { SpoolFolder, spoolError } from './spool-folder.ts';

/** What waits in a spool for one collector. */
export interface Waiting {
  /** Where it goes, and in which form: `tcp://192.0.2.10:601 5424 text`. */
  place: string;
  messages: number;
  bytes: number;
  /** Files of which not all can be read. */
  damaged: number;
  /** Process that has it, where one does. */
  holder?: number;
  /** The oldest message. */
  first?: string;
  folder: string;
}

/** What waits in a spool folder, without changing anything in it. Throws an OperatorError where it cannot be read. */
export function listSpool(spool: string): Waiting[] {
  return SpoolFolder.list(spool).map(({ folder, place }) => {
    const waiting: Waiting = { place, messages: 0, bytes: 0, damaged: 0, folder: folder.path };
    const holder = folder.holder();
    if (holder !== undefined) waiting.holder = holder;
    try {
      const cursor = folder.readCursor();
      for (const number of folder.segments()) {
        if (cursor !== undefined && number < cursor.segment) continue;
        const from = cursor?.segment === number ? cursor.offset : 0;
        const scan = scanSegment(folder.segment(number), from);
        waiting.messages += scan.records;
        waiting.bytes += Math.max(0, scan.valid - from);
        if (scan.state === 'damaged') waiting.damaged++;
        if (scan.first !== undefined) waiting.first ??= scan.first.toString();
      }
    } catch (error) {
      throw spoolError(folder.path, error);
    }
    return waiting;
  });
}
