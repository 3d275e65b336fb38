import { APPS } from '../../src/sdk/index.ts';
import type { Protocol } from '../../src/sdk/index.ts';
import { detector } from './detect.ts';
import { StunDissector } from './dissector.ts';
import { PORTS } from './wire.ts';

const stun: Protocol = {
  name: 'stun',
  title: 'STUN and TURN of messengers: voice and video',
  services: [...APPS.keys()],
  transport: 'udp',
  ports: PORTS,
  detector,
  anomalies: {},
  maxMessage: 65_535,
  createDissector: (flow) => new StunDissector(flow),
  // All of WebRTC begins so: nothing is told of what shows no messenger.
  carrier: { appProto: 'stun' },
};

export default stun;
