/**
 * Feeds the engine many packets of connections that are not IM and prints how many bytes of
 * heap a packet cost. Run with tsx, --expose-gc and a young generation that holds the whole run, so that
 * what was allocated is still there to be counted.
 */
import { Pipeline } from '../../src/app/pipeline.ts';
import { Frame } from '../../src/capture/frame.ts';
import { makeLimits } from '../../src/core/limits.ts';
import { protocols } from '../../protocols/index.ts';

const PACKETS = 600_000;
const FLOWS = 64;

/** Ethernet, IPv4, TCP, 100 bytes of something like TLS; addresses, ports and numbers are set a packet. */
const bytes = new Uint8Array(14 + 20 + 20 + 100);
const view = new DataView(bytes.buffer);
view.setUint16(12, 0x0800);
bytes[14] = 0x45;
view.setUint16(16, 140);
bytes[22] = 64;
bytes[23] = 6;
bytes.set([192, 0, 2, 1], 26);
bytes.set([198, 51, 100, 1], 30);
bytes[46] = 0x50;
bytes[47] = 0x18;
bytes.set([0x17, 0x03, 0x03], 54);

const pipeline = new Pipeline({
  protocols,
  limits: makeLimits({ flows: 4096 }),
  allFlows: false,
  // Nothing is told of these connections.
  output: () => ({}),
});
const frame = new Frame();
Object.assign(frame, { bytes, end: bytes.length, wireLength: bytes.length, linkType: 1, seconds: 1_000_000 });

function run(packets, from) {
  for (let i = 0; i < packets; i++) {
    const n = from + i;
    view.setUint16(34, 1024 + (n % FLOWS));
    view.setUint16(36, 443);
    view.setUint32(38, 1 + Math.floor(n / FLOWS) * 100);
    bytes[47] = n < FLOWS ? 0x02 : 0x18;
    frame.number = n + 1;
    frame.nanos = (n * 1000) % 1e9;
    pipeline.frame(frame);
  }
}

run(PACKETS, 0);
globalThis.gc();
const before = process.memoryUsage();
run(PACKETS, PACKETS);
const after = process.memoryUsage();
const used = after.heapUsed - before.heapUsed + (after.arrayBuffers - before.arrayBuffers);
process.stdout.write(
  `${(used / PACKETS).toFixed(3)} ${pipeline.tracker.watched} ${pipeline.tracker.table.count}\n`,
);
