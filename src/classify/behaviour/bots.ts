import type { EveEvent, ImObject } from '../../event/eve.ts';
import type { ClassifyLimits } from '../limits.ts';
import { SIGNATURES } from '../signatures.ts';
import { commandIn } from './commands.ts';
import { pairOf } from './people.ts';
import type { People, Talk } from './people.ts';
import { Recent, Windows } from './recent.ts';
import { tell } from './teller.ts';
import type { Bench } from './teller.ts';

/** Packet seconds within which a machine answers. */
const AT_ONCE = 2;
/** Shortest beat, packet seconds: quicker ones are a talk. */
const SLOWEST_TALK = 5;
/** How much of its length a beat may be off. */
const JITTER = 0.1;
/** A text that is one such word is coded. */
const BLOB = /^[A-Za-z0-9+/_-]{40,}={0,2}$/;
const SHORTEST_BLOB = 40;
const LONGEST_BLOB = 4_096;

/** Commands of one to another. */
interface Ordered {
  at: number;
  pending: boolean;
  known: boolean;
}

interface Beat {
  readonly head: string;
  readonly times: number[];
}

/** Accounts that a program runs by commands from outside: row 103 of the feature list. */
export class Bots {
  readonly #bench: Bench;
  readonly #people: People;
  readonly #orders: Recent<Ordered>;
  readonly #beats: Recent<Beat>;
  readonly #answered: Windows;
  readonly #blobs: Windows;

  constructor(bench: Bench, people: People, limits: ClassifyLimits) {
    const set = bench.settings.bot;
    this.#bench = bench;
    this.#people = people;
    this.#orders = new Recent(limits.behaviour_windows);
    this.#beats = new Recent(limits.behaviour_windows);
    this.#answered = new Windows(limits.behaviour_windows, set?.seconds ?? 1, set?.commands ?? 1);
    this.#blobs = new Windows(limits.behaviour_windows, set?.seconds ?? 1, set?.blobs ?? 1);
  }

  /** A text of `sender` to `to` (an account or a room), in the order of the wire; each once. */
  take(event: EveEvent, im: ImObject, talk: Talk, now: number): boolean {
    const text = im.text?.trim() ?? '';
    if (this.#bench.settings.bot === undefined || text === '') return false;
    const orders = this.#order(event, im, talk, text, now);
    const blobs = this.#blob(event, im, talk.pair, text, now);
    return this.#beat(event, im, talk.pair, text, now) || orders || blobs;
  }

  /** A command is noted; an answer at once to one counts. */
  #order(event: EveEvent, im: ImObject, talk: Talk, text: string, now: number): boolean {
    const set = this.#bench.settings.bot;
    const form = commandIn(text);
    if (form === undefined && this.#orders.size === 0) return false;
    const { sender, to, pair } = talk;
    const service = sender.slice(0, sender.indexOf(' ') + 1);
    // In a room anybody can be meant; the answer goes to the room too.
    const room = im.room !== undefined;
    const key = room ? pairOf(service + to, '') : pair;
    const reply = room ? key : pairOf(service + to, sender.slice(service.length));
    if (form !== undefined) {
      const before = this.#orders.get(key);
      this.#orders.set(key, { at: now, pending: true, known: form === 'known' || before?.known === true });
      return false;
    }
    const order = this.#orders.get(reply);
    if (set === undefined || order?.pending !== true || now - order.at > AT_ONCE) return false;
    order.pending = false;
    if (this.#people.typedTo(pair, now)) return false;
    const count = this.#answered.add(`${sender}\0${reply}`, im.id, now);
    if (count < set.commands || !order.known) return false;
    const evidence = [`${count} commands answered within ${AT_ONCE} s each, no typing told`];
    const about = [sender, reply, 'commands'];
    return this.#tell(event, im, SIGNATURES.botCommands, about, evidence, 'high', count);
  }

  /** Texts that begin alike, by the beat of a clock. */
  #beat(event: EveEvent, im: ImObject, pair: string, text: string, now: number): boolean {
    const beats = this.#bench.settings.bot?.beats ?? Infinity;
    const head = headOf(text);
    let beat = this.#beats.get(pair);
    if (beat?.head !== head) beat = { head, times: [] };
    this.#beats.set(pair, beat);
    const { times } = beat;
    times.push(now);
    if (times.length > beats) times.shift();
    if (times.length < beats) return false;
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? at));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const off = Math.max(1, mean * JITTER);
    if (mean < SLOWEST_TALK || gaps.some((gap) => Math.abs(gap - mean) > off)) return false;
    const evidence = [`${times.length} texts that begin alike, one each ${Math.round(mean)} s`];
    return this.#tell(event, im, SIGNATURES.botBeats, [pair, 'beats'], evidence, 'medium', times.length);
  }

  /** Texts that are one coded word. */
  #blob(event: EveEvent, im: ImObject, pair: string, text: string, now: number): boolean {
    const set = this.#bench.settings.bot;
    if (set === undefined || text.length > LONGEST_BLOB || !isBlob(text)) return false;
    const count = this.#blobs.add(pair, im.id, now);
    if (count < set.blobs) return false;
    const evidence = [`${count} texts that are one base64 word each, within ${set.seconds} s`];
    return this.#tell(event, im, SIGNATURES.botBlobs, [pair, 'blobs'], evidence, 'low', count);
  }

  #tell(
    event: EveEvent,
    im: ImObject,
    signature: (typeof SIGNATURES)['botCommands' | 'botBeats' | 'botBlobs'],
    about: readonly string[],
    evidence: readonly string[],
    confidence: 'low' | 'medium' | 'high',
    count: number,
  ): boolean {
    const severity = this.#bench.settings.bot?.severity ?? 1;
    return tell(this.#bench.findings, event, im, { signature, severity, about, evidence, confidence, count });
  }
}

const LONGEST_HEAD = 32;
const DIGIT = /\d/;
const SPACE = /\s/;

/** White space, `:`, `=` or `|`. */
function endsHead(unit: number): boolean {
  if (unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit === 0x3a || unit === 0x3d || unit === 0x7c)
    return true;
  return unit > 0x7f && SPACE.test(String.fromCharCode(unit));
}

/** The first word, numbers left out. */
function headOf(text: string): string {
  let end = 0;
  while (end < LONGEST_HEAD && end < text.length && !endsHead(text.charCodeAt(end))) end++;
  const head = text.slice(0, end).toLowerCase();
  return DIGIT.test(head) ? head.replace(/\d+/g, '#') : head;
}

/** A long word of base64 and no name, number or hash: all three kinds of characters are in it. */
function isBlob(text: string): boolean {
  if (text.length < SHORTEST_BLOB || !BLOB.test(text)) return false;
  return /[A-Z]/.test(text) && /[a-z]/.test(text) && /\d/.test(text);
}
