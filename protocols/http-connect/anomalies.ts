import { HTTP_ANOMALIES } from '../../src/sdk/index.ts';
import type { AnomalyTable } from '../../src/sdk/index.ts';

export const ANOMALIES: AnomalyTable = {
  ...HTTP_ANOMALIES,
  proxy_password_exposed: {
    meaning: 'A password for a proxy was sent in clear (HTTP Basic, SOCKS) on the way to an IM server.',
    note: 'Who can listen to this connection can use the proxy under that name.',
  },
};
