import type { Protocol } from '../../src/sdk/index.ts';
import { anomalies } from './anomalies.ts';
import { detector } from './detect.ts';
import { MAX_MESSAGE, OftDissector } from './dissector.ts';

const oft: Protocol = {
  name: 'oft',
  title: 'AIM and ICQ peer connections (OFT, ODC, rendezvous proxy)',
  services: ['aim', 'icq'],
  transport: 'tcp',
  ports: [5190, 4443],
  detector,
  anomalies,
  maxMessage: MAX_MESSAGE,
  createDissector: (flow) => new OftDissector(flow),
};

export default oft;
