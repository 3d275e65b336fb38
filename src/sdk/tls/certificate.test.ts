import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytes, certificates, dn, record, serverHello, x509 } from '../../../protocols/tls/build.ts';
import { Leaf, readCertificate } from './certificate.ts';
import { ServerSight } from './server-sight.ts';
import { SIGHT } from './sight.ts';

const HEAD = 4;
const subject = dn({ C: 'DE', O: 'Verein, Müller', CN: 'im.example.net' });
const message = certificates(
  x509(subject, ['im.example.net', '*.im.example.net'], true),
  x509(dn({ CN: 'CA' })),
);
const flight = bytes(serverHello(), message);

function firstName(body: Uint8Array): string | undefined {
  let found: string | undefined;
  const leaf = new Leaf();
  if (!leaf.find(body, HEAD, body.length)) return undefined;
  leaf.some(body, (b, start, end) => {
    found = new TextDecoder().decode(b.subarray(start, end));
    return true;
  });
  return found;
}

describe('certificate', () => {
  test('subject, issuer, names and fingerprint of the leaf are read', () => {
    const facts = readCertificate(message, HEAD, message.length);
    expect(facts).toMatchObject({
      subject: 'C=DE, O=Verein, Müller, CN=im.example.net',
      issuer: 'O=Test CA, CN=Root',
      names: ['im.example.net', '*.im.example.net'],
    });
    expect(facts?.fingerprint).toMatch(/^([0-9a-f]{2}:){19}[0-9a-f]{2}$/);
  });

  test('one without alternative names answers by its common name', () => {
    expect(firstName(certificates(x509(subject)))).toBe('im.example.net');
    expect(firstName(certificates(x509(subject, ['other.example'])))).toBe('other.example');
    expect(firstName(certificates(x509(dn({ O: 'nobody' }))))).toBeUndefined();
  });

  test('one that is cut tells what is there, and no fingerprint', () => {
    const cut = readCertificate(message, HEAD, HEAD + 6 + 250);
    expect(cut?.subject).toBe('C=DE, O=Verein, Müller, CN=im.example.net');
    expect(cut?.fingerprint).toBeUndefined();
  });

  test('at most so many names, of a name each', () => {
    const names = ['bad name', 'a'.repeat(300), ...Array.from({ length: 40 }, (_, i) => `h${i}.example`)];
    const many = certificates(x509(subject, names));
    expect(readCertificate(many, HEAD, many.length)?.names).toEqual(
      Array.from({ length: 16 }, (_, i) => `h${i}.example`),
    );
  });

  test.each<[string, Uint8Array]>([
    ['an empty list', certificates()],
    ['what is no DER', certificates(Uint8Array.of(1, 2, 3))],
    ['nothing', new Uint8Array(0)],
  ])('%s is no certificate', (_, body) => {
    expect(readCertificate(body, HEAD, body.length)).toBeUndefined();
  });

  test('no bytes make it throw or run on', () => {
    const sight = new ServerSight();
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.nat(255), fc.nat(message.length), (at, value, end) => {
        const spoilt = message.slice();
        spoilt[at] = value;
        readCertificate(spoilt, HEAD, end);
        firstName(spoilt);
        sight.look(record(bytes(serverHello(), spoilt)), 0, end, true);
      }),
      { seed: 32, numRuns: 3_000 },
    );
  });
});

describe('the certificate in the first bytes of a server', () => {
  const name = (sight: ServerSight): boolean =>
    sight.some((b, start, end) => new TextDecoder().decode(b.subarray(start, end)) === '*.im.example.net');

  test.each([
    ['in one record', record(flight)],
    ['in a record of its own', bytes(record(serverHello()), record(message))],
  ])('%s it is found once it is whole', (_, stream) => {
    const sight = new ServerSight();
    let found = 0;
    for (let end = 1; end <= stream.length; end++) {
      const seen = sight.look(stream, 0, end, false);
      expect([SIGHT.PART, SIGHT.SERVER]).toContain(seen);
      if (seen !== SIGHT.SERVER) continue;
      found++;
      expect(name(sight)).toBe(true);
    }
    expect(found).toBeGreaterThan(0);
  });

  test.each<[string, Uint8Array]>([
    ['TLS 1.3', record(serverHello(0x0304))],
    ['a session that is resumed', bytes(record(serverHello()), record(Uint8Array.of(1), 20))],
    ['an alert', record(Uint8Array.of(2, 40), 21)],
    ['a certificate without a hello', record(message)],
    ['text', bytes('220 ready\r\n')],
  ])('%s shows none', (_, stream) => {
    expect(new ServerSight().look(stream, 0, stream.length, false)).toBe(SIGHT.NO);
  });
});
