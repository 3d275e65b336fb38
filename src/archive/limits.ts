import type { LimitInfo } from '../core/limits.ts';

/** Every limit of the archive (`--archive`). What a run holds of it at once is bounded by these. */
export const ARCHIVE_LIMITS = {
  archive_segment: {
    default: 33_554_432,
    unit: 'bytes',
    cost: 0,
    meaning: 'Text of one segment; with more, or an hour after its first event, it is sealed.',
  },
  archive_lines: {
    default: 131_072,
    unit: 'events',
    cost: 12,
    meaning:
      'Events of one segment; the checks of their lines are kept until it is sealed, for three segments at most.',
  },
  archive_names: {
    default: 32_768,
    unit: 'names',
    cost: 120,
    meaning:
      'Names listed of one segment, for three segments at most; one with more is read by every search.',
  },
  archive_name: {
    default: 256,
    unit: 'characters',
    cost: 0,
    meaning: 'Longest name that is listed; a longer one is listed by its beginning.',
  },
  archive_people: {
    default: 65_536,
    unit: 'accounts',
    cost: 128,
    meaning:
      'Accounts that have a key for their texts; of those beyond, lengths are kept and no texts, which is told.',
  },
  archive_text_keys: {
    default: 1_024,
    unit: 'keys',
    cost: 400,
    meaning: 'Keys of conversations, made from those of accounts, that are remembered.',
  },
  archive_pseudonyms: {
    default: 8_192,
    unit: 'names',
    cost: 700,
    meaning: 'Pseudonyms remembered (mode `hashed`); beyond it they are made anew.',
  },
  archive_book: {
    default: 32_768,
    unit: 'names',
    cost: 100,
    meaning:
      'Names behind pseudonyms that are kept for two people to open; of those beyond, the pseudonym is kept only.',
  },
  archive_line: {
    default: 4_194_304,
    unit: 'characters',
    cost: 0,
    meaning: 'Longest line that is read of an archive; a longer one is counted as none.',
  },
  archive_transcript: {
    default: 100_000,
    unit: 'events',
    cost: 0,
    meaning: 'Events of one transcript; of a longer one the first are told, and that there are more.',
  },
} as const satisfies Readonly<Record<string, LimitInfo>>;

export type ArchiveLimitName = keyof typeof ARCHIVE_LIMITS;

/** The value of a limit. */
export function archiveLimit(name: ArchiveLimitName): number {
  return ARCHIVE_LIMITS[name].default;
}
