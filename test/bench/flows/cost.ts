/**
 * Bytes of memory that one recognised IM flow costs, with its objects and both streams, beside what it
 * buffers: `node --expose-gc --import tsx test/bench/flows/cost.ts`.
 * The costs in src/core/limits.ts are rounded up from it.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Pipeline } from '../../../src/app/pipeline.ts';
import { Frame } from '../../../src/capture/frame.ts';
import { makeLimits } from '../../../src/core/limits.ts';
import { SessionStage } from '../../../src/session/session.ts';
import { line } from '../../../protocols/msnp/build.ts';
import { Sender, clientTLVs, roasted, tlv } from '../../../protocols/oscar/build.ts';
import { auth } from '../../../protocols/ymsg/build.ts';
import { protocols } from '../../../protocols/index.ts';
import { Conversation } from '../../support/packets.ts';

const FLOWS = 20_000;
const FIRST: Readonly<Record<string, Uint8Array>> = {
  'xmpp header': Buffer.from(
    "<?xml version='1.0'?><stream:stream to='example.test' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
  ),
  'ymsg sign-on': auth('someone'),
  'msnp version': line('VER', 1, 'MSNP9', 'MSNP8', 'CVR0'),
  'oscar sign-on': signOn(),
  'tls hello begun': Buffer.from('16030100c8010000c40303', 'hex'),
};

function signOn(): Uint8Array {
  return new Sender(0).signOn(
    tlv(1, 'someone'),
    tlv(2, roasted('seaweed7')),
    clientTLVs('AOL Instant Messenger, version 5.1.3036/WIN32', 0x0109, [5, 1, 0, 3036], 210),
  ).bytes;
}

function used(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const kind = process.argv[2];
for (const [name, bytes] of Object.entries(FIRST)) {
  if (kind === undefined) {
    // Each in a process of its own: what one leaves behind is not taken for the next one's.
    spawnSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), name], {
      stdio: 'inherit',
    });
    continue;
  }
  if (name !== kind) continue;
  const limits = makeLimits({
    flows: 65_536 * 4,
    im_flows: 1_000_000,
    detect_buffer_total: 4e9,
    overlap_history_total: 0,
  });
  const pipeline = new Pipeline({
    protocols,
    limits,
    allFlows: false,
    output: ({ stamp, clock }) =>
      new SessionStage({
        limits,
        place: () => ({ seconds: stamp.seconds, nanos: stamp.nanos, frame: stamp.frame }),
        now: () => clock.seconds,
        emit: () => undefined,
      }),
  });
  const frame = new Frame();
  frame.linkType = 1;
  const before = used();
  for (let i = 0; i < FLOWS; i++) {
    const client = { ip: `10.${randomInt(256)}.${(i >> 8) & 255}.${i & 255}`, port: 1024 + i };
    const talk = new Conversation({ client, server: { ip: '198.51.100.20', port: 5190 }, stepNanos: 0 });
    talk.open().send(0, bytes);
    if (name.startsWith('msnp')) talk.send(1, line('VER', 1, 'MSNP9'));
    if (name.startsWith('oscar')) talk.send(1, new Sender(1).signOn().bytes);
    for (const packet of talk.packets) {
      frame.bytes = packet.bytes;
      frame.end = frame.wireLength = packet.bytes.length;
      frame.seconds = packet.seconds;
      frame.nanos = packet.nanos;
      frame.number++;
      pipeline.frame(frame);
    }
  }
  const each = (used() - before) / FLOWS;
  process.stdout.write(
    `${name}: ${pipeline.tracker.watched} flows with an object, ${each.toFixed(0)} bytes each\n`,
  );
  pipeline.finish();
}
