import type { EveEvent, ImObject } from '../event/eve.ts';
import { archiveLimit } from './limits.ts';

/** One line of a conversation. Texts are as they were said: who writes them makes them safe. */
export interface Said {
  readonly time: string;
  readonly who: string;
  readonly to: readonly string[];
  readonly kind: string;
  readonly text: string;
  /** What is told is ours, not the sender's words. */
  readonly ours: boolean;
  readonly id: string;
  readonly flags: readonly string[];
}

export interface Transcript {
  readonly title: string;
  readonly network: string;
  readonly people: readonly string[];
  readonly lines: readonly Said[];
  /** There was more than one transcript takes. */
  readonly cut: boolean;
  /** Where it was taken from and by what: for who reads it later. */
  readonly source: string;
}

/** What a server takes to pass a message on, at most. */
const LEG_MS = 5_000;
const KINDS = new Set(['message', 'file', 'call', 'attention', 'room']);

/** Gathers the events of a conversation into a transcript, each thing that was said once. */
export class TranscriptMaker {
  readonly #lines: Said[] = [];
  readonly #people = new Set<string>();
  readonly #networks = new Set<string>();
  readonly #seen = new Set<string>();
  /** Of each message, the leg that was seen last. */
  readonly #legs = new Map<string, { sent: boolean; at: number }>();
  readonly #room = new Set<string>();
  #cut = false;

  add(event: EveEvent): void {
    const { im } = event;
    if (event.event_type !== 'im' || im?.kind === undefined || !KINDS.has(im.kind)) return;
    // The same once more: at the other side of a proxy, or of the network.
    if (im.second_leg_of !== undefined || this.#twice(event, im)) return;
    if (this.#lines.length >= archiveLimit('archive_transcript')) {
      this.#cut = true;
      return;
    }
    const who = im.from ?? im.account ?? 'unknown';
    const to = im.to ?? [];
    for (const person of [who, ...to, ...(im.members ?? [])]) this.#people.add(person);
    if (im.service !== undefined) this.#networks.add(im.service);
    if (im.room !== undefined) this.#room.add(im.room.name ?? im.room.id);
    this.#lines.push({
      time: event.timestamp,
      who,
      to,
      kind: im.kind,
      id: im.id,
      flags: flagsOf(im),
      ...whatOf(im),
    });
  }

  /**
   * Whether it was told before: the same event of another sensor or capture, the same message by its number, or the
   * other leg of one that passed the sensor twice (from its sender, and to who gets it).
   */
  #twice({ timestamp }: EveEvent, im: ImObject): boolean {
    if (this.#seen.has(im.id)) return true;
    const key = JSON.stringify([
      im.kind,
      im.message_id,
      im.from,
      im.to,
      im.room?.id,
      im.text ?? im.text_length,
    ]);
    if (im.message_id !== undefined && this.#seen.has(key)) return true;
    const at = Date.parse(`${timestamp.slice(0, 23)}Z`);
    const other = this.#legs.get(key);
    if (other !== undefined && other.sent !== im.sent && Math.abs(at - other.at) <= LEG_MS) {
      this.#legs.delete(key);
      return true;
    }
    if (this.#seen.size < 2 * archiveLimit('archive_transcript')) {
      this.#seen.add(im.id);
      if (im.message_id !== undefined) this.#seen.add(key);
      if (im.sent !== undefined) this.#legs.set(key, { sent: im.sent, at });
    }
    return false;
  }

  /** All that was added, by time. */
  finish(source: string): Transcript {
    const lines = this.#lines.map((said, i) => ({ said, i }));
    lines.sort((a, b) => (a.said.time < b.said.time ? -1 : a.said.time > b.said.time ? 1 : a.i - b.i));
    const people = [...this.#people].sort();
    const rooms = [...this.#room].sort();
    const shown = rooms.length > 0 ? `room ${rooms.join(', ')}` : people.slice(0, 6).join(', ');
    return {
      title: `Conversation: ${shown}`,
      network: [...this.#networks].sort().join(', '),
      people,
      lines: lines.map(({ said }) => said),
      cut: this.#cut,
      source,
    };
  }
}

function flagsOf(im: ImObject): string[] {
  const flags: string[] = [];
  if (im.auto === true) flags.push('automatic');
  if (im.offline === true) flags.push('offline');
  if (im.truncated === true) flags.push('truncated');
  if (im.copy !== undefined) flags.push(im.copy);
  if (im.encrypted !== undefined) flags.push(im.encrypted);
  return flags;
}

function whatOf(im: ImObject): { text: string; ours: boolean } {
  switch (im.kind) {
    case 'message':
      return textOf(im);
    case 'file':
      return { text: fileWords(im.file), ours: true };
    case 'call':
      return { text: `${im.call?.media ?? 'call'}: ${im.call?.state ?? ''}`, ours: true };
    case 'room':
      return { text: `${im.op ?? 'room'}: ${(im.members ?? []).join(', ')}`, ours: true };
    default:
      return { text: im.state ?? im.kind ?? '', ours: true };
  }
}

function fileWords(file: ImObject['file']): string {
  const size = file?.size === undefined ? '' : `, ${file.size} bytes`;
  return `file ${file?.state ?? ''}: ${file?.name ?? 'without a name'}${size}`;
}

function textOf(im: ImObject & { sealed?: unknown }): { text: string; ours: boolean } {
  if (typeof im.text === 'string') return { text: im.text, ours: false };
  if (typeof im.html === 'string') return { text: im.html, ours: false };
  const length = im.text_length === undefined ? '' : `, ${im.text_length} characters`;
  if (im.sealed !== undefined)
    return { text: `text sealed${length}: its key is not there (erased, or --keys)`, ours: true };
  if (im.encrypted !== undefined && length === '') return { text: `encrypted (${im.encrypted})`, ours: true };
  return { text: `text not kept${length}`, ours: true };
}
