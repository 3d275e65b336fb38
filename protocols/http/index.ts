import type { Protocol } from '../../src/sdk/index.ts';
import { DETECTOR } from './detect.ts';
import { WebDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

/** Web traffic of the messengers: sign-on, configuration, downloads, web messengers; on any port. */
const http: Protocol = {
  name: 'http',
  title: 'Web traffic to IM networks',
  services: ['http', 'aim', 'icq', 'msn', 'yahoo', 'gtalk', 'facebook', 'meebo', 'ebuddy', 'iloveim'],
  transport: 'tcp',
  ports: PORTS,
  detector: DETECTOR,
  anomalies: {},
  maxMessage: 65_536,
  createDissector: (flow) => new WebDissector(flow),
};

export default http;
