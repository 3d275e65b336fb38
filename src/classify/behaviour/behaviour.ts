import type { EveEvent, ImObject } from '../../event/eve.ts';
import { packetSeconds } from '../clock.ts';
import type { Findings } from '../findings.ts';
import type { ClassifyLimits } from '../limits.ts';
import type { Watcher } from '../watcher.ts';
import { Amounts } from './amounts.ts';
import { Bots } from './bots.ts';
import { lookedAt } from './likeness.ts';
import { pairOf, People, recipientsOf, senderOf } from './people.ts';
import { Recent } from './recent.ts';
import { isExempt } from './settings.ts';
import type { BehaviourSettings } from './settings.ts';
import { Spim } from './spim.ts';
import { Spreads } from './spread.ts';

/** Packet seconds between the two legs of one message. */
const LEGS = 10;

/**
 * Judges what accounts do over time, whatever they say: worms, spam, harvesting, bulk transfer, floods, bots.
 * Windows slide by packet time; each kind tells within the event that crosses its threshold.
 */
export class Behaviour implements Watcher {
  readonly #settings: BehaviourSettings;
  readonly #people: People;
  readonly #spreads: Spreads;
  readonly #spim: Spim;
  readonly #amounts: Amounts;
  readonly #bots: Bots;
  /** Last text of a pair, and the connection that showed it: the other leg of the same is no second deed. */
  readonly #last: Recent<{ text: string; flow: number; at: number }>;
  #now = 0;

  constructor(settings: BehaviourSettings, findings: Findings, limits: ClassifyLimits) {
    const bench = { settings, findings };
    this.#settings = settings;
    this.#people = new People(limits);
    this.#spreads = new Spreads(bench, this.#people, limits);
    this.#spim = new Spim(bench, this.#people, limits);
    this.#amounts = new Amounts(bench, limits);
    this.#bots = new Bots(bench, this.#people, limits);
    this.#last = new Recent(limits.behaviour_windows);
  }

  tick(seconds: number): void {
    this.#now = seconds;
  }

  on(event: EveEvent): boolean {
    const { im, event_type } = event;
    if (im === undefined || (event_type !== 'im' && event_type !== 'fileinfo')) return false;
    // What was said before, or is seen at the other side of a proxy, is not done now.
    if (im.copy !== undefined || im.second_leg_of !== undefined) return false;
    if (this.#now === 0) this.#now = packetSeconds(event.timestamp);
    const sender = senderOf(im, event.src_ip);
    if (event_type === 'fileinfo') return this.#sentFile(event, im, sender);
    if (im.kind === 'message') return this.#message(event, im, sender);
    if (im.kind === 'file') return this.#offer(event, im, sender);
    this.#people.learn(im, sender, this.#now);
    return this.#lookUp(event, im);
  }

  #sentFile(event: EveEvent, im: ImObject, sender: string | undefined): boolean {
    if (sender === undefined || this.#isExempt(sender)) return false;
    return this.#amounts.file(event, im, sender, this.#now);
  }

  /** A look-up or a new contact of the client at this end. */
  #lookUp(event: EveEvent, im: ImObject): boolean {
    const { kind, contact } = im;
    const adds = kind === 'contact' && (contact?.op === 'add' || contact?.op === 'request');
    if (!adds && kind !== 'search') return false;
    if (event.direction === 'to_client' || im.sent === false) return false;
    const who = `${im.service ?? ''} ${im.account ?? im.from ?? event.src_ip ?? ''}`;
    if (this.#isExempt(who)) return false;
    if (adds) return this.#amounts.contact(event, im, who, this.#now);
    return this.#amounts.search(event, im, who, this.#now);
  }

  #message(event: EveEvent, im: ImObject, sender: string | undefined): boolean {
    // An answering machine says the same to all who write to it.
    if (sender === undefined || im.auto === true || isServer(im, sender)) return false;
    const exempt = this.#isExempt(sender);
    if (im.room !== undefined) {
      if (exempt) return false;
      const flood = this.#amounts.line(event, im, sender, this.#now);
      return this.#toOne(event, im, sender, im.room.id) || flood;
    }
    const recipients = recipientsOf(im);
    const [to] = recipients;
    if (to === undefined) return false;
    if (recipients.length > 1) return !exempt && this.#toOne(event, im, sender, recipients.join(' '));
    const pair = pairOf(sender, to);
    const alerted = !exempt && this.#toOne(event, im, sender, to, pair);
    this.#people.wrote(pair);
    return alerted;
  }

  /** One text to one contact, a room or a talk of several. */
  #toOne(event: EveEvent, im: ImObject, sender: string, to: string, pair = pairOf(sender, to)): boolean {
    if (im.text === undefined || im.text === '' || im.encrypted !== undefined) return false;
    const now = this.#now;
    const text = lookedAt(im.text);
    if (this.#isOtherLeg(event, pair, text)) return false;
    const one = im.room === undefined && (im.to?.length ?? 1) === 1;
    const spim = one && this.#spim.take(event, im, sender, to, text, now);
    const talk = { sender, to, pair };
    const spread = this.#spreads.take(event, im, talk, text, now);
    return this.#bots.take(event, im, talk, now) || spread || spim;
  }

  #isOtherLeg(event: EveEvent, pair: string, text: string): boolean {
    const flow = event.flow_id ?? 0;
    const last = this.#last.get(pair);
    if (last?.text === text && last.flow !== flow && this.#now - last.at <= LEGS) return true;
    this.#last.set(pair, { text, flow, at: this.#now });
    return false;
  }

  #offer(event: EveEvent, im: ImObject, sender: string | undefined): boolean {
    const [to] = recipientsOf(im);
    if (sender === undefined || to === undefined || im.file?.state !== 'offer') return false;
    if (this.#isExempt(sender)) return false;
    return this.#spreads.take(event, im, { sender, to, pair: pairOf(sender, to) }, '', this.#now);
  }

  #isExempt(who: string): boolean {
    if (this.#settings.exempt.length === 0) return false;
    return isExempt(this.#settings, who.slice(who.indexOf(' ') + 1));
  }
}

/** A server of XMPP itself, not an account on it: it tells all its users of maintenance. */
function isServer(im: ImObject, sender: string): boolean {
  return im.service === 'xmpp' && im.from !== undefined && !sender.includes('@');
}
