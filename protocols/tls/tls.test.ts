import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import {
  bytes,
  certificates,
  clientHello,
  dn,
  extension,
  handshake,
  record,
  serverHello,
  sniExtension,
  v2Hello,
  x509,
} from './build.ts';
import type { HelloParts } from './build.ts';
import tls from './index.ts';

const hello = (parts: HelloParts): Uint8Array => record(clientHello(parts));
const cert = (...names: string[]): Uint8Array =>
  record(bytes(serverHello(), certificates(x509(dn({ CN: names[0]! }), names)), handshake(14)));
const WEB = ['h2', 'http/1.1'];

describe('detection by the client', () => {
  test.each<[string, HelloParts, string]>([
    ['a sign-on host', { sni: 'slogin.oscar.aol.com' }, 'high'],
    ['upper case and a final dot', { sni: 'SLOGIN.ICQ.COM.' }, 'high'],
    ['a host that others use, too', { sni: 'nexus.passport.com' }, 'medium'],
    ['a host of the web with its protocols', { sni: 'api.icq.net', alpns: WEB }, 'high'],
    ['XMPP on any host', { sni: 'jabber.example', alpns: ['xmpp-client'] }, 'high'],
    ['XMPP among others, without a name', { alpns: ['h2', 'xmpp-server'] }, 'high'],
  ])('%s is told', (_, parts, confidence) => {
    expect(runDetector(tls, hello(parts))).toMatchObject({ answer: 'yes', confidence, flip: false });
  });

  test.each<[string, Uint8Array]>([
    ['a web server', hello({ sni: 'www.example.net', alpns: WEB })],
    ['Apple push on 5223', hello({ sni: '12-courier.push.apple.com', alpns: ['apns-security-v3'] })],
    ['a private Jabber server without ALPN', hello({ sni: 'im.corp.test' })],
    ['a browser at a host that speaks no HTTP', hello({ sni: 'login.oscar.aol.com', alpns: WEB })],
    ['no name but a protocol of the web', hello({ alpns: ['http/1.1'] })],
    ['WhatsApp on 5222', bytes([0x57, 0x41, 5, 2])],
    ['what only begins like TLS', bytes([0x16, 3, 1, 0, 4, 9, 9, 9, 9])],
    ['a look-alike of SSL 2.0', bytes([0x80, 0x2e, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9])],
  ])('%s is not', (_, client) => {
    expect(runDetector(tls, client).answer).toBe('no');
  });

  test('a hello in pieces is waited for, and decided by what there is at the last', () => {
    const whole = hello({ sni: 'slogin.oscar.aol.com', groups: [29, 23, 24] });
    for (let end = 1; end < whole.length; end++) {
      expect(runDetector(tls, whole.slice(0, end)).answer).toBe('more');
    }
    expect(runDetector(tls, whole.slice(0, -2), undefined, { final: true }).answer).toBe('yes');
    expect(runDetector(tls, whole.slice(0, 60), undefined, { final: true }).answer).toBe('no');
  });
});

describe('detection by the server', () => {
  const silent = hello({});

  test.each<[string, Uint8Array, Uint8Array]>([
    ['behind a hello without names', silent, cert('slogin.icq.com')],
    ['with a wildcard among others', silent, cert('www.example', '*.msg.yahoo.com')],
    ['behind a hello of SSL 2.0', v2Hello(), cert('messenger.hotmail.com')],
    ['where only the server is in view', new Uint8Array(0), cert('talk.google.com')],
  ])('a certificate %s is told', (_, client, server) => {
    expect(runDetector(tls, client).answer).toBe('more');
    expect(runDetector(tls, client, server)).toMatchObject({ answer: 'yes', confidence: 'medium' });
  });

  test.each<[string, Uint8Array, Uint8Array]>([
    ['another host', silent, cert('www.example')],
    ['hosts that other software uses', silent, cert('login.live.com', 'nexus.passport.com')],
    ['TLS 1.3', silent, record(serverHello(0x0304))],
    ['a client that named another host', hello({ sni: 'a.example' }), cert('slogin.icq.com')],
    ['no TLS', silent, bytes('HTTP/1.1 400 Bad Request')],
  ])('%s is not', (_, client, server) => {
    expect(runDetector(tls, client, server).answer).toBe('no');
  });
});

