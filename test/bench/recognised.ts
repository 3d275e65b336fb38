import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { IM_KINDS } from './generate/kinds.ts';
import type { Capture } from './cache.ts';
import { imspan } from './tools.ts';

/**
 * Share of the IM flows in a capture that imspan tells by their protocol: a fast run that misses
 * them would be worth nothing. Undefined where imspan cannot run.
 */
export async function shareRecognised({ path, folder, summary }: Capture): Promise<number | undefined> {
  if (!imspan.available) return undefined;
  const out = `${folder}/events.jsonl`;
  rmSync(out, { force: true });
  const { program, args } = imspan.command(path, out);
  const { status } = spawnSync(program, args, { stdio: 'ignore' });
  if (status !== 0 || !existsSync(out)) return undefined;
  const told = await countFlows(out);
  rmSync(out);
  const written = IM_KINDS.reduce((sum, kind) => sum + (summary.kinds[kind]?.flows ?? 0), 0);
  return written === 0 ? undefined : told / written;
}

async function countFlows(path: string): Promise<number> {
  const protocols: readonly string[] = IM_KINDS;
  let flows = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!line.includes('"event_type":"flow"')) continue;
    const { event_type: type, app_proto: protocol } = JSON.parse(line) as Record<string, unknown>;
    if (type === 'flow' && typeof protocol === 'string' && protocols.includes(protocol)) flows++;
  }
  return flows;
}
