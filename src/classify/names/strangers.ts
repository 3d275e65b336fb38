import { BoundedMap } from '../../core/cache.ts';
import type { EveEvent } from '../../event/eve.ts';
import type { Findings } from '../findings.ts';
import type { ClassifyLimits } from '../limits.ts';
import type { Watcher } from '../watcher.ts';
import { cut } from '../watch.ts';
import { judgeStranger } from './owners.ts';
import type { NameRegistry } from './registry.ts';
import type { UseEvent } from './signed-on.ts';

/** Judges the names of those who write to people here, or ask to be their contact. */
export class Strangers implements Watcher {
  readonly #registry: NameRegistry;
  readonly #findings: Findings;
  /** Names that were judged, by network. */
  readonly #judged = new Map<string, BoundedMap<string, boolean>>();
  readonly #limits: ClassifyLimits;
  #now = 0;

  constructor(registry: NameRegistry, findings: Findings, limits: ClassifyLimits) {
    this.#registry = registry;
    this.#findings = findings;
    this.#limits = limits;
  }

  on(event: EveEvent): boolean {
    const { im } = event;
    if (event.event_type !== 'im' || im?.service === undefined) return false;
    const asked = im.kind === 'contact' && im.contact?.op === 'request' && event.direction === 'to_client';
    const name = im.kind === 'message' && im.sent === false ? im.from : asked ? im.contact?.id : undefined;
    if (name === undefined || name === im.account || event.src_ip === undefined) return false;
    const judged = this.#of(im.service);
    const known = judged.get(name);
    if (known !== undefined) return known;
    const found = this.#judge(event as UseEvent, im.service, cut(name, this.#limits.alert_field));
    judged.set(name, found);
    return found;
  }

  tick(seconds: number): void {
    this.#now = seconds;
  }

  #judge(event: UseEvent, service: string, name: string): boolean {
    if (this.#registry.find(service, name, this.#now)) return false;
    return judgeStranger(this.#registry, this.#findings, event, service, name, false);
  }

  #of(service: string): BoundedMap<string, boolean> {
    let judged = this.#judged.get(service);
    if (!judged) this.#judged.set(service, (judged = new BoundedMap(this.#limits.known_names)));
    return judged;
  }
}
