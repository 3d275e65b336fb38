import type { LRUCache } from 'lru-cache';
import { APPS } from '../core/apps.ts';
import { boundedCache } from '../core/cache.ts';
import type { Limits } from '../core/limits.ts';
import { formatTime } from '../core/time.ts';
import type { ToldFlow } from '../dissect/told.ts';
import type { EveEvent, FlowHeader, ImObject } from '../event/eve.ts';
import { flowEvent } from '../event/factory.ts';
import type { Place } from '../event/factory.ts';
import { hash128 } from '../event/ids.ts';
import type { Confidence, ImFacts, ServiceUse } from '../event/im.ts';
import { bytesOf, W } from '../flow/table.ts';
import type { FlowState } from './flow-state.ts';

const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };
/** Pieces of evidence that are kept of one use. */
const MAX_EVIDENCE = 16;
/** Bytes in one direction that are like a file's, and how many times those of the other. */
const FILE_BYTES = 1_000_000;
const FILE_TIMES = 4;

/** A client address uses a messenger that is recognised without being read. */
export interface Use {
  readonly id: string;
  readonly service: string;
  readonly start: string;
  readonly evidence: string[];
  confidence: Confidence;
  header: FlowHeader;
  place: Place;
  /** Packet time when it was last seen, seconds. */
  last: number;
  /** Connections that are open. */
  open: number;
  readonly passed: ServiceUse;
}

/**
 * One verdict a client address and messenger: the first sighting is told, then only what makes it surer; connections
 * add to the use until it falls silent, which is told with what passed.
 */
export class ServiceUses {
  /** Uses told as over because their limit was reached. */
  forgotten = 0;
  readonly #uses: LRUCache<string, Use>;
  readonly #quiet: number;
  readonly #tell: (event: EveEvent) => void;

  constructor(limits: Limits, tell: (event: EveEvent) => void) {
    this.#quiet = limits.service_quiet;
    this.#tell = tell;
    this.#uses = boundedCache(limits.service_uses, (use) => {
      this.forgotten++;
      tell(useEvent(use));
    });
  }

  /** True where nothing new is told by the sighting; else the facts are completed to be told. */
  isRepeat({ header, id }: ToldFlow, state: FlowState, facts: ImFacts, place: Place, now: number): boolean {
    const { kind, service, evidence = [], confidence = 'low' } = facts;
    if (!APPS.has(service) || (kind !== 'service' && kind !== 'call')) return false;
    const key = `${header.src_ip} ${service}`;
    const known = this.#uses.get(key);
    const use = known ?? begin(hash128('use', key, id), service, header, place);
    if (!known) this.#uses.set(key, use);
    if (state.use !== use) {
      this.#leave(state.use);
      use.open++;
      use.passed.flows++;
      state.use = use;
    }
    if (kind === 'call') state.isCall = true;
    use.header = header;
    use.place = place;
    use.last = now;
    for (const one of evidence)
      if (use.evidence.length < MAX_EVIDENCE && !use.evidence.includes(one)) use.evidence.push(one);
    const surer = !known || RANK[confidence] > RANK[use.confidence];
    if (surer) use.confidence = confidence;
    return kind === 'service' && !surer;
  }

  /** A connection of a use is over. */
  ended({ flow, header }: ToldFlow, state: FlowState, place: Place, now: number): void {
    const { use } = state;
    if (!use) return;
    const { records, at, flipped } = flow;
    const { passed } = use;
    passed.sent += bytesOf(records, at, flipped ? 1 : 0);
    passed.received += bytesOf(records, at, flipped ? 0 : 1);
    if (state.isCall === true) {
      const seconds = (records[at + W.LAST_SECONDS] ?? 0) - (records[at + W.START_SECONDS] ?? 0);
      passed.call_seconds = (passed.call_seconds ?? 0) + Math.max(0, seconds);
    }
    use.header = header;
    use.place = place;
    use.last = Math.max(use.last, now);
    this.#leave(use);
    delete state.use;
  }

  /** Tells those that have been silent for too long by packet time and have no open connection. */
  sweep(now: number): void {
    for (const key of this.#uses.rkeys()) {
      const use = this.#uses.peek(key);
      if (!use || now - use.last < this.#quiet) break;
      if (use.open > 0) continue;
      this.#uses.delete(key);
      this.#tell(useEvent(use));
    }
  }

  /** Tells all, the one that was silent longest first. */
  finish(): void {
    for (const key of [...this.#uses.rkeys()]) {
      const use = this.#uses.peek(key);
      this.#uses.delete(key);
      if (use) this.#tell(useEvent(use));
    }
  }

  #leave(use: Use | undefined): void {
    if (use) use.open--;
  }
}

function begin(id: string, service: string, header: FlowHeader, place: Place): Use {
  return {
    ...{ id, service, header, place, evidence: [], confidence: 'low' },
    start: formatTime(place.seconds, place.nanos),
    ...{ last: place.seconds, open: 0, passed: { flows: 0, sent: 0, received: 0 } },
  };
}

/** What the volume of a use is like. */
function likeness({ sent, received, call_seconds: call }: ServiceUse): string[] {
  const like: string[] = [];
  if (call !== undefined) like.push('call');
  // Voice and video go both ways and are not mistaken for files.
  if (sent >= FILE_BYTES && sent >= FILE_TIMES * received) like.push('upload');
  if (received >= FILE_BYTES && received >= FILE_TIMES * sent) like.push('download');
  return like;
}

/** The event of a use that is over, as of its last connection. */
export function useEvent(use: Use): EveEvent {
  const event = flowEvent('im', use.header, use.place);
  const like = likeness(use.passed);
  const im: ImObject = {
    v: 1,
    id: hash128('im', 'use', use.id),
    ...{ service: use.service, kind: 'service', state: 'ended', session: use.id },
    ...{ confidence: use.confidence, evidence: use.evidence, start: use.start, end: event.timestamp },
    use: { ...use.passed, ...(like.length === 0 ? {} : { like }) },
  };
  event.im = im;
  return event;
}
