import { APPS } from '../../src/sdk/index.ts';
import type { Protocol } from '../../src/sdk/index.ts';
import { tcpDetector, udpDetector } from './detect.ts';
import { DnsDissector } from './dissector.ts';
import { DNS_PORT } from './wire.ts';

const dns: Protocol = {
  name: 'dns',
  title: 'DNS queries for hosts of messengers',
  services: [...APPS.keys()],
  transport: 'udp',
  ports: [DNS_PORT],
  detector: udpDetector,
  anomalies: {},
  maxMessage: 65_537,
  createDissector: (flow) => new DnsDissector(flow),
};

export const dnsOverTcp: Protocol = { ...dns, transport: 'tcp', detector: tcpDetector };

export default dns;
