import { CLIENT, SERVER, type Side } from '../path.ts';
import type { Random } from '../random.ts';
import type { Step } from '../step.ts';
import { sentence } from '../traffic/words.ts';

const USERS = 2000;
const LONGEST = 1800;

/** How much is said, and how fast (microseconds between two messages, on average). */
export interface Chat {
  readonly messages: number;
  readonly pace: number;
}

/** One protocol's bytes for what happens in a conversation; the first step waits `wait`. */
/** How a session runs. */
export interface Manner {
  readonly chat: Chat;
  /** Packets of its beginning that the capture missed. */
  readonly missed: number;
  /** Share of the XMPP sessions that go on under TLS. */
  readonly encrypted: number;
  /** On the network's usual port, where every tool looks for it; else one client in a few is elsewhere. */
  readonly usualPort: boolean;
}

export interface Wire {
  typing(from: Side, partner: number, wait: number): readonly Step[];
  message(from: Side, partner: number, text: string, wait: number): readonly Step[];
  idle(wait: number): readonly Step[];
}

/** Somebody with an account, by number. */
export function drawUser(random: Random): number {
  return random.below(USERS);
}

/** Other people, by number; nobody twice. */
export function drawBuddies(random: Random, me: number, count: number): number[] {
  const buddies = new Set<number>();
  while (buddies.size < count) buddies.add((me + random.between(1, USERS - 1)) % USERS);
  return [...buddies];
}

/** A seconds-to-hours long talk with some of the buddies: typing, messages of realistic lengths, keep-alives. */
export function* converse(
  random: Random,
  wire: Wire,
  buddies: readonly number[],
  chat: Chat,
): Generator<Step, void> {
  let partner = random.pick(buddies);
  for (let i = 0; i < chat.messages; i++) {
    if (random.chance(0.15)) partner = random.pick(buddies);
    const from = random.chance(0.5) ? CLIENT : SERVER;
    const wait = random.exponential(chat.pace);
    if (random.chance(0.55)) yield* wire.typing(from, partner, wait / 2);
    yield* wire.message(from, partner, sentence(random, random.logNormal(38, 0.9, LONGEST)), wait / 2);
    if (random.chance(0.05)) yield* wire.idle(chat.pace);
  }
}
