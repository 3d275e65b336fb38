import { ENTRIES, GIB_4, YEARS_10 } from './limit.ts';
import type { SettableLimit } from './limit.ts';

/** Limits of what is kept beside the streams: files, evidence, uses, what waits for a collector. Part of `LIMITS`. */
export const KEPT_LIMITS = {
  announced_files: {
    default: 20_000,
    max: ENTRIES,
    unit: 'files',
    cost: 2_000,
    anomaly: 'announced_file_limit',
    meaning:
      'Files announced in one connection and awaited in another; the one not asked for longest is forgotten first.',
  },
  open_files: {
    default: 8_192,
    max: ENTRIES,
    unit: 'files',
    cost: 4_096,
    anomaly: 'open_file_limit',
    meaning: 'Files hashed at once while their bytes pass; beyond it no new one is carved.',
  },
  archive_lists: {
    default: 8_388_608,
    max: GIB_4,
    unit: 'bytes',
    cost: 1,
    meaning:
      'What is kept of archives while they are listed: 8 KiB each, of gzip and 7z 72 KiB; of those beyond it is only told what they are.',
  },
  file_reorder: {
    default: 262_144,
    max: GIB_4,
    unit: 'bytes a file',
    cost: 1,
    within: 'file_reorder_total',
    meaning: 'Bytes of a file kept while those before them may still come; beyond it the hole is given up.',
  },
  file_reorder_total: {
    default: 33_554_432,
    max: GIB_4,
    unit: 'bytes',
    cost: 1,
    meaning: 'Such bytes of all files together.',
  },
  extract_file: {
    default: 268_435_456,
    max: 2 ** 48,
    unit: 'bytes a file',
    cost: 0,
    anomaly: 'extract_limit',
    meaning: 'With `--extract`: a larger file is hashed and not kept.',
  },
  extract_total: {
    default: 17_179_869_184,
    max: 2 ** 48,
    unit: 'bytes',
    cost: 0,
    anomaly: 'extract_limit',
    meaning:
      'With `--extract`: disk space of all files that one run keeps; beyond it files are hashed and not kept.',
  },
  evidence_files: {
    default: 2_048,
    max: 1_000_000,
    unit: 'flows',
    cost: 12_288,
    meaning:
      'With `--evidence`: flows of which one input keeps the frames; of those alerted on beyond it nothing is kept, which the summary tells.',
  },
  evidence_file: {
    default: 67_108_864,
    max: 2 ** 48,
    unit: 'bytes a flow',
    cost: 0,
    meaning: 'With `--evidence`: a longer excerpt is cut there, and `truncated` in the manifest.',
  },
  evidence_total: {
    default: 4_294_967_296,
    max: 2 ** 48,
    unit: 'bytes',
    cost: 0,
    meaning: 'With `--evidence`: disk space of all excerpts that one run keeps; at it excerpts are cut.',
  },
  evidence_ring: {
    default: 1_073_741_824,
    max: 2 ** 48,
    unit: 'bytes',
    cost: 0,
    meaning:
      'With `--evidence` on interfaces and pipes: disk space of the ring in which the frames of IM candidates wait for an alert; at it the oldest are overwritten.',
  },
  evidence_fragments: {
    default: 16_777_216,
    max: GIB_4,
    unit: 'bytes a thread',
    cost: 1,
    meaning:
      'With `--evidence`: frames of fragments whose packet is not whole yet; beyond it the oldest are left out of the excerpt.',
  },
  service_uses: {
    default: 8_192,
    max: ENTRIES,
    unit: 'uses',
    cost: 2_000,
    anomaly: 'service_use_limit',
    meaning:
      'Uses of messengers that are recognised without being read (one a client address and messenger) that are under way; beyond it the one that was quiet longest is told as over first.',
  },
  service_quiet: {
    default: 1_800,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'Such a use is told as over after this silence, once its connections have ended.',
  },
  kept_files: {
    default: 4_096,
    max: ENTRIES,
    unit: 'files',
    cost: 600,
    meaning:
      'With `--quota` or `--min-free`: files of one folder, the oldest, that can be removed in one round (a minute); all are counted.',
  },
  syslog_queue: {
    default: 8_388_608,
    max: GIB_4,
    unit: 'bytes',
    cost: 1,
    meaning:
      'Messages of all `--syslog` together that wait in memory for their collectors, with 128 bytes for each; what finds no room is lost and counted.',
  },
  syslog_spool: {
    default: 1_073_741_824,
    max: 1_099_511_627_776,
    unit: 'bytes a collector',
    cost: 0,
    meaning:
      'With `--spool`: disk space of the messages that wait for one collector; what finds no room is lost and counted.',
  },
} as const satisfies Record<string, SettableLimit>;
