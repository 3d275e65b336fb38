import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import { answer, framed, httpsData, query, TYPE } from './build.ts';
import dns, { dnsOverTcp } from './index.ts';

const NONE = new Uint8Array(0);
const HOST = 'chat.signal.org';

describe('dns: detector', () => {
  test.each<[string, Uint8Array, string]>([
    ['a query for a messenger', query('Web.WhatsApp.com'), 'yes'],
    ['its answer alone', answer('web.whatsapp.com', TYPE.A, [192, 0, 2, 1]), 'yes'],
    ['a query for its HTTPS record', query(HOST, TYPE.HTTPS), 'yes'],
    ['another name', query('www.example.net'), 'no'],
    ['the name of a network that is read', query('login.oscar.aol.com'), 'no'],
    ['a name that only ends alike', query('notwhatsapp.com'), 'no'],
    ['a name of letters that a dot is one of', query('x.whatsapp_com'), 'no'],
    ['a reverse query', query('1.2.0.192.in-addr.arpa'), 'no'],
    ['two questions', query(HOST).map((b, i) => (i === 5 ? 2 : b)), 'no'],
    ['an update', query(HOST).map((b, i) => (i === 2 ? 0x28 : b)), 'no'],
    ['a query with answers', query(HOST).map((b, i) => (i === 7 ? 1 : b)), 'no'],
    ['a name that is not whole', query(HOST).subarray(0, 20), 'no'],
  ])('%s', (_, bytes, expected) => {
    expect(runDetector(dns, bytes, NONE).answer).toBe(expected);
    expect(dns.detector.glance?.(bytes, 0, bytes.length)).toBe(expected === 'yes');
  });

  test('over TCP the length stands before', () => {
    expect(runDetector(dnsOverTcp, framed(query(HOST)), NONE)).toMatchObject({
      answer: 'yes',
      evidence: [`dns: query for ${HOST}`],
    });
    expect(runDetector(dnsOverTcp, query(HOST), NONE).answer).toBe('no');
    expect(runDetector(dnsOverTcp, framed(query(HOST)).subarray(0, 20), NONE).answer).toBe('no');
  });
});

describe('dns: what is told', () => {
  test('the name that was asked for, once, at low confidence', () => {
    const steps = [query(HOST), query(HOST, TYPE.HTTPS), query(HOST)].map((m) => ({
      direction: 0 as const,
      bytes: framed(m),
    }));
    everySplit(dnsOverTcp, steps, ({ facts }) => {
      expect(facts).toMatchObject([
        {
          kind: 'service',
          service: 'signal',
          confidence: 'low',
          evidence: [`dns: query for ${HOST}`, expect.any(String)],
        },
      ]);
    });
  });

  test('that an HTTPS record offers to encrypt hellos', () => {
    const offers = answer(HOST, TYPE.HTTPS, httpsData([1, [2, 0x68, 0x33]], [5, [0, 1, 2]]));
    const { facts } = runDissector(dnsOverTcp, [
      { direction: 0, bytes: framed(query(HOST, TYPE.HTTPS)) },
      { direction: 1, bytes: framed(offers) },
    ]);
    expect(facts[1]?.evidence).toContain('dns: HTTPS record offers ECH');
  });

  test('and nothing where it does not', () => {
    const plain = answer(HOST, TYPE.HTTPS, httpsData([1, [2, 0x68, 0x33]]));
    const { facts } = runDissector(dnsOverTcp, [
      { direction: 0, bytes: framed(query(HOST, TYPE.HTTPS)) },
      { direction: 1, bytes: framed(plain) },
    ]);
    expect(facts).toHaveLength(1);
  });

  test('any bytes: never throws, and ends', () => {
    const whole = answer(HOST, TYPE.HTTPS, httpsData([5, [0, 1, 2]]), httpsData([1, []]));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, end) => {
        const bytes = whole.slice(0, end);
        if (at < bytes.length) bytes[at] = value;
        dns.detector.glance?.(bytes, 0, bytes.length);
        runDissector(dnsOverTcp, [{ direction: 1, bytes: framed(bytes) }]);
      }),
      { seed: 1035, numRuns: 500 },
    );
  });
});