describe('detection in mid-stream', () => {
  test('the supposed client can be the server', () => {
    const client = hello({ sni: 'slogin.icq.com' });
    const found = { answer: 'yes', flip: true };
    expect(runDetector(tls, cert('a.example'), client, { midstream: true })).toMatchObject(found);
    expect(runDetector(tls, new Uint8Array(0), client, { midstream: true })).toMatchObject(found);
    expect(runDetector(tls, cert('a.example'), client).answer).toBe('no');
  });

  test('data of a running connection is nothing', () => {
    expect(runDetector(tls, bytes([0x17, 3, 3, 0, 40]), undefined, { midstream: true }).answer).toBe('no');
  });
});

describe('dissection', () => {
  const up = (part: Uint8Array): Step => ({ direction: 0, bytes: part });
  const down = (part: Uint8Array): Step => ({ direction: 1, bytes: part });
  const over: Step[] = [
    { direction: 0, end: true },
    { direction: 1, end: true },
  ];
  const named = hello({ sni: 'Slogin.oscar.aol.com', ciphers: [0x2a2a, 0x0035] });

  test('one event with all that both hellos and the certificate show', () => {
    const steps = [up(named), down(cert('slogin.oscar.aol.com'))];
    everySplit(tls, steps, (told) => {
      expect(told.ended).toBe('skip');
      expect(told.events).toEqual([
        {
          direction: 0,
          offset: 0,
          facts: {
            kind: 'service',
            service: 'aim',
            confidence: 'high',
            evidence: [
              'tls: SNI Slogin.oscar.aol.com',
              'host list of 2026-11: sign-on and service of aim (libpurple 2.x)',
            ],
            tls: {
              sni: 'Slogin.oscar.aol.com',
              version: 'TLS 1.2',
              subject: 'CN=slogin.oscar.aol.com',
              issuerdn: 'O=Test CA, CN=Root',
              subjectaltname: ['slogin.oscar.aol.com'],
              fingerprint: expect.any(String),
              ja3: { hash: expect.any(String), string: '771,53,0,,' },
              ja3s: { hash: expect.any(String), string: '771,49199,' },
              ja4: expect.stringMatching(/^t12d010100_[0-9a-f]{12}_[0-9a-f]{12}$/),
            },
          },
        },
      ]);
      expect(told.anomalies).toEqual([]);
    });
  });

  test.each<[string, Step[], string | undefined]>([
    ['TLS 1.3: at the server hello', [up(named), down(record(serverHello(0x0304)))], 'TLS 1.3'],
    ['only the client in view: as it goes on', [up(named), up(record(Uint8Array.of(1), 20))], undefined],
    ['only the client in view: at the end', [up(named), ...over], undefined],
    ['an alert', [up(named), down(record(Uint8Array.of(2, 40), 21))], undefined],
    ['a hole in what the server says', [up(named), { direction: 1, gap: 500 }, ...over], undefined],
  ])('%s it is told what there is', (_, steps, version) => {
    const told = runDissector(tls, steps);
    expect(told.facts).toHaveLength(1);
    expect(told.facts[0]).toMatchObject({
      kind: 'service',
      service: 'aim',
      tls: { sni: 'Slogin.oscar.aol.com' },
    });
    expect(told.facts[0]?.tls?.version).toBe(version);
  });

  test('XMPP is told with the domain that it asks for', () => {
    const [fact] = runDissector(tls, [
      up(hello({ sni: 'Corp.TEST', alpns: ['xmpp-client'] })),
      ...over,
    ]).facts;
    expect(fact).toMatchObject({
      service: 'xmpp',
      to: ['corp.test'],
      evidence: ['tls: ALPN xmpp-client', 'tls: SNI Corp.TEST'],
    });
  });

  test('without a name of the client, the certificate tells', () => {
    for (const first of [hello({}), v2Hello()]) {
      everySplit(tls, [up(first), down(cert('messenger.hotmail.com'))], (told) => {
        expect(told.facts[0]).toMatchObject({ service: 'msn', confidence: 'medium' });
      });
    }
  });

  test('of a hello whose end is lost the name is told, but no fingerprint', () => {
    const steps: Step[] = [up(named.slice(0, -1)), { direction: 0, gap: 9 }, ...over];
    const long = hello({ sni: 'slogin.icq.com', groups: [29, 23] });
    const cut: Step[] = [up(long.slice(0, -3)), { direction: 0, gap: 3 }, ...over];
    expect(runDissector(tls, steps).facts).toEqual([]);
    expect(runDissector(tls, cut).facts[0]?.tls).toEqual({ sni: 'slogin.icq.com' });
  });

  test.each<[string, Uint8Array]>([
    ['a second server name', hello({ before: [sniExtension('slogin.icq.com')], sni: 'www.example.net' })],
    ['a name that is no text before it', hello({ before: [sniExtension('\u0001')], sni: 'slogin.icq.com' })],
  ])('%s: detector and dissector take the same', (_, client) => {
    expect(runDetector(tls, client).answer).toBe('yes');
    expect(runDissector(tls, [up(client), ...over]).facts).toMatchObject([{ service: 'icq' }]);
  });

  test('what the detector says yes to is always told, and nothing makes it throw', () => {
    const client = hello({ sni: 'slogin.icq.com', alpns: ['xmpp-client'], groups: [29], formats: [0] });
    const server = cert('slogin.icq.com');
    fc.assert(
      fc.property(
        fc.nat(client.length - 1),
        fc.nat(255),
        fc.nat(server.length - 1),
        fc.boolean(),
        (at, value, cut, both) => {
          const spoilt = client.slice();
          spoilt[at] = value;
          const damaged = server.slice();
          damaged[cut] = value;
          const answer = runDetector(tls, spoilt, both ? damaged : undefined).answer;
          const told = runDissector(tls, [up(spoilt), ...(both ? [down(damaged)] : []), ...over]);
          if (answer === 'yes') expect(told.facts).toHaveLength(1);
        },
      ),
      { seed: 34, numRuns: 2_000 },
    );
  });

  test('what goes on as something else is odd', () => {
    const told = runDissector(tls, [up(named), down(bytes('HTTP/1.1 400'))]);
    expect(told.anomalies).toEqual(['tls_not_a_handshake']);
    expect(told.facts).toHaveLength(1);
  });
});

