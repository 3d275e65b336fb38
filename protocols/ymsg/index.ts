import type { Protocol } from '../../src/sdk/index.ts';
import { anomalies } from './anomalies.ts';
import { Connection } from './connection.ts';
import { detector } from './detect.ts';
import { MAX_PACKET } from './wire.ts';

const ymsg: Protocol = {
  name: 'ymsg',
  title: 'Yahoo! Messenger (YMSG)',
  services: ['yahoo'],
  transport: 'tcp',
  ports: [5050, 5100, 5101],
  detector,
  anomalies,
  maxMessage: MAX_PACKET,
  createDissector: (flow) => new Connection(flow),
};

export default ymsg;
