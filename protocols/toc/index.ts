import type { Protocol } from '../../src/sdk/index.ts';
import { anomalies } from './anomalies.ts';
import { detector } from './detect.ts';
import { TocDissector } from './dissector.ts';
import { FLAP_HEADER } from './wire.ts';

const toc: Protocol = {
  name: 'toc',
  title: 'AIM over TOC and TOC2',
  services: ['aim', 'icq'],
  transport: 'tcp',
  ports: [9898],
  detector,
  anomalies,
  maxMessage: FLAP_HEADER + 0xffff,
  createDissector: (flow) => new TocDissector(flow),
};

export default toc;
