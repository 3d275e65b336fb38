import { decodeLatin1, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { LF } from './wire.ts';

/** First letters of what a client says first: AUTHENTICATE, CAP, JOIN, MODE, NICK, NOTICE, PASS, PING, PONG, PRIVMSG, STARTTLS, USER, WEBIRC; tags. */
const CLIENT_FIRST = bytesOf('@ACJMNPSUWacjmnpsuw');
/** And a server: a prefix, NOTICE, PING, ERROR, AUTHENTICATE; tags. */
const SERVER_FIRST = bytesOf('@:NPEAnpea');

/** Lines that only IRC has. */
const CLIENT_LINES = {
  nick: /^NICK :?[^\s!@:,]{1,64}$/i,
  user: /^USER \S+ \S+ \S+ \S/i,
  cap: /^CAP (?:LS(?: \d+)?|LIST|REQ :?\S.*|END)$/i,
  chat: /^(?:@\S+ )?(?:PRIVMSG|NOTICE) \S+ :|^JOIN [#&+!]\S+|^PART [#&+!]\S+/i,
} as const;
const SERVER_LINES = {
  numeric: /^(?:@\S+ )?:\S+ \d{3} \S+ \S/,
  notice: /^(?:@\S+ )?:\S+ NOTICE \S+ :|^NOTICE AUTH :/i,
  person: /^(?:@\S+ )?:[^\s!@]{1,64}![^\s@]+@\S+ (?:PRIVMSG|NOTICE|JOIN|PART|QUIT|NICK|MODE|KICK|TOPIC)\b/i,
  cap: /^(?:@\S+ )?:\S+ CAP \S+ (?:LS|ACK|NAK|LIST|NEW|DEL) /i,
  // With its own name before it: all that is said for long where nobody talks.
  pong: /^(?:@\S+ )?:\S+ PONG \S+ :/i,
  // Before the answer to a sign-on: a server that is full or has banned the client says only this.
  error: /^ERROR :Closing Link/i,
} as const;
/** What may stand beside, and is in other protocols, too. */
const BESIDE =
  /^(?:PASS|PING|PONG|MODE|AUTHENTICATE|STARTTLS|WEBIRC|USER|NICK|CAP|JOIN|PART|PRIVMSG|NOTICE|WHO|WHOIS|ISON|QUIT|OPER|AWAY|TOPIC|NAMES|LIST|MOTD|LUSERS|USERHOST|MONITOR|WATCH|PROTOCTL|KICK|INVITE|ERROR|WALLOPS|TAGMSG|BATCH|ACCOUNT|CHGHOST|SETNAME|KILL|STATS|VERSION|TIME|ADMIN|INFO|MAP|LINKS|HELP|NS|CS|NICKSERV|CHANSERV)\b/i;

/** Lines that are looked at. */
const MAX_LINES = 8;

/**
 * Two confirmations: NICK with USER of four parameters, a capability negotiation, or talk in a channel of the client;
 * a numeric with its target, a person's mask or a NOTICE of the server. FTP and POP3 have a USER of one parameter.
 */
export const detector: Detector = {
  firstBytes: [CLIENT_FIRST, SERVER_FIRST],
  probe(probe: Probe): ProbeAnswer {
    const client = look(probe.clientBytes, probe.clientStart, probe.clientEnd, CLIENT_LINES);
    const server = look(probe.serverBytes, probe.serverStart, probe.serverEnd, SERVER_LINES);
    if (probe.midstream && onTurned(probe, client.seen.size + server.seen.size) === PROBE.YES)
      return PROBE.YES;
    return client.strange || server.strange ? PROBE.NO : judge(probe, client, server);
  },
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return mayBegin(bytes, start, end);
  },
};

function judge(probe: Probe, client: Look, server: Look): ProbeAnswer {
  const told = [...evidence('client', client), ...evidence('server', server)];
  if (client.seen.size > 0 && server.seen.size > 0) return probe.yes('high', ...told);
  const alone = client.seen.has('user') && (client.seen.has('nick') || client.seen.has('cap'));
  const strong = server.seen.has('person') || (server.seen.has('numeric') && server.count > 1);
  if (strong) return probe.yes('high', ...told);
  if (!probe.final) return PROBE.MORE;
  if (alone || client.seen.has('chat') || server.seen.size > 0) return probe.yes('medium', ...told);
  return PROBE.NO;
}

/** In mid-stream the supposed client may be the server. */
function onTurned(probe: Probe, fitting: number): ProbeAnswer {
  if (fitting > 0) return PROBE.NO;
  const { clientBytes, clientStart, clientEnd } = probe;
  const server = look(clientBytes, clientStart, clientEnd, SERVER_LINES);
  if (server.strange || !(server.seen.has('person') || server.seen.has('numeric'))) return PROBE.NO;
  probe.flip = true;
  return probe.yes('medium', ...evidence('server', server));
}

interface Look {
  readonly seen: ReadonlySet<string>;
  readonly count: number;
  /** A line is none of IRC's. */
  readonly strange: boolean;
}

const NOTHING_SEEN: Look = { seen: new Set(), count: 0, strange: false };

/** The whole lines of a direction. */
function look(bytes: Uint8Array, start: number, end: number, kinds: Readonly<Record<string, RegExp>>): Look {
  if (start >= end) return NOTHING_SEEN;
  if (!mayBegin(bytes, start, end)) return { seen: new Set(), count: 0, strange: true };
  const seen = new Set<string>();
  let count = 0;
  for (let at = start; at < end && count < MAX_LINES;) {
    const lf = bytes.indexOf(LF, at);
    if (lf < 0 || lf >= end) break;
    const line = decodeLatin1(bytes, at, Math.min(lf, at + 600)).replace(/\r+$/, '');
    at = lf + 1;
    if (line === '') continue;
    count++;
    const kind = Object.keys(kinds).find((name) => kinds[name]?.test(line));
    if (kind !== undefined) seen.add(kind);
    else if (!BESIDE.test(line) && !/^(?:@\S+ )?:\S+ [A-Z\d]{3,}/i.test(line))
      return { seen, count, strange: true };
  }
  return { seen, count, strange: false };
}

function evidence(side: string, { seen }: Look): string[] {
  return seen.size === 0 ? [] : [`${side}: ${[...seen].map((kind) => NAMES[kind] ?? kind).join(', ')}`];
}

const NAMES: Readonly<Record<string, string>> = {
  nick: 'NICK',
  user: 'USER of four parameters',
  cap: 'CAP',
  chat: 'talk in a channel or to a nick',
  numeric: 'numeric reply with its target',
  notice: 'NOTICE of a server',
  person: 'message with a person’s mask',
  pong: 'PONG of a server',
  error: 'ERROR :Closing Link',
};

/** Words that begin a stream; the prefix and the tags have a sign of their own. */
const WORDS = [
  ...['AUTHENTICATE', 'CAP', 'JOIN', 'MODE', 'NICK', 'NOTICE', 'PASS', 'PING', 'PONG', 'PRIVMSG', 'PART'],
  ...['STARTTLS', 'USER', 'WEBIRC', 'ERROR', 'PROTOCTL'],
].map((word) => `${word} `);

/** False where the first bytes are no word that IRC begins with: GET, POST, PUT, USER of others passes. In place. */
function mayBegin(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] ?? 0;
  if (first === 0x3a || first === 0x40) return true;
  for (const word of WORDS) {
    let i = 0;
    while (i < word.length && start + i < end && same(bytes[start + i] ?? 0, word.charCodeAt(i))) i++;
    if (i === word.length || start + i === end) return true;
    // STARTTLS stands alone on its line.
    if (i === word.length - 1 && (bytes[start + i] ?? 0) < 0x20) return true;
  }
  return false;
}

/** The byte is this capital letter, or the small one. */
function same(byte: number, letter: number): boolean {
  return byte === letter || (letter >= 0x41 && byte === (letter | 0x20));
}

function bytesOf(text: string): number[] {
  return Array.from(text, (c) => c.charCodeAt(0));
}
