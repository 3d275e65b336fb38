import { BOT_COMMANDS, LURES } from './data.ts';
import {
  executableOf,
  isFreeHost,
  isRawAddress,
  isShortener,
  lookalikeOf,
  namesRecipient,
} from './link-judge.ts';
import { findLinks, mayHaveLink } from './links.ts';
import type { Link } from './links.ts';
import type { DomainList } from './lists.ts';
import { sighting } from './sighting.ts';
import type { Sighting } from './sighting.ts';

const COMMANDS: ReadonlySet<string> = new Set(BOT_COMMANDS.map(({ name }) => name));
const WORDS = new Map(LURES.map((lure) => [plainWords(lure.text), lure]));
/** Longest message that can be a lure. */
const MAX_LURE = 400;

/** What links a text has, and what they and the words around them are known for. */
export function linkSightings(
  text: string,
  html: string | undefined,
  people: readonly string[],
  domains: DomainList | undefined,
): Sighting[] {
  if (!mayHaveLink(text) && (html === undefined || !mayHaveLink(html))) return [];
  const links = findLinks(text);
  // What a reader is shown need not be where the link leads.
  if (html?.includes('://') === true) links.push(...findLinks(html));
  const found: Sighting[] = [];
  const seen = new Set<string>();
  let suspicious = false;
  for (const link of links) {
    const id = `${link.host}${link.path}?${link.query}`;
    if (seen.has(id)) continue;
    seen.add(id);
    if (domains?.verdictOf(link.host) === 'allow') continue;
    const before = found.length;
    judge(link, people, domains, found);
    suspicious ||= found.length > before;
  }
  const [first] = links;
  if (first) addLure(text, first, suspicious, found);
  return found;
}

function judge(
  link: Link,
  people: readonly string[],
  domains: DomainList | undefined,
  found: Sighting[],
): void {
  const { host } = link;
  const tell = (kind: Sighting['kind'], key: string, what: string, sure: Sighting['confidence']): void => {
    found.push(sighting(kind, key, `link to ${host}: ${what}`, { name: host, confidence: sure }));
  };
  if (domains?.verdictOf(host) === 'block') tell('blocked-domain', host, 'on the block list', 'high');
  const program = executableOf(link);
  if (program !== undefined)
    tell(
      'executable-link',
      `${host} ${program}`,
      `a .${program} file`,
      program === 'com' ? 'medium' : 'high',
    );
  if (isRawAddress(link)) tell('raw-address', host, 'an address, no name', 'medium');
  const why = lookalikeOf(link);
  if (why !== undefined) tell('look-alike', host, why, 'medium');
  if (isShortener(link)) tell('shortener', host, 'does not show where it leads', 'low');
  if (isFreeHost(link)) tell('free-host', host, 'free web space', 'low');
  if (namesRecipient(link, people)) tell('recipient-link', host, 'the query names the recipient', 'high');
}

function addLure(text: string, { host }: Link, suspicious: boolean, found: Sighting[]): void {
  if (text.length > MAX_LURE) return;
  const lure = WORDS.get(plainWords(text));
  if (lure === undefined || (!lure.distinct && !suspicious)) return;
  const evidence = `words of ${lure.source}, with a link to ${host}`;
  found.push(
    sighting('lure', lure.text, evidence, { name: host, confidence: lure.distinct ? 'high' : 'medium' }),
  );
}

/** Small letters and digits, single spaces between words, links left out. */
function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/\S*:\/\/\S*|www\.\S*|\S+\.[a-z]{2,6}\/\S*/g, ' ')
    .replace(/['\u2019]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The command of a bot that a text is, led by `.` or `!`. */
export function botCommand(text: string): Sighting | undefined {
  const lead = text.charCodeAt(0);
  if (lead !== 0x2e && lead !== 0x21) return undefined;
  const word = /^[.!]([a-z0-9.]{3,20})(?:\s|$)/i.exec(text)?.[1]?.toLowerCase();
  if (word === undefined) return undefined;
  // To load and run a file: a command, a link, and where to put it.
  const load = /^(?:download|update|dl|wget)$/.test(word) && /^\S+\s+(?:https?|ftp):\/\/\S+\s+\S/i.test(text);
  if (!load && !COMMANDS.has(word)) return undefined;
  return sighting('bot', `command ${word}`, `command of a bot: ${word}`, { confidence: 'medium' });
}
