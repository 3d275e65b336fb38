import type { AnomalyTable } from '../../src/sdk/index.ts';

export const anomalies = {
  tls_not_a_handshake: {
    meaning: 'A connection to a host of an IM network began as TLS and went on as something else.',
    note: 'A broken client, a tunnel that imitates TLS, or an attempt to confuse a monitor.',
  },
} as const satisfies AnomalyTable;
