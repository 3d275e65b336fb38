import { expect, test } from '@jest/globals';
import { lineProtocol, runPackets } from '../../test/support/engine.ts';
import { Conversation } from '../../test/support/packets.ts';
import type { FileWriter, Protocol } from '../sdk/index.ts';

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
