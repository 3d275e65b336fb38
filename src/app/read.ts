import { openMerged } from '../capture/merge.ts';
import type { CaptureSource, FrameSink, ReadResult } from '../capture/source.ts';
import { openCapture } from '../capture/source.ts';

/** The captures of one world: one, or the rotated ones of a tap, joined by packet time. */
export interface Captures {
  /** Files, or `-` for standard input. */
  readonly paths: readonly string[];
}

/** Their names as events tell them. */
export function namesOf(captures: Captures): string[] {
  return captures.paths.map((path) => (path === '-' ? 'stdin' : path));
}

/** Reads a world's captures to their end, or until `signal` says that nobody wants what is read. */
export async function readCaptures(
  captures: Captures,
  sink: FrameSink,
  signal?: AbortSignal,
  open: (path: string) => CaptureSource = openCapture,
): Promise<ReadResult[]> {
  const { paths } = captures;
  const [only] = paths;
  const source = paths.length === 1 && only !== undefined ? open(only) : openMerged(paths);
  const close = (): void => {
    source.close();
  };
  signal?.addEventListener('abort', close);
  try {
    const results = await source.read(sink);
    return Array.isArray(results) ? results : [results];
  } finally {
    signal?.removeEventListener('abort', close);
  }
}
