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
  not_this_protocol: {
    meaning: 'A connection was taken for a protocol that it stopped speaking.',
    note: 'Damage beyond resynchronisation, or another protocol behind a look-alike beginning.',
  },
};
