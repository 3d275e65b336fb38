import type { AnomalyTable } from '../../src/sdk/index.ts';

export const ANOMALIES = {
  oscar_http_bad_packet: {
    meaning: 'A packet of the OSCAR tunnel over HTTP has another version, or a length that cannot be.',
    note: 'A damaged or hostile peer; the rest of that body is not read.',
  },
  oscar_http_cut_packet: {
    meaning: 'A body of the OSCAR tunnel over HTTP ends inside a packet.',
    note: 'A connection that broke off, or a damaged peer.',
  },
} as const satisfies AnomalyTable;
