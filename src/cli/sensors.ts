import { Command } from 'commander';
import { EveSink } from '../sink/eve.ts';
import { neutralise } from '../sink/neutralise.ts';
import { SensorComparison } from '../report/sensors.ts';
import type { SensorRow } from '../report/sensors.ts';
import { EventLog } from './event-log.ts';

interface SensorFlags {
  once?: string;
  json?: boolean;
}

/** Seconds from which a difference of clocks is worth a word. */
const NOTABLE = 0.5;

/** `imspan sensors`. */
export function sensorsCommand(): Command {
  return new Command('sensors')
    .description(
      'compare the events of several sensors: what more than one told, and how far their clocks are apart',
    )
    .argument('<logs...>', 'EVE JSON files, one or more a sensor, in the order of trust in their clocks')
    .option('--once <file>', 'write every event once to this file, as EVE JSON')
    .option('--json', 'one JSON object a sensor')
    .action(async (paths: string[], flags: SensorFlags) => {
      const comparison = new SensorComparison();
      const once = flags.once === undefined ? undefined : EveSink.toFile(flags.once);
      for (const path of paths) {
        const log = new EventLog([path]);
        await log.each((event) => {
          if (comparison.take(event, path)) once?.write(event);
        });
        log.complain();
      }
      await once?.close();
      for (const row of comparison.rows())
        process.stdout.write(flags.json ? `${JSON.stringify(row)}\n` : lineOf(row));
    });
}

function lineOf(row: SensorRow): string {
  const repeats = row.repeats === 0 ? '' : `, ${row.repeats} repeats`;
  const told = `${neutralise(row.sensor, 100)}: ${row.events} events, ${row.shared} of them told by another sensor too${repeats}`;
  if (row.skew === undefined || row.against === undefined) return `${told}\n`;
  const way = row.skew < 0 ? 'behind' : 'ahead of';
  const warning = Math.abs(row.skew) < NOTABLE ? '' : '; set both clocks by NTP or PTP';
  return `${told}; its clock is ${Math.abs(row.skew).toFixed(6)} s ${way} ${neutralise(row.against, 100)}'s (${row.samples ?? 0} events)${warning}\n`;
}
