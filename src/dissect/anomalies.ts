import type { AnomalyTable } from '../core/anomaly.ts';

/** What the engine itself tells of IM flows, whatever their protocol. */
export const STREAM_ANOMALIES: AnomalyTable = {
  stream_gap: {
    meaning: 'Bytes of an IM connection were not captured.',
    note: 'A span port that drops packets, or a capture that began late. What the bytes said is lost; reading goes on behind them.',
  },
  stream_cut: {
    meaning: 'The snap length cut bytes of an IM connection.',
    note: 'The capture was made with a snap length below the packet size: capture whole packets.',
  },
  message_buffer_limit: {
    meaning: 'A message is larger than its protocol is allowed to claim; its bytes were dropped.',
    note: 'A length that lies, or a stream that is not what it seems.',
  },
  message_buffer_total_limit: {
    meaning: 'Unfinished messages of all connections together reached their limit; one was dropped.',
    note: 'Many connections that each hold back the end of a message: a sign of an attack on the sensor, or of heavy capture loss.',
  },
  dissector_failed: {
    meaning: 'The dissector of this connection failed; the connection is not read further.',
    note: 'A bug of ours: please report it with the capture. Other connections are not affected.',
  },
  carrier_depth_limit: {
    meaning: 'Proxies inside proxies, deeper than is followed; what is inside was not read.',
    note: 'Somebody hides a connection on purpose, or feeds the sensor nonsense.',
  },
  carrier_streams_limit: {
    meaning: 'One proxy connection carries more IM streams than are followed; the others were not read.',
    note: 'A gateway that shares one connection among many people, or nonsense.',
  },
  proxy_password_exposed: {
    meaning: 'A password for a proxy was sent in clear (HTTP Basic, SOCKS) on the way to an IM server.',
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
  http_bad_compression: {
    meaning: 'A compressed HTTP body is damaged, or inflates to more than 1 MiB.',
    note: 'A broken peer, or one that wants to fill the memory of whoever reads along.',
  },
  not_this_protocol: {
    meaning: 'A connection was taken for a protocol that it stopped speaking.',
    note: 'Damage beyond resynchronisation, or another protocol behind a look-alike beginning.',
  },
};
