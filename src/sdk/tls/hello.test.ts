import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  clientHello,
  extension,
  numbers16,
  serverHello,
  sniExtension,
  v2Hello,
} from '../../../protocols/tls/build.ts';
import type { HelloParts } from '../../../protocols/tls/build.ts';
import { ja3, ja3s, ja4 } from './fingerprint.ts';
import { readClientHello, readServerHello, readV2Hello } from './hello.ts';
import { isGrease, versionName } from './wire.ts';

const HEAD = 4;
const read = (parts: HelloParts) => {
  const message = clientHello(parts);
  return readClientHello(message, HEAD, message.length);
};

describe('ClientHello', () => {
  test('all that is looked into is read, in the order that it is written in', () => {
    const hello = read({
      sni: 'Login.Example.NET',
      alpns: ['h2', 'http/1.1'],
      ciphers: [0x1a1a, 0x1302, 0xc030],
      groups: [29, 23],
      formats: [0, 1],
      signatures: [0x0403],
      versions: [0x0304, 0x0303],
    });
    expect(hello).toMatchObject({
      version: 0x0303,
      ciphers: [0x1a1a, 0x1302, 0xc030],
      extensions: [0, 10, 11, 13, 16, 43],
      groups: [29, 23],
      formats: [0, 1],
      signatures: [0x0403],
      versions: [0x0304, 0x0303],
      sni: 'Login.Example.NET',
      named: true,
      alpns: ['h2', 'http/1.1'],
      v2: false,
    });
  });

  test('one without extensions is whole (SSL 3.0, TLS 1.0)', () => {
    expect(read({ version: 0x0300, bare: true })).toMatchObject({
      version: 0x0300,
      extensions: [],
      named: false,
    });
  });

  test.each<[string, HelloParts]>([
    ['control characters', { before: [sniExtension('a\u0007b.example')] }],
    ['blanks', { before: [sniExtension('a b')] }],
    ['nothing', { before: [sniExtension('')] }],
    ['more than a name can have', { before: [sniExtension('a'.repeat(256))] }],
    ['another type of name', { before: [extension(0, [0, 4, 1, 0, 1, 0x61])] }],
    ['a length that lies', { before: [extension(0, [0, 9, 0, 0x7f, 0xff, 0x61])] }],
  ])('a server name of %s is not shown', (_, parts) => {
    const hello = read(parts);
    expect(hello?.named).toBe(true);
    expect(hello?.sni).toBeUndefined();
  });

  test('of a list of extensions that is damaged, the whole ones are told', () => {
    const message = clientHello({ sni: 'a.example', after: [Uint8Array.of(0, 16, 0xff, 0xff, 1)] });
    expect(readClientHello(message, HEAD, message.length)?.sni).toBe('a.example');
  });

  test('a body that is cut anywhere is read without inventing anything', () => {
    const message = clientHello({ sni: 'a.example', alpns: ['xmpp-client'], groups: [29] });
    for (let end = HEAD; end < message.length; end++) {
      const hello = readClientHello(message, HEAD, end);
      expect(['a.example', undefined]).toContain(hello?.sni);
      expect(hello?.alpns.filter((name) => name !== 'xmpp-client') ?? []).toEqual([]);
    }
  });

  test('no bytes make it throw', () => {
    const whole = clientHello({
      sni: 'a.example',
      alpns: ['h2'],
      groups: [29],
      formats: [0],
      versions: [0x0304],
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, end) => {
        const message = whole.slice();
        message[at] = value;
        readClientHello(message, HEAD, end);
        readServerHello(message, HEAD, end);
        readV2Hello(message, 0, end);
      }),
      { seed: 30, numRuns: 2_000 },
    );
  });
});

describe('hello in the form of SSL 2.0', () => {
  test('offers the ciphers that have a number of TLS', () => {
    const message = v2Hello();
    expect(readV2Hello(message, 0, message.length)).toMatchObject({
      version: 0x0301,
      ciphers: [4, 5],
      v2: true,
    });
  });

  test.each<[string, (bytes: Uint8Array) => void]>([
    ['another type', (b) => (b[2] = 2)],
    ['lengths that do not add up', (b) => (b[6] = 12)],
    ['ciphers of a broken length', (b) => (b[6] = 8)],
  ])('%s is none', (_, spoil) => {
    const message = v2Hello();
    spoil(message);
    expect(readV2Hello(message, 0, message.length)).toBeUndefined();
  });

  test('has no fingerprint', () => {
    const message = v2Hello();
    const hello = readV2Hello(message, 0, message.length)!;
    expect([ja3(hello), ja4(hello)]).toEqual([undefined, undefined]);
  });
});

