import type { InterfaceInfo } from '../../capture/live/interfaces.ts';
import type { Signature } from '../../classify/signature.ts';
import { SIGNATURES } from '../../classify/signatures.ts';
import { formatTime } from '../../core/time.ts';
import { LIVE } from '../live-times.ts';
import { ImPresence } from './im-presence.ts';

/** Something about our own sight that is to be told. */
export interface Alarm {
  readonly signature: Signature;
  /** With the signature what makes it one finding. */
  readonly about: string;
  readonly iface?: string;
  readonly evidence: readonly string[];
}

export interface DeadManOptions {
  readonly interfaces: readonly string[];
  /** Seconds of silence, or of one direction only, that are told; 0: neither is. */
  readonly patience: number;
  /** The interface's state now; undefined where it is not known. */
  readonly look: (iface: string) => InterfaceInfo | undefined;
  readonly alarm: (alarm: Alarm) => void;
}

/** How a live run stands, counted from its start. */
export interface SightCounts {
  /** Packets that reached us, by interface. */
  readonly frames: readonly number[];
  /** Dropped by the kernel; undefined: unknown. */
  readonly kernelDrops: number | undefined;
  /** Dropped by us. */
  readonly queueDrops: number;
}

/** Seconds over which losses are judged, and packets below which they are not. */
const LOSS_SECONDS = 60;
const LOSS_LEAST = 1_000;
const LOSS_SHARE = 0.01;
const HOUR = 3_600;
/** Of connections, those seen from both sides are to be more than one in so many. */
const BOTH_SHARE = 10;

interface Silence {
  frames: number;
  /** Seconds without a packet. */
  seconds: number;
  told: boolean;
}

/** Watches the watching: a silent span, one direction only, losses, no IM where there always was. */
export class DeadMan {
  readonly presence = new ImPresence();
  readonly #options: DeadManOptions;
  readonly #silences: Silence[];
  #seconds = 0;
  /** Seconds of our own for which one direction was seen only; −1: both are. */
  #oneSidedSince = -1;
  #oneSidedTold = false;
  #before = { packets: 0, kernel: 0, queue: 0 };
  #frames = 0;

  constructor(options: DeadManOptions) {
    this.#options = options;
    this.#silences = options.interfaces.map(() => ({ frames: 0, seconds: 0, told: false }));
  }

  /** Once a second; `now` is packet time, real time before the first packet. */
  second(now: number, counts: SightCounts): void {
    this.#seconds++;
    counts.frames.forEach((frames, i) => this.#silence(i, frames, now));
    if (this.#seconds % LOSS_SECONDS === 0) this.#losses(counts, now);
    const all = sum(counts.frames);
    const vanished = this.presence.at(now, all > this.#frames);
    this.#frames = all;
    if (vanished !== undefined) {
      const hour = `${formatTime(vanished.hour, 0).slice(0, 16)}Z`;
      this.#options.alarm({
        signature: SIGNATURES.imVanished,
        about: String(vanished.hour),
        evidence: [`hour: from ${hour}`, vanished.why],
      });
    }
  }

  /** IM was seen. */
  im(): void {
    this.presence.im();
  }

  /** From time to time: how many connections are seen from both sides, and how many from one. */
  directions(now: number, { both, one }: { both: number; one: number }): void {
    const bad = both + one >= LIVE.ENOUGH_CONNECTIONS && both <= one / BOTH_SHARE;
    if (!bad) {
      this.#oneSidedSince = -1;
      this.#oneSidedTold = false;
      return;
    }
    if (this.#oneSidedSince < 0) this.#oneSidedSince = this.#seconds;
    const { patience, alarm } = this.#options;
    if (patience === 0 || this.#oneSidedTold || this.#seconds - this.#oneSidedSince < patience) return;
    this.#oneSidedTold = true;
    alarm({
      signature: SIGNATURES.spanOneSided,
      about: String(now),
      evidence: [`${one} of ${both + one} connections are seen from one side only`],
    });
  }

  #silence(index: number, frames: number, now: number): void {
    const silence = this.#silences[index];
    if (silence === undefined) return;
    if (frames > silence.frames) {
      silence.frames = frames;
      silence.seconds = 0;
      silence.told = false;
      return;
    }
    silence.seconds++;
    const { interfaces, patience, look, alarm } = this.#options;
    if (patience === 0 || silence.told || silence.seconds < patience) return;
    silence.told = true;
    const iface = interfaces[index] ?? '';
    const state = look(iface)?.state;
    const since = frames === 0 ? 'since the start' : `for ${silence.seconds} seconds`;
    alarm({
      signature: SIGNATURES.spanSilent,
      about: `${iface} ${now}`,
      iface,
      evidence: [`${iface}: no packet ${since}`, `the interface is ${state ?? 'not there'}`],
    });
  }

  #losses({ frames, kernelDrops = 0, queueDrops }: SightCounts, now: number): void {
    const packets = sum(frames);
    const { packets: p, kernel: k, queue: q } = this.#before;
    this.#before = { packets, kernel: kernelDrops, queue: queueDrops };
    const kernel = Math.max(0, kernelDrops - k);
    const queue = queueDrops - q;
    // What we had no room for has reached us.
    const all = packets - p + kernel;
    const lost = kernel + queue;
    if (all < LOSS_LEAST || lost <= all * LOSS_SHARE) return;
    this.#options.alarm({
      signature: SIGNATURES.captureDrops,
      about: String(Math.floor(now / HOUR)),
      evidence: [
        `${kernel} of ${all} packets were dropped by the kernel, ${queue} by imspan, within a minute`,
      ],
    });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((n, each) => n + each, 0);
}
