/** Bytes of a file that came before those in front of them. */
interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Pieces held for one file at most; many tiny ones cost more than their bytes. */
const MOST_PIECES = 256;

/**
 * The pieces of one file that wait for a hole before them, by their place. Where two say something of the same
 * place, the first is believed.
 */
export class WaitingPieces {
  readonly #pieces: Piece[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  get isFull(): boolean {
    return this.#pieces.length >= MOST_PIECES;
  }

  /** Place of the first one. */
  get first(): number {
    return this.#pieces[0]?.offset ?? Infinity;
  }

  add(offset: number, bytes: Uint8Array): void {
    let at = this.#pieces.length;
    while (at > 0 && (this.#pieces[at - 1]?.offset ?? 0) > offset) at--;
    this.#pieces.splice(at, 0, { offset, bytes });
    this.#bytes += bytes.length;
  }

  /** The first piece, which is forgotten. */
  take(): Piece | undefined {
    const piece = this.#pieces.shift();
    if (piece) this.#bytes -= piece.bytes.length;
    return piece;
  }
}
