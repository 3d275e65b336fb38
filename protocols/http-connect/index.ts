import type { Protocol } from '../../src/sdk/index.ts';
import { ANOMALIES } from './anomalies.ts';
import { DETECTOR } from './detect.ts';
import { ConnectDissector } from './dissector.ts';

/** HTTP proxies: `CONNECT host:port`, on any port. */
const httpConnect: Protocol = {
  name: 'http-connect',
  title: 'Tunnels through HTTP proxies',
  services: ['http'],
  transport: 'tcp',
  ports: [],
  detector: DETECTOR,
  anomalies: ANOMALIES,
  maxMessage: 65_536,
  createDissector: (flow) => new ConnectDissector(flow),
  carrier: { appProto: 'http' },
};

export default httpConnect;
