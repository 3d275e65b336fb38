import type { Protocol } from '../../src/sdk/index.ts';
import { ANOMALIES } from './anomalies.ts';
import { DETECTOR } from './detect.ts';
import { WebSocketDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

/** XMPP over WebSocket (RFC 7395). */
const websocket: Protocol = {
  name: 'websocket',
  title: 'XMPP over WebSocket',
  services: ['xmpp'],
  transport: 'tcp',
  ports: PORTS,
  detector: DETECTOR,
  anomalies: ANOMALIES,
  maxMessage: 65_536,
  createDissector: (flow) => new WebSocketDissector(flow),
  carrier: { appProto: 'http' },
};

export default websocket;
