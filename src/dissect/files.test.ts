import { describe, expect, test } from '@jest/globals';
import { lineProtocol, runPackets } from '../../test/support/engine.ts';
import type { Ran } from '../../test/support/engine.ts';
import { Conversation } from '../../test/support/packets.ts';
import { SHARDS } from '../flow/table.ts';
import { PROBE } from '../sdk/index.ts';
import type { FileWriter, InnerStream, Protocol } from '../sdk/index.ts';

/** A protocol whose dissectors write to one file, as those of a session over several connections do. */
function fileProtocol(): Protocol {
  let file: FileWriter | undefined;
  let at = 0;
  return {
    ...lineProtocol(),
    createDissector: (flow) => ({
      data(_, cursor) {
        file ??= flow.carve({ id: 'f', name: 'f', service: 'echo' });
        file.write(at, cursor.bytes, cursor.pos, cursor.end);
        at += cursor.left;
        cursor.pos = cursor.end;
        return 0;
      },
      gap: () => undefined,
      end: () => undefined,
    }),
  };
}

test('a file that goes on behind the end of its connection is told once, as cut', () => {
  const connection = (port: number, text: string): Conversation['packets'] =>
    new Conversation({
      client: { ip: '192.0.2.10', port },
      server: { ip: '198.51.100.20', port: 7007 },
      seconds: 1_110_290_591 + 100 * (port - 40_000),
    })
      .open()
      .send(0, Buffer.from(text))
      .close().packets;
  const { events, pipeline } = runPackets(
    [...connection(40_000, 'ECHO one'), ...connection(40_001, 'ECHO two')],
    { protocols: [fileProtocol()] },
  );
  expect(pipeline.dissection.failures).toEqual([]);
  const files = events.filter((e) => e.event_type === 'fileinfo').map((e) => e.fileinfo);
  expect(files).toMatchObject([{ state: 'TRUNCATED', size: 8 }]);
});

/** Connections that each begin with the session's name; the rest of each is the stream of that session. */
function carrierProtocol(): Protocol {
  return {
    ...lineProtocol(),
    name: 'session',
    carrier: {},
    detector: {
      firstBytes: [[0x53], null],
      probe: (p) =>
        p.clientEnd - p.clientStart >= 2 ? p.yes('high', 'session') : p.final ? PROBE.NO : PROBE.MORE,
    },
    createDissector(flow) {
      let inner: InnerStream | undefined;
      return {
        data(direction, cursor) {
          if (!inner) {
            const session = cursor.latin1(2);
            inner = flow.carry?.open({
              carrier: 'bosh',
              evidence: session,
              session,
              spans: true,
              protocol: 'echo',
            });
          }
          inner?.data(direction, cursor.bytes, cursor.pos, cursor.end);
          cursor.pos = cursor.end;
          return 0;
        },
        gap: () => undefined,
        end: () => undefined,
      };
    },
  };
}

/** A session's stream is a file, up to a full stop; each session keeps a thousand bytes, and ends with `!`. */
function storyProtocol(): Protocol {
  return {
    ...lineProtocol(),
    detector: { firstBytes: [[0x00], [0x00]], probe: () => PROBE.NO },
    createDissector(flow) {
      let file: FileWriter | undefined;
      let at = 0;
      let kept = false;
      return {
        data(direction, cursor) {
          kept ||= flow.reserve(1_000);
          const offset = cursor.tell();
          const length = cursor.left;
          file ??= flow.carve({ id: 'f', name: 'f', service: 'echo' });
          file.write(at, cursor.bytes, cursor.pos, cursor.end);
          at += length;
          if (cursor.bytes[cursor.end - 1] === 0x2e) file.close(direction, offset, { complete: true });
          cursor.pos = cursor.end;
          return 0;
        },
        gap: () => undefined,
        end: () => undefined,
      };
    },
  };
}

describe('a session over several connections', () => {
  const two = (apart = 1): [Conversation, Conversation] =>
    [0, 1].map((i) =>
      new Conversation({
        client: { ip: '192.0.2.10', port: 40_000 + i },
        server: { ip: '198.51.100.20', port: 7007 },
        seconds: 1_110_290_591 + i * apart,
      }).open(),
    ) as [Conversation, Conversation];
  const run = (...all: Conversation[]): Ran => {
    const packets = all.flatMap((c) => c.packets);
    packets.sort((a, b) => a.seconds - b.seconds || a.nanos - b.nanos);
    return runPackets(packets, { protocols: [carrierProtocol(), storyProtocol()] });
  };
  const files = ({ events }: Ran): unknown[] =>
    events
      .filter((e) => e.event_type === 'fileinfo')
      .map((e) => [e.src_port, e.fileinfo?.['state'], e.fileinfo?.['size']]);

  test('carries a file on in the second one while both are open', () => {
    const [a, b] = two();
    a.send(0, Buffer.from('S1once ')).wait(10).close();
    b.send(0, Buffer.from('S1upon ')).wait(30).send(0, Buffer.from('a time.')).close();
    const ran = run(a, b);
    expect(ran.pipeline.dissection.failures).toEqual([]);
    expect(files(ran)).toEqual([[40_001, 'CLOSED', 17]]);
    expect(ran.pipeline.dissection.held).toBe(0);
  });

  test('a file that nobody ended is told once, where the last connection ends', () => {
    const [a, b] = two();
    a.send(0, Buffer.from('S1once ')).wait(10).close();
    b.send(0, Buffer.from('S1upon ')).wait(30).close();
    expect(files(run(a, b))).toEqual([[40_001, 'TRUNCATED', 10]]);
  });

  test('counts what it keeps once, and keeps it while it waits for its next connection', () => {
    const [a, b] = two(600);
    a.send(0, Buffer.from('S1once.')).close();
    b.send(0, Buffer.from('S1again.'));
    // What waits takes the room of a third one that asks for more than is left.
    const room = (bytes: number): number[] => {
      const limits = { message_buffer_total: bytes * SHARDS };
      const protocols = [carrierProtocol(), storyProtocol()];
      const { events, pipeline } = runPackets([...a.packets, ...b.packets], { protocols, limits });
      const full = events.filter((e) => e.anomaly?.event === 'message_buffer_total_limit');
      return [full.length, pipeline.dissection.held];
    };
    expect(room(1_000)).toEqual([0, 0]);
    // Each of the two connections asks, and is told of.
    expect(room(999)).toEqual([2, 0]);
    const [c, d] = two(600);
    c.send(0, Buffer.from('S1once.')).close();
    d.send(0, Buffer.from('S2other.'));
    const limits = { message_buffer_total: 1_999 * SHARDS };
    const ran = runPackets([...c.packets, ...d.packets], {
      protocols: [carrierProtocol(), storyProtocol()],
      limits,
    });
    expect(ran.events.filter((e) => e.anomaly).map((e) => [e.src_port, e.anomaly?.event])).toEqual([
      [40_001, 'message_buffer_total_limit'],
    ]);
  });

  test('that nobody goes on with is forgotten, with what it accounts for', () => {
    const [a, b] = two(80_000);
    a.send(0, Buffer.from('S1once.')).close();
    b.send(0, Buffer.from('S1anew.'));
    const ran = run(a, b);
    expect(files(ran)).toHaveLength(2);
    expect(ran.pipeline.dissection.held).toBe(0);
  });
});
