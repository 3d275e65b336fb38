import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { askedName, askedRow } from './wire.ts';

/** A query for the name of a messenger, or its answer: by its header, its one question, and a name that is on the list. */
function asks(bytes: Uint8Array, start: number, end: number): boolean {
  return askedRow(bytes, start, end) !== undefined;
}

export const udpDetector: Detector = {
  firstBytes: [null, null],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes, clientStart, clientEnd, serverBytes, serverStart, serverEnd } = probe;
    const client = asks(clientBytes, clientStart, clientEnd);
    if (!client && !asks(serverBytes, serverStart, serverEnd)) return PROBE.NO;
    const asked = client
      ? askedName(clientBytes, clientStart, clientEnd)
      : askedName(serverBytes, serverStart, serverEnd);
    return probe.yes('low', `dns: query for ${asked}`);
  },
  glance: asks,
};

/** Over TCP the length stands before the message (RFC 1035, 4.2.2). */
export const tcpDetector: Detector = {
  firstBytes: [[0, 1, 2], []],
  midstream: false,
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes, clientStart, clientEnd } = probe;
    if (!glanceTcp(clientBytes, clientStart, clientEnd)) return PROBE.NO;
    return probe.yes('low', `dns: query for ${askedName(clientBytes, clientStart + 2, clientEnd)}`);
  },
  glance: glanceTcp,
};

/** The whole query is in the first segment, as all clients send it. */
function glanceTcp(bytes: Uint8Array, start: number, end: number): boolean {
  const length = ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0);
  return length > 0 && start + 2 + length <= end && asks(bytes, start + 2, start + 2 + length);
}
