import type { Protocol } from '../../src/sdk/index.ts';
import { anomalies } from './anomalies.ts';
import { detector } from './detect.ts';
import { XmppDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

const xmpp: Protocol = {
  name: 'xmpp',
  title: 'XMPP (Jabber, Google Talk, Facebook Chat)',
  services: ['xmpp', 'gtalk', 'facebook'],
  transport: 'tcp',
  ports: PORTS,
  detector,
  anomalies,
  maxMessage: 1024 * 1024,
  createDissector: (flow) => new XmppDissector(flow),
};

export default xmpp;
