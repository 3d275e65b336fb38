import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { PORTS } from './wire.ts';

/** What the first bytes of one direction are. */
const SIGHT = {
  /** Nothing but white space so far. */
  NOTHING: 0,
  /** A beginning of what XMPP begins with. */
  PREFIX: 1,
  /** A stream header: a root named `stream` in the namespace of streams, or with one of Jabber's inside. */
  HEADER: 2,
  /** A whole stanza or negotiation element. */
  STANZA: 3,
  /** The start tag of a stanza; its end is not there. */
  STANZA_START: 4,
  /** Not XMPP. */
  OTHER: 5,
} as const;

/** A header or start tag longer than this is none. */
const LONGEST_TAG = 2048;

const STREAMS = ascii('http://etherx.jabber.org/streams');
const JABBER = ascii('jabber:');
const NEGOTIATION = [ascii('urn:ietf:params:xml:ns:xmpp-'), ascii('urn:xmpp:sm:'), ascii('urn:xmpp:sasl:')];
const DECLARATION = ascii('<?xml');
const DOCTYPE = ascii('<!DOCTYPE');
const ROOT = ascii('stream');
const FEATURES = ascii('<stream:features');
const STANZAS = [ascii('message'), ascii('presence'), ascii('iq')];
/** For a final answer: the least of a header that is no coincidence. */
const ROOT_START = ascii('<stream:str');

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;

/** First bytes: `<`, white space, a byte order mark of UTF-8, and those of UTF-16 (a known attack on servers). */
const FIRST = [LT, 0x20, 0x09, 0x0a, 0x0d, 0xef, 0xfe, 0xff];

/**
 * A flow that begins is XMPP by its stream header alone (root name and namespace), in either
 * direction. One that is joined later is by a whole stanza with the attributes of one, provided the
 * other side shows nothing that XMPP does not send.
 */
export const detector: Detector = {
  firstBytes: [FIRST, FIRST],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes, clientStart, clientEnd, serverBytes, serverStart, serverEnd, midstream } = probe;
    const client = look(clientBytes, clientStart, clientEnd, midstream);
    const server = look(serverBytes, serverStart, serverEnd, midstream);
    if (client === SIGHT.HEADER || server === SIGHT.HEADER) return onHeader(probe, client, server);
    if (midstream) return onMidstream(probe, client, server);
    if (client === SIGHT.OTHER && !isUtf16(clientBytes, clientStart, clientEnd)) return PROBE.NO;
    if (server === SIGHT.OTHER) return PROBE.NO;
    if (!probe.final) return PROBE.MORE;
    // Headers typed or sent byte by byte: the engine asks for an answer before they are whole.
    if (client === SIGHT.PREFIX && contains(clientBytes, clientStart, clientEnd, ROOT_START)) {
      return probe.yes('low', 'client: beginning of <stream:stream>');
    }
    return PROBE.NO;
  },
};

function onHeader(probe: Probe, client: number, server: number): ProbeAnswer {
  const { clientBytes, clientStart, clientEnd, serverBytes, serverStart, serverEnd } = probe;
  // Only the side that was connected to gives the stream an id.
  const clientId = client === SIGHT.HEADER && headerHasId(clientBytes, clientStart, clientEnd);
  const serverId = server === SIGHT.HEADER && headerHasId(serverBytes, serverStart, serverEnd);
  probe.flip = probe.midstream && clientId && !serverId;
  const evidence: string[] = [];
  let sure = false;
  if (client === SIGHT.HEADER) {
    evidence.push(`${sideOf(probe, true)}: XMPP stream header`);
    if (contains(clientBytes, clientStart, clientEnd, STREAMS)) sure = true;
  }
  if (server === SIGHT.HEADER) {
    evidence.push(`${sideOf(probe, false)}: XMPP stream header`);
    if (contains(serverBytes, serverStart, serverEnd, STREAMS)) sure = true;
  }
  return probe.yes(sure ? 'high' : 'medium', ...evidence);
}

function onMidstream(probe: Probe, client: number, server: number): ProbeAnswer {
  if (client === SIGHT.OTHER || server === SIGHT.OTHER) return PROBE.NO;
  const whole = client === SIGHT.STANZA || server === SIGHT.STANZA;
  const begun = client === SIGHT.STANZA_START || server === SIGHT.STANZA_START;
  if (!whole && !probe.final) return PROBE.MORE;
  if (!whole && !begun) return PROBE.NO;
  probe.flip = isFlipped(probe, client, server);
  const both = client >= SIGHT.STANZA && server >= SIGHT.STANZA;
  const side = sideOf(probe, client >= SIGHT.STANZA);
  return probe.yes(whole ? (both ? 'high' : 'medium') : 'low', `${side}: XMPP stanza in mid-stream`);
}

