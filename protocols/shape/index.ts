import type { Protocol } from '../../src/sdk/index.ts';
import { detectorOf } from './detect.ts';
import { ShapeDissector } from './dissector.ts';
import type { Shape } from './shape.ts';
import { TCP_SHAPES } from './tcp.ts';
import { UDP_SHAPES } from './udp.ts';

function protocolOf(title: string, transport: 'tcp' | 'udp', shapes: readonly Shape[]): Protocol {
  return {
    ...{ name: 'shape', title, transport, ports: [], anomalies: {}, maxMessage: 65_535 },
    services: [...new Set(shapes.map(({ service }) => service))],
    detector: detectorOf(shapes),
    createDissector: (flow) => new ShapeDissector(flow, shapes),
  };
}

/** Streams of messengers that are recognised by their first bytes and not read. */
const tcp = protocolOf('Messengers by the first bytes of a stream', 'tcp', TCP_SHAPES);
export const udpShapes = protocolOf('Messengers by a datagram’s bytes', 'udp', UDP_SHAPES);

export default tcp;
