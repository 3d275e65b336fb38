/** A JID (RFC 7622): `local@domain/resource`. */
export interface Jid {
  /** `local@domain` or `domain`, lower case. */
  readonly bare: string;
  readonly domain: string;
  /** As it is written: resources are case-sensitive. */
  readonly resource?: string;
}

/** The longest JID: three parts of 1023 bytes and two separators. */
const LONGEST = 3071;

/** Addresses repeat in every stanza: those read lately are kept, read. */
const KEPT = 2048;
const LONGEST_KEPT = 128;
const read = new Map<string, Jid | undefined>();

/** A JID's parts, or undefined where the text is none. */
export function parseJid(text: string | undefined): Jid | undefined {
  if (text === undefined || text.length > LONGEST) return undefined;
  const known = read.get(text);
  if (known) return known;
  const jid = readJid(text);
  if (text.length <= LONGEST_KEPT) {
    if (read.size >= KEPT) read.clear();
    read.set(text, jid);
  }
  return jid;
}

function readJid(text: string): Jid | undefined {
  const slash = text.indexOf('/');
  const bare = (slash < 0 ? text : text.slice(0, slash)).trim().toLowerCase();
  const domain = bare.slice(bare.indexOf('@') + 1);
  if (domain === '' || bare.startsWith('@') || /[\s<>"]/.test(bare)) return undefined;
  const resource = slash < 0 ? '' : text.slice(slash + 1);
  return resource === '' ? { bare, domain } : { bare, domain, resource };
}

/** The address with its resource, for keys: lower case but for the resource. */
export function fullJid(jid: Jid): string {
  return jid.resource === undefined ? jid.bare : `${jid.bare}/${jid.resource}`;
}

/** True for the address of a person, false for that of a server or a service. */
export function hasLocal(jid: Jid): boolean {
  return jid.bare.length > jid.domain.length;
}

/** The account that a user name of a sign-on stands for: some clients send the whole JID as the name. */
export function accountOf(user: string, domain: string | undefined): string | undefined {
  const name = user.trim();
  if (name === '') return undefined;
  const text = name.includes('@') || domain === undefined ? name : `${name}@${domain}`;
  const jid = parseJid(text);
  return jid && (hasLocal(jid) || domain === undefined) ? jid.bare : undefined;
}
