/**
 * Codes of what the flow stage finds odd in the packets of a connection that may be IM: the
 * anomalies of that name in `dissect/anomalies.ts`.
 */
export const ODD = {
  OVERLAP: 'stream_overlap_conflict',
  CHECKSUM: 'tcp_bad_checksum_insert',
  DATAGRAM: 'udp_bad_checksum_insert',
  TTL: 'tcp_low_ttl_insert',
  URGENT: 'tcp_urgent',
  RESET_INEXACT: 'tcp_rst_inexact',
  AFTER_RESET: 'tcp_data_after_rst',
  AFTER_FIN: 'tcp_data_after_fin',
} as const;
export type Oddity = (typeof ODD)[keyof typeof ODD];

/** Why a segment is not believed until the receiver acknowledges it. */
export const DOUBT = { NONE: 0, CHECKSUM: 1, TTL: 2 } as const;
export type Doubt = (typeof DOUBT)[keyof typeof DOUBT];

/** What a doubt is told as once it proved right. */
export function oddityOf(doubt: Doubt): Oddity {
  return doubt === DOUBT.CHECKSUM ? ODD.CHECKSUM : ODD.TTL;
}
