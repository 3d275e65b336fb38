import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../core/cache.ts';
import type { Limits } from '../core/limits.ts';
import { formatTime } from '../core/time.ts';
import type { EveEvent, FlowHeader, ImObject } from '../event/eve.ts';
import { flowEvent } from '../event/factory.ts';
import type { Place } from '../event/factory.ts';
import { hash128 } from '../event/ids.ts';
import type { ImFacts } from '../event/im.ts';

/** A conversation that is going on. */
export interface Conversation {
  readonly id: string;
  readonly service: string;
  readonly members: readonly string[];
  readonly room: { id: string; name?: string } | undefined;
  readonly start: string;
  /** Of the last message. */
  header: FlowHeader;
  place: Place;
  /** Packet time of the last message, seconds. */
  last: number;
  /** Messages a member as sent, and as received: one message may pass on two legs. */
  readonly sent: Map<string, number>;
  readonly received: Map<string, number>;
}

/** Between whom the last message of a flow passed: most often the next one's people, too, whose key need not be made again. */
export interface Talk {
  readonly service: string;
  readonly from: string | undefined;
  readonly to: string;
  readonly account: string | undefined;
  readonly key: string;
  readonly members: readonly string[];
}

/** Members that are counted by name in one conversation. */
const MAX_MEMBERS = 200;

/** Groups messages: the same people (or room) on one network, until they fall silent. */
export class Conversations {
  /** Conversations told as ended because their limit was reached. */
  forgotten = 0;
  readonly #open: LRUCache<string, Conversation>;
  readonly #quiet: number;
  readonly #ended: (conversation: Conversation) => void;

  constructor(limits: Limits, ended: (conversation: Conversation) => void) {
    this.#ended = ended;
    this.#quiet = limits.conversation_quiet;
    this.#open = boundedCache(limits.conversations, (conversation) => {
      this.forgotten++;
      ended(conversation);
    });
  }

  /** The conversation that a message of a flow belongs to; it counts there, or not. `state` is the flow's. */
  of(
    facts: ImFacts,
    { id: flowId, header }: { readonly id: string; readonly header: FlowHeader },
    state: { talk?: Talk },
    place: Place,
    messageId: string,
    now: number,
    counts = true,
  ): Conversation {
    let key: string;
    let members: readonly string[] = NOBODY;
    if (facts.room) key = `${facts.service}\0room\0${facts.room.id}`;
    else if (state.talk && isSame(state.talk, facts)) ({ key, members } = state.talk);
    else {
      members = membersOf(facts);
      const who = members.length > 1 ? members.join('\0') : `${flowId}\0${members.join('')}`;
      key = `${facts.service}\0${who}`;
      const { service, from, to = NOBODY, account } = facts;
      if (to.length === 1 && to[0] !== undefined)
        state.talk = { service, from, to: to[0], account, key, members };
    }
    let conversation = this.#open.get(key);
    if (!conversation) {
      conversation = {
        id: hash128('conversation', key, messageId),
        service: facts.service,
        members,
        room: facts.room,
        start: formatTime(place.seconds, place.nanos),
        header,
        place,
        last: now,
        sent: new Map(),
        received: new Map(),
      };
      this.#open.set(key, conversation);
    }
    conversation.header = header;
    conversation.place = place;
    conversation.last = now;
    const of = facts.sent ? conversation.sent : conversation.received;
    const from = facts.from ?? '?';
    if (counts && (of.size < MAX_MEMBERS || of.has(from))) of.set(from, (of.get(from) ?? 0) + 1);
    return conversation;
  }

  /** Ends those that have been silent for too long by packet time. */
  sweep(now: number): void {
    for (const key of this.#open.rkeys()) {
      const conversation = this.#open.peek(key);
      if (!conversation || now - conversation.last < this.#quiet) break;
      this.#open.delete(key);
      this.#ended(conversation);
    }
  }

  /** Ends all, the one that was silent longest first. */
  finish(): void {
    for (const key of [...this.#open.rkeys()]) {
      const conversation = this.#open.peek(key);
      this.#open.delete(key);
      if (conversation) this.#ended(conversation);
    }
  }
}

const NOBODY: readonly string[] = [];

function isSame(talk: Talk, { service, from, to, account }: ImFacts): boolean {
  return (
    to?.length === 1 &&
    to[0] === talk.to &&
    from === talk.from &&
    account === talk.account &&
    service === talk.service
  );
}

/** Who takes part, sorted. Nearly always two people, one of them the account. */
function membersOf({ from, to, account }: ImFacts): string[] {
  const other = to?.length === 1 ? to[0] : undefined;
  if (
    from !== undefined &&
    other !== undefined &&
    (account === undefined || account === from || account === other)
  ) {
    return from < other ? [from, other] : from === other ? [from] : [other, from];
  }
  const people = new Set(to ?? []);
  if (from !== undefined) people.add(from);
  if (account !== undefined) people.add(account);
  return [...people].sort();
}

/** Messages a member: what was sent or what was received, whichever was seen of more. */
function messageCounts(conversation: Conversation): Record<string, number> {
  const names = [...new Set([...conversation.sent.keys(), ...conversation.received.keys()])].sort();
  return Object.fromEntries(
    names
      .filter((name) => name !== '?')
      .map((name) => [
        name,
        Math.max(conversation.sent.get(name) ?? 0, conversation.received.get(name) ?? 0),
      ]),
  );
}

/** The event of a conversation that is over; one of which nobody is known by name says nothing. */
export function conversationEvent(c: Conversation): EveEvent | undefined {
  const messages = messageCounts(c);
  const members = c.members.length > 0 ? [...c.members] : Object.keys(messages);
  if (members.length === 0) return undefined;
  const event = flowEvent('im', c.header, c.place);
  const im: ImObject = {
    v: 1,
    id: hash128('im', 'conversation', c.id),
    service: c.service,
    kind: 'conversation',
    conversation: c.id,
    members,
    start: c.start,
    end: event.timestamp,
    messages,
  };
  if (c.room) im.room = c.room;
  event.im = im;
  return event;
}
