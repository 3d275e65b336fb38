import type { ArchiveModes } from '../classify/policy/archive-modes.ts';
import type { EveEvent, ImObject } from '../event/eve.ts';
import { applyPrivacy } from '../sink/privacy.ts';
import type { Archive } from './archive.ts';
import { modeOf, redacted, writtenBy } from './modes.ts';
import { PeopleKeys, subjectOf } from './people.ts';
import { Pseudonyms, TwoPersonBook } from './pseudonyms.ts';
import type { Gathered } from './seal.ts';

/** Recipients whose keys a text takes; a message to more is one to a room, as far as keys go. */
const MAX_RECIPIENTS = 8;

/** Makes of an event what the archive keeps of it, by the mode of those whom it is about. */
export class EventKeeper {
  readonly #modes: ArchiveModes;
  readonly #archive: Archive;
  readonly #tell: (line: string) => void;
  readonly #people: PeopleKeys;
  #pseudonyms: Pseudonyms | undefined;
  #pseudonymStamp = '';
  #toldFull = false;

  constructor(archive: Archive, modes: ArchiveModes, tell: (line: string) => void) {
    this.#archive = archive;
    this.#modes = modes;
    this.#tell = tell;
    this.#people = new PeopleKeys(archive.keys);
  }

  /** Makes new keys last, and takes over what others have done to the keys: an erasure, a rotation. */
  refresh(): void {
    this.#people.sync();
    this.#people.refresh();
    if (this.#pseudonyms !== undefined && this.#archive.keys.pseudonymStamp() !== this.#pseudonymStamp)
      this.#pseudonyms = this.#openPseudonyms();
  }

  /** What is kept of the event; undefined where that is nothing. `counts` is told what was left out. */
  keep(event: EveEvent, counts: Pick<Gathered, 'keptOut' | 'textsDropped'>): EveEvent | undefined {
    const { im } = event;
    if (im === undefined) return event;
    const mode = modeOf(this.#modes, im);
    switch (mode) {
      case 'none':
        // Statistics are about nobody.
        if (event.event_type === 'stats') return event;
        counts.keptOut++;
        return undefined;
      case 'hashed':
        this.#pseudonyms ??= this.#openPseudonyms();
        return this.#pseudonyms.event(applyPrivacy(event, 'metadata'));
      case 'metadata':
        return applyPrivacy(event, 'metadata');
      default:
        return this.#sealed(event, im, mode === 'redacted', counts);
    }
  }

  #sealed(
    event: EveEvent,
    im: ImObject,
    mask: boolean,
    counts: Pick<Gathered, 'keptOut' | 'textsDropped'>,
  ): EveEvent {
    const kept = applyPrivacy(event, 'metadata');
    // An alert shows no text, whatever the mode.
    const written = event.event_type === 'alert' ? undefined : writtenBy(im);
    if (written === undefined || kept.im === undefined) return kept;
    const ids = this.#people.idsFor(subjectsOf(im));
    const text = JSON.stringify(mask ? redacted(event, written) : written);
    const sealed = ids && this.#people.seal(text, ids, im.id);
    if (sealed === undefined) {
      counts.textsDropped++;
      this.#tellFull();
      return kept;
    }
    return { ...kept, im: { ...kept.im, sealed } as ImObject };
  }

  #tellFull(): void {
    if (this.#toldFull) return;
    this.#toldFull = true;
    this.#tell('archive: there are too many accounts (archive_people); of new ones no texts are kept');
  }

  #openPseudonyms(): Pseudonyms {
    const guardians = this.#archive.guardianKeys();
    this.#pseudonymStamp = this.#archive.keys.pseudonymStamp();
    const book = guardians && new TwoPersonBook(this.#archive.paths.pseudonyms, guardians);
    return new Pseudonyms(
      this.#archive.keys.pseudonymKey(),
      book && ((pseudonym, name) => book.add(pseudonym, name)),
    );
  }
}

/** Whose keys the texts of an event take: the account's, the sender's, and those of a few recipients. */
export function subjectsOf(im: ImObject): string[] {
  const network = im.service ?? '';
  const people = new Set<string>();
  if (im.account !== undefined) people.add(im.account);
  if (im.from !== undefined) people.add(im.from);
  if (im.room === undefined && im.to !== undefined && im.to.length <= MAX_RECIPIENTS)
    for (const to of im.to) people.add(to);
  if (im.contact !== undefined) people.add(im.contact.id);
  // Of nobody in particular: a key of the network's own.
  if (people.size === 0) people.add('');
  return [...people].map((account) => subjectOf(network, account));
}
