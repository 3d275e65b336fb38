import type { AnomalyTable } from '../../core/anomaly.ts';

/** What `HttpReader` and `HttpDialog` find odd: part of the table of each plug-in that uses them. */
export const HTTP_ANOMALIES = {
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
  http_bad_compression: {
    meaning: 'A compressed HTTP body is damaged, or inflates to more than 1 MiB.',
    note: 'A broken peer, or one that wants to fill the memory of whoever reads along.',
  },
} as const satisfies AnomalyTable;
