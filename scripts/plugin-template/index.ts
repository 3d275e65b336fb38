import type { Protocol } from '../../src/sdk/index.ts';
import { anomalies } from './anomalies.ts';
import { detector } from './detect.ts';
import { ExampleDissector } from './dissector.ts';
import { MAX_LINE } from './wire.ts';

const protocol: Protocol = {
  name: 'example',
  title: 'Example',
  services: ['example'],
  transport: 'tcp',
  ports: [7000],
  detector,
  anomalies,
  maxMessage: MAX_LINE * 2,
  createDissector: (flow) => new ExampleDissector(flow),
};

export default protocol;