/** What a side is called once the verdict is out, by what it was supposed to be. */
function sideOf(probe: Probe, supposedClient: boolean): string {
  return supposedClient !== probe.flip ? 'client' : 'server';
}

/**
 * A client leaves `from` out and its server sets it. So a supposed client whose stanza has both
 * addresses is the server, unless the ports or the other side speak against it.
 */
function isFlipped(probe: Probe, client: number, server: number): boolean {
  if (PORTS.includes(probe.serverPort as (typeof PORTS)[number])) return false;
  const { clientBytes, clientStart, clientEnd, serverBytes, serverStart, serverEnd } = probe;
  const clientFrom = client >= SIGHT.STANZA && tagHas(clientBytes, clientStart, clientEnd, FROM);
  const serverFrom = server >= SIGHT.STANZA && tagHas(serverBytes, serverStart, serverEnd, FROM);
  const clientTo = client >= SIGHT.STANZA && tagHas(clientBytes, clientStart, clientEnd, TO);
  if (server >= SIGHT.STANZA) return clientFrom && !serverFrom;
  return clientFrom && clientTo;
}

const FROM = ascii('from');
const TO = ascii('to');
const ID = ascii('id');
const TYPE = ascii('type');

/** Judges what one direction begins with. */
function look(bytes: Uint8Array, start: number, end: number, midstream: boolean): number {
  let i = skipBlank(bytes, start, end);
  for (let guard = 0; guard < 3; guard++) {
    if (i >= end) return SIGHT.NOTHING;
    if (bytes[i] !== LT) return SIGHT.OTHER;
    const isDeclaration = matches(bytes, i, end, DECLARATION);
    const isDoctype = matches(bytes, i, end, DOCTYPE);
    if (isDeclaration < 0 || isDoctype < 0) return SIGHT.PREFIX;
    if (isDeclaration === 0 && isDoctype === 0) break;
    const past = isDoctype > 0 ? pastDoctype(bytes, i, end) : pastTag(bytes, i, end);
    if (past < 0) return end - i > LONGEST_TAG ? SIGHT.OTHER : SIGHT.PREFIX;
    i = skipBlank(bytes, past, end);
  }
  const root = lookAtRoot(bytes, i, end);
  if (root !== SIGHT.OTHER || !midstream) return root;
  return lookAtStanza(bytes, i, end);
}

/** `<prefix:stream ...>` with a namespace of XMPP in it. */
function lookAtRoot(bytes: Uint8Array, at: number, end: number): number {
  let i = at + 1;
  let local = i;
  for (; i < end && !endsName(bytes[i] ?? 0); i++) {
    if (bytes[i] === 0x3a) local = i + 1;
    if (i - at > 64) return SIGHT.OTHER;
  }
  const named = matches(bytes, local, i, ROOT);
  if (i === end) return named === 0 && local > at + 1 ? SIGHT.OTHER : SIGHT.PREFIX;
  if (named <= 0 || i - local !== ROOT.length) return SIGHT.OTHER;
  const past = pastTag(bytes, at, end);
  const tagEnd = past < 0 ? end : past;
  if (contains(bytes, at, tagEnd, STREAMS) || contains(bytes, at, tagEnd, JABBER)) return SIGHT.HEADER;
  return past < 0 && end - at < LONGEST_TAG ? SIGHT.PREFIX : SIGHT.OTHER;
}

/** A stanza, or an element of the negotiation before and after the sign-on. */
function lookAtStanza(bytes: Uint8Array, at: number, end: number): number {
  const past = pastTag(bytes, at, end);
  const tagEnd = past < 0 ? end : past;
  const negotiates = NEGOTIATION.some((ns) => contains(bytes, at, tagEnd, ns));
  if (past > 0 && (negotiates || matches(bytes, at, end, FEATURES) > 0)) return SIGHT.STANZA;
  for (const name of STANZAS) {
    const match = matches(bytes, at + 1, end, name);
    if (match < 0) return SIGHT.PREFIX;
    if (match === 0 || !endsName(bytes[at + 1 + name.length] ?? 0)) continue;
    if (past < 0) return end - at < LONGEST_TAG ? SIGHT.PREFIX : SIGHT.OTHER;
    if (!hasStanzaAttributes(bytes, at, past, name === STANZAS[2])) return SIGHT.OTHER;
    if (bytes[past - 2] === SLASH) return SIGHT.STANZA;
    return lookAtEnd(bytes, past, end, name);
  }
  return SIGHT.OTHER;
}

