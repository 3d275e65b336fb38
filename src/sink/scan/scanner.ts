import { join } from 'node:path';
import { buildAlert } from '../../classify/alert.ts';
import { SIGNATURES } from '../../classify/signatures.ts';
import { headerOf } from '../../classify/watch.ts';
import { EXIT, OperatorError } from '../../core/errors.ts';
import type { EveEvent, EventSink } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import type { Scan } from './engine.ts';

export interface ScannerOptions {
  /** The folder of `--extract`. */
  readonly folder: string;
  readonly scan: Scan;
  /** Takes each alert. */
  readonly tell: (alert: EveEvent) => void;
  /** Alerts are told at the end, in the order of the files, so that a replay tells the same each time. */
  readonly hold: boolean;
  /** Files that may wait; further ones are not scanned. */
  readonly queue?: number;
  /** Milliseconds for one file, and for all that wait when the run ends. */
  readonly timeout?: number;
  readonly patience?: number;
}

const QUEUE = 10_000;
const TIMEOUT = 30_000;
const PATIENCE = 60_000;
/** After so many failures one after the other the scanner is taken to be away for a while. */
const GIVE_UP = 3;
const AWAY = 30_000;
/** Contents whose verdict is remembered. */
const MOST_KNOWN = 10_000;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Hands the files that were kept to a scanner, one after the other, beside the packets: nothing waits for it, and what
 * does not fit into its queue or is not answered in time is counted and said at the end.
 */
export class Scanner implements EventSink {
  /** Files that were called malware, and such that could not be scanned. */
  found = 0;
  missed = 0;
  readonly #options: ScannerOptions;
  readonly #waiting: EveEvent[] = [];
  readonly #held: EveEvent[] = [];
  readonly #known = new Map<string, string | undefined>();
  readonly #stop = new AbortController();
  #work: Promise<void> | undefined;
  #failures = 0;
  #awayUntil = 0;
  #problem = '';

  constructor(options: ScannerOptions) {
    this.#options = options;
  }

  write(event: EveEvent): void {
    if (event.fileinfo?.['stored'] !== true) return;
    if (this.#waiting.length >= (this.#options.queue ?? QUEUE)) {
      this.#miss('too many files wait');
      return;
    }
    this.#waiting.push(event);
    this.#work ??= this.#drain();
  }

  /** Packets never wait for it. */
  drained(): undefined {
    return undefined;
  }

  /** Waits for what is left, within bounds; rejects with an OperatorError where files were not scanned. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), this.#options.patience ?? PATIENCE);
    await this.#work;
    clearTimeout(timer);
    for (const alert of this.#held.splice(0)) this.#options.tell(alert);
    if (this.missed > 0)
      throw new OperatorError(`scanner: ${this.missed} files were not scanned: ${this.#problem}`, EXIT.IO);
  }

  async #drain(): Promise<void> {
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      const sha256 = event.fileinfo?.['sha256'];
      if (typeof sha256 !== 'string' || !SHA256.test(sha256)) continue;
      if (!this.#known.has(sha256)) await this.#ask(sha256);
      const word = this.#known.get(sha256);
      if (word !== undefined) this.#tell(event, sha256, word);
    }
    this.#work = undefined;
  }

  async #ask(sha256: string): Promise<void> {
    const { folder, scan, timeout = TIMEOUT } = this.#options;
    if (this.#stop.signal.aborted) return this.#miss('the run ended before');
    if (performance.now() < this.#awayUntil) return this.#miss(this.#problem);
    const limit = AbortSignal.any([AbortSignal.timeout(timeout), this.#stop.signal]);
    try {
      const word = await scan(join(folder, `${sha256}.bin`), limit);
      this.#failures = 0;
      const [oldest] = this.#known.keys();
      if (this.#known.size >= MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
      this.#known.set(sha256, word);
    } catch (error) {
      this.#miss((error as { message?: string } | undefined)?.message ?? String(error));
      if (++this.#failures >= GIVE_UP) this.#awayUntil = performance.now() + AWAY;
    }
  }

  #miss(why: string): void {
    this.missed++;
    if (this.#problem === '') this.#problem = why;
  }

  #tell(event: EveEvent, sha256: string, word: string): void {
    const header = headerOf(event);
    if (header === undefined) return;
    this.found++;
    const { timestamp, pcap_filename, pcap_cnt, in_iface, host, im = { v: 1, id: '' } } = event;
    const signature = SIGNATURES.scannerFound;
    const alert = buildAlert({
      signature,
      severity: signature.severity,
      header,
      place: {
        timestamp,
        ...(pcap_filename === undefined ? {} : { pcap_filename }),
        ...(pcap_cnt === undefined ? {} : { pcap_cnt }),
        ...(in_iface === undefined ? {} : { in_iface }),
        ...(host === undefined ? {} : { host }),
      },
      trigger: im.id,
      finding: hash128('scan', signature.id, sha256, header.src_ip, im.from ?? im.account ?? ''),
      evidence: [`scanner: ${word}`, `SHA-256 ${sha256}`],
      confidence: 'high',
      im: {
        ...(im.service === undefined ? {} : { service: im.service }),
        ...(im.account === undefined ? {} : { account: im.account }),
        ...(im.session === undefined ? {} : { session: im.session }),
        ...(im.from === undefined ? {} : { from: im.from }),
      },
    });
    if (this.#options.hold) this.#held.push(alert);
    else this.#options.tell(alert);
  }
}
