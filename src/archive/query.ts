import type { EveEvent, ImObject } from '../event/eve.ts';
import { namesOf, plainName } from './names.ts';

/** What is searched for; all that is given must hold. */
export interface Query {
  /** Accounts, persons or rooms, `name` or `network:name`; one of them is in the event. */
  readonly names?: readonly string[];
  /** The other side of a conversation with one of `names`. */
  readonly peer?: string;
  readonly network?: string;
  /** In a text, a name of a file, a query; in any case. */
  readonly text?: string;
  /** MD5, SHA-1 or SHA-256 of a file. */
  readonly hash?: string;
  /** Beginning of a time as events have it; `to` counts to its end (`2026-11-24`: all of that day). */
  readonly from?: string;
  readonly to?: string;
  /** Alerts only; with a signature, those. */
  readonly alerts?: boolean;
  readonly signature?: number;
  readonly kinds?: readonly string[];
  readonly conversation?: string;
  /** `im.id` of one event. */
  readonly id?: string;
}

/** Whether events, as they are told, are what is searched for. */
export class Matcher {
  readonly #query: Query;
  readonly #names: readonly NetworkName[];
  readonly #peer: NetworkName | undefined;
  readonly #text: string | undefined;
  readonly #needles: readonly string[];
  readonly #tests: readonly Test[];

  constructor(query: Query) {
    this.#query = query;
    this.#names = (query.names ?? []).map(networkName);
    this.#peer = query.peer === undefined ? undefined : networkName(query.peer);
    this.#text = query.text === undefined ? undefined : folded(query.text);
    this.#needles = needlesOf(this.#names);
    this.#tests = testsOf(query);
  }

  /** False where a line cannot match: found without reading its JSON. */
  mayMatch(line: string): boolean {
    const { conversation, hash, id, from, to } = this.#query;
    // Ours begin with their time.
    if (line.startsWith('{"timestamp":"')) {
      if (from !== undefined && line.slice(14, 14 + from.length) < from) return false;
      if (to !== undefined && line.slice(14, 14 + to.length) > to) return false;
    }
    if (conversation !== undefined && !line.includes(conversation)) return false;
    if (id !== undefined && !line.includes(id)) return false;
    if (hash !== undefined && !line.includes(hash)) return false;
    if (this.#needles.length === 0) return true;
    const lower = line.toLowerCase();
    return this.#needles.some((needle) => lower.includes(needle));
  }

  /** All but the text, which may be sealed. */
  matches(event: EveEvent): boolean {
    return this.#tests.every((test) => test(event)) && this.#people(event, event.im);
  }

  #people(event: EveEvent, im: ImObject | undefined): boolean {
    if (this.#names.length === 0 && this.#peer === undefined) return true;
    const own = safeNames(event);
    const has = ({ network, name }: NetworkName): boolean =>
      (network === undefined || network === im?.service) && own.includes(name);
    if (this.#names.length > 0 && !this.#names.some(has)) return false;
    return this.#peer === undefined || has(this.#peer);
  }

  get wantsText(): boolean {
    return this.#text !== undefined;
  }

  /** Whether the text is in what the event says, once it is unsealed. */
  matchesText(event: EveEvent): boolean {
    const text = this.#text;
    if (text === undefined) return true;
    return wordsOf(event).some((words) => folded(words).includes(text));
  }
}

type Test = (event: EveEvent) => boolean;

/** A test for each thing that is asked for. */
function testsOf(query: Query): Test[] {
  const { from, to, alerts, signature, kinds, network, conversation, id, hash } = query;
  const tests: Test[] = [];
  if (from !== undefined) tests.push(({ timestamp }) => timestamp.slice(0, from.length) >= from);
  if (to !== undefined) tests.push(({ timestamp }) => timestamp.slice(0, to.length) <= to);
  if (alerts === true) tests.push((event) => event.event_type === 'alert');
  if (signature !== undefined) tests.push(({ alert }) => alert?.signature_id === signature);
  if (kinds !== undefined) tests.push((event) => kinds.includes(event.im?.kind ?? event.event_type));
  if (network !== undefined) tests.push(({ im }) => im?.service === network);
  if (conversation !== undefined) tests.push(({ im }) => im?.conversation === conversation);
  if (id !== undefined) tests.push(({ im }) => im?.id === id);
  if (hash !== undefined) tests.push((event) => hasHash(event, hash));
  return tests;
}

interface NetworkName {
  readonly network: string | undefined;
  readonly name: string;
}

const NETWORK_NAME = /^(aim|icq|msn|yahoo|xmpp|gtalk|irc|person):(.+)$/s;

/** `network:name`, or a name of any network. Pseudonyms (`p1:...`) are names. */
function networkName(text: string): NetworkName {
  const [, network, name] = NETWORK_NAME.exec(text) ?? [];
  if (name === undefined) return { network: undefined, name: plainName(text) };
  return { network: network === 'person' ? undefined : network, name: plainName(name) };
}

/** The names of a query, for the lists of names. */
export function listNames(query: Query): string[] {
  return (query.names ?? []).map((text) => networkName(text).name);
}

/** What a line must hold one of, as JSON has it and in lower case; none where escapes could hide it. */
function needlesOf(names: readonly NetworkName[]): string[] {
  const plain = names.every(({ name }) => /^[\x20-\x7e]*$/.test(name));
  return plain ? names.map(({ name }) => JSON.stringify(name).slice(1, -1).toLowerCase()) : [];
}

function safeNames(event: EveEvent): string[] {
  try {
    return namesOf(event).map(plainName);
  } catch {
    // Fields of a foreign log that are not what ours are.
    return [];
  }
}

function wordsOf(event: EveEvent): string[] {
  const { im, fileinfo, alert } = event;
  const found = [im?.text, im?.query, im?.status?.text, im?.file?.name, fileinfo?.filename, alert?.signature];
  const html = im?.text === undefined ? im?.html : undefined;
  return [...found, html].filter((words) => typeof words === 'string');
}

function hasHash(event: EveEvent, hash: string): boolean {
  const { md5, sha1, sha256 } = event.fileinfo ?? {};
  return [md5, sha1, sha256, event.im?.file?.hash].includes(hash);
}

/** Without case, and with compatible forms (full width, ligatures) as one. */
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
