import {
  askedEvidence,
  decodeLatin1,
  HelloSight,
  isListed,
  isListedNetwork,
  isOuterName,
  isUnlisted,
  PROBE,
  rowOf,
  rowOfText,
  ServerSight,
  SIGHT,
} from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer, ServiceRow } from '../../src/sdk/index.ts';
import { directXmpp } from './direct.ts';
import { TLS_HANDSHAKE, V2_HELLO, XMPP_CLIENT, XMPP_SERVER } from './wire.ts';

const CLIENT_BYTES = Uint8Array.from(XMPP_CLIENT, (c) => c.charCodeAt(0));
const SERVER_BYTES = Uint8Array.from(XMPP_SERVER, (c) => c.charCodeAt(0));

const hello = new HelloSight();
const server = new ServerSight();

/**
 * TLS is ours only where the client names a host of an IM network or offers a protocol of IM; where it
 * names none, where the server's certificate does. Everything else is dropped on its first hello.
 */
export const detector: Detector = {
  firstBytes: [[TLS_HANDSHAKE, ...V2_HELLO], [TLS_HANDSHAKE]],
  probe(probe: Probe): ProbeAnswer {
    const seen = hello.look(probe.clientBytes, probe.clientStart, probe.clientEnd);
    // In mid-stream the first sender may be the server.
    if (seen === SIGHT.SERVER) return probe.midstream ? onFlipped(probe) : PROBE.NO;
    if (seen === SIGHT.NO) return PROBE.NO;
    if (seen === SIGHT.NOTHING && probe.midstream && startsClient(probe)) return onFlipped(probe);
    if (seen === SIGHT.PART && !probe.final) return isSettled() && !mayBeOurs() ? PROBE.NO : PROBE.MORE;
    if (seen === SIGHT.CLIENT || seen === SIGHT.PART) return onHello(probe);
    return onCertificate(probe, probe.serverBytes, probe.serverStart, probe.serverEnd);
  },
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    const seen = hello.look(bytes, start, end);
    if (seen === SIGHT.CLIENT || (seen === SIGHT.PART && isSettled())) return mayBeOurs();
    return seen !== SIGHT.NO;
  },
};

/** Both that decide were seen: the rest of the hello adds nothing. Hellos of today's browsers fill two segments. */
function isSettled(): boolean {
  return hello.sniEnd > 0 && hello.alpnEnd > 0;
}

/** False where a hello rules out what `onHello` would say yes to, now or later. */
function mayBeOurs(): boolean {
  if (hello.offers(CLIENT_BYTES) || hello.offers(SERVER_BYTES)) return true;
  if (hello.sniEnd === 0) return hello.alpnEnd === 0;
  if (rowOf(hello.bytes, hello.sniStart, hello.sniEnd) !== undefined || hidesName()) return true;
  return hello.alpnEnd === 0 && mayNameXmpp(hello.bytes, hello.sniStart, hello.sniEnd);
}

/** A name of two labels, or one with a label that may be one `directXmpp` looks for: `x...`, `j...`. In place. */
function mayNameXmpp(bytes: Uint8Array, start: number, end: number): boolean {
  let dots = 0;
  for (let at = start; at < end - 1; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x2e) dots++;
    const first = byte | 0x20;
    if ((first === 0x78 || first === 0x6a) && (at === start || bytes[at - 1] === 0x2e)) return true;
  }
  return dots <= 1;
}

/** The supposed server's bytes are a client's hello. */
function startsClient(probe: Probe): boolean {
  const seen = hello.look(probe.serverBytes, probe.serverStart, probe.serverEnd);
  return seen === SIGHT.CLIENT || seen === SIGHT.PART || seen === SIGHT.V2;
}

function onFlipped(probe: Probe): ProbeAnswer {
  const seen = hello.look(probe.serverBytes, probe.serverStart, probe.serverEnd);
  const { clientBytes, clientStart, clientEnd } = probe;
  if (seen === SIGHT.NO || seen === SIGHT.SERVER) return PROBE.NO;
  if (seen === SIGHT.PART && !probe.final) return PROBE.MORE;
  const named = seen === SIGHT.CLIENT || seen === SIGHT.PART;
  const answer = named ? onHello(probe) : onCertificate(probe, clientBytes, clientStart, clientEnd);
  probe.flip = answer === PROBE.YES;
  return answer;
}

/** A client's hello was looked at: its names decide; without any, the certificate will. */
function onHello(probe: Probe): ProbeAnswer {
  if (hello.offers(CLIENT_BYTES)) return probe.yes('high', `tls: ALPN ${XMPP_CLIENT}`);
  if (hello.offers(SERVER_BYTES)) return probe.yes('high', `tls: ALPN ${XMPP_SERVER}`);
  if (hello.sniEnd === 0) {
    if (hello.alpnEnd > 0) return PROBE.NO;
    return onCertificate(probe, probe.serverBytes, probe.serverStart, probe.serverEnd);
  }
  const row = rowOf(hello.bytes, hello.sniStart, hello.sniEnd);
  if (row === undefined && hidesName()) return onHidden(probe);
  if (row === undefined && hello.alpnEnd === 0) return onName(probe);
  if (row === undefined || !fits(row)) return PROBE.NO;
  return probe.yes(row.confidence, `tls: SNI at or below ${row.host}`);
}

/** The name is that of a provider, and the true one encrypted. */
function hidesName(): boolean {
  const length = hello.sniEnd - hello.sniStart;
  // Most hellos have the extension; two lengths of names are those of providers.
  if (!hello.ech || (length !== 18 && length !== 19)) return false;
  return isOuterName(decodeLatin1(hello.bytes, hello.sniStart, hello.sniEnd));
}

/** Of an encrypted hello only the name is left by which the server was looked up. */
function onHidden(probe: Probe): ProbeAnswer {
  const asked = probe.asked();
  if (!asked || !rowOfText(asked.name)) return PROBE.NO;
  return probe.yes('low', 'tls: encrypted hello, its name unknown', askedEvidence(asked));
}

/** A client that offers no protocol, and a name that is not on the list: XMPP, where name or port say so. */
function onName(probe: Probe): ProbeAnswer {
  if (hello.sniEnd - hello.sniStart > 255) return PROBE.NO;
  const sni = decodeLatin1(hello.bytes, hello.sniStart, hello.sniEnd);
  const why = directXmpp(sni, probe.serverPort);
  return why ? probe.yes('low', ...why) : PROBE.NO;
}

/** A client that offers protocols of the web wants none of a host that does not speak them. */
function fits(row: ServiceRow): boolean {
  return row.web || hello.alpnEnd === 0;
}

/** The names of the server's certificate, where the client gave none. */
function onCertificate(probe: Probe, bytes: Uint8Array, start: number, end: number): ProbeAnswer {
  // Where not even the certificate says a name, the one that the server was looked up by is left.
  const asked = probe.asked();
  if (asked && rowOfText(asked.name)) return probe.yes('low', 'tls: no server name', askedEvidence(asked));
  const seen = server.look(bytes, start, end, probe.final);
  if (seen === SIGHT.NO || (seen !== SIGHT.SERVER && probe.final)) return PROBE.NO;
  if (seen !== SIGHT.SERVER) return PROBE.MORE;
  if (!server.some(isListed) || (!server.some(isListedNetwork) && server.some(isUnlisted))) return PROBE.NO;
  return probe.yes('medium', 'tls: certificate of a host of an IM network');
}
