import type { EveEvent, ImObject } from '../../event/eve.ts';
import type { ClassifyLimits } from '../limits.ts';
import { SIGNATURES } from '../signatures.ts';
import { fileLikeness, isLike, likenessOf, saysEnough } from './likeness.ts';
import type { Likeness } from './likeness.ts';
import type { People, Talk } from './people.ts';
import { Recent } from './recent.ts';
import { isOwnHost } from './settings.ts';
import { findingId, tell } from './teller.ts';
import type { Bench } from './teller.ts';

/** One text or file to one contact (a room and a talk of several are one). */
interface Send {
  readonly to: string;
  readonly at: number;
  readonly text: string;
  readonly file: ImObject['file'];
  readonly typed: boolean;
  readonly place: number | undefined;
  readonly by: Sender;
  /** Made when it is needed: most people write to one or two at a time. */
  likeness: Likeness | undefined;
}

interface Sender {
  readonly sends: Send[];
  /** The same by contact. */
  readonly contacts: Map<string, Send[]>;
}

/** What somebody was sent in a spread that was told. */
interface Received {
  readonly likeness: Likeness;
  readonly finding: string;
  readonly from: string;
  readonly generation: number;
  readonly at: number;
}

/** A send of the newest's likeness, of which there may be many. */
interface Spread {
  readonly like: readonly Send[];
  readonly contacts: number;
  readonly parent: Received | undefined;
}

/** Sends of one account looked at; more than this many in one window are the newest of them. */
const MOST_SENDS = 64;
/** Packet seconds for which who received it is expected to pass it on. */
const INCUBATION = 86_400;
/** Packet seconds from one contact to the next that no hand keeps up. */
const INHUMAN = 2;

/**
 * The same, or nearly, to many contacts within a window: what a worm does. A score of how it was done tells it from
 * people who pass on a link. Told when the last contact it takes is written to; each further one is a sighting.
 */
export class Spreads {
  readonly #bench: Bench;
  readonly #people: People;
  readonly #senders: Recent<Sender>;
  readonly #received: Recent<Received>;
  /** All sends in the window, in order; those before `#first` are gone. */
  #queue: Send[] = [];
  #first = 0;
  readonly #most: number;

  constructor(bench: Bench, people: People, limits: ClassifyLimits) {
    this.#bench = bench;
    this.#people = people;
    this.#senders = new Recent(limits.behaviour_accounts);
    this.#received = new Recent(limits.behaviour_contacts);
    this.#most = limits.behaviour_sends;
  }

  /** A text (as far as it is looked at; empty for a file offer) of `sender` to `to`; true where an alert stands for it. */
  take(event: EveEvent, im: ImObject, talk: Talk, text: string, now: number): boolean {
    const { sender } = talk;
    const set = this.#bench.settings.spread;
    if (set === undefined) return false;
    this.#forget(now - set.seconds);
    const by = this.#senderOf(sender);
    const send = this.#note(by, im, talk, text, now);
    const least = Math.min(set.contacts, set.after_receipt);
    if (send === undefined || by.contacts.size < least) return false;
    const spread = this.#spreadOf(send, sender, now);
    if (spread === undefined || spread.contacts < (spread.parent ? set.after_receipt : set.contacts))
      return false;
    const { points, evidence } = this.#score(spread, sender, now);
    if (points < set.score) return false;
    return this.#tell(event, im, sender, spread, points, evidence);
  }

