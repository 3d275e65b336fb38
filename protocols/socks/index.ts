import type { Protocol } from '../../src/sdk/index.ts';
import { ANOMALIES } from './anomalies.ts';
import { DETECTOR } from './detect.ts';
import { SocksDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

/** SOCKS proxies, versions 4, 4A and 5. */
const socks: Protocol = {
  name: 'socks',
  title: 'Tunnels through SOCKS proxies',
  services: ['socks'],
  transport: 'tcp',
  ports: PORTS,
  detector: DETECTOR,
  anomalies: ANOMALIES,
  maxMessage: 2_048,
  createDissector: (flow) => new SocksDissector(flow),
  carrier: {},
};

export default socks;
