import { HTTP_ANOMALIES } from '../../src/sdk/index.ts';
import type { AnomalyTable } from '../../src/sdk/index.ts';

export const ANOMALIES: AnomalyTable = {
  ...HTTP_ANOMALIES,
  websocket_bad_frame: {
    meaning:
      'A WebSocket frame breaks the rules of RFC 6455: reserved bits, an unknown opcode, a long or split control frame.',
    note: 'Damage, or a peer that is not what it says.',
  },
  websocket_bad_compression: {
    meaning: 'A compressed WebSocket message is damaged, too large, or came after a loss.',
    note: 'What it said is not read. After a loss, messages that refer to lost ones cannot be.',
  },
};
