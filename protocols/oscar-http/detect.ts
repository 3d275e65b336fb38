import { asciiBytes, couldBegin, decodeLatin1, endOfTarget, headEnd, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { COUNTED, HELLO_HOSTS, PACKET, targetOf, VERSION } from './wire.ts';

const GET = asciiBytes('GET ');
const POST = asciiBytes('POST ');
const HELLO = asciiBytes('/hello ');
const MONITOR = asciiBytes('/monitor?sid=');
const DATA = asciiBytes('/data?sid=');
/** Bytes of a request line that has a session id; a proxy's has the whole address. */
const LONGEST_LINE = 512;

/**
 * `GET /monitor` or `POST /data` with a session id of 32 hex digits; `GET /hello`, which many ask for, where the
 * host is one of the official ones or the answer is a packet of the tunnel. Without the client's side, such a
 * packet alone.
 */
export const DETECTOR: Detector = {
  firstBytes: [[0x47, 0x50], [0x48]],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    if (end === start) return server(probe);
    const post = bytes[start] === POST[0];
    if (!couldBegin(bytes, start, end, post ? POST : GET)) return PROBE.NO;
    const from = start + (post ? POST : GET).length;
    const stop = endOfTarget(bytes, from, end, LONGEST_LINE);
    if (stop - from > LONGEST_LINE) return PROBE.NO;
    if (stop >= end)
      return PROBE.MORE === unfinished(probe) && couldBe(bytes, from, end) ? PROBE.MORE : PROBE.NO;
    if (!names(bytes, from, stop, post)) return PROBE.NO;
    const target = targetOf(decodeLatin1(bytes, from, stop));
    if (!target) return PROBE.NO;
    if (target.purpose !== 'hello')
      return probe.yes('high', `client: OSCAR tunnel, ${target.purpose} with a session id at byte 0`);
    if (target.host !== undefined && HELLO_HOSTS.includes(target.host.toLowerCase()))
      return probe.yes('medium', `client: GET http://${target.host}/hello at byte 0`);
    return server(probe);
  },
  /** Nearly every web request asks for another place, and says so in its first line. */
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    const post = bytes[start] === POST[0];
    if (!post && bytes[start] !== GET[0]) return true;
    if (!couldBegin(bytes, start, end, post ? POST : GET)) return false;
    const from = start + (post ? POST : GET).length;
    const stop = endOfTarget(bytes, from, end, LONGEST_LINE);
    if (stop - from > LONGEST_LINE) return false;
    return stop >= end ? couldBe(bytes, from, end) : names(bytes, from, stop, post);
  },
};

function unfinished(probe: Probe): ProbeAnswer {
  return probe.final ? PROBE.NO : PROBE.MORE;
}

/** What is there of a target begins like one of the tunnel's. */
function couldBe(bytes: Uint8Array, from: number, end: number): boolean {
  if (from >= end || bytes[from] !== 0x2f) return true;
  return (
    couldBegin(bytes, from, end, HELLO) ||
    couldBegin(bytes, from, end, MONITOR) ||
    couldBegin(bytes, from, end, DATA)
  );
}

/** One of the tunnel's paths stands in the target; nearly every request ends here, without a string made. */
function names(bytes: Uint8Array, from: number, stop: number, post: boolean): boolean {
  for (let i = bytes.indexOf(0x2f, from); i >= 0 && i < stop; i = bytes.indexOf(0x2f, i + 1)) {
    if (post ? couldBegin(bytes, i, stop, DATA) : couldBegin(bytes, i, stop, MONITOR)) return true;
    if (!post && i + HELLO.length === stop + 1 && couldBegin(bytes, i, stop, HELLO)) return true;
  }
  return false;
}

/** The first body of the server begins with a packet of the tunnel. */
function server(probe: Probe): ProbeAnswer {
  const { serverBytes: bytes, serverStart: start, serverEnd: end } = probe;
  if (end === start) return unfinished(probe);
  const body = headEnd(bytes, start, end);
  if (body < 0) return unfinished(probe);
  if (end - body < 6) return unfinished(probe);
  const length = ((bytes[body] ?? 0) << 8) | (bytes[body + 1] ?? 0);
  const version = ((bytes[body + 2] ?? 0) << 8) | (bytes[body + 3] ?? 0);
  const type = ((bytes[body + 4] ?? 0) << 8) | (bytes[body + 5] ?? 0);
  const fits = type >= PACKET.HELLO_REPLY && type <= PACKET.CLOSE_REPLY;
  if (length < COUNTED || version !== VERSION || !fits) return PROBE.NO;
  return probe.yes('medium', 'server: packet of the OSCAR tunnel in an HTTP response');
}
