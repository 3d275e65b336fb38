/** The registry: one line a protocol. Delete a folder and its line, and the protocol is gone. */
import type { Protocol } from '../src/sdk/index.ts';
import msnp from './msnp/index.ts';
import oscar from './oscar/index.ts';
import toc from './toc/index.ts';
import ymsg from './ymsg/index.ts';

export const protocols: readonly Protocol[] = [oscar, toc, msnp, ymsg];
