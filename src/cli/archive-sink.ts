import { Option } from 'commander';
import type { Command } from 'commander';
import { ArchiveWriter } from '../archive/writer.ts';
import { ARCHIVE_MODES } from '../classify/policy/archive-modes.ts';
import type { ArchiveMode } from '../classify/policy/archive-modes.ts';
import type { Policy } from '../classify/policy.ts';
import { neutralise } from '../sink/neutralise.ts';

/** Flags of what writes an archive. */
interface ArchiveFlags {
  archive?: string;
  archiveKeys?: string;
  archivePrivacy?: ArchiveMode;
}

/** Adds them to a command. */
export function archiveOptions(command: Command): Command {
  return command
    .option('--archive <folder>', 'keep events in an archive (imspan archive init); see docs/ARCHIVE.md')
    .option('--archive-keys <folder>', 'its keys, where they are not where it was made')
    .addOption(
      new Option(
        '--archive-privacy <mode>',
        'what it keeps of whom the policy says nothing else (archive: in a policy; else metadata)',
      ).choices(ARCHIVE_MODES),
    );
}

/** Opens the archive that the flags name for writing, if they do. Throws an OperatorError where that cannot be. */
export function openArchive(flags: ArchiveFlags, policy: Policy | undefined): ArchiveWriter | undefined {
  if (flags.archive === undefined) return undefined;
  const modes = policy?.archive ?? { fallback: 'metadata', groups: [] };
  return new ArchiveWriter(flags.archive, {
    keys: flags.archiveKeys,
    modes: { ...modes, fallback: flags.archivePrivacy ?? modes.fallback },
    tell: (line) => {
      process.stderr.write(`imspan: ${neutralise(line, 1_000)}\n`);
    },
  });
}
