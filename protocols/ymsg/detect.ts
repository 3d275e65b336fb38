/**
 * Knows YMSG by the bytes of either direction: `YMSG`, a version, a known service, and a body
 * that is exactly as long as the header says and made of pairs. One bare header (a ping) counts
 * only where nothing else is to be had. The magic of the protocol before YMSG is known too.
 */
import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { isLegacyHeader, isLegacyMagic, LEGACY_HEADER } from './legacy.ts';
import { serviceName } from './numbers.ts';
import { LOOK_WEB, WEB_EVIDENCE, WEB_FIRST_BYTES, webLook } from './web.ts';
import { LOOK_WEBCAM, WEBCAM_FIRST_BYTE, webcamLook } from './webcam.ts';
import {
  checkBody,
  FIRST_BYTE,
  HEADER,
  isMagic,
  isPlausibleHeader,
  lengthAt,
  READ,
  serviceAt,
  versionAt,
} from './wire.ts';

/** How well a direction's first bytes are YMSG. */
const LOOK = {
  NOT: 0,
  /** None yet, or a consistent beginning. */
  OPEN: 1,
  /** A plausible header, and as far as the body is there, pairs; or a header without a body. */
  LIKELY: 2,
  /** A whole packet with pairs, or two packets. */
  SURE: 3,
} as const;
type Look = (typeof LOOK)[keyof typeof LOOK];

function look(bytes: Uint8Array, start: number, end: number): Look {
  if (!isMagic(bytes, start, end)) return LOOK.NOT;
  if (end - start < HEADER) return LOOK.OPEN;
  if (!isPlausibleHeader(bytes, start)) return LOOK.NOT;
  const size = HEADER + lengthAt(bytes, start);
  const next = start + size;
  const read = checkBody(bytes, start + HEADER, Math.min(end, next));
  if (read >= READ.BAD) return LOOK.NOT;
  if (next > end) return end - start > HEADER + 4 ? LOOK.LIKELY : LOOK.OPEN;
  if (read === READ.SHORT || !isMagic(bytes, next, end)) return LOOK.NOT;
  if (size > HEADER) return LOOK.SURE;
  return end - next >= HEADER && isPlausibleHeader(bytes, next) ? LOOK.SURE : LOOK.LIKELY;
}

function probe(p: Probe): ProbeAnswer {
  const first = p.clientLength > 0 ? (p.clientBytes[p.clientStart] ?? 0) : FIRST_BYTE;
  if (first !== FIRST_BYTE) return probeOthers(p);
  const client = look(p.clientBytes, p.clientStart, p.clientEnd);
  const server = look(p.serverBytes, p.serverStart, p.serverEnd);
  if (client === LOOK.NOT || server === LOOK.NOT) return probeLegacy(p);
  const best = Math.max(client, server);
  const both = Math.min(client, server) >= LOOK.LIKELY;
  if (best < LOOK.SURE && !both && !p.final) return PROBE.MORE;
  if (best < LOOK.LIKELY) return PROBE.NO;
  p.flip = p.midstream && isFlipped(p);
  const confidence = both ? 'high' : best === LOOK.SURE ? 'medium' : 'low';
  return p.yes(confidence, ...evidence(p, client, server));
}

function evidence(p: Probe, client: Look, server: Look): string[] {
  const found: string[] = [];
  if (client >= LOOK.LIKELY) found.push(`client: ${describe(p.clientBytes, p.clientStart)}`);
  if (server >= LOOK.LIKELY) found.push(`server: ${describe(p.serverBytes, p.serverStart)}`);
  return found;
}

function describe(bytes: Uint8Array, at: number): string {
  const name = serviceName(serviceAt(bytes, at)) ?? 'packet';
  const version = versionAt(bytes, at);
  return version > 0 ? `YMSG version ${version} ${name} at byte 0` : `YMSG ${name} at byte 0`;
}

/** Servers leave the version 0, clients never do. */
function isFlipped(p: Probe): boolean {
  const client = p.clientLength >= HEADER ? versionAt(p.clientBytes, p.clientStart) : -1;
  const server = p.serverLength >= HEADER ? versionAt(p.serverBytes, p.serverStart) : -1;
  if (client === 0) return server !== 0;
  return client < 0 && server > 0;
}

function probeLegacy(p: Probe): ProbeAnswer {
  const magic =
    isLegacyMagic(p.clientBytes, p.clientStart, p.clientEnd) &&
    isLegacyMagic(p.serverBytes, p.serverStart, p.serverEnd);
  if (!magic) return PROBE.NO;
  if (isLegacyHeader(p.clientBytes, p.clientStart, p.clientEnd)) {
    return p.yes('medium', 'client: YPNS header at byte 0');
  }
  if (isLegacyHeader(p.serverBytes, p.serverStart, p.serverEnd)) {
    return p.yes('medium', 'server: YHOO header at byte 0');
  }
  const judged = Math.max(p.clientLength, p.serverLength) >= LEGACY_HEADER;
  return p.final || judged ? PROBE.NO : PROBE.MORE;
}

/** The webcam's connections and the XML form. */
function probeOthers(p: Probe): ProbeAnswer {
  const { clientBytes: bytes, clientStart: start, clientEnd: end } = p;
  const webcam = webcamLook(bytes, start, end);
  if (webcam === LOOK_WEBCAM.SURE) return p.yes('high', 'client: webcam word and header at byte 0');
  const web = webLook(bytes, start, end);
  if (web === LOOK_WEB.SURE) return p.yes('medium', WEB_EVIDENCE);
  const open = webcam === LOOK_WEBCAM.OPEN || web === LOOK_WEB.OPEN;
  return open && !p.final ? PROBE.MORE : PROBE.NO;
}

/** Of what begins with `<` or `c`, hardly anything is ours. */
function glance(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] === FIRST_BYTE) return true;
  return webcamLook(bytes, start, end) !== LOOK_WEBCAM.NO || webLook(bytes, start, end) !== LOOK_WEB.NO;
}

export const detector: Detector = {
  firstBytes: [[FIRST_BYTE, WEBCAM_FIRST_BYTE, ...WEB_FIRST_BYTES], [FIRST_BYTE]],
  probe,
  glance,
};
