import { Frame } from '../../src/capture/frame.ts';
import { Pipeline } from '../../src/app/pipeline.ts';
import { SessionStage } from '../../src/session/session.ts';
import { makeLimits } from '../../src/core/limits.ts';
import type { Limits } from '../../src/core/limits.ts';
import type { Overlap } from '../../src/core/overlap.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import type { Protocol } from '../../src/sdk/index.ts';
import { protocols as registry } from '../../protocols/index.ts';
import type { Packet } from './packets.ts';

export interface Ran {
  events: EveEvent[];
  pipeline: Pipeline;
}

/** A small table keeps tests light; the default would reserve 256 MB of address space a run. */
const TEST_FLOWS = 65_536;

/** Runs packets through the engine, without policy and sinks. */
export function runPackets(
  packets: readonly Packet[],
  options: {
    limits?: Partial<Limits>;
    allFlows?: boolean;
    protocols?: readonly Protocol[];
    linkType?: number;
    overlap?: Overlap;
    dedupe?: number;
    flowKey?: number;
  } = {},
): Ran {
  const events: EveEvent[] = [];
  const limits = makeLimits({ flows: TEST_FLOWS, ...options.limits });
  let session: SessionStage | undefined;
  const pipeline = new Pipeline({
    protocols: options.protocols ?? registry,
    limits,
    allFlows: options.allFlows ?? false,
    overlap: options.overlap,
    dedupe: options.dedupe,
    flowKey: options.flowKey,
    output: ({ stamp, clock }) =>
      (session = new SessionStage({
        limits,
        place: () => ({ seconds: stamp.seconds, nanos: stamp.nanos, frame: stamp.frame }),
        now: () => clock.seconds,
        emit: (event) => events.push(structuredClone(event)),
      })),
  });
  const frame = new Frame();
  frame.linkType = options.linkType ?? 1;
  for (const { seconds, nanos, bytes } of packets) {
    frame.bytes = bytes;
    frame.end = bytes.length;
    frame.wireLength = bytes.length;
    frame.seconds = seconds;
    frame.nanos = nanos;
    frame.number++;
    pipeline.frame(frame);
  }
  pipeline.finish();
  session?.finish();
  return { events, pipeline };
}

/** A protocol for tests of the engine: lines that begin with `ECHO `, told as messages. */
export function lineProtocol(): Protocol {
  return {
    name: 'echo',
    title: 'Lines for tests',
    services: ['echo'],
    transport: 'tcp',
    ports: [7007],
    maxMessage: 4096,
    anomalies: {},
    detector: {
      firstBytes: [[0x45], [0x45]],
      probe(p) {
        const client = Buffer.from(p.clientBytes.subarray(p.clientStart, p.clientEnd)).toString('latin1');
        const server = Buffer.from(p.serverBytes.subarray(p.serverStart, p.serverEnd)).toString('latin1');
        const fits = (text: string): boolean => 'ECHO '.startsWith(text.slice(0, 5));
        if (!fits(client) || !fits(server)) return 0;
        if (client.length >= 5 || server.length >= 5) return p.yes('high', 'ECHO at byte 0');
        return p.final ? 0 : 1;
      },
    },
    createDissector(flow) {
      return {
        data(direction, cursor) {
          for (;;) {
            const at = cursor.find(0x0a);
            if (at < 0) return 0;
            const offset = cursor.tell();
            const text = cursor.latin1(at - cursor.pos).replace(/^ECHO /, '');
            cursor.skip(1);
            if (text !== '')
              flow.emit(direction, offset, {
                kind: 'message',
                service: 'echo',
                text,
                from: `p${direction}`,
                to: [`p${1 - direction}`],
              });
          }
        },
        gap(direction, length) {
          flow.emit(direction, 0, { kind: 'notice', service: 'echo', text: `gap ${length}` });
        },
        end() {
          return undefined;
        },
      };
    },
  };
}
