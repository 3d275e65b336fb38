import type { Protocol } from '../../src/sdk/index.ts';
import { anomalies } from './anomalies.ts';
import { detector } from './detect.ts';
import { IcqDissector } from './dissector.ts';

const icq: Protocol = {
  name: 'icq',
  title: 'ICQ before OSCAR (UDP, versions 2 to 5)',
  services: ['icq'],
  transport: 'udp',
  ports: [4000],
  detector,
  anomalies,
  maxMessage: 0xffff,
  createDissector: (flow) => new IcqDissector(flow),
};

export default icq;
