import { statSync } from 'node:fs';
import type { SingleBar } from 'cli-progress';

export interface Progress {
  update(file: string, bytes: number, total: number | undefined): void;
  stop(): void;
}

interface ProgressFlags {
  progress: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** Work below this is over before a bar helps. */
const WORTH_BYTES = 32 * 1024 * 1024;

/**
 * A bar on standard error for long work, where that is a terminal and events do not go to the same
 * one. Undefined where there is none.
 */
export function makeProgress(flags: ProgressFlags, paths: readonly string[]): Progress | undefined {
  const busy = process.stdout.isTTY && !flags.quiet;
  if (!flags.progress || !process.stderr.isTTY || busy) return undefined;
  const total = paths.reduce((n, path) => n + sizeOf(path), 0);
  if (total < WORTH_BYTES) return undefined;
  let bar: SingleBar | undefined;
  let stopped = false;
  void import('cli-progress').then(({ default: { SingleBar, Presets } }) => {
    if (stopped) return;
    bar = new SingleBar(
      { stream: process.stderr, clearOnComplete: true, hideCursor: true, etaBuffer: 50 },
      Presets.shades_classic,
    );
    bar.start(Math.round(total / 1e6), 0);
  });
  let done = 0;
  let current = '';
  let inFile = 0;
  return {
    update(file, bytes) {
      if (file !== current) {
        done += inFile;
        current = file;
      }
      inFile = bytes;
      bar?.update(Math.round((done + bytes) / 1e6));
    },
    stop() {
      stopped = true;
      bar?.stop();
    },
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
