import type { Protocol } from '../../src/sdk/index.ts';
import { DETECTOR } from './detect.ts';
import { PageDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

/** Profiles and directory entries that clients of TOC fetch over HTTP. */
const tocHttp: Protocol = {
  name: 'toc-http',
  appProto: 'http',
  title: 'Profile pages of TOC',
  services: ['aim', 'icq'],
  transport: 'tcp',
  ports: PORTS,
  detector: DETECTOR,
  anomalies: {},
  maxMessage: 65_536,
  createDissector: (flow) => new PageDissector(flow),
};

export default tocHttp;
