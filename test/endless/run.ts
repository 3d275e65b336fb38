/**
 * One element that never ends, of each kind: `npm run endless -- [MEGABYTES] [KIND]`, 300 MB if nothing is said. Prints what
 * the engine held at most and fails where that is more than its limit, or where the heap grew with the stream.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import xmpp from '../../protocols/xmpp/index.ts';
import { endless, KINDS } from './endless.ts';

const [megabytes = '300', only] = process.argv.slice(2);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** Growth of the heap and of buffers that is no sign of the stream in memory. */
const ROOM = 64e6;

function heap(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let failed = false;
for (const kind of Object.keys(KINDS)) {
  if (only !== undefined && kind !== only) continue;
  endless(kind, 1);
  const before = heap();
  const begun = performance.now();
  const { mostHeld, mostHeap, failures } = endless(kind, Number(megabytes), heap);
  const seconds = (performance.now() - begun) / 1_000;
  const grown = mostHeap - before;
  const good = failures === 0 && mostHeld <= xmpp.maxMessage && grown < ROOM;
  failed ||= !good;
  const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  process.stdout.write(
    `${good ? 'ok  ' : 'FAIL'} ${kind}: ${megabytes} MB in ${seconds.toFixed(1)} s, held ${mega(mostHeld)} of ${mega(xmpp.maxMessage)}, heap grew by ${mega(Math.max(0, grown))}\n`,
  );
}
process.exitCode = failed ? 1 : 0;