describe('ServerHello', () => {
  test.each([
    [0x0300, 'SSLv3'],
    [0x0301, 'TLSv1'],
    [0x0302, 'TLS 1.1'],
    [0x0303, 'TLS 1.2'],
    [0x0304, 'TLS 1.3'],
  ])('version %i is %s', (version, name) => {
    const message = serverHello(version);
    const hello = readServerHello(message, HEAD, message.length);
    expect(hello?.version).toBe(version);
    expect(versionName(hello?.version ?? 0)).toBe(name);
  });

  test('names the protocol that it chose', () => {
    const message = serverHello(0x0303, 0xc02f, [extension(16, [0, 12, 11], 'xmpp-client')]);
    const hello = readServerHello(message, HEAD, message.length)!;
    expect(hello.alpns).toEqual(['xmpp-client']);
    expect(ja3s(hello).string).toBe('771,49199,16');
  });
});

describe('GREASE', () => {
  test.each([0x0a0a, 0x1a1a, 0xfafa])('%i is', (value) => {
    expect(isGrease(value)).toBe(true);
  });
  test.each([0x0a1a, 0x1301, 0x0a0b, 0])('%i is not', (value) => {
    expect(isGrease(value)).toBe(false);
  });
});

/** Values that the authors of the methods publish. */
describe('fingerprints, known values', () => {
  test('JA3 of its own description', () => {
    const hello = read({
      version: 769,
      ciphers: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
      sni: 'a.example',
      groups: [23, 24, 25],
      formats: [0],
    })!;
    expect(ja3(hello)).toEqual({
      hash: 'ada70206e40642a3e4461f35503241d5',
      string: '769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0',
    });
  });

  test('JA3 of a hello without extensions', () => {
    const hello = read({ version: 769, ciphers: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], bare: true })!;
    expect(ja3(hello)).toEqual({
      hash: 'de350869b8c85de67a350c8d186f11e6',
      string: '769,4-5-10-9-100-98-3-6-19-18-99,,,',
    });
  });

  test('JA4 of its own description: Chrome, with GREASE', () => {
    const plain = [0x001b, 0x0033, 0x4469, 0x0017, 0x002d, 0x0005, 0x0023, 0x0012, 0xff01, 0x0015];
    const hello = read({
      ciphers: [
        0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
        0x009c, 0x009d, 0x002f, 0x0035,
      ],
      before: [extension(0x3a3a)],
      sni: 'a.example',
      alpns: ['h2', 'http/1.1'],
      groups: [0x4a4a, 29],
      formats: [0],
      signatures: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
      versions: [0x7a7a, 0x0304, 0x0303],
      after: plain.map((type) => extension(type)),
    })!;
    expect(ja4(hello)).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  test.each<[string, HelloParts, string]>([
    ['no name, no protocol, no extension', { bare: true, ciphers: [47] }, 't12i010000_'],
    ['XMPP', { alpns: ['xmpp-client'], sni: 'a.example' }, 't12d0202xt_'],
    ['a protocol of one letter', { alpns: ['h'] }, 't12i0201hh_'],
    ['a protocol that is no text', { alpns: [[0xab, 0x61, 0xcd]] }, 't12i0201ad_'],
    ['SSL 3.0', { version: 0x0300, bare: true }, 'ts3i020000_'],
    ['a version that is none', { versions: [0x0399] }, 't00i020100_'],
    [
      'more than 99 ciphers',
      { ciphers: Array.from({ length: 120 }, (_, i) => i + 1), bare: true },
      't12i990000_',
    ],
  ])('JA4 begins right for %s', (_, parts, head) => {
    expect(ja4(read(parts)!)?.startsWith(head)).toBe(true);
  });

  test('JA4 of no ciphers that count and of no extensions is zeros', () => {
    expect(ja4(read({ ciphers: [0x0a0a], bare: true })!)).toBe('t12i000000_000000000000_000000000000');
  });

  test('an odd list of numbers loses its last byte only', () => {
    expect(read({ before: [extension(10, [0, 3], numbers16([29]), [7])] })?.groups).toEqual([29]);
  });
});
