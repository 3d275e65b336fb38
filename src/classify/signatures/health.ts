import { MISC_ACTIVITY } from '../signature.ts';
import type { Signature } from '../signature.ts';

/** What imspan has to say of its own sight: 9000160 to 9000169. Only of live runs. */
export const HEALTH_SIGNATURES = {
  spanSilent: {
    id: 9_000_160,
    rev: 1,
    name: 'IMSPAN Span port is silent',
    category: MISC_ACTIVITY,
    severity: 1,
    meaning:
      'No packet came from an interface for as long as `--dead-man` says (five minutes by default), or not one since the start. Until packets come again imspan sees nothing there: the absence of other alerts means nothing.',
    evidence: 'The interface, since when, and what the interface itself says: down, without carrier, or up.',
    falsePositives:
      'A network that is really silent, at night or in a laboratory; a `--filter` that little passes. Give a longer `--dead-man`, or 0 to turn these alerts off.',
    whatToDo:
      'Run `imspan doctor` on the sensor. Look at the span session of the switch (a change of its configuration often ends it), the cable, and the state of the interface. The alert is told once for each silence.',
  },
  spanOneSided: {
    id: 9_000_161,
    rev: 1,
    name: 'IMSPAN Span port shows one direction only',
    category: MISC_ACTIVITY,
    severity: 2,
    meaning:
      'For as long as `--dead-man` says, nearly all connections were seen from one side only (at most one in eleven of twenty or more from both). Questions are seen without their answers: sign-ons without result, messages of one side.',
    evidence: 'How many of the connections in the table are seen from one side.',
    falsePositives:
      'A sensor on a link whose answers take another way. A scan or a flood of unanswered packets makes many one-sided connections, too.',
    whatToDo:
      'Set the span session to both directions (rx and tx), or give the port of the other direction with a second `-i`.',
  },
  imVanished: {
    id: 9_000_162,
    rev: 1,
    name: 'IMSPAN No IM where there always was',
    category: MISC_ACTIVITY,
    severity: 3,
    meaning:
      'A whole hour of packet time had packets but no IM, though each of the 24 hours before had some, or the same hour of each of the 7 days before. Hours are remembered for 8 days; with `--state` over restarts.',
    evidence: 'The hour, and which of both was the case.',
    falsePositives: 'A holiday; the day on which a policy or a firewall ended the use of IM.',
    whatToDo:
      'Look whether the span session still shows the VLANs of the clients, whether a `--filter` was changed, and whether people moved to a network or a form of encryption that imspan does not recognise.',
  },
  captureDrops: {
    id: 9_000_163,
    rev: 1,
    name: 'IMSPAN Capture loses packets',
    category: MISC_ACTIVITY,
    severity: 2,
    meaning:
      'Of the packets of one minute the kernel, or imspan itself, dropped more than one in a hundred. What was lost may have been IM; streams have holes.',
    evidence: 'How many packets of how many, by whom.',
    falsePositives: 'A burst at the start, while programs are loaded.',
    whatToDo:
      'Give a larger `--buffer`, more `--workers`, a `--filter` for what is never IM (backups, storage); see the chapter on sizing in docs/OPERATIONS.md. The alert is told at most once an hour.',
  },
  diskKept: {
    id: 9_000_164,
    rev: 1,
    name: 'IMSPAN Disk full: what was kept had to go',
    category: MISC_ACTIVITY,
    severity: 2,
    meaning:
      'The disk had less free space than `--min-free` asks for, and imspan removed what it had kept, the oldest first: files of `--extract`, then flows of `--evidence`, then rotated logs. Or nothing was left to remove.',
    evidence: 'How much was removed of what, and how much is free now.',
    falsePositives: 'None known.',
    whatToDo:
      'See what fills the disk. Move what is to be kept to another machine, set quotas (`--quota`), or give a larger disk.',
  },
} as const satisfies Record<string, Signature>;
