/** The made-up traffic as packets: each account's connection to an XMPP server, both legs of each message. */
import { bind, body, client, iq, message, query, server, signOn } from '../../protocols/xmpp/build.ts';
import type { EveEvent, ImObject } from '../../src/event/eve.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { Conversation } from '../support/packets.ts';
import type { Packet } from '../support/packets.ts';

const DOMAIN = 'corp.test';
const SI = 'http://jabber.org/protocol/si';
/** Packets of one step are this far apart. */
const STEP_NANOS = 100_000;
const FIRST_PORT = 40_000;

/** `user1` as an address. */
export const addressOf = (name: string): string => (name.includes('@') ? name : `${name}@${DOMAIN}`);

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** One account's connection; opened when it first does something. */
class Line {
  readonly talk: Conversation;
  readonly #name: string;
  #contacts: string[] = [];
  #ids = 0;

  constructor(name: string, number: number, seconds: number) {
    this.#name = name;
    this.talk = new Conversation({
      client: { ip: `10.1.${number >> 8}.${number & 255}`, port: FIRST_PORT },
      server: { ip: '198.51.100.5', port: 5222 },
      clientSeq: 1_000 + number * 77_777,
      seconds,
      stepNanos: STEP_NANOS,
    }).open();
    this.send(signOn(name, 'secret', 'desk'));
  }

  send(steps: readonly Step[]): void {
    for (const step of steps) if ('bytes' in step) this.talk.send(step.direction, step.bytes);
  }

  /** Another client of the same account signs on: its list comes anew. */
  again(): void {
    this.send([server(bind(`${this.#name}@${DOMAIN}/desk`))]);
  }

  /** Contacts are gathered until something else is said. */
  list(contact: string): void {
    this.#contacts.push(contact);
  }

  flush(): void {
    if (this.#contacts.length === 0) return;
    const id = `r${this.#ids++}`;
    const items = this.#contacts
      .map((name) => `<item jid='${addressOf(name)}' subscription='both'/>`)
      .join('');
    this.send([
      client(iq('get', id, query('jabber:iq:roster'))),
      server(iq('result', id, query('jabber:iq:roster', items))),
    ]);
    this.#contacts = [];
  }

  say(stanza: (id: string) => string, addresses: string): void {
    this.send([client(stanza(`m${this.#ids++}`).replace('ADDRESSES', addresses))]);
  }
}

/** The packets of the events in the order of their time. Automatic answers, which XMPP does not mark, are left out. */
export function packetsOf(events: readonly EveEvent[]): Packet[] {
  const lines = new Map<string, Line>();
  const lineOf = (name: string, seconds: number): Line => {
    let line = lines.get(name);
    if (line === undefined) lines.set(name, (line = new Line(name, lines.size + 1, seconds)));
    else line.talk.setTime(seconds, nextNanos());
    return line;
  };
  let [last, nanos] = [0, 0];
  const nextNanos = (): number => (nanos = (nanos + 1_000_000) % 900_000_000);
  for (const { im, timestamp } of events) {
    if (im?.account === undefined || im.auto === true) continue;
    const seconds = Math.floor(Date.parse(timestamp) / 1_000);
    if (seconds !== last) [last, nanos] = [seconds, 0];
    const line = lineOf(im.account, seconds);
    if (im.kind === 'contact') line.list(im.contact?.id ?? '');
    else if (im.kind === 'login') line.again();
    else {
      line.flush();
      both(im, line, (name) => lineOf(name, seconds));
    }
  }
  return [...lines.values()]
    .flatMap(({ talk }) => talk.packets)
    .sort((a, b) => a.seconds - b.seconds || a.nanos - b.nanos);
}

/** What somebody does, at his own connection and at that of whom it reaches. */
function both(im: ImObject, line: Line, lineOf: (name: string) => Line): void {
  const [to] = im.to ?? [];
  const stanza = (id: string): string => stanzaOf(im, id);
  if (im.room !== undefined) {
    line.say(
      (id) => message('ADDRESSES', body(escaped(im.text ?? '')), 'groupchat', id),
      `to='${im.room.id}'`,
    );
    return;
  }
  if (to === undefined) return;
  line.say(stanza, ` to='${addressOf(to)}/desk'`);
  const addresses = ` from='${addressOf(im.from ?? '')}/desk' to='${addressOf(to)}/desk'`;
  lineOf(to).send([server(stanza(`d${im.from ?? ''}`).replace('ADDRESSES', addresses))]);
}

function stanzaOf(im: ImObject, id: string): string {
  if (im.kind === 'file') {
    const { name = '', size = 0, id: sid = '' } = im.file ?? {};
    const file = `<file xmlns='${SI}/profile/file-transfer' name='${escaped(name)}' size='${size}'/>`;
    return iq('set', id, `<si xmlns='${SI}' id='${sid}'>${file}</si>`, 'ADDRESSES');
  }
  const state = im.kind === 'typing' ? 'composing' : 'active';
  const said = im.kind === 'typing' ? '' : body(escaped(im.text ?? ''));
  return message('ADDRESSES', `${said}<${state} xmlns='http://jabber.org/protocol/chatstates'/>`, 'chat', id);
}
