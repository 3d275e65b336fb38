import type { Protocol } from '../../src/sdk/index.ts';
import { DETECTOR } from './detect.ts';
import { NotifyDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

/** Yahoo! Messenger where only the web is open. */
const ymsgHttp: Protocol = {
  name: 'ymsg-http',
  title: 'YMSG over HTTP',
  services: ['yahoo'],
  transport: 'tcp',
  ports: PORTS,
  detector: DETECTOR,
  anomalies: {},
  maxMessage: 65_536,
  createDissector: (flow) => new NotifyDissector(flow),
  carrier: { appProto: 'http' },
};

export default ymsgHttp;