describe('a glance at the first segment', () => {
  const glance = (segment: Uint8Array): boolean | undefined =>
    tls.detector.glance?.(bytes([0], segment, [0]), 1, segment.length + 1);

  test.each<[string, Uint8Array, boolean]>([
    ['a web server', hello({ sni: 'www.example.net', alpns: WEB }), false],
    ['no name but a protocol of the web', hello({ alpns: WEB }), false],
    ['what only begins like TLS', bytes([0x16, 3, 1, 0, 4, 9, 9, 9, 9]), false],
    ['a host of the list', hello({ sni: 'slogin.icq.com' }), true],
    ['XMPP', hello({ sni: 'www.example.net', alpns: ['xmpp-client'] }), true],
    ['no names at all: the certificate will tell', hello({}), true],
    ['a part of a hello', hello({ sni: 'www.example.net', groups: [1, 2, 3] }).slice(0, 90), true],
    [
      'a part of a hello with both names',
      hello({ sni: 'www.example.net', alpns: WEB, versions: [772] }).slice(0, -4),
      false,
    ],
    ['a hello of SSL 2.0', v2Hello(), true],
    ['a server', cert('www.example.net'), true],
  ])('%s', (_, segment, worth) => {
    expect(glance(segment)).toBe(worth);
  });

  test('never rules out what the detector says yes to', () => {
    const names = ['slogin.icq.com', 'www.example.net', 'api.icq.net', undefined];
    for (const sni of names) {
      for (const alpns of [undefined, WEB, ['xmpp-client']]) {
        const segment = hello({ ...(sni === undefined ? {} : { sni }), ...(alpns ? { alpns } : {}) });
        if (runDetector(tls, segment).answer !== 'no') expect(glance(segment)).toBe(true);
      }
    }
  });
});

describe('XMPP in direct TLS without ALPN', () => {
  const xmpp = (sni: string, serverPort: number, more: HelloParts = {}): unknown =>
    runDetector(tls, hello({ sni, ...more }), undefined, { serverPort }).answer;

  test.each([
    ['a domain on its port', 'corp.test', 5223, 'yes'],
    ['a label, on any port', 'xmpp.corp.test', 443, 'yes'],
    ['a numbered label', 'jabber2.corp.test.', 5223, 'yes'],
    ['upper case', 'XMPP.Corp.Test', 8443, 'yes'],
    ['a domain on another port', 'corp.test', 443, 'no'],
    ['a host on its port', 'mail.corp.test', 5223, 'no'],
    ['a word that begins so', 'xmppless.corp.test', 443, 'no'],
    ['Apple’s push service', '12-courier.push.apple.com', 5223, 'no'],
    ['a short domain of PlayStation', 'playstation.net', 5223, 'no'],
    ['Samsung’s push service', 'gld.push.samsungosp.com', 5223, 'no'],
    ['an address', '10.5', 5223, 'no'],
    ['a name alone', 'localhost', 5223, 'no'],
  ])('%s', (_, sni, port, expected) => {
    expect(xmpp(sni, port)).toBe(expected);
    // Whoever offers a protocol says what it is.
    expect(xmpp(sni, port, { alpns: WEB })).toBe('no');
    expect(xmpp(sni, port, { alpns: ['apns-security-v3'] })).toBe('no');
    if (expected === 'yes') {
      const bytes = hello({ sni });
      expect(tls.detector.glance?.(bytes, 0, bytes.length)).toBe(true);
    }
  });

  test('is told with low confidence and the domain', () => {
    const steps: Step[] = [
      { direction: 0, bytes: hello({ sni: 'Corp.test' }) },
      { direction: 1, bytes: record(serverHello(0x0304)) },
    ];
    everySplit(
      tls,
      steps,
      (told) => {
        expect(told.facts).toHaveLength(1);
        expect(told.facts[0]).toMatchObject({
          kind: 'service',
          service: 'xmpp',
          confidence: 'low',
          to: ['corp.test'],
          evidence: ['tls: SNI corp.test is a domain, not a host', 'tls: port 5223, no ALPN'],
        });
      },
      { serverPort: 5223 },
    );
  });
});

