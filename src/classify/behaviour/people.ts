import type { ImObject } from '../../event/eve.ts';
import type { ClassifyLimits } from '../limits.ts';
import { Recent } from './recent.ts';

/** What is known of an account that signed on. */
export interface Person {
  /** Packet seconds; undefined where it began before the capture. */
  signedOn?: number;
  rosterAt?: number;
  /** Contacts listed so far. */
  contacts: number;
  /** It told of typing at least once: a client that does so does it for every text typed by hand. */
  types: boolean;
}

/** Packet seconds within which a notice of typing belongs to the text that follows. */
const TYPING = 120;

/** One account to another, or to a room. */
export interface Talk {
  /** `network account`. */
  readonly sender: string;
  readonly to: string;
  /** `pairOf` the two. */
  readonly pair: string;
}

/** Who knows whom, and who types: shared by the kinds of behaviour. Keys are `network account`. */
export class People {
  readonly #people: Recent<Person>;
  /** `account\0contact`: place in the contact list, from 0; -1 for one that only was written to. */
  readonly #contacts: Recent<number>;
  readonly #typed: Recent<number>;

  constructor(limits: ClassifyLimits) {
    this.#people = new Recent(limits.behaviour_accounts);
    this.#contacts = new Recent(limits.behaviour_contacts);
    this.#typed = new Recent(limits.behaviour_contacts);
  }

  get(who: string): Person | undefined {
    return this.#people.get(who);
  }

  /** Learns from an event of any kind but messages. */
  learn(im: ImObject, sender: string | undefined, now: number): void {
    const { kind, service = '' } = im;
    if (kind === 'typing') {
      if (sender === undefined || im.state === 'none') return;
      this.#person(sender).types = true;
      for (const to of recipientsOf(im)) this.#typed.set(pairOf(sender, to), now);
      return;
    }
    const account = im.account ?? (kind === 'login' ? im.from : undefined);
    if (account === undefined) return;
    const who = `${service} ${account}`;
    if (kind === 'login' && im.auth?.result !== 'failure') this.#person(who).signedOn = now;
    else if (kind === 'contact') this.#contact(who, im.contact, now);
  }

  #contact(who: string, contact: ImObject['contact'], now: number): void {
    if (contact === undefined) return;
    const key = pairOf(who, contact.id);
    if (contact.op === 'list') {
      const person = this.#person(who);
      person.rosterAt = now;
      this.#contacts.set(key, person.contacts++);
    } else if (contact.op === 'add' || contact.op === 'accept') {
      this.#contacts.set(key, this.#person(who).contacts++);
    } else if (contact.op === 'remove') this.#contacts.delete(key);
  }

  /** A message of one passed to the other; `pair` is `pairOf` the two. */
  wrote(pair: string): void {
    if (this.#contacts.get(pair) === undefined) this.#contacts.set(pair, -1);
  }

  /** Place in the sender's contact list, from 0. */
  placeOf(pair: string): number | undefined {
    const place = this.#contacts.get(pair);
    return place === undefined || place < 0 ? undefined : place;
  }

  /** The one has the other on the list or wrote to it; undefined where no list was seen. */
  knows(who: string, other: string): boolean | undefined {
    if (this.#contacts.get(pairOf(who, other)) !== undefined) return true;
    return this.#people.get(who)?.rosterAt === undefined ? undefined : false;
  }

  /**
   * `to` has the sender on its list, and the sender, whose list was seen, has not `to`: who gets news from it has asked for
   * them. A worm writes to those on the list.
   */
  askedFor(sender: string, to: string): boolean {
    const lists = (who: string, contact: string): boolean =>
      (this.#contacts.get(`${who}\0${contact}`) ?? -1) >= 0;
    if (this.#people.get(sender)?.rosterAt === undefined || lists(sender, to)) return false;
    const cut = sender.indexOf(' ') + 1;
    return lists(sender.slice(0, cut) + to, sender.slice(cut));
  }

  /** A notice of typing came before. */
  typedTo(pair: string, now: number): boolean {
    const at = this.#typed.get(pair);
    return at !== undefined && now - at <= TYPING;
  }

  #person(who: string): Person {
    let person = this.#people.get(who);
    if (person === undefined) this.#people.set(who, (person = { contacts: 0, types: false }));
    return person;
  }
}

/** The key of what one sends to the other. Made once an event: a string's hash is found once, each look-up needs it. */
export function pairOf(who: string, other: string): string {
  return `${who}\0${other}`;
}

/** Whom it goes to; the account itself where the event only says that it came in. */
export function recipientsOf(im: ImObject): readonly string[] {
  if (im.to !== undefined && im.to.length > 0) return im.to;
  return im.sent === false && im.account !== undefined ? [im.account] : [];
}

/** Who sent it, as `network account`; the client's address where no name was seen. */
export function senderOf(im: ImObject, ip: string | undefined): string | undefined {
  const name = im.from ?? (im.sent === true ? (im.account ?? ip) : undefined);
  return name === undefined ? undefined : `${im.service ?? ''} ${name}`;
}
