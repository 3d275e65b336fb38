import { APPS } from '../../src/sdk/index.ts';
import type { Protocol } from '../../src/sdk/index.ts';
import { detector } from './detect.ts';
import { QuicDissector } from './dissector.ts';

const quic: Protocol = {
  name: 'quic',
  title: 'QUIC to hosts of messengers (its hello only)',
  services: [...APPS.keys()],
  transport: 'udp',
  ports: [443],
  detector,
  anomalies: {},
  maxMessage: 65_535,
  createDissector: (flow) => new QuicDissector(flow),
  // Most of it is anybody's: nothing is told of what asks for no messenger.
  carrier: { appProto: 'quic' },
};

export default quic;
