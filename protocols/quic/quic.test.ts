import { describe, expect, test } from '@jest/globals';
import { cryptoFrame, initialPacket, runDetector, runDissector } from '../../src/sdk/testing.ts';
import { clientHello, extension } from '../tls/build.ts';
import type { HelloParts } from '../tls/build.ts';
import protocol from './index.ts';

const packet = (parts: HelloParts): Uint8Array =>
  initialPacket({ frames: [cryptoFrame(0, clientHello(parts))] });
const ASKED = { asked: { name: 'chat.signal.org', before: 2, byClient: true } };
const ECH = extension(0xfe0d, [0, 0, 1]);
const told = (parts: HelloParts, options = {}) =>
  runDissector(protocol, [{ direction: 0, bytes: packet(parts) }], options).facts;

describe('quic', () => {
  test('a name on the list is told, with its source', () => {
    expect(told({ sni: 'graph.whatsapp.com', alpns: ['h3'] })).toMatchObject([
      {
        kind: 'service',
        service: 'whatsapp',
        confidence: 'high',
        evidence: ['quic: QUIC v1', 'quic: SNI graph.whatsapp.com', expect.stringContaining('whatsapp')],
        tls: { sni: 'graph.whatsapp.com', client_alpns: ['h3'] },
      },
    ]);
  });

  test.each<[string, HelloParts, object]>([
    ['another name', { sni: 'www.example.net' }, {}],
    ['another name, though a messenger’s was looked up', { sni: 'www.example.net' }, ASKED],
    ['another name with noise in the place of ECH', { sni: 'www.example.net', after: [ECH] }, ASKED],
    ['no name, and nothing was looked up', {}, {}],
  ])('%s says nothing', (_, parts, options) => {
    expect(told(parts, options)).toEqual([]);
  });

  test.each<[string, HelloParts, string]>([
    ['no name', {}, 'quic: no server name'],
    [
      'an encrypted hello',
      { sni: 'cloudflare-ech.com', after: [ECH] },
      'quic: ECH, outer name cloudflare-ech.com',
    ],
  ])('of %s it is said what the server was looked up by, at low confidence', (_, parts, why) => {
    expect(told(parts, ASKED)).toMatchObject([
      {
        service: 'signal',
        confidence: 'low',
        evidence: [expect.any(String), why, 'dns: chat.signal.org asked 2 s before', expect.any(String)],
      },
    ]);
  });

  test('the detector takes the client’s first packet only', () => {
    const bytes = packet({ sni: 'a.example' });
    expect(runDetector(protocol, bytes, new Uint8Array(0)).answer).toBe('yes');
    expect(runDetector(protocol, bytes.subarray(0, 40), new Uint8Array(0)).answer).toBe('no');
    expect(runDetector(protocol, new Uint8Array(0), bytes).answer).toBe('no');
  });
});
