import type { AnomalyTable } from '../../src/sdk/index.ts';

export const ANOMALIES = {
  socks_address_type: {
    meaning: 'A SOCKS request or reply has an address of a type that does not exist.',
    note: 'A broken or hostile peer. Some proxies leave the field zero in a refusal.',
  },
} as const satisfies AnomalyTable;
