import type { EveEvent } from '../../event/eve.ts';
import { describeAlert } from '../describe.ts';
import type { Policy } from '../policy.ts';
import { Worlds } from './worlds.ts';

/** An alert that a policy decided, as far as two are compared. */
export interface ToldAlert {
  readonly id: number;
  readonly signature: string;
  readonly severity: number;
  readonly policy: string | undefined;
  readonly timestamp: string;
  /** One line for people; it can hold a stranger's text. */
  readonly text: string;
}

/** What would be told otherwise. */
export interface Difference {
  /** Told by the new policy alone. */
  readonly added: readonly ToldAlert[];
  /** Told until now, and by the new policy no more. */
  readonly removed: readonly ToldAlert[];
  /** Told by both, with another signature or severity. */
  readonly changed: readonly { readonly before: ToldAlert; readonly after: ToldAlert }[];
  /** Told by both alike. */
  readonly same: number;
  /** Alerts that there was no room for: the difference is not whole. */
  readonly leftOut: number;
}

/** Alerts that are remembered of one side. */
const MAX_TOLD = 200_000;

/** What one side told, by what it was about. */
export class Told {
  readonly byAbout = new Map<string, ToldAlert>();
  leftOut = 0;

  /** Takes an alert; what no policy decides, and what was told before, is passed over. */
  add(event: EveEvent): void {
    const { alert } = event;
    const family = alert && familyOf(alert.signature_id);
    if (alert === undefined || family === undefined) return;
    const key = aboutOf(event, family);
    if (this.byAbout.has(key)) return;
    if (this.byAbout.size >= MAX_TOLD) {
      this.leftOut++;
      return;
    }
    this.byAbout.set(key, {
      id: alert.signature_id,
      signature: alert.signature,
      severity: alert.severity,
      policy: alert.metadata?.policy?.[0],
      timestamp: event.timestamp,
      text: describeAlert({ ...event, alert: { ...alert, metadata: alert.metadata ?? {} } }),
    });
  }
}

/** What a policy says of the events of a log: feed it in order, then end it. See `Worlds`. */
export class Retrial {
  readonly told = new Told();
  readonly #worlds: Worlds;

  constructor(policy: Policy, { merged = false }: { merged?: boolean } = {}) {
    this.#worlds = new Worlds(policy, (alert) => this.told.add(alert), merged);
  }

  on(event: EveEvent): void {
    this.#worlds.on(event);
  }

  end(): void {
    this.#worlds.end();
  }
}

export function differenceOf(before: Told, after: Told): Difference {
  const added: ToldAlert[] = [];
  const removed: ToldAlert[] = [];
  const changed: { before: ToldAlert; after: ToldAlert }[] = [];
  let same = 0;
  for (const [key, now] of after.byAbout) {
    const then = before.byAbout.get(key);
    if (then === undefined) added.push(now);
    else if (then.id === now.id && then.severity === now.severity) same++;
    else changed.push({ before: then, after: now });
  }
  for (const [key, then] of before.byAbout) if (!after.byAbout.has(key)) removed.push(then);
  return { added, removed, changed, same, leftOut: before.leftOut + after.leftOut };
}

/** Signatures of one family are about the same thing: a client, a use, the time, a contact. */
function familyOf(id: number): string | undefined {
  if ((id >= 9_000_001 && id <= 9_000_019) || id === 9_000_040 || id === 9_000_043) return 'client';
  if (id === 9_000_041 || id === 9_000_042) return 'use';
  if (id === 9_000_044) return 'hours';
  return id === 9_000_045 || id === 9_000_046 ? 'wall' : undefined;
}

function aboutOf(event: EveEvent, family: string): string {
  const { src_ip, dest_ip, im, alert } = event;
  if (family === 'wall') {
    const pair = [im?.from ?? '', im?.to?.[0] ?? ''].sort();
    return [family, im?.service, im?.room?.id, ...pair].join('\0');
  }
  const feature = family === 'use' ? alert?.metadata?.evidence?.[0] : '';
  return [family, src_ip, im?.service, dest_ip, im?.account, feature].join('\0');
}