/** An `iq` has an id and a type (RFC 6120, 8.2.3); the others an address or a type where they have anything. */
function hasStanzaAttributes(bytes: Uint8Array, at: number, past: number, iq: boolean): boolean {
  const id = attribute(bytes, at, past, ID) > 0;
  const type = attribute(bytes, at, past, TYPE) > 0;
  if (iq) return id && type;
  return type || attribute(bytes, at, past, TO) > 0 || attribute(bytes, at, past, FROM) > 0;
}

/** A stanza's end: what follows it (if anything) is a tag or white space, or else it is none. */
function lookAtEnd(bytes: Uint8Array, from: number, end: number, name: Uint8Array): number {
  for (let i = bytes.indexOf(LT, from); i >= 0 && i < end; i = bytes.indexOf(LT, i + 1)) {
    if (bytes[i + 1] !== SLASH || matches(bytes, i + 2, end, name) <= 0) continue;
    const after = i + 2 + name.length;
    if (after >= end) break;
    if (bytes[after] !== GT) continue;
    const next = skipBlank(bytes, after + 1, end);
    return next >= end || bytes[next] === LT ? SIGHT.STANZA : SIGHT.OTHER;
  }
  return SIGHT.STANZA_START;
}

function headerHasId(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== LT || bytes[i + 1] === 0x3f) continue;
    const past = pastTag(bytes, i, end);
    return attribute(bytes, i, past < 0 ? end : past, ID) > 0;
  }
  return false;
}

function tagHas(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  const at = skipBlank(bytes, start, end);
  const past = pastTag(bytes, at, end);
  return attribute(bytes, at, past < 0 ? end : past, name) > 0;
}

/** Index of the value of an attribute in the tag at `at`, or −1. */
function attribute(bytes: Uint8Array, at: number, past: number, name: Uint8Array): number {
  let quote = 0;
  for (let i = at + 1; i < past; i++) {
    const c = bytes[i] ?? 0;
    if (quote !== 0) {
      if (c === quote) quote = 0;
    } else if (c === 0x22 || c === 0x27) {
      quote = c;
    } else if (isBlank(c) && matches(bytes, i + 1, past, name) > 0) {
      const equals = i + 1 + name.length;
      const value = bytes[equals + 1];
      if (bytes[equals] === 0x3d && (value === 0x22 || value === 0x27)) return equals + 2;
    }
  }
  return -1;
}

/** Index behind the `>` of the tag at `at`, quotes respected; −1 where it is not there. */
function pastTag(bytes: Uint8Array, at: number, end: number): number {
  let quote = 0;
  for (let i = at + 1; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (quote !== 0) {
      if (c === quote) quote = 0;
    } else if (c === 0x22 || c === 0x27) {
      quote = c;
    } else if (c === GT) {
      return i + 1;
    }
  }
  return -1;
}

/** Index behind a document type: behind `]>`, or `>` where it has no internal subset; −1. */
function pastDoctype(bytes: Uint8Array, at: number, end: number): number {
  let inside = false;
  for (let i = at; i < end; i++) {
    const c = bytes[i];
    if (c === 0x5b) inside = true;
    else if (c === 0x5d) inside = false;
    else if (c === GT && !inside) return i + 1;
  }
  return -1;
}

/** `<` as UTF-16, behind a byte order mark: the server answers such a stream with an error of its own. */
function isUtf16(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 4) return (bytes[start] ?? 0) >= 0xfe;
  const little = bytes[start] === 0xff && bytes[start + 1] === 0xfe && bytes[start + 2] === LT;
  return little || (bytes[start] === 0xfe && bytes[start + 1] === 0xff && bytes[start + 3] === LT);
}

function skipBlank(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  if (bytes[i] === 0xef && bytes[i + 1] === 0xbb && bytes[i + 2] === 0xbf && i + 2 < end) i += 3;
  while (i < end && isBlank(bytes[i] ?? 0)) i++;
  return i;
}

function isBlank(c: number): boolean {
  return c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d;
}

function endsName(c: number): boolean {
  return isBlank(c) || c === GT || c === SLASH;
}

/** 1 where the pattern stands at `at`, −1 where the bytes end inside it, 0 else. */
function matches(bytes: Uint8Array, at: number, end: number, pattern: Uint8Array): number {
  for (let n = 0; n < pattern.length; n++) {
    if (at + n >= end) return -1;
    if (bytes[at + n] !== pattern[n]) return 0;
  }
  return 1;
}

function contains(bytes: Uint8Array, start: number, end: number, pattern: Uint8Array): boolean {
  for (let i = start; i + pattern.length <= end; i++) if (matches(bytes, i, end, pattern) > 0) return true;
  return false;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
