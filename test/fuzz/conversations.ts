import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { protocols } from '../../protocols/index.ts';
import type { Dissector, Protocol } from '../../src/sdk/index.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { goldenCaptures, ROOT } from '../golden/replay.ts';
import { runPackets } from '../support/engine.ts';
import type { Packet } from '../support/packets.ts';

/** What one flow of a shipped capture showed its dissector. */
export interface Conversation {
  readonly midstream: boolean;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly steps: Step[];
}

const MAGIC_MICROSECONDS = 0xa1b2c3d4;

let known: Map<string, Conversation[]> | undefined;

/** The conversations of all shipped captures, by protocol; read once. */
export function conversations(): ReadonlyMap<string, readonly Conversation[]> {
  known ??= readAll();
  return known;
}

function readAll(): Map<string, Conversation[]> {
  const found = new Map<string, Conversation[]>();
  const spies = protocols.map((protocol) => spied(protocol, found));
  for (const capture of goldenCaptures()) {
    const { packets, linkType } = readCapture(readFileSync(join(ROOT, capture)));
    runPackets(packets, { protocols: spies, linkType });
  }
  return found;
}

/** The protocol, with what its dissectors are shown written down. */
function spied(protocol: Protocol, found: Map<string, Conversation[]>): Protocol {
  return {
    ...protocol,
    createDissector(flow) {
      const { midstream, clientPort, serverPort } = flow;
      const steps: Step[] = [];
      const of = found.get(protocol.name) ?? [];
      found.set(protocol.name, of);
      of.push({ midstream, clientPort, serverPort, steps });
      return spy(protocol.createDissector(flow), steps, protocol.transport === 'udp');
    },
  };
}

function spy(dissector: Dissector, steps: Step[], datagrams: boolean): Dissector {
  /** How far each direction was shown: what is unread is shown again. */
  const shown: [number, number] = [0, 0];
  return {
    data(direction, cursor) {
      const from = datagrams
        ? cursor.pos
        : Math.max(cursor.pos, cursor.pos + shown[direction] - cursor.tell());
      shown[direction] = cursor.tell() + cursor.left;
      if (from < cursor.end) steps.push({ direction, bytes: cursor.bytes.slice(from, cursor.end) });
      return dissector.data(direction, cursor);
    },
    gap(direction, length) {
      shown[direction] += length;
      steps.push({ direction, gap: length });
      dissector.gap(direction, length);
    },
    end(direction) {
      steps.push({ direction, end: true });
      dissector.end(direction);
    },
  };
}

function readCapture(file: Buffer): { packets: Packet[]; linkType: number } {
  if (file.readUInt32LE(0) !== MAGIC_MICROSECONDS) throw new Error('a shipped capture of another kind');
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    const bytes = Uint8Array.from(file.subarray(at + 16, at + 16 + length));
    packets.push({ seconds: file.readUInt32LE(at), nanos: file.readUInt32LE(at + 4) * 1_000, bytes });
    at += 16 + length;
  }
  return { packets, linkType: file.readUInt32LE(20) };
}
