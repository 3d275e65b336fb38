/** Makes docs/CONFUSION.md from all captures with known truth: `npm run confusion`. They have to lie in ../shared/captures. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { Confusion, CONFUSION_FOLDERS, renderConfusion } from '../test/e2e/confusion.ts';
import { eventsOf, imspan, ROOT, Scratch } from '../test/e2e/program.ts';
import { hasShared, SHARED, truths } from '../test/e2e/truth.ts';

const scratch = new Scratch();
try {
  if (!hasShared) throw new Error(`${SHARED} is not there`);
  const eve = scratch.file('all.jsonl');
  const folders = CONFUSION_FOLDERS.map((folder) => `${SHARED}/${folder}`);
  imspan(['replay', '--quiet', '--no-progress', '--flows', 'all', '--eve', eve, ...folders]);
  const flows = eventsOf(readFileSync(eve, 'utf8')).filter((e) => e.event_type === 'flow');
  const confusion = new Confusion();
  for (const truth of CONFUSION_FOLDERS.flatMap(truths))
    confusion.take(
      truth,
      flows.filter((e) => e.pcap_filename === truth.capture),
    );
  const page = join(ROOT, 'docs', 'CONFUSION.md');
  const options = await resolveConfig(page);
  writeFileSync(page, await format(renderConfusion(confusion), { ...options, filepath: page }));
} finally {
  scratch.remove();
}
