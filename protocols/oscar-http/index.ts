import type { Protocol } from '../../src/sdk/index.ts';
import { ANOMALIES } from './anomalies.ts';
import { DETECTOR } from './detect.ts';
import { TunnelDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

/** AIM and ICQ through the HTTP proxies of their network. */
const oscarHttp: Protocol = {
  name: 'oscar-http',
  title: 'OSCAR over HTTP',
  services: ['aim', 'icq'],
  transport: 'tcp',
  ports: PORTS,
  detector: DETECTOR,
  anomalies: ANOMALIES,
  maxMessage: 65_536,
  createDissector: (flow) => new TunnelDissector(flow),
  carrier: { appProto: 'http' },
};

export default oscarHttp;
