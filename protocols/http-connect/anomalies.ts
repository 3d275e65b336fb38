import type { AnomalyTable } from '../../src/sdk/index.ts';

export const ANOMALIES = {
  proxy_password_exposed: {
    meaning: 'A password for a proxy was sent in clear (HTTP Basic) on the way to an IM server.',
    note: 'Who can listen to this connection can use the proxy under that name.',
  },
  http_lengths_conflict: {
    meaning: 'An HTTP message says in two ways how long it is.',
    note: 'A way to make two readers of one stream see different messages.',
  },
  http_bad_length: {
    meaning: 'The length of an HTTP message is no number.',
    note: 'A broken or hostile peer.',
  },
  http_bad_chunk: {
    meaning: 'The size of an HTTP chunk is no number.',
    note: 'A broken or hostile peer, or bytes that were lost.',
  },
  http_head_large: {
    meaning: 'The head of an HTTP message does not end.',
    note: 'A broken or hostile peer.',
  },
} as const satisfies AnomalyTable;
