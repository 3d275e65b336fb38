import type { FrameSink } from '../source.ts';

/** What captures live; `auto` takes the first that is there. */
export const ENGINE_NAMES = ['tcpdump', 'dumpcap', 'cap'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** A user, as the system knows it. */
export interface EngineUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How to capture on one interface. */
export interface TapOptions {
  readonly iface: string;
  /** BPF in libpcap's language; empty: everything. */
  readonly filter: string;
  /** Bytes of a packet that are kept. */
  readonly snapLength: number;
  /** Bytes of the kernel's buffer (of `cap`: of libpcap's). */
  readonly buffer: number;
  readonly promiscuous: boolean;
  /** Started by root: the user that the engine is to be once the interface is open. */
  readonly user?: EngineUser | undefined;
}

/** What the kernel said of one capture; undefined: it was not asked, does not know, or cannot be asked. */
export interface TapCounters {
  /** Packets that passed the filter, those dropped among them. */
  packets: number | undefined;
  /** Packets dropped because the engine was not fast enough. */
  drops: number | undefined;
}

/** Why a capture ended or could not begin. */
export type TapTrouble =
  /** The system does not let us. */
  | 'permission'
  /** There is no such interface, or none any more. */
  | 'gone'
  /** The engine's program or module is not there. */
  | 'missing'
  /** It was told to, by `stop`. */
  | 'stopped'
  /** Anything else. */
  | 'failed';

export interface TapEnd {
  readonly trouble: TapTrouble;
  /** One clause, from the engine where it said one. Of strangers: to be neutralised. */
  readonly message: string;
}

/** One capture on one interface, once. */
export interface Tap {
  readonly counters: TapCounters;
  /** Hands on frames until the interface goes or `stop`; `up` is called once it runs. Rejects only where the sink throws. */
  capture(sink: FrameSink, up: () => void): Promise<TapEnd>;
  /** Asks for new counters, which arrive a little later; nothing where the engine cannot be asked. */
  ask(): void;
  /** Ends the capture; what was captured until then is still handed on. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

export interface Engine {
  readonly name: EngineName;
  /** What it can and cannot count, in a clause for the start line. */
  readonly counts: string;
  /** Kernel drops are known: while it runs, only at the end, or never. */
  readonly drops: 'running' | 'end' | 'never';
  /** What of the options it does not take, in words. */
  refuses(options: TapOptions): string[];
  /** Undefined where the filter compiles, else why not. */
  checkFilter(options: TapOptions): Promise<string | undefined>;
  open(options: TapOptions): Tap;
}