describe('the name that was looked up', () => {
  const asked = { name: 'slogin.oscar.aol.com', before: 2, byClient: true };
  const detect = (parts: HelloParts, more: object = { asked }): unknown =>
    runDetector(tls, hello(parts), undefined, more);

  test('decides where the client names none', () => {
    expect(detect({})).toMatchObject({
      answer: 'yes',
      confidence: 'low',
      evidence: ['tls: no server name', 'dns: slogin.oscar.aol.com asked 2 s before'],
    });
  });

  test.each<[string, HelloParts, object]>([
    ['the client names another', { sni: 'www.example.com' }, { asked }],
    ['the client offers protocols of the web', { alpns: WEB }, { asked }],
    ['it is another name', {}, { asked: { ...asked, name: 'www.example.com' }, final: true }],
    ['none is known', {}, { final: true }],
  ])('says nothing where %s', (_, parts, more) => {
    expect(detect(parts, more)).toEqual({ answer: 'no' });
  });

  test('is told with low confidence; a certificate that names one is believed before', () => {
    const tell = (server: Uint8Array): unknown =>
      runDissector(
        tls,
        [
          { direction: 0, bytes: hello({}) },
          { direction: 1, bytes: server },
        ],
        { asked },
      ).facts[0];
    expect(tell(record(serverHello(0x0304)))).toMatchObject({
      service: 'aim',
      confidence: 'low',
      evidence: [
        'tls: no server name',
        'dns: slogin.oscar.aol.com asked 2 s before',
        'host list of 2026-11: sign-on and service of aim (libpurple 2.x)',
      ],
    });
    expect(tell(cert('login.icq.com'))).toMatchObject({ service: 'icq', confidence: 'medium' });
  });

  const ECH = extension(0xfe0d, [0, 0, 1]);
  const OUTER = 'cloudflare-ech.com';
  test('decides where the hello is encrypted: what is seen of it is a provider’s name', () => {
    const parts: HelloParts = { sni: OUTER, alpns: WEB, after: [ECH] };
    expect(detect(parts)).toMatchObject({
      answer: 'yes',
      confidence: 'low',
      evidence: ['tls: encrypted hello, its name unknown', expect.any(String)],
    });
    expect(detect(parts, {})).toEqual({ answer: 'no' });
    const bytes = hello(parts);
    expect(tls.detector.glance?.(bytes, 0, bytes.length)).toBe(true);
    const { facts } = runDissector(
      tls,
      [
        { direction: 0, bytes },
        { direction: 1, bytes: record(serverHello(0x0304)) },
      ],
      { asked },
    );
    expect(facts).toMatchObject([
      {
        service: 'aim',
        confidence: 'low',
        evidence: [`tls: ECH, outer name ${OUTER}`, expect.any(String), expect.any(String)],
      },
    ]);
  });

  test.each<[string, HelloParts]>([
    ['with noise in the place of ECH', { sni: 'www.example.com', alpns: WEB, after: [ECH] }],
    ['by that name without ECH', { sni: OUTER, alpns: WEB }],
  ])('says nothing of a hello %s', (_, parts) => {
    expect(detect(parts)).toEqual({ answer: 'no' });
  });

  test.each<[string, string[], string]>([
    ['of a messenger alone', ['*.whatsapp.net', 'web.whatsapp.com'], 'yes'],
    ['of a maker of much else', ['*.facebook.com', '*.messenger.com', 'm.me'], 'no'],
    ['of a network that is read, and more', ['www.aol.com', 'login.oscar.aol.com'], 'yes'],
  ])('a certificate %s', (_, names, answer) => {
    expect(runDetector(tls, hello({}), cert(...names), {})).toMatchObject({ answer });
  });
});
