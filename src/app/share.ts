import { EventEmitter, once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { ByteInput } from '../capture/input.ts';
import type { CaptureSource, ReadResult } from '../capture/source.ts';
import { openBytes, openCapture } from '../capture/source.ts';
import { directionsSeen } from '../flow/directions.ts';
import type { FlowTable } from '../flow/table.ts';
import { protocols } from '../../protocols/index.ts';
import { LOOK, RingReader } from '../capture/live/frame-ring.ts';
import type { Span } from '../capture/live/frame-ring.ts';
import type { Quarantine } from '../files/quarantine.ts';
import { makeFlowTable, openQuarantine, openRing, Pipeline } from './pipeline.ts';
import type { CandidateRing } from './evidence/ring.ts';
import type { EngineSettings, Share } from './pipeline.ts';
import { readCaptures } from './read.ts';
import type { Captures } from './read.ts';
import { Recorder } from './recorder.ts';
import type { Batch, ShareLook } from './recorder.ts';
import { countersOf } from './stats.ts';
import type { EngineCounters } from './stats.ts';

/**
 * The program of one worker thread: reads every frame, follows its share of the flows, and sends what their
 * dissectors tell to the main thread.
 */

/** What a worker is started with. */
export interface ShareOrder {
  readonly share: Share;
  readonly settings: EngineSettings;
  /** The worlds to read, one after the other. */
  readonly worlds: readonly Captures[];
  /** Live: frames come through this memory, of one world. */
  readonly ring?: SharedArrayBuffer | undefined;
}

/** From a worker to the main thread. */
export type FromShare =
  | {
      readonly kind: 'batch';
      readonly batch: Batch;
      readonly read: number;
      readonly total: number | undefined;
    }
  /** A chunk of standard input was read, or a span of frames taken (its `upTo`). */
  | { readonly kind: 'fed'; readonly upTo: number }
  | {
      readonly kind: 'end';
      readonly batch: Batch;
      readonly counters: EngineCounters;
      readonly results: readonly ReadResult[];
      readonly nanos: number;
      readonly seconds: number;
    };

/** From the main thread: a batch was taken; or bytes of standard input (empty: its end); or frames in the ring. */
export type ToShare =
  | { readonly kind: 'taken' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'span' } & Span)
  /** End the reading where it is. */
  | { readonly kind: 'stop' };

/** What a worker tells of itself, and of what it has read. */
export type Told = Exclude<FromShare, { kind: 'fed' }>;

/** Batches that may be under way: the main thread is slower than all workers together where much is told. */
const AHEAD = 4;

class Shared {
  readonly #port: MessagePort;
  readonly #order: ShareOrder;
  readonly #table: FlowTable;
  readonly #quarantine: Quarantine | undefined;
  readonly #input: FedInput;
  readonly #woken = new EventEmitter();
  readonly #stop = new AbortController();
  /** Spans of the ring that are not taken yet: no more than it holds. */
  readonly #spans: Span[] = [];
  #ahead = 0;

