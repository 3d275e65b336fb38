import type { Protocol } from '../../src/sdk/index.ts';
import { ANOMALIES } from './anomalies.ts';
import { detector } from './detect.ts';
import { MsnftpDissector } from './dissector.ts';
import { MAX_LINE } from './wire.ts';

const msnftp: Protocol = {
  name: 'msnftp',
  title: 'MSN file transfer (MSNFTP)',
  services: ['msn'],
  transport: 'tcp',
  ports: [6891, 6892, 6893, 6894, 6895, 6896, 6897, 6898, 6899, 6900],
  detector,
  anomalies: ANOMALIES,
  maxMessage: MAX_LINE + 2,
  createDissector: (flow) => new MsnftpDissector(flow),
};

export default msnftp;
