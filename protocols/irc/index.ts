import type { Protocol } from '../../src/sdk/index.ts';
import { anomalies } from './anomalies.ts';
import { detector } from './detect.ts';
import { IrcDissector } from './dissector.ts';
import { MAX_LINE, PORTS } from './wire.ts';

const irc: Protocol = {
  name: 'irc',
  title: 'Internet Relay Chat',
  services: ['irc'],
  transport: 'tcp',
  ports: PORTS,
  detector,
  anomalies,
  maxMessage: MAX_LINE * 2,
  createDissector: (flow) => new IrcDissector(flow),
};

export default irc;
