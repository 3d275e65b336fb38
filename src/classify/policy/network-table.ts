import { maskedWords, wordsOf } from '../cidr.ts';
import type { Network } from '../cidr.ts';

/** Numbers (of rules) by network: for an address the lists of all networks that it lies in. */
export class NetworkTable {
  readonly #v4 = new Map<number, Map<number, number[]>>();
  readonly #v6 = new Map<number, Map<string, number[]>>();

  add({ words, prefix }: Network, number: number): void {
    const masked = maskedWords(words, prefix);
    if (words.length === 1) file(this.#v4, prefix, masked[0] ?? 0, number);
    else file(this.#v6, prefix, masked.join(), number);
  }

  each(address: string, take: (list: readonly number[] | undefined) => void): void {
    if (this.#v4.size === 0 && this.#v6.size === 0) return;
    const words = wordsOf(address);
    if (words === undefined) return;
    if (words.length === 1) {
      for (const [prefix, lists] of this.#v4) take(lists.get(maskedWords(words, prefix)[0] ?? 0));
    } else for (const [prefix, lists] of this.#v6) take(lists.get(maskedWords(words, prefix).join()));
  }
}

function file<K>(tables: Map<number, Map<K, number[]>>, prefix: number, key: K, number: number): void {
  let lists = tables.get(prefix);
  if (lists === undefined) tables.set(prefix, (lists = new Map<K, number[]>()));
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [number]);
  else if (list.at(-1) !== number) list.push(number);
}
