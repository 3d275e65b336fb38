import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { ARS_TYPE, HEAD, isFramePrefix, KIND, kindAt, OFT_HEADER } from './wire.ts';

const O = 0x4f;
const SAYS = { NO: 0, MORE: 1, NOTHING: 2, OFT: 3, ODC: 4, PROXY_CLIENT: 5, PROXY_SERVER: 6 } as const;
type Says = (typeof SAYS)[keyof typeof SAYS];

const FACT: ReadonlyMap<Says, string> = new Map<Says, string>([
  [SAYS.OFT, 'OFT header at byte 0'],
  [SAYS.ODC, 'ODC header at byte 0'],
  [SAYS.PROXY_CLIENT, 'rendezvous proxy request at byte 0'],
  [SAYS.PROXY_SERVER, 'rendezvous proxy reply at byte 0'],
]);

/**
 * Peers may both speak first and either may listen, so the same headers begin both directions. A
 * header counts when its magic, length and type fit together.
 */
export const detector: Detector = {
  firstBytes: [
    [O, 0],
    [O, 0],
  ],
  probe(probe: Probe): ProbeAnswer {
    const client = examine(probe.clientBytes, probe.clientStart, probe.clientEnd);
    const server = examine(probe.serverBytes, probe.serverStart, probe.serverEnd);
    if (client === SAYS.NO || server === SAYS.NO) return PROBE.NO;
    const one = FACT.get(client);
    const two = FACT.get(server);
    if (one === undefined && two === undefined) return probe.final ? PROBE.NO : PROBE.MORE;
    if (!fits(client, server)) return PROBE.NO;
    if (one !== undefined && two !== undefined) {
      probe.flip = client === SAYS.PROXY_SERVER;
      return probe.yes('high', `client: ${one}`, `server: ${two}`);
    }
    const passed = Math.max(probe.clientLength, probe.serverLength) > OFT_HEADER;
    if (!probe.final && !passed) return PROBE.MORE;
    probe.flip = client === SAYS.PROXY_SERVER || server === SAYS.PROXY_CLIENT;
    return probe.yes('medium', one === undefined ? `server: ${two}` : `client: ${one}`);
  },
};

function isProxy(says: Says): boolean {
  return says === SAYS.PROXY_CLIENT || says === SAYS.PROXY_SERVER;
}

/** Both sides speak the same, and of a proxy's two sides one asks and one answers. */
function fits(client: Says, server: Says): boolean {
  const silent = client <= SAYS.NOTHING || server <= SAYS.NOTHING;
  return silent || (isProxy(client) ? isProxy(server) && client !== server : client === server);
}

function examine(bytes: Uint8Array, start: number, end: number): Says {
  if (start >= end) return SAYS.NOTHING;
  if (end - start < HEAD) return isFramePrefix(bytes, start, end) ? SAYS.MORE : SAYS.NO;
  const kind = kindAt(bytes, start);
  if (kind === KIND.OFT) return SAYS.OFT;
  if (kind === KIND.ODC) return SAYS.ODC;
  if (kind !== KIND.ARS) return SAYS.NO;
  const type = bytes[start + 5];
  return type === ARS_TYPE.CREATE || type === ARS_TYPE.JOIN ? SAYS.PROXY_CLIENT : SAYS.PROXY_SERVER;
}
