import { isIPv4 } from 'node:net';
import { domainToUnicode } from 'node:url';
import { NetworkSet, parseNetwork } from '../cidr.ts';
import { CONFUSABLES, FREE_HOSTS, IMITATED, SHORTENERS } from './data.ts';
import type { Link } from './links.ts';
import { isExecutableExtension, judgeName } from './names.ts';

const SHORT: ReadonlySet<string> = new Set(SHORTENERS.map(({ name }) => name));
const FREE: ReadonlySet<string> = new Set(FREE_HOSTS.map(({ name }) => name));
const FAMOUS: ReadonlySet<string> = new Set(IMITATED.map(({ name }) => name));
const PRIVATE = new NetworkSet(
  [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '127.0.0.0/8',
    '169.254.0.0/16',
    'fc00::/7',
    'fe80::/10',
    '::1',
  ]
    .map(parseNetwork)
    .filter((network) => typeof network !== 'string'),
);

/** The extension of the program that a link loads, by its path or the last value of its query; undefined for none. */
export function executableOf({ path, query }: Link): string | undefined {
  const byPath = judgeName(path).extension;
  if (isExecutableExtension(byPath) && !isHostInPath(path, byPath)) return byPath;
  if (query === '') return undefined;
  const value = query.slice(Math.max(query.lastIndexOf('='), query.lastIndexOf('&')) + 1);
  // An address of mail or a host at the end of a query ends in `.com`, too.
  const byQuery = judgeName(value).extension;
  return isExecutableExtension(byQuery) && byQuery !== 'com' ? byQuery : undefined;
}

/** `/web/http://example.com`, `/a/www.example.com`: the end of a path that is a host. */
function isHostInPath(path: string, extension: string): boolean {
  if (extension !== 'com') return false;
  const last = path.slice(path.lastIndexOf('/') + 1);
  return path.includes('//') || last.includes('@') || /^www\.|^[^.]+\.[^.]+\.com$/i.test(last);
}

/** An address of the public network where a name should stand. */
export function isRawAddress({ host }: Link): boolean {
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  return (isIPv4(address) || host.startsWith('[')) && !PRIVATE.has(address);
}

export function isShortener({ host }: Link): boolean {
  return SHORT.has(host.replace(/^www\./, ''));
}

export function isFreeHost({ host }: Link): boolean {
  return isBelow(FREE, host);
}

/** The host or a domain above it is in the set. */
export function isBelow(set: { has(name: string): boolean }, host: string): boolean {
  let name = host;
  for (let dot = 0; dot >= 0 && name.includes('.'); name = name.slice(dot + 1)) {
    if (set.has(name)) return true;
    dot = name.indexOf('.');
  }
  return false;
}

/** True where a value of the query is the name of one to whom the text was sent. */
export function namesRecipient({ query, path }: Link, people: readonly string[]): boolean {
  if (query === '') return false;
  const low = query.toLowerCase();
  const script = /\.(?:php\d?|asp|aspx|cgi|pl|jsp)$/i.test(path) || path.endsWith('/');
  return people.some((person) => {
    const id = person.toLowerCase();
    if (id.length < 4 || (!script && !id.includes('@'))) return false;
    const at = low.indexOf(`=${id}`);
    const behind = low.charAt(at + 1 + id.length);
    return at >= 0 && (behind === '' || behind === '&' || behind === '#');
  });
}

/** How the host deceives; undefined where it does not. */
export function lookalikeOf({ host, user }: Link): string | undefined {
  if (/^(?:[a-z0-9-]+\.)+[a-z]{2,}$/i.test(user)) return 'a name of a host before the @ of the real one';
  const labels = host.split('.');
  const top = labels.at(-1) ?? '';
  for (const label of labels.slice(0, -1)) {
    const shown = label.startsWith('xn--') ? domainToUnicode(label) : label;
    const why = deceit(shown.toLowerCase(), top.startsWith('xn--'));
    if (why !== undefined) return why;
  }
  return undefined;
}

function deceit(label: string, foreignTop: boolean): string | undefined {
  let foreign = 0;
  let unlike = 0;
  let latin = 0;
  let skeleton = '';
  for (const c of label.normalize('NFD').replace(/[\u0300-\u036f]/g, '')) {
    const like = CONFUSABLES.get(c);
    if (like !== undefined) foreign++;
    else if (c > '\x7f') unlike++;
    else if (c >= 'a' && c <= 'z') latin++;
    skeleton += like ?? c;
  }
  if (foreign > 0 && latin > 0 && unlike === 0) return 'letters of two scripts in one name';
  if (foreign > 1 && unlike === 0 && !foreignTop)
    return 'letters of another script that look like Latin ones';
  const read = skeleton.replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('rn', 'm').replaceAll('vv', 'w');
  return read !== label && FAMOUS.has(read) && !FAMOUS.has(label) ? `reads like ${read}` : undefined;
}
