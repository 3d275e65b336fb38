/**
 * Made-up traffic of worms and people as events of the session stage, with known truth. Everything follows from the
 * seed: the same settings make the same events.
 */
import { imEvent } from '../../src/classify/build.ts';
import type { EveEvent, ImObject } from '../../src/event/eve.ts';

export interface WormSettings {
  readonly seed: number;
  /** Contacts that each infected account writes to, and packet seconds from one to the next. */
  readonly contacts: number;
  readonly gap: number;
  /** Part of the words (of a file's name: its number) that differ from copy to copy, 0 to 1. */
  readonly mutation: number;
  /** Packet seconds from sign-on to the first copy. */
  readonly delay: number;
  /** The worm makes the client tell of typing. */
  readonly typing: boolean;
  readonly what: 'link' | 'text' | 'file';
  /** Accounts that catch it from the first. */
  readonly passedOn: number;
}

export interface Traffic {
  readonly events: EveEvent[];
  /** Infected accounts, each with who it caught the worm from. */
  readonly infected: ReadonlyMap<string, string | undefined>;
  readonly messages: number;
}

/** A generator of numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const WORDS =
  'meeting lunch report budget printer today tomorrow train coffee server ticket customer invoice garden weekend kids football holiday question answer thanks maybe late early door paper phone budget plan review draft'.split(
    ' ',
  );
const LURE = 'look at this really funny picture that somebody took of you last summer'.split(' ');
const FIRST_HOST = 20;

/** People who chat, pass on links by hand, greet each other, talk in rooms, and one announcer; worms among them. */
export class TrafficMaker {
  readonly #random: () => number;
  readonly #events: EveEvent[] = [];
  #messages = 0;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  made(infected: ReadonlyMap<string, string | undefined>): Traffic {
    const events = this.#events.toSorted((a, b) =>
      a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0,
    );
    return { events, infected, messages: this.#messages };
  }

  /** Signs on and loads the list. */
  signOn(account: string, contacts: readonly string[], at: number): void {
    this.#add(account, { kind: 'login', account, auth: { mechanism: 'md5', result: 'success' } }, at);
    for (const id of contacts)
      this.#add(account, { kind: 'contact', account, contact: { op: 'list', id } }, at);
  }

  say(
    from: string,
    to: string,
    text: string,
    at: number,
    typing: boolean,
    extra: Partial<ImObject> = {},
  ): void {
    const { account = from } = extra;
    const people = { account, from, to: [to], sent: true };
    if (typing) this.#add(from, { kind: 'typing', ...people, state: 'typing' }, Math.max(0, at - 2));
    this.#add(from, { kind: 'message', ...people, text, ...extra }, at);
    this.#messages++;
  }

  /** Two who talk: answers differ, each typed by hand. */
  chat(a: string, b: string, at: number): void {
    const turns = 4 + Math.floor(this.#random() * 8);
    for (let i = 0; i < turns; i++) {
      const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
      this.say(from, to, this.sentence(), at + i * (4 + Math.floor(this.#random() * 20)), true);
    }
  }

  sentence(): string {
    const length = 3 + Math.floor(this.#random() * 9);
    return Array.from({ length }, () => this.#pick(WORDS)).join(' ');
  }

  /** A link passed on by hand, typed or pasted, each some seconds after the other. */
  passOn(from: string, contacts: readonly string[], at: number, typing: boolean): void {
    const link = `http://news.example.test/${Math.floor(this.#random() * 1e6)}`;
    contacts.forEach((to, i) => {
      this.say(from, to, `${this.sentence()} ${link}`, at + i * (8 + Math.floor(this.#random() * 8)), typing);
    });
  }

  /** The same greeting to all, typed by hand. */
  greet(from: string, contacts: readonly string[], at: number): void {
    contacts.forEach((to, i) => this.say(from, to, 'a happy new year to you and yours', at + i * 5, true));
  }

  inRoom(members: readonly string[], at: number): void {
    const link = `http://wiki.example.test/${Math.floor(this.#random() * 1e6)}`;
    members.forEach((from, i) => {
      const room = { id: 'team@conference.example.org' };
      const text = i % 3 === 0 ? `see ${link}` : this.sentence();
      this.#add(from, { kind: 'message', account: from, from, room, sent: true, text }, at + i * 3);
      this.#messages++;
    });
  }

  /** An answering machine. */
  away(from: string, contacts: readonly string[], at: number): void {
    contacts.forEach((to, i) =>
      this.say(from, to, 'I am away, see http://home.example.test/', at + i, false, { auto: true }),
    );
  }

  worm(from: string, contacts: readonly string[], at: number, set: WormSettings): void {
    const host = `pics${set.seed}.example.test`;
    contacts.slice(0, set.contacts).forEach((to, i) => {
      const when = at + Math.floor(i * set.gap);
      if (set.what === 'file') {
        const number = this.#random() < set.mutation ? i + 10 : 7;
        const file = {
          id: `${from}${i}`,
          name: `photo_${number}.pif`,
          size: 24_576,
          method: 'oft',
          state: 'offer',
        } as const;
        this.#add(from, { kind: 'file', account: from, from, to: [to], sent: true, file }, when);
        return;
      }
      const lure = LURE.map((word) => (this.#random() < set.mutation ? this.#pick(WORDS) : word)).join(' ');
      const link = set.what === 'link' ? ` http://${host}/view.php?id=${to}${i}` : '';
      this.say(from, to, lure + link, when, set.typing);
    });
  }

  #pick(words: readonly string[]): string {
    return words[Math.floor(this.#random() * words.length)] ?? '';
  }

  #add(client: string, im: Partial<ImObject>, at: number): void {
    const number = hostOf(client);
    const flow = { flow_id: number, src_ip: `10.1.${number >> 8}.${number & 255}`, src_port: 40_000 };
    this.#events.push(imEvent(im, at, flow));
  }
}

function hostOf(account: string): number {
  const digits = /\d+/.exec(account)?.[0];
  return FIRST_HOST + (digits === undefined ? 0 : Number(digits));
}

/** A working hour of `people` accounts, with a worm in it. */
export function makeTraffic(set: WormSettings, people = 60): Traffic {
  const maker = new TrafficMaker(set.seed);
  const names = Array.from({ length: people }, (_, i) => `user${i}`);
  // Everybody's list is another turn of the same circle, so a worm finds people who have the next one.
  const listOf = (i: number): string[] => names.slice(1).map((_, k) => names[(i + k + 1) % people] ?? '');
  names.forEach((name, i) => maker.signOn(name, listOf(i), i));
  names.forEach((name, i) => {
    for (let k = 0; k < 4; k++)
      maker.chat(name, listOf(i)[(k * 7) % (people - 1)] ?? '', 100 + i * 30 + k * 700);
    if (i % 6 === 0) maker.passOn(name, listOf(i).slice(3, 7), 900 + i * 20, i % 12 === 0);
    if (i % 10 === 3) maker.greet(name, listOf(i).slice(0, 8), 1_500 + i * 20);
    if (i % 10 === 5) maker.away(name, listOf(i).slice(0, 9), 2_000 + i * 5);
  });
  maker.inRoom(names.slice(0, 25), 2_500);
  const infected = new Map<string, string | undefined>();
  const [first = ''] = names;
  maker.signOn(first, listOf(0), 3_000);
  maker.worm(first, listOf(0), 3_000 + set.delay, set);
  infected.set(first, undefined);
  for (let i = 1; i <= Math.min(set.passedOn, set.contacts); i++) {
    const name = names[i] ?? '';
    maker.worm(name, listOf(i), 3_000 + set.delay + 60 * i + Math.floor(set.contacts * set.gap), set);
    infected.set(name, first);
  }
  return maker.made(infected);
}
