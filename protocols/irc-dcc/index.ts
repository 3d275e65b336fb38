import type { Protocol } from '../../src/sdk/index.ts';
import { detector } from './detect.ts';
import { DccDissector } from './dissector.ts';
import { ACK } from './wire.ts';

const dcc: Protocol = {
  name: 'irc-dcc',
  title: 'Files between IRC clients (DCC SEND)',
  services: ['irc'],
  transport: 'tcp',
  ports: [],
  detector,
  anomalies: {},
  maxMessage: ACK,
  createDissector: (flow) => new DccDissector(flow),
};

export default dcc;
