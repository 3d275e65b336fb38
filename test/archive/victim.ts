/** Writes events into the archive of its first argument until it is killed; the number of each stands on standard output once it is written. */
import { writeSync } from 'node:fs';
import { ArchiveWriter } from '../../src/archive/writer.ts';
import { message } from './events.ts';

const [folder = '', from = '0'] = process.argv.slice(2);
const writer = new ArchiveWriter(folder, {
  modes: { fallback: 'full', groups: [] },
  tell: (line) => writeSync(2, `${line}\n`),
  segmentBytes: 60_000,
});
for (let i = Number(from); ; i++) {
  writer.write(message(i));
  writeSync(1, `${i}\n`);
  if (i % 32 === 0) await (writer.drained() ?? new Promise((resolve) => setImmediate(resolve)));
}
