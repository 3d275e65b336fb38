/** What a made-up period holds, counted while it was made and not from its events. */
export interface Truth {
  messages: number;
  files: number;
  findings: number;
  severe: number;
  exposed: number;
  readonly users: Set<string>;
  readonly conversations: Set<string>;
  readonly perDay: Map<string, number>;
  readonly sentBy: Map<string, number>;
  inBusiness: number;
  flowBytes: number;
  sessions: { start: number; end: number }[];
}

export interface Made {
  readonly lines: string[];
  readonly truth: Truth;
}

interface Person {
  readonly account: string;
  readonly name: string;
  readonly department: string;
}

const START = Date.UTC(2026, 0, 5) / 1_000; // a Monday
const DAY = 86_400;

/** A small generator of numbers (mulberry32): the same for the same seed. */
export function numbersOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Event lines of so many days and people, with a trend of `growth` messages a day each day. */
export function makeEvents(days: number, people: number, seed: number, growth = 0): Made {
  const next = numbersOf(seed);
  const staff = Array.from({ length: people }, (_, i): Person => ({
    ...{ account: `user${i}`, name: `Person ${i}` },
    department: i % 10 === 9 ? 'Board' : i % 2 === 0 ? 'Sales' : 'Support',
  }));
  const truth: Truth = {
    ...{ messages: 0, files: 0, findings: 0, severe: 0, exposed: 0, inBusiness: 0, flowBytes: 0 },
    ...{ users: new Set(), conversations: new Set(), perDay: new Map(), sentBy: new Map(), sessions: [] },
  };
  const maker = new Maker(truth);
  for (let day = 0; day < days; day++) {
    const midnight = START + day * DAY;
    const here = staff.filter(() => next() < 0.8);
    if (here.length < 2) continue;
    for (const person of here)
      maker.signOn(person, midnight + 7 * 3_600 + Math.floor(next() * 7_200), next() < 0.1);
    const count = Math.round(40 + growth * day + next() * 4);
    for (let i = 0; i < count; i++) {
      const [one, other] = [here[Math.floor(next() * here.length)], here[Math.floor(next() * here.length)]];
      if (one === undefined || other === undefined || one === other) continue;
      maker.message(one, other, midnight + 9 * 3_600 + Math.floor(next() * 11 * 3_600), next() < 0.5);
    }
    if (next() < 0.3) maker.file(here[0], midnight + 50_000);
    if (next() < 0.5) maker.alert(here[0], midnight + 51_000, next() < 0.5 ? 1 : 3);
    for (const person of here) maker.signOff(person, midnight + 21 * 3_600 + Math.floor(next() * 3_000));
  }
  // Each line begins with its time.
  return { lines: maker.lines.sort(), truth };
}

class Maker {
  readonly lines: string[] = [];
  readonly #truth: Truth;
  readonly #exposed = new Set<string>();
  readonly #sessions = new Map<string, number>();
  #id = 0;

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  signOn(person: Person, at: number, exposed: boolean): void {
    this.#sessions.set(person.account, at);
    this.#truth.users.add(person.name);
    if (exposed) this.#exposed.add(person.account);
    this.#truth.exposed = this.#exposed.size;
    const auth = { mechanism: 'x', result: 'success', ...(exposed ? { exposed: 'password' } : {}) };
    this.#im(person, at, { kind: 'login', auth });
  }

  signOff(person: Person, at: number): void {
    const start = this.#sessions.get(person.account) ?? at;
    this.#truth.sessions.push({ start, end: at });
    this.#truth.flowBytes += 5_000;
    this.#im(person, at, { kind: 'logout' });
    const flow = { start: stamp(start), end: stamp(at), bytes_toserver: 2_000, bytes_toclient: 3_000 };
    this.#line(person, at, { event_type: 'flow', flow }, {});
  }

  /** Written by one, to another; where `both`, its delivery is in view as well. */
  message(one: Person, other: Person, at: number, both: boolean): void {
    const conversation = [one.account, other.account].sort().join('+');
    const text = {
      kind: 'message',
      text: `hello ${this.#id}`,
      from: one.account,
      to: [other.account],
      conversation,
    };
    this.#im(one, at, { ...text, sent: true });
    if (both) this.#im(other, at, { ...text, sent: false });
    const { truth } = { truth: this.#truth };
    truth.messages++;
    truth.conversations.add(conversation);
    const day = stamp(at).slice(0, 10);
    truth.perDay.set(day, (truth.perDay.get(day) ?? 0) + 1);
    truth.sentBy.set(one.department, (truth.sentBy.get(one.department) ?? 0) + 1);
    const hour = Math.floor((at % DAY) / 3_600);
    const weekday = Math.floor((at - START) / DAY) % 7;
    if (weekday < 5 && hour >= 8 && hour < 18) truth.inBusiness++;
  }

  file(person: Person | undefined, at: number): void {
    if (person === undefined) return;
    this.#truth.files++;
    const file = { id: `file${this.#id}`, name: 'a.txt', state: 'complete', method: 'x' };
    this.#im(person, at, { kind: 'file', file });
    this.#line(person, at, { event_type: 'fileinfo', fileinfo: { size: 10 } }, { file: { id: file.id } });
  }

  /** A finding, and an update of it. */
  alert(person: Person | undefined, at: number, severity: number): void {
    if (person === undefined) return;
    this.#truth.findings++;
    if (severity === 1) this.#truth.severe++;
    const alert = {
      signature_id: 9_000_001,
      signature: 'IMSPAN X',
      severity,
      metadata: { evidence: ['seen'] },
    };
    const finding = { finding: `finding${this.#id}` };
    this.#line(person, at, { event_type: 'alert', alert }, finding);
    this.#line(person, at + 1, { event_type: 'alert', alert }, finding);
  }

  #im(person: Person, at: number, im: object): void {
    this.#line(person, at, { event_type: 'im' }, im);
  }

  #line({ account, name, department }: Person, at: number, event: object, im: object): void {
    const who = {
      service: 'aim',
      account,
      person: name,
      department,
      session: `${account} ${Math.floor(at / DAY)}`,
    };
    this.lines.push(
      JSON.stringify({
        ...{ timestamp: stamp(at), flow_id: 7, src_ip: '10.0.0.1', app_proto: 'oscar', ...event },
        im: { v: 1, id: `id${this.#id++}`, ...who, ...im },
      }),
    );
  }
}

function stamp(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', '.000000+0000');
}
