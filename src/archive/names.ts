import type { EveEvent, ImObject } from '../event/eve.ts';
import { archiveLimit } from './limits.ts';

const LONGEST = archiveLimit('archive_name');

/** Who takes part in an event: the accounts, as events have them (normalised). */
export function accountsOf(im: ImObject): string[] {
  const found: string[] = [];
  if (im.account !== undefined) found.push(im.account);
  if (im.from !== undefined) found.push(im.from);
  if (im.to !== undefined) found.push(...im.to);
  if (im.members !== undefined) found.push(...im.members);
  if (im.contact !== undefined) found.push(im.contact.id);
  return found;
}

/** All by which an event is looked for: accounts, persons, rooms. */
export function namesOf(event: EveEvent): string[] {
  const { im } = event;
  if (im === undefined) return [];
  const found = accountsOf(im);
  if (im.person !== undefined) found.push(im.person);
  if (im.room !== undefined) found.push(im.room.id);
  return found;
}

/** As names are compared: lower case, bounded. */
export function plainName(name: string): string {
  return name.slice(0, LONGEST).toLowerCase();
}

/** A number below 2^53 that stands for a name in a segment's list. It need not be hard to forge: a list only spares reading. */
function markOf(name: string): number {
  let a = 0x9e3779b1;
  let b = 0x85ebca77;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995) ^ (b >>> 15);
  }
  a ^= a >>> 16;
  b ^= b >>> 13;
  return (b >>> 11) * 4_294_967_296 + (a >>> 0);
}

/** The names of one segment, until it is sealed. */
export class NameList {
  readonly #marks = new Set<number>();
  #full = false;

  add(event: EveEvent): void {
    if (this.#full || event.im === undefined) return;
    for (const name of namesOf(event)) this.#marks.add(markOf(plainName(name)));
    if (this.#marks.size > archiveLimit('archive_names')) {
      this.#full = true;
      this.#marks.clear();
    }
  }

  /** Sorted marks, eight bytes each; undefined where there were too many names. */
  bytes(): Buffer | undefined {
    if (this.#full) return undefined;
    const sorted = Float64Array.from(this.#marks).sort();
    const bytes = Buffer.alloc(sorted.length * 8);
    sorted.forEach((mark, i) => bytes.writeDoubleBE(mark, i * 8));
    return bytes;
  }
}

/** Whether a name is in a list of marks. One that is not may seem to be, once in a great while; never the reverse. */
export function mayHold(marks: Buffer, name: string): boolean {
  const mark = markOf(plainName(name));
  let low = 0;
  let high = Math.floor(marks.length / 8) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = marks.readDoubleBE(middle * 8);
    if (found === mark) return true;
    if (mark < found) high = middle - 1;
    else low = middle + 1;
  }
  return false;
}
