import { HTTP_ANOMALIES } from '../../src/sdk/index.ts';
import type { Protocol } from '../../src/sdk/index.ts';
import { DETECTOR } from './detect.ts';
import { GatewayDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

/** MSN Messenger through its HTTP gateway. */
const msnGateway: Protocol = {
  name: 'msn-gateway',
  title: 'MSN through its HTTP gateway',
  services: ['msn'],
  transport: 'tcp',
  ports: PORTS,
  detector: DETECTOR,
  anomalies: HTTP_ANOMALIES,
  maxMessage: 65_536,
  createDissector: (flow) => new GatewayDissector(flow),
  carrier: { appProto: 'http' },
};

export default msnGateway;
