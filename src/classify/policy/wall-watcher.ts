import { placeOf } from '../alert.ts';
import type { LRUCache } from 'lru-cache';
import type { EveEvent, ImObject } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import { boundedCache } from '../../core/cache.ts';
import type { Findings } from '../findings.ts';
import type { ClassifyLimits } from '../limits.ts';
import { SIGNATURES } from '../signatures.ts';
import type { Signature } from '../signature.ts';
import { cut, headerOf } from '../watch.ts';
import type { Watcher } from '../watcher.ts';
import { plainAccount } from './accounts.ts';
import type { Crossing, Walls } from './walls.ts';

/** Pairs that no wall parts are remembered so that the next message costs nothing. */
interface Pair {
  readonly crossing: Crossing | undefined;
}

const TALK: ReadonlySet<string> = new Set(['message', 'file', 'call', 'room', 'attention']);

/** Judges who is in contact with whom by the walls of the policy; one finding for each pair. */
export class WallWatcher implements Watcher {
  readonly #walls: Walls;
  readonly #findings: Findings;
  readonly #limits: ClassifyLimits;
  readonly #pairs: LRUCache<string, Pair>;
  /** Members of a room whom a wall is about. */
  readonly #rooms: LRUCache<string, Set<string>>;

  constructor(walls: Walls, findings: Findings, limits: ClassifyLimits) {
    this.#walls = walls;
    this.#findings = findings;
    this.#limits = limits;
    this.#pairs = boundedCache(limits.wall_pairs);
    this.#rooms = boundedCache(limits.wall_rooms);
  }

  on(event: EveEvent): boolean {
    const { im } = event;
    if (event.event_type !== 'im' || im?.kind === undefined || !TALK.has(im.kind)) return false;
    const network = im.service ?? event.app_proto ?? '';
    if (im.room !== undefined) return this.#inRoom(event, im, network, im.room.id);
    return this.#between(event, im, network);
  }

  #between(event: EveEvent, im: ImObject, network: string): boolean {
    const from = im.from ?? (im.sent === true ? im.account : undefined);
    const to = im.to ?? (im.sent === false && im.account !== undefined ? [im.account] : []);
    let crossed = false;
    if (from === undefined) return false;
    for (let i = 0; i < to.length && i < MAX_TO; i++) {
      if (this.#meet(event, im, network, from, to[i] ?? '', undefined)) crossed = true;
    }
    return crossed;
  }

  #inRoom(event: EveEvent, im: ImObject, network: string, id: string): boolean {
    const key = `${network}\0${cut(id, this.#limits.alert_field)}`;
    const who = im.from ?? im.account;
    if (im.kind === 'room' && im.op === 'leave') {
      if (who !== undefined) this.#rooms.get(key)?.delete(plainAccount(who));
      return false;
    }
    const present = this.#rooms.get(key) ?? new Set<string>();
    if (present.size === 0) this.#rooms.set(key, present);
    let crossed = false;
    const arrive = (account: string | undefined): void => {
      if (account !== undefined && this.#arrive(event, im, network, present, account)) crossed = true;
    };
    arrive(who);
    // Who sees the room is in it.
    arrive(im.account);
    for (const member of (im.members ?? []).slice(0, this.#limits.wall_members)) arrive(member);
    return crossed;
  }

  #arrive(event: EveEvent, im: ImObject, network: string, present: Set<string>, account: string): boolean {
    const name = plainAccount(cut(account, this.#limits.alert_field));
    if (name === '' || present.has(name) || !this.#walls.concerns(network, name)) return false;
    let crossed = false;
    for (const other of present) {
      if (this.#meet(event, im, network, name, other, im.room?.id)) crossed = true;
    }
    if (present.size < this.#limits.wall_members) present.add(name);
    return crossed;
  }

  #meet(
    event: EveEvent,
    im: ImObject,
    network: string,
    from: string,
    to: string,
    room: string | undefined,
  ): boolean {
    const key = `${network}\0${cut(from, this.#limits.alert_field)}\0${cut(to, this.#limits.alert_field)}`;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = { crossing: this.#judge(network, from, to) };
      this.#pairs.set(key, pair);
    }
    if (pair.crossing === undefined) return false;
    this.#raise(event, im, network, [plainAccount(from), plainAccount(to)], room, pair.crossing);
    return true;
  }

  #judge(network: string, from: string, to: string): Crossing | undefined {
    const [one, other] = [plainAccount(from), plainAccount(to)];
    // A server (a bare domain) is nobody.
    if (one === '' || other === '' || one === other || (one.includes('@') && !other.includes('@')))
      return undefined;
    return this.#walls.between(network, one, other) ?? this.#walls.between(network, other, one);
  }

  #raise(
    event: EveEvent,
    im: ImObject,
    network: string,
    [from, to]: [from: string, to: string],
    room: string | undefined,
    { wall, first, second }: Crossing,
  ): void {
    const header = headerOf(event);
    if (header === undefined) return;
    const outside = second === undefined;
    const signature: Signature = outside ? SIGNATURES.outsideContact : SIGNATURES.wallCrossed;
    const member = this.#walls.isInside(network, from) ? from : to;
    const about = outside && room !== undefined ? [member, room] : [from, to].sort();
    const how =
      room === undefined
        ? `${im.kind ?? 'contact'} from ${from} to ${to}`
        : `${from} and ${to} in room ${room}`;
    this.#findings.tell({
      signature,
      severity: wall.severity,
      header,
      place: placeOf(event),
      trigger: im.id,
      finding: hash128('wall', signature.id, network, wall.line, ...about),
      policy: wall.line,
      evidence: [how, outside ? `group "${first}" and the outside` : `groups "${first}" and "${second}"`],
      confidence: 'high',
      im: {
        service: network,
        ...(im.account === undefined ? {} : { account: cut(im.account, this.#limits.alert_field) }),
        ...(im.session === undefined ? {} : { session: im.session }),
        from: cut(from, this.#limits.alert_field),
        to: [cut(to, this.#limits.alert_field)],
        ...(im.room === undefined ? {} : { room: im.room }),
      },
    });
  }
}

/** Receivers of one message that are looked at. */
const MAX_TO = 64;
