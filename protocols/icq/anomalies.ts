import type { AnomalyTable } from '../../src/sdk/index.ts';

export const anomalies: AnomalyTable = {
  icq_no_header: {
    meaning: 'A datagram of an ICQ exchange is too short for a header or has another version.',
    note: 'Other traffic between the same two ports, or a broken client.',
  },
  icq_unknown_command: {
    meaning: 'A datagram has a command that no version of the protocol has.',
    note: 'A private extension, a fuzzed client, or a scrambled datagram that was damaged.',
  },
  icq_check_code: {
    meaning: 'The check code of a scrambled datagram does not fit what it unscrambles to.',
    note: 'A client that computes it otherwise, or a datagram changed on the way.',
  },
  icq_long_field: {
    meaning: 'A name or an e-mail address of a directory entry says that it has more than 128 bytes.',
    note: 'Clients allow no such entry. It overflowed a monitor that read it (CVE-2004-0362, the Witty worm).',
  },
  icq_malformed: {
    meaning: 'A datagram is shorter than its fields, or a length in it leads beyond its end.',
    note: 'A broken client or server, or an attempt to overrun a reader.',
  },
};
