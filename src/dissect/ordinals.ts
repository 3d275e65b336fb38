import type { Direction } from '../event/im.ts';

/** Numbers the events of one message, of each kind anew: it is part of their ids. */
export class Ordinals {
  #place = -1;
  #direction: Direction = 0;
  /** Events told of the message at `#place`: of the kind told first, and of the others by kind. */
  #firstKind = '';
  #first = 0;
  readonly #others = new Map<string, number>();

  next(direction: Direction, place: number, kind: string): number {
    if (place !== this.#place || direction !== this.#direction) {
      this.#place = place;
      this.#direction = direction;
      this.#firstKind = kind;
      this.#first = 0;
      if (this.#others.size > 0) this.#others.clear();
    }
    if (kind === this.#firstKind) return this.#first++;
    const ordinal = this.#others.get(kind) ?? 0;
    this.#others.set(kind, ordinal + 1);
    return ordinal;
  }
}
