import type { AnomalyTable } from '../../src/sdk/index.ts';

/** Oddities of MSNFTP. */
export const ANOMALIES: AnomalyTable = {
  msnftp_bad_line: {
    meaning: 'What should be a command line of the dialogue is none.',
    note: 'The connection is not read further in this direction.',
  },
  msnftp_bad_block: {
    meaning: 'A block is neither data nor the end.',
    note: 'The sender is broken or bytes were lost; blocks are not followed any more.',
  },
  msnftp_large_block: {
    meaning: 'A block is longer than the 2,045 bytes that clients send.',
    note: 'Another implementation, or an attempt on the receiver.',
  },
  msnftp_too_much_data: {
    meaning: 'More data came than the size that the sender named.',
    note: 'The size was a lie; receivers may trust it.',
  },
};
