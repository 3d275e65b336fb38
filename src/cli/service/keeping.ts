import { InvalidArgumentError } from 'commander';
import { DiskKeeper, KEPT, keptFolders } from '../../app/disk/keeper.ts';
import type { Kept, Round } from '../../app/disk/keeper.ts';
import type { Alarm } from '../../app/health/dead-man.ts';
import { SIGNATURES } from '../../classify/signatures.ts';
import { parseSize, sizeText } from '../units.ts';

export interface KeepingFlags {
  extract?: string;
  evidence?: string;
  eve?: string;
  quota?: Partial<Record<Kept, number>>;
  minFree?: number;
}

const EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;

/** `--quota WHAT=SIZE`, into what was set before. */
export function setQuota(
  text: string,
  set: Partial<Record<Kept, number>> = {},
): Partial<Record<Kept, number>> {
  const [name = '', size = ''] = text.split('=', 2);
  const kind = KEPT.find((each) => each === name);
  if (kind === undefined) throw new InvalidArgumentError(`write WHAT=SIZE, WHAT one of: ${KEPT.join(', ')}`);
  return { ...set, [kind]: parseSize(size) };
}

/** Has the disk kept within bounds once a minute; what it did is said, and alarmed where the disk was full. */
export function keepDisk(
  flags: KeepingFlags,
  most: number,
  say: (line: string) => void,
  alarm: (alarm: Alarm) => void,
): NodeJS.Timeout | undefined {
  const { quota = {}, minFree = 0, extract, evidence, eve } = flags;
  if (Object.keys(quota).length === 0 && minFree === 0) return undefined;
  const keeper = new DiskKeeper({
    folders: keptFolders({ extract, evidence, eve }),
    quotas: quota,
    minFree,
    most,
  });
  let busy = false;
  let problem = '';
  const round = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    const done = await keeper.round();
    busy = false;
    for (const { kind, why, files, bytes } of done.removed)
      say(`${kind}: removed the ${files} oldest files (${sizeText(bytes)}): ${WHY[why]}`);
    const [first = ''] = done.problems;
    if (first !== '' && first !== problem) say(first);
    problem = first;
    const found = diskAlarm(done, Date.now());
    if (found !== undefined) alarm(found);
  };
  void round();
  return setInterval(() => void round(), EVERY_MS).unref();
}

const WHY = { quota: 'its quota was used up', disk: 'the disk was full' } as const;

/** The alert that a round is worth, one an hour (`now` in milliseconds): undefined where the disk was not full. */
export function diskAlarm({ removed, short }: Round, now: number): Alarm | undefined {
  const evidence = [
    ...removed
      .filter(({ why }) => why === 'disk')
      .map(({ kind, files, bytes }) => `${kind}: ${files} files removed (${sizeText(bytes)})`),
    ...short.map(
      ({ folder, free }) => `${folder}: only ${sizeText(free)} free, and nothing is left to remove`,
    ),
  ];
  if (evidence.length === 0) return undefined;
  return { signature: SIGNATURES.diskKept, about: String(Math.floor(now / HOUR_MS)), evidence };
}
