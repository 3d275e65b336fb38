import { Block } from './block.ts';
import { CLIENT, SERVER, type Side } from './path.ts';

/** What an application does next: it sends `block[start..end)` after `wait` microseconds, or only waits. */
export interface Step {
  readonly from: Side;
  readonly block: Block | null;
  readonly start: number;
  readonly end: number;
  readonly wait: number;
}

/** A conversation of applications, in order. */
export type Script = Iterator<Step, void>;

export function sendBlock(from: Side, block: Block, wait = 0, start = 0, end = block.length): Step {
  return { from, block, start, end, wait };
}

export function sendBytes(from: Side, bytes: Uint8Array, wait = 0): Step {
  return { from, block: new Block(bytes), start: 0, end: bytes.length, wait };
}

export function pause(wait: number): Step {
  return { from: CLIENT, block: null, start: 0, end: 0, wait };
}

/** The other side. */
export function other(side: Side): Side {
  return side === CLIENT ? SERVER : CLIENT;
}