  #senderOf(sender: string): Sender {
    let by = this.#senders.get(sender);
    if (by === undefined) this.#senders.set(sender, (by = { sends: [], contacts: new Map() }));
    return by;
  }

  /** Undefined for the other leg of one that was noted. */
  #note(by: Sender, im: ImObject, { to, pair }: Talk, text: string, at: number): Send | undefined {
    let before = by.contacts.get(to);
    if (before === undefined) by.contacts.set(to, (before = []));
    for (const one of before) if (one.text === text && one.file?.name === im.file?.name) return undefined;
    const typed = this.#people.typedTo(pair, at);
    const place = this.#people.placeOf(pair);
    const send: Send = { to, at, text, file: im.file, typed, place, by, likeness: undefined };
    by.sends.push(send);
    before.push(send);
    if (by.sends.length > MOST_SENDS) drop(by);
    this.#queue.push(send);
    return send;
  }

  /** Sends before this second leave the window, and the oldest where there are too many. */
  #forget(before: number): void {
    for (;;) {
      const oldest = this.#queue[this.#first];
      if (oldest === undefined) break;
      if (oldest.at > before && this.#queue.length - this.#first < this.#most) break;
      this.#first++;
      if (oldest.by.sends[0] === oldest) drop(oldest.by);
    }
    if (this.#first > 1_024 && this.#first * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
  }

  #spreadOf(send: Send, sender: string, now: number): Spread | undefined {
    const newest = this.#likenessOf(send);
    if (!saysEnough(newest)) return undefined;
    const like: Send[] = [];
    for (const other of send.by.sends) if (isLike(newest, this.#likenessOf(other))) like.push(other);
    const received = this.#received.get(sender);
    const heard =
      received !== undefined && now - received.at <= INCUBATION && isLike(newest, received.likeness);
    const contacts = new Set(like.map(({ to }) => to)).size;
    return { like, contacts, parent: heard ? received : undefined };
  }

  #likenessOf(send: Send): Likeness {
    if (send.likeness !== undefined) return send.likeness;
    const { settings } = this.#bench;
    send.likeness = send.file
      ? fileLikeness(send.file)
      : likenessOf(send.text, [send.to, nameIn(send.to)], (host) => isOwnHost(settings, host));
    return send.likeness;
  }

  /** How it was done: each mark of a machine adds, those of a hand take away. */
  #score(
    { like, contacts, parent }: Spread,
    sender: string,
    now: number,
  ): { points: number; evidence: string[] } {
    const [first] = like;
    const last = like.at(-1);
    const span = now - (first?.at ?? now);
    const evidence = [`the same to ${contacts} contacts within ${span} s`];
    let points = 0;
    const add = (holds: boolean | undefined, number: number, fact: string): void => {
      if (!holds) return;
      points += number;
      evidence.push(fact);
    };
    add(last?.file !== undefined, 3, 'a file is offered');
    add(last?.likeness?.link, 3, 'with a link');
    add(span <= INHUMAN * (contacts - 1), 2, 'faster than by hand');
    add(inOrder(like), 2, 'in the order of the contact list');
    const typed = like.filter((send) => send.typed).length;
    const person = this.#people.get(sender);
    add(typed * 2 >= like.length, -3, 'typing was told before');
    const asked = like.filter(({ to }) => this.#people.askedFor(sender, to)).length;
    add(asked * 2 >= like.length, -4, 'it has not on its list those who have it on theirs');
    add(typed === 0, 1, 'no typing was told before');
    add(typed === 0 && person?.types, 1, 'the client tells of typing at other times');
    add(this.#isFresh(person, first?.at ?? now), 1, 'soon after sign-on');
    if (parent !== undefined) {
      points += 3;
      evidence.push(`received from ${nameIn(parent.from)} before: generation ${parent.generation + 1}`);
      evidence.push(`parent finding ${parent.finding}`);
    }
    return { points, evidence };
  }

  #isFresh(person: { signedOn?: number; rosterAt?: number } | undefined, at: number): boolean {
    const began = Math.max(person?.signedOn ?? -Infinity, person?.rosterAt ?? -Infinity);
    return at - began <= (this.#bench.settings.spread?.after_sign_on ?? 0);
  }

  #tell(
    event: EveEvent,
    im: ImObject,
    sender: string,
    spread: Spread,
    points: number,
    evidence: string[],
  ): boolean {
    const { like, parent } = spread;
    const root = like[0]?.likeness;
    const severity = this.#bench.settings.spread?.severity ?? 1;
    if (root === undefined) return false;
    const signature = parent
      ? SIGNATURES.wormPassedOn
      : like[0]?.file
        ? SIGNATURES.fileSpread
        : SIGNATURES.textSpread;
    const known = this.#findingOf(like);
    const about = known ?? [sender, root.id];
    const shown = {
      signature,
      severity,
      about,
      evidence,
      confidence: confidenceOf(points),
      count: spread.contacts,
    };
    const finding = findingId(shown);
    this.#reach(spread, root, about, finding, sender);
    return tell(this.#bench.findings, event, im, shown);
  }

  /** Whoever was sent it is expected to pass it on. */
  #reach(spread: Spread, root: Likeness, about: readonly string[], finding: string, from: string): void {
    const { like, parent } = spread;
    const service = from.slice(0, from.indexOf(' ') + 1);
    const generation = (parent?.generation ?? 0) + 1;
    for (const send of like) {
      this.#told.set(send, about);
      const reached = service + send.to;
      if (reached === parent?.from || this.#received.get(reached)?.finding === finding) continue;
      const { likeness = root, at } = send;
      this.#received.set(reached, { likeness, finding, from, generation, at });
    }
  }

  /** Which finding each send belongs to, so that one goes on under its id when its first text has left the window. */
  readonly #told = new WeakMap<Send, readonly string[]>();

  #findingOf(like: readonly Send[]): readonly string[] | undefined {
    for (const send of like) {
      const about = this.#told.get(send);
      if (about !== undefined) return about;
    }
    return undefined;
  }
}

/** The oldest send of an account leaves. */
function drop(by: Sender): void {
  const send = by.sends.shift();
  if (send === undefined) return;
  const left = by.contacts.get(send.to);
  left?.shift();
  if (left?.length === 0) by.contacts.delete(send.to);
}

/** Each contact stands behind the one before it in the list, or each before: no order of talks does that. */
function inOrder(like: readonly Send[]): boolean {
  const places = like.map(({ place }) => place);
  if (places.length < 4 || places.includes(undefined)) return false;
  const steps = places.slice(1).map((place, i) => Math.sign((place ?? 0) - (places[i] ?? 0)));
  const up = steps.filter((step) => step > 0).length;
  const down = steps.filter((step) => step < 0).length;
  // A contact that was written to twice, or a late one, breaks the order once.
  return Math.max(up, down) >= steps.length - Math.floor(steps.length / 8);
}

function confidenceOf(points: number): 'low' | 'medium' | 'high' {
  if (points >= 7) return 'high';
  return points >= 6 ? 'medium' : 'low';
}

/** `alice` of `msn alice@example.org`. */
function nameIn(who: string): string {
  const bare = who.slice(who.indexOf(' ') + 1);
  const at = bare.indexOf('@');
  return at > 0 ? bare.slice(0, at) : bare;
}
