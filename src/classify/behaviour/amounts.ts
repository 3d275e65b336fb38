import type { EveEvent, ImObject } from '../../event/eve.ts';
import type { ClassifyLimits } from '../limits.ts';
import { SIGNATURES } from '../signatures.ts';
import { Recent, Windows } from './recent.ts';
import { tell } from './teller.ts';
import type { Bench } from './teller.ts';

const MEGABYTE = 1_000_000;
/** Different things of one account that are looked at in a window. */
const MOST = 1_024;

interface Sent {
  /** By file id: bytes and packet time. */
  readonly files: Map<string, { bytes: number; at: number }>;
  bytes: number;
}

/** Too much of one thing: look-ups, contacts added, files sent, lines in a room. */
export class Amounts {
  readonly #bench: Bench;
  readonly #searches: Windows;
  readonly #adds: Windows;
  readonly #lines: Windows;
  readonly #sent: Recent<Sent>;

  constructor(bench: Bench, limits: ClassifyLimits) {
    this.#bench = bench;
    const { directory, flood } = bench.settings;
    const keys = limits.behaviour_windows;
    this.#searches = new Windows(keys, directory?.seconds ?? 1, directory?.searches ?? 1);
    this.#adds = new Windows(keys, directory?.seconds ?? 1, directory?.adds ?? 1);
    this.#lines = new Windows(keys, flood?.seconds ?? 1, flood?.messages ?? 1);
    this.#sent = new Recent(keys);
  }

  /** A look-up of the client. */
  search(event: EveEvent, im: ImObject, who: string, now: number): boolean {
    const set = this.#bench.settings.directory;
    if (set === undefined) return false;
    const count = this.#searches.add(who, im.id, now);
    if (count < set.searches) return false;
    const evidence = [`${count} searches within ${set.seconds} s`];
    const { severity } = set;
    const shown = { signature: SIGNATURES.directoryScan, severity, about: [who, 'search'], evidence };
    return tell(this.#bench.findings, event, im, { ...shown, confidence: 'medium', count });
  }

  /** A contact that the client adds, or asks to be its contact. */
  contact(event: EveEvent, im: ImObject, who: string, now: number): boolean {
    const set = this.#bench.settings.directory;
    const { contact } = im;
    if (set === undefined || contact === undefined) return false;
    const count = this.#adds.add(who, contact.id, now);
    if (count < set.adds) return false;
    const evidence = [`${count} contacts added within ${set.seconds} s`];
    const { severity } = set;
    const shown = { signature: SIGNATURES.directoryScan, severity, about: [who, 'add'], evidence };
    return tell(this.#bench.findings, event, im, { ...shown, confidence: 'medium', count });
  }

  /** The bytes of a file of `who` passed; either leg tells the same file. */
  file(event: EveEvent, im: ImObject, who: string, now: number): boolean {
    const set = this.#bench.settings.volume;
    const bytes = Number(event.fileinfo?.['size'] ?? 0);
    if (set === undefined) return false;
    const sent = this.#sent.get(who) ?? { files: new Map(), bytes: 0 };
    this.#sent.set(who, sent);
    this.#account(sent, im.file?.id ?? im.id, { bytes, at: now }, now - set.seconds);
    const megabytes = sent.bytes / MEGABYTE;
    if (sent.files.size < set.files && megabytes < set.megabytes) return false;
    const evidence = [`${sent.files.size} files, ${megabytes.toFixed(1)} MB within ${set.seconds} s`];
    const { severity } = set;
    const shown = { signature: SIGNATURES.transferVolume, severity, about: [who], evidence };
    return tell(this.#bench.findings, event, im, { ...shown, confidence: 'high', count: sent.files.size });
  }

  #account(sent: Sent, id: string, file: { bytes: number; at: number }, before: number): void {
    const again = sent.files.get(id);
    if (again !== undefined) sent.bytes -= again.bytes;
    sent.files.delete(id);
    sent.files.set(id, file);
    sent.bytes += file.bytes;
    for (const [oldest, { bytes, at }] of sent.files) {
      if (at > before && sent.files.size <= MOST) break;
      sent.files.delete(oldest);
      sent.bytes -= bytes;
    }
  }

  /** A line of `who` in a room, as one connection shows it: each member's connection shows it again. */
  line(event: EveEvent, im: ImObject, who: string, now: number): boolean {
    const set = this.#bench.settings.flood;
    const room = im.room?.id;
    if (set === undefined || room === undefined) return false;
    const count = this.#lines.add(`${who}\0${room}\0${event.flow_id ?? 0}`, im.id, now);
    if (count < set.messages) return false;
    const evidence = [`${count} messages within ${set.seconds} s`];
    const shown = { signature: SIGNATURES.roomFlood, severity: set.severity, about: [who, room], evidence };
    return tell(this.#bench.findings, event, im, { ...shown, confidence: 'medium', count });
  }
}
