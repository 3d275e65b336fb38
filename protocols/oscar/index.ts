import type { Protocol } from '../../src/sdk/index.ts';
import { ANOMALIES } from './anomalies.ts';
import { DETECTOR } from './detect.ts';
import { OscarDissector } from './dissector.ts';
import { PORTS } from './numbers.ts';
import { FLAP_HEADER } from './wire.ts';

/** AIM and ICQ (from version 2000 on): FLAP frames with SNACs, over TCP on any port. */
const oscar: Protocol = {
  name: 'oscar',
  title: 'AIM and ICQ (OSCAR)',
  services: ['aim', 'icq'],
  transport: 'tcp',
  ports: PORTS,
  detector: DETECTOR,
  anomalies: ANOMALIES,
  maxMessage: FLAP_HEADER + 0xffff,
  createDissector: (flow) => new OscarDissector(flow),
};

export default oscar;
