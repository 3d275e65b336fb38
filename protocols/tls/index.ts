import type { Protocol } from '../../src/sdk/index.ts';
import { anomalies } from './anomalies.ts';
import { detector } from './detect.ts';
import { TlsDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

const tls: Protocol = {
  name: 'tls',
  title: 'TLS to hosts of IM networks (not decrypted)',
  services: ['aim', 'icq', 'msn', 'yahoo', 'xmpp', 'gtalk', 'facebook'],
  transport: 'tcp',
  ports: PORTS,
  detector,
  anomalies,
  maxMessage: 64 * 1024,
  createDissector: (flow) => new TlsDissector(flow),
};

export default tls;
