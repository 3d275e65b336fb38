/** Streams of one XML element that never ends, through the whole engine: what it keeps of them. */
import { Pipeline } from '../../src/app/pipeline.ts';
import { Frame } from '../../src/capture/frame.ts';
import { makeLimits } from '../../src/core/limits.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { protocols } from '../../protocols/index.ts';
import { header } from '../../protocols/xmpp/build.ts';
import { SessionStage } from '../../src/session/session.ts';
import { SYN, tcpFrame } from '../support/packets.ts';

/** How the element begins, and what follows for ever. */
export const KINDS: Readonly<Record<string, readonly [begin: string, again: string]>> = {
  text: ["<message to='bob@corp.test'><body>", 'x'],
  references: ["<message to='bob@corp.test'><body>", '&amp;'],
  'an attribute': ["<message to='", 'x'],
  attributes: ['<message ', "a='1' "],
  'a name': ['<', 'n'],
  children: ["<iq type='get' id='1'>", '<q/>'],
  depth: ["<iq type='get' id='1'>", '<a>'],
  'a comment': ['<!-- ', 'x'],
  'character data': ["<iq type='get' id='1'><q><![CDATA[", ']x'],
};

export interface Outcome {
  /** The most that dissectors kept and accounted for at once, bytes. */
  readonly mostHeld: number;
  /** The same of reassembly and of all JavaScript objects behind a segment, where it was looked at. */
  readonly mostHeap: number;
  readonly events: EveEvent[];
  readonly failures: number;
}

const CLIENT = { ip: '192.0.2.1', port: 40_000 };
const SERVER = { ip: '198.51.100.1', port: 5222 };
const ACK = 0x10;
/** Bytes of a segment, about: an IPv4 packet's most is 65,535. */
const SEGMENT = 60_000;
/** Segments between two looks at the heap. */
const LOOK = 256;

/** Sends `megabytes` of one element. `heap` tells how much memory is in use. */
export function endless(kind: string, megabytes: number, heap: () => number = () => 0): Outcome {
  const [begin, again] = KINDS[kind] ?? ['', 'x'];
  const events: EveEvent[] = [];
  const limits = makeLimits({ flows: 65_536 });
  let session: SessionStage | undefined;
  const pipeline = new Pipeline({
    protocols,
    limits,
    allFlows: false,
    output: ({ stamp, clock }) =>
      (session = new SessionStage({
        limits,
        place: () => ({ seconds: stamp.seconds, nanos: stamp.nanos, frame: stamp.frame }),
        now: () => clock.seconds,
        emit: (event) => events.push(structuredClone(event)),
      })),
  });
  const frame = new Frame();
  frame.linkType = 1;
  let seq = 1_000;
  let nanos = 0;
  const send = (payload: Uint8Array, flags = ACK): void => {
    frame.bytes = tcpFrame(CLIENT, SERVER, { seq, flags, payload });
    frame.end = frame.wireLength = frame.bytes.length;
    nanos += 100_000;
    frame.seconds = 1_110_290_591 + Math.floor(nanos / 1e9);
    frame.nanos = nanos % 1e9;
    frame.number++;
    pipeline.frame(frame);
    seq += payload.length + (flags === SYN ? 1 : 0);
  };
  const text = new TextEncoder();
  send(new Uint8Array(0), SYN);
  send(text.encode(header() + begin));
  const piece = text.encode(again.repeat(Math.floor(SEGMENT / again.length)));
  let mostHeld = 0;
  let mostHeap = 0;
  for (let sent = 0, i = 0; sent < megabytes * 1e6; sent += piece.length, i++) {
    send(piece);
    mostHeld = Math.max(mostHeld, pipeline.dissection.held);
    if (i % LOOK === 0) mostHeap = Math.max(mostHeap, heap());
  }
  mostHeap = Math.max(mostHeap, heap());
  pipeline.finish();
  session?.finish();
  return { mostHeld, mostHeap, events, failures: pipeline.dissection.failures.length };
}
