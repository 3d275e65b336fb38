import type { AnomalyTable } from '../../src/sdk/index.ts';

export const ANOMALIES = {
  proxy_password_exposed: {
    meaning: 'A password for a proxy was sent in clear (HTTP Basic, SOCKS) on the way to an IM server.',
    note: 'Who can listen to this connection can use the proxy under that name.',
  },
  socks_address_type: {
    meaning: 'A SOCKS request or reply has an address of a type that does not exist.',
    note: 'A broken or hostile peer. Some proxies leave the field zero in a refusal.',
  },
} as const satisfies AnomalyTable;
