import type { AnomalyTable } from '../../src/sdk/index.ts';

/** Codes never change their meaning once released. */
export const anomalies = {
  example_unknown_command: {
    meaning: 'A line has a command that the protocol does not have.',
    note: 'A newer version of the protocol, or damage.',
  },
  example_line_too_long: {
    meaning: 'A line is longer than any client writes.',
    note: 'Damage, or an attempt to make the sensor keep memory.',
  },
} as const satisfies AnomalyTable;
