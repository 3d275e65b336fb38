import type { Protocol } from '../../src/sdk/index.ts';
import { ANOMALIES } from './anomalies.ts';
import { detector } from './detect.ts';
import { MsnpDissector } from './dissector.ts';
import { MAX_LINE, MAX_PAYLOAD } from './wire.ts';

const msnp: Protocol = {
  name: 'msnp',
  title: 'MSN Messenger (MSNP)',
  services: ['msn'],
  transport: 'tcp',
  ports: [1863, 1864],
  detector,
  anomalies: ANOMALIES,
  maxMessage: MAX_LINE + MAX_PAYLOAD + 2,
  createDissector: (flow) => new MsnpDissector(flow),
};

export default msnp;
