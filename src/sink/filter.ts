import type { EveEvent, EventSink, EventType } from '../event/eve.ts';
import type { ImKind } from '../event/im.ts';
import { OperatorError } from '../core/errors.ts';
import { nearest } from '../classify/suggest.ts';
import { applyPrivacy } from './privacy.ts';
import type { PrivacyMode } from './privacy.ts';

const EVENT_TYPES: Readonly<Record<EventType, true>> = {
  im: true,
  alert: true,
  flow: true,
  fileinfo: true,
  anomaly: true,
  stats: true,
};

const IM_KINDS: Readonly<Record<ImKind, true>> = {
  login: true,
  logout: true,
  client: true,
  presence: true,
  contact: true,
  message: true,
  typing: true,
  receipt: true,
  attention: true,
  room: true,
  file: true,
  call: true,
  profile: true,
  search: true,
  account: true,
  conversation: true,
  service: true,
  notice: true,
};

/** What `--emit` can name: EVE's event types, and the kinds of `im` events. */
export const EMIT_NAMES: readonly string[] = [...Object.keys(EVENT_TYPES), ...Object.keys(IM_KINDS)];

/** Which events are written: those of a named type, and `im` events of a named kind. */
export class EmitFilter {
  readonly #names: ReadonlySet<string>;

  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  passes(event: EveEvent): boolean {
    if (this.#names.has(event.event_type)) return true;
    const kind = event.event_type === 'im' ? event.im?.kind : undefined;
    return kind !== undefined && this.#names.has(kind);
  }
}

/** Reads `--emit`: names joined by commas. Throws an OperatorError on a name that is not known. */
export function parseEmit(list: string): EmitFilter {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new OperatorError(`--emit names no event type; ${knownNames()}`);
  for (const name of names) {
    if (EMIT_NAMES.includes(name)) continue;
    throw new OperatorError(
      `--emit: "${name}" is no event type${nearest(name, EMIT_NAMES)}; ${knownNames()}`,
    );
  }
  return new EmitFilter(names);
}

function knownNames(): string {
  return `types: ${Object.keys(EVENT_TYPES).join(', ')}; kinds of im: ${Object.keys(IM_KINDS).join(', ')}`;
}

/**
 * What stands before a sink: lets through what `emit` names (all where it is not given) as `privacy`
 * lets it leave. Back-pressure and closing are the sink's own.
 */
export function gate(sink: EventSink, privacy: PrivacyMode, emit?: EmitFilter): EventSink {
  return {
    write(event) {
      if (emit === undefined || emit.passes(event)) sink.write(applyPrivacy(event, privacy));
    },
    drained: () => sink.drained(),
    close: () => sink.close(),
  };
}
