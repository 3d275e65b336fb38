import type { EveEvent, ImObject } from '../../event/eve.ts';
import type { ClassifyLimits } from '../limits.ts';
import { SIGNATURES } from '../signatures.ts';
import { hasLink, likenessOf } from './likeness.ts';
import type { People } from './people.ts';
import { Windows } from './recent.ts';
import { isOwnHost } from './settings.ts';
import { tell } from './teller.ts';
import type { Bench } from './teller.ts';

/** Contacts, or senders, of one account that are looked at. */
const MOST = 64;

/** Unsolicited links: one stranger to many accounts, many strangers to one. */
export class Spim {
  readonly #bench: Bench;
  readonly #people: People;
  readonly #toMany: Windows;
  readonly #fromMany: Windows;

  constructor(bench: Bench, people: People, limits: ClassifyLimits) {
    const seconds = bench.settings.spim?.seconds ?? 1;
    this.#bench = bench;
    this.#people = people;
    this.#toMany = new Windows(limits.behaviour_windows, seconds, MOST);
    this.#fromMany = new Windows(limits.behaviour_windows, seconds, MOST);
  }

  /** A text of `sender` to the account `to` of the same network, before the two are noted as having talked. */
  take(event: EveEvent, im: ImObject, sender: string, to: string, text: string, now: number): boolean {
    const { settings, findings } = this.#bench;
    const set = settings.spim;
    if (set === undefined || !hasLink(text)) return false;
    const service = sender.slice(0, sender.indexOf(' ') + 1);
    const reached = service + to;
    if (!this.#areStrangers(sender, reached, service)) return false;
    const { link, marks } = likenessOf(text, [], (host) => isOwnHost(settings, host));
    if (!link) return false;
    const host = marks[0]?.slice('link '.length).split('/', 1)[0] ?? '';
    const contacts = this.#toMany.add(sender, reached, now);
    const senders = this.#fromMany.add(reached, sender, now);
    const { severity } = set;
    let alerted = false;
    if (contacts >= set.contacts) {
      const evidence = [`links to ${contacts} accounts that do not know the sender`, `link to ${host}`];
      const shown = { signature: SIGNATURES.spimSender, about: [sender], evidence, count: contacts };
      alerted = tell(findings, event, im, { ...shown, severity, confidence: 'medium' });
    }
    if (senders >= set.senders) {
      const evidence = [`links from ${senders} senders whom the account does not know`, `link to ${host}`];
      const shown = { signature: SIGNATURES.spimTarget, about: [reached], evidence, count: senders };
      alerted = tell(findings, event, im, { ...shown, severity, confidence: 'medium' }) || alerted;
    }
    return alerted;
  }

  /** Neither has the other on the list nor has written first; the list of one of them was seen. */
  #areStrangers(sender: string, reached: string, service: string): boolean {
    const bare = sender.slice(service.length);
    const known = this.#people.knows(reached, bare);
    const knows = this.#people.knows(sender, reached.slice(service.length));
    return known === false || (known === undefined && knows === false);
  }
}