  constructor(port: MessagePort, order: ShareOrder) {
    this.#port = port;
    this.#order = order;
    this.#table = makeFlowTable(order.settings.limits, order.settings.flowKey);
    this.#quarantine = openQuarantine(order.settings);
    this.#input = new FedInput(() => {
      port.postMessage({ kind: 'fed', upTo: 0 } satisfies FromShare);
    });
    port.on('message', (message: ToShare) => {
      if (message.kind === 'bytes') this.#input.feed(message.bytes);
      else if (message.kind === 'span') {
        this.#spans.push(message);
        this.#woken.emit('span');
      } else if (message.kind === 'stop') this.#stop.abort();
      else if (this.#ahead-- >= AHEAD) this.#woken.emit('taken');
    });
  }

  async run(): Promise<void> {
    for (const [index, captures] of this.#order.worlds.entries()) {
      await this.#world(captures, openRing(this.#order.settings, index, this.#order.share.index));
      if (this.#stop.signal.aborted) break;
    }
    this.#port.close();
  }

  async #world(captures: Captures, candidates: CandidateRing | undefined): Promise<void> {
    const { settings, share } = this.#order;
    let recorder: Recorder | undefined;
    const pipeline: Pipeline = new Pipeline({
      ...settings,
      protocols,
      share,
      table: this.#table,
      ...{ quarantine: this.#quarantine, candidates },
      output: (tracker) => (recorder = new Recorder(tracker, () => pipeline.order)),
      second: (seconds, flows) => recorder?.second(seconds, flows),
    });
    const told = (): Recorder => {
      // What is told of a frame must be found in the ring.
      candidates?.flush();
      return recorder ?? new Recorder(pipeline.tracker, () => 0);
    };
    const { ring } = this.#order;
    const results = await (ring === undefined
      ? this.#read(captures, pipeline, told)
      : this.#receive(ring, pipeline, told));
    pipeline.finish();
    candidates?.close();
    const batch = told().take(Infinity);
    const { seconds, nanos } = pipeline.tracker.clock;
    this.#send({ kind: 'end', batch, counters: countersOf(pipeline), results, seconds, nanos });
  }

  /** Reads captures by itself. */
  #read(captures: Captures, pipeline: Pipeline, told: () => Recorder): Promise<ReadResult[]> {
    let read = 0;
    let total: number | undefined;
    const sink = {
      frame: pipeline.frame.bind(pipeline),
      progress: (bytes: number, of: number | undefined) => {
        read = bytes;
        total = of;
      },
      pause: () => {
        const batch = told().take(pipeline.order + 0.5);
        return this.#handOn({ kind: 'batch', batch, read, total });
      },
    };
    return readCaptures(captures, sink, this.#stop.signal, (path) => this.#open(path));
  }

  /** Takes the frames that the main thread reads. */
  async #receive(memory: SharedArrayBuffer, pipeline: Pipeline, told: () => Recorder): Promise<ReadResult[]> {
    const reader = new RingReader(memory);
    const sink = {
      frame: pipeline.frame.bind(pipeline),
      tick: (seconds: number) => {
        pipeline.tick(seconds);
        told().tick();
      },
      look: (wanted: number) => {
        pipeline.moment();
        told().look(wanted, lookAt(pipeline, wanted));
      },
    };
    for (;;) {
      const span = this.#spans.shift();
      if (span === undefined) {
        await once(this.#woken, 'span');
        continue;
      }
      reader.take(span);
      this.#port.postMessage({ kind: 'fed', upTo: span.upTo } satisfies FromShare);
      const more = reader.hand(span.length, sink);
      if (!more) return [];
      const batch = told().take(pipeline.order + 0.5);
      const wait = this.#handOn({ kind: 'batch', batch, read: 0, total: undefined });
      if (wait) await wait;
    }
  }

  /** Sends a batch; a wait where the main thread has enough before it. */
  #handOn(message: Told): Promise<void> | undefined {
    this.#send(message);
    return this.#ahead >= AHEAD ? once(this.#woken, 'taken').then(() => undefined) : undefined;
  }

  #open(path: string): CaptureSource {
    return path === '-' ? openBytes(path, () => this.#input) : openCapture(path);
  }

  #send(message: Told): void {
    this.#ahead++;
    this.#port.postMessage(message, [message.batch.rows.buffer as ArrayBuffer]);
  }
}

function lookAt(pipeline: Pipeline, wanted: number): ShareLook {
  const { table, clock } = pipeline.tracker;
  const directions = (wanted & LOOK.DIRECTIONS) === 0 ? undefined : directionsSeen(table);
  return { counters: countersOf(pipeline), directions, nanos: clock.nanos };
}

/** Standard input, of which only the main thread can read: it hands its bytes to every worker. */
class FedInput implements ByteInput {
  position = 0;
  readonly total = undefined;
  readonly problem = undefined;
  readonly #chunks: Uint8Array[] = [];
  readonly #read: () => void;
  #at = 0;
  #wake: (() => void) | undefined;

  /** `read` is called once a chunk, when it has been read. */
  constructor(read: () => void) {
    this.#read = read;
  }

  feed(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#wake?.();
    this.#wake = undefined;
  }

  read(into: Uint8Array, at: number): number | Promise<number> {
    const chunk = this.#chunks[0];
    if (!chunk) return new Promise<void>((wake) => (this.#wake = wake)).then(() => this.read(into, at));
    if (chunk.length === 0) return 0;
    const length = Math.min(chunk.length - this.#at, into.length - at);
    into.set(chunk.subarray(this.#at, this.#at + length), at);
    this.#at += length;
    this.position += length;
    if (this.#at === chunk.length) {
      this.#chunks.shift();
      this.#at = 0;
      this.#read();
    }
    return length;
  }

  close(): void {
    this.#chunks.length = 0;
    this.feed(new Uint8Array(0));
  }
}

if (parentPort) await new Shared(parentPort, workerData as ShareOrder).run();
