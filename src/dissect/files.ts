import type { FileTarget } from '../event/file.ts';
import type { Direction } from '../event/im.ts';
import type { Carving } from '../files/carving.ts';
import type { FileOutcome, FileWriter } from '../sdk/index.ts';
import type { Dissection } from './dissection.ts';
import type { FlowRun } from './run.ts';
import { shardOf } from './told.ts';

/** The files that one flow carries, or the flows of one session. */
export class RunFiles {
  #run: FlowRun;
  readonly #home: Dissection;
  readonly #shard: number;
  readonly #open = new Set<Carved>();
  #count = 0;

  constructor(run: FlowRun, home: Dissection) {
    this.#run = run;
    this.#home = home;
    this.#shard = shardOf(run.flow);
  }

  open(target: FileTarget): FileWriter {
    const carving = this.#home.files.open(this.#shard, target);
    if (!carving) {
      this.#run.tell(0, this.#run.behind(0), 'open_file_limit', 'applayer');
      return NOT_CARVED;
    }
    const file = new Carved(this, carving);
    this.#open.add(file);
    return file;
  }

  /** What is told next is this flow's. */
  turnTo(run: FlowRun): void {
    this.#run = run;
  }

  /** False once it was told. */
  has(file: Carved): boolean {
    return this.#open.has(file);
  }

  /** The flow, or the last one of the session, is over: what is open is told as cut. */
  end(): void {
    for (const file of this.#open) file.close(0, this.#run.behind(0), CUT);
  }

  tell(file: Carved, direction: Direction, offset: number, how: FileOutcome): void {
    if (!this.#open.delete(file)) return;
    this.#home.files.closed(this.#shard);
    const { carving } = file;
    // An offer that nobody took has no bytes to tell of; an empty file that was sent has.
    if (!carving.touched && (!how.complete || carving.target.size !== 0)) {
      carving.drop();
      return;
    }
    const carved = carving.close(how);
    const shape = carving.shape;
    if (shape !== undefined) this.#run.tell(direction, offset, shape, 'applayer');
    this.#home.output.file(this.#run, direction, offset, this.#count++, carved);
  }
}

const CUT: FileOutcome = { complete: false };

class Carved implements FileWriter {
  readonly carving: Carving;
  readonly #files: RunFiles;

  constructor(files: RunFiles, carving: Carving) {
    this.#files = files;
    this.carving = carving;
  }

  write(offset: number, bytes: Uint8Array, start: number, end: number): void {
    // A session goes on in another connection behind the one in which its file was told as cut.
    if (this.#files.has(this)) this.carving.write(offset, bytes, start, end);
  }

  close(direction: Direction, offset: number, how: FileOutcome): void {
    this.#files.tell(this, direction, offset, how);
  }
}

/** A file beyond the limit. */
export const NOT_CARVED: FileWriter = { write: () => undefined, close: () => undefined };
