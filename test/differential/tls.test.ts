import { describe, expect, jest, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EveEvent } from '../../src/event/eve.ts';
import { ROOT, replayCapture } from '../golden/replay.ts';
import { fields, tsharkVersion } from './tshark.ts';

jest.setTimeout(300_000);

const SHARED = '../shared/captures';

/** Of each: handshakes with a host of an IM network, or behind STARTTLS. */
const CAPTURES = [
  'captures/xmpp/starttls.pcap',
  'captures/msn/basic-msnp9.pcap',
  `${SHARED}/recorded/oscar/aim_tls.pcap`,
  `${SHARED}/recorded/proxy/xmpp_starttls_connect.pcap`,
  `${SHARED}/recorded/xmpp/07c-starttls-go-sendxmpp-prosody.pcap`,
  `${SHARED}/public/xmpp/zeek-xmpp-c2s-starttls.pcap`,
  `${SHARED}/public/xmpp/zeek-xmpp-s2s-dialback-starttls.pcap`,
].filter((capture) => existsSync(join(ROOT, capture)));

const version = tsharkVersion();
const known = version === undefined ? [] : fieldsThatItKnows();

/** tshark tells JA4 from version 4.2 on. */
function fieldsThatItKnows(): string[] {
  const names = ['tls.handshake.ja3', 'tls.handshake.ja3_full', 'tls.handshake.ja4'];
  return names.filter((name) => {
    try {
      fields('captures/xmpp/starttls.pcap', [name], { filter: 'frame.number == 1' });
      return true;
    } catch {
      return false;
    }
  });
}

/** First hello of each connection after tshark, by the client's end. */
function hellos(capture: string): Map<string, string[]> {
  const names = ['ip.src', 'tcp.srcport', 'tls.handshake.extensions_server_name', ...known];
  const told = new Map<string, string[]>();
  for (const [ip = '', port = '', ...facts] of fields(capture, names, {
    filter: 'tls.handshake.type == 1',
  })) {
    const ends = `${ip}:${port}`;
    if (!told.has(ends)) told.set(ends, facts);
  }
  return told;
}

function ours(event: EveEvent): string[] {
  const { sni, ja3, ja4 } = event.tls ?? {};
  const told: Record<string, string | undefined> = {
    'tls.handshake.ja3': ja3?.hash,
    'tls.handshake.ja3_full': ja3?.string,
    'tls.handshake.ja4': ja4,
  };
  return [sni ?? '', ...known.map((name) => told[name] ?? '')];
}

(version === undefined || !known.includes('tls.handshake.ja3') ? describe.skip : describe)(
  'TLS handshakes, beside tshark (skipped where it is not installed)',
  () => {
    test.each(CAPTURES)('%s: server name and fingerprints are the same', async (capture) => {
      const { lines } = await replayCapture(capture);
      const events = lines
        .map((line) => JSON.parse(line) as EveEvent)
        .filter((event) => event.im?.kind === 'service' && event.tls !== undefined);
      const theirs = hellos(capture);
      expect(events.length).toBeGreaterThan(0);
      for (const event of events) {
        expect(ours(event)).toEqual(theirs.get(`${event.src_ip!}:${event.src_port!}`));
      }
    });
  },
);
