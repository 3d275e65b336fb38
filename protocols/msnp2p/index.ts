import type { Protocol } from '../../src/sdk/index.ts';
import { ANOMALIES } from './anomalies.ts';
import { detector } from './detect.ts';
import { DirectDissector } from './dissector.ts';
import { LENGTH_FIELD, MAX_FRAME } from './wire.ts';

const msnp2p: Protocol = {
  name: 'msnp2p',
  title: 'MSN direct connection (P2P)',
  services: ['msn'],
  transport: 'tcp',
  ports: [],
  detector,
  anomalies: ANOMALIES,
  maxMessage: LENGTH_FIELD + MAX_FRAME,
  createDissector: (flow) => new DirectDissector(flow),
};

export default msnp2p;
