/** The registry: one line a protocol. Delete a folder and its line, and the protocol is gone. */
import type { Protocol } from '../src/sdk/index.ts';
import toc from './toc/index.ts';

export const protocols: readonly Protocol[] = [toc];
