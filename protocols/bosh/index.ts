import { HTTP_ANOMALIES } from '../../src/sdk/index.ts';
import type { Protocol } from '../../src/sdk/index.ts';
import { DETECTOR } from './detect.ts';
import { BoshDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

/** XMPP over HTTP: BOSH (XEP-0124, XEP-0206), also through proxies with absolute addresses. */
const bosh: Protocol = {
  name: 'bosh',
  title: 'XMPP over BOSH',
  services: ['xmpp'],
  transport: 'tcp',
  ports: PORTS,
  detector: DETECTOR,
  anomalies: HTTP_ANOMALIES,
  maxMessage: 65_536,
  createDissector: (flow) => new BoshDissector(flow),
  carrier: { appProto: 'http' },
};

export default bosh;
