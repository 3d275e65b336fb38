import type { AnomalyTable } from '../../src/sdk/index.ts';

/** Codes never change their meaning once released. */
export const anomalies = {
  irc_line_too_long: {
    meaning: 'A line is longer than any client or server writes.',
    note: 'Damage, or an attempt to make the sensor keep memory. The line is passed over.',
  },
  irc_not_a_line: {
    meaning: 'A line has no command of letters or three digits.',
    note: 'Something else goes on in the connection: a tunnel, or another protocol behind an IRC greeting.',
  },
  irc_bad_dcc: {
    meaning: 'A DCC offer names an address, port or size that cannot be.',
    note: 'Old clients crashed on such offers; bots and exploit kits sent them.',
  },
} as const satisfies AnomalyTable;
