import { describe, expect, test } from '@jest/globals';
import type { Step } from '../../src/sdk/testing.ts';
import { everySplit, runDissector } from '../../src/sdk/testing.ts';
import {
  END,
  answer,
  auth,
  base64,
  bind,
  body,
  client,
  features,
  header,
  iq,
  message,
  query,
  sasl,
  server,
  signOn,
} from './build.ts';
import { bytes, certificates, clientHello, dn, record, serverHello, x509 } from '../tls/build.ts';
import xmpp from './index.ts';

const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
const HELLO: Step = { direction: 0, bytes: Uint8Array.of(0x16, 3, 1, 0, 4, 1, 0, 0, 0) };

describe('what a stream turns into', () => {
  test('STARTTLS: the domain is told and nothing more is read', () => {
    const told = runDissector(xmpp, [
      client(header('jabber.example')),
      server(`${answer('jabber.example')}<stream:features><starttls xmlns='${TLS}'/></stream:features>`),
      client(`<starttls xmlns='${TLS}'/>`),
      server(`<proceed xmlns='${TLS}'/>`),
      HELLO,
    ]);
    expect(told.facts).toEqual([
      {
        kind: 'service',
        service: 'xmpp',
        evidence: ['server: STARTTLS proceed', 'client: stream to jabber.example'],
        confidence: 'high',
        to: ['jabber.example'],
      },
    ]);
    expect(told).toMatchObject({ ended: 'skip', anomalies: [] });
  });

  const agreed = [
    client(header('jabber.example')),
    server(`${answer('jabber.example')}<stream:features><starttls xmlns='${TLS}'/></stream:features>`),
    client(`<starttls xmlns='${TLS}'/>`),
    server(`<proceed xmlns='${TLS}'/>`),
  ];
  const hello: Step = {
    direction: 0,
    bytes: record(clientHello({ sni: 'im.jabber.example', alpns: ['xmpp-client'], ciphers: [0x2f] })),
  };
  const flight = bytes(
    serverHello(),
    certificates(x509(dn({ CN: 'jabber.example' }), ['jabber.example', 'conference.jabber.example'])),
  );

  test('STARTTLS: what the handshake shows is told with the domain', () => {
    const steps = [...agreed, hello, { direction: 1, bytes: record(flight) } as const];
    everySplit(xmpp, steps, (told) => {
      expect(told).toMatchObject({ ended: 'skip', anomalies: [] });
      expect(told.facts).toMatchObject([
        {
          kind: 'service',
          to: ['jabber.example'],
          evidence: [
            'server: STARTTLS proceed',
            'client: stream to jabber.example',
            'tls: SNI im.jabber.example',
            'tls: ALPN xmpp-client',
          ],
          tls: {
            sni: 'im.jabber.example',
            version: 'TLS 1.2',
            client_alpns: ['xmpp-client'],
            subject: 'CN=jabber.example',
            subjectaltname: ['jabber.example', 'conference.jabber.example'],
            ja3: { string: '771,47,0-16,,' },
            ja4: expect.stringMatching(/^t12d0102xt_/),
          },
        },
      ]);
    });
  });

  test.each<[string, readonly Step[]]>([
    ['the client goes on', [hello, { direction: 0, bytes: record(Uint8Array.of(1), 20) }]],
    ['the connection ends', [hello, ...END]],
    ['nothing of TLS is in view', END],
    ['the server is not in view any more', [hello, { direction: 1, gap: 4_000 }]],
    ['it is no TLS', [client('<iq/>')]],
  ])('STARTTLS: told once when %s', (_, rest) => {
    const told = runDissector(xmpp, [...agreed, ...rest, ...END]);
    expect(told.facts.map(({ kind, to }) => [kind, to])).toEqual([['service', ['jabber.example']]]);
  });

  test('STARTTLS: a hello that overtakes the answer is read', () => {
    const [header1, features1, ask, proceed] = agreed;
    const late = [
      header1!,
      features1!,
      ask!,
      hello,
      proceed!,
      { direction: 1, bytes: record(flight) } as const,
    ];
    const told = runDissector(xmpp, late);
    expect(told.anomalies).toEqual(['xmpp_tls_unannounced']);
    expect(told.facts).toMatchObject([
      { kind: 'service', tls: { sni: 'im.jabber.example', subject: 'CN=jabber.example' } },
    ]);
  });

  test('TLS whose announcement is not in view', () => {
    const told = runDissector(xmpp, [client(header()), client(`<starttls xmlns='${TLS}'/>`), HELLO]);
    expect(told).toMatchObject({ ended: 'skip', anomalies: ['xmpp_tls_unannounced'] });
  });

  test('a server that refuses TLS is read on', () => {
    const refusal = server(`<failure xmlns='${TLS}'/>`);
    const told = runDissector(xmpp, [
      client(header()),
      client(`<starttls xmlns='${TLS}'/>`),
      refusal,
      ...signOn(),
    ]);
    expect(told.facts.map((f) => f.kind)).toEqual(['login']);
  });
});

describe('dialects', () => {
  const DOUBLE = (xml: string) => xml.replaceAll("'", '"');
  const PREFIXED = (xml: string) => xml.replaceAll('stream:', 's:').replaceAll('xmlns:stream', 'xmlns:s');
  test.each([
    ['double quotes', DOUBLE(header())],
    ['another prefix', PREFIXED(header())],
    [
      'no declaration, a byte order mark and white space',
      `\ufeff \r\n${header().replace(/^<\?xml.*?\?>/, '')}`,
    ],
    ['attributes on lines of their own', header().replaceAll(' xmlns', '\n\txmlns').replaceAll('=', ' = ')],
    ['an old one without a version', header().replace(" to='corp.test' version='1.0'", " to='corp.test'")],
  ])('a header with %s', (_, xml) => {
    const steps = [client(xml), ...signOn().slice(1)];
    expect(runDissector(xmpp, steps)).toMatchObject({ facts: [{ kind: 'login' }], anomalies: [] });
  });

  test('stanzas whose namespace has a prefix', () => {
    const own = `<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns:c='jabber:client' to='corp.test'>`;
    const said = `<c:message type='chat' to='bob@corp.test'><c:body>prefixed</c:body></c:message>`;
    expect(runDissector(xmpp, [client(own + said)]).facts).toMatchObject([
      { kind: 'message', text: 'prefixed' },
    ]);
  });

  test('BOSH as a carrier hands it on', () => {
    const BOSH = 'http://jabber.org/protocol/httpbind';
    const wrap = (inner: string, attributes = '') =>
      `<body xmlns='${BOSH}' rid='1'${attributes}>${inner}</body>`;
    const XMPP = " xmlns='jabber:client'";
    const told = runDissector(xmpp, [
      client(wrap('', " to='corp.test' xmlns:xmpp='urn:xmpp:xbosh'")),
      server(
        wrap(
          features('PLAIN').replace(
            '<stream:features',
            `<stream:features xmlns:stream='http://etherx.jabber.org/streams'`,
          ),
          " sid='x' authid='y'",
        ),
      ),
      client(wrap(auth('PLAIN', '\0alice\0pw-secret'))),
      server(wrap(sasl('success'))),
      server(wrap(bind('alice@corp.test/web').replace('<iq', `<iq${XMPP}`))),
      client(wrap(message(`to='bob@corp.test'${XMPP}`, body('via bosh')))),
      client(wrap(message("to='bob@corp.test'", body('no namespace of its own')))),
      client(wrap('', " type='terminate'")),
    ]);
    expect(told.facts).toMatchObject([
      { kind: 'login', account: 'alice@corp.test', auth: { mechanism: 'PLAIN', exposed: 'password' } },
      { kind: 'message', from: 'alice@corp.test', text: 'via bosh' },
      { kind: 'message', text: 'no namespace of its own' },
      { kind: 'logout', reason: 'stream closed' },
    ]);
    expect(told.anomalies).toEqual([]);
  });

  test('WebSocket as a carrier hands it on', () => {
    const open = (attributes: string) => `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' ${attributes}/>`;
    const told = runDissector(xmpp, [
      client(open("to='corp.test' version='1.0'")),
      server(open("from='corp.test' id='x' version='1.0'")),
      client(auth('PLAIN', '\0alice\0pw-secret')),
      server(sasl('success')),
      client(open("to='corp.test' version='1.0'")),
      server(bind('alice@corp.test/web').replace('<iq', "<iq xmlns='jabber:client'")),
      client(message("xmlns='jabber:client' to='bob@corp.test'", body('via websocket'))),
      client("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"),
    ]);
    expect(told.facts).toMatchObject([
      { kind: 'login', account: 'alice@corp.test' },
      { kind: 'message', text: 'via websocket' },
      { kind: 'logout' },
    ]);
  });
});

/** A conversation with one of each: what is split, cut and mutated below. */
const CONVERSATION: readonly Step[] = [
  ...signOn(),
  client(iq('get', 'r1', query('jabber:iq:roster'))),
  server(
    iq(
      'result',
      'r1',
      query('jabber:iq:roster', "<item jid='bob@corp.test' name='Böb'><group>W</group></item>"),
    ),
  ),
  client('<presence><show>away</show></presence>'),
  client(message("to='bob@corp.test'", body('Größe &lt; 12 😀'))),
  server(message("from='bob@corp.test/desk' to='alice@corp.test/laptop'", body('<![CDATA[<ok>]]>'))),
  client('</stream:stream>'),
  ...END,
];

describe('cut in any way', () => {
  test('every split tells the same, at the same places', () => {
    const whole = runDissector(xmpp, CONVERSATION);
    expect(whole.facts.map((f) => f.kind)).toEqual([
      'login',
      'contact',
      'presence',
      'message',
      'message',
      'logout',
    ]);
    let runs = 0;
    everySplit(xmpp, CONVERSATION, (told, where) => {
      runs++;
      expect({ where, events: told.events, anomalies: told.anomalies }).toEqual({
        where,
        events: whole.events,
        anomalies: [],
      });
    });
    expect(runs).toBeGreaterThan(1500);
  });

  test('a stanza that is not whole tells nothing', () => {
    const said = message("to='bob@corp.test'", body('secret plan'));
    for (let length = 1; length < said.length; length++) {
      const facts = runDissector(xmpp, [...signOn(), client(said.slice(0, length)), ...END]).facts;
      expect(facts.map((f) => f.kind)).toEqual(['login', 'logout']);
    }
  });

  const TWO = [
    message("to='bob@corp.test'", body('one'), 'chat', 'm1'),
    message("to='bob@corp.test'", body('two'), 'chat', 'm2'),
  ];
  test('a gap anywhere: the next whole stanza is read, with the right offset', () => {
    const [one = '', two = ''] = TWO;
    const before = runDissector(xmpp, [...signOn(), client(one + two)]).events.filter(
      (e) => e.facts.kind === 'message',
    );
    for (let lost = 1; lost < one.length; lost++) {
      const rest = client(one.slice(lost) + two);
      const told = runDissector(xmpp, [...signOn(), { direction: 0, gap: lost }, rest]);
      expect(told.events.filter((e) => e.facts.kind === 'message')).toEqual(before.slice(1));
      expect(told.anomalies).toEqual([]);
    }
  });

  test('joined in mid-stream, at any byte', () => {
    const stream = TWO.join('');
    for (let from = 1; from < (TWO[0]?.length ?? 0); from++) {
      const told = runDissector(xmpp, [client(stream.slice(from)), ...END], { midstream: true });
      expect(told.facts.map((f) => f.text)).toEqual(['two']);
      expect(told.anomalies).toEqual([]);
    }
  });

  test('joined inside a forwarded message: it is not taken for a live one', () => {
    const inner = message("xmlns='jabber:client' from='bob@corp.test/d' to='alice@corp.test'", body('old'));
    const outer = `<message to='alice@corp.test/l'><result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded></result></message>`;
    const live = message("from='bob@corp.test/d' to='alice@corp.test/l'", body('new'));
    const stream = outer + live;
    for (let from = 1; from < outer.length; from++) {
      const told = runDissector(xmpp, [server(stream.slice(from))], { midstream: true });
      expect(told.facts.map((f) => f.text)).toEqual(['new']);
    }
  });

  test('in mid-stream the addresses tell whose client it is', () => {
    const told = runDissector(
      xmpp,
      [
        server(message("from='bob@corp.test/d' to='alice@corp.test/l'", body('hi'))),
        client(message("to='bob@corp.test/d'", body('hi yourself'))),
      ],
      { midstream: true },
    );
    expect(told.facts).toMatchObject([
      { from: 'bob@corp.test', to: ['alice@corp.test'], account: 'alice@corp.test' },
      { from: 'alice@corp.test', from_resource: 'l', to: ['bob@corp.test'] },
    ]);
  });
});

describe('secrets', () => {
  test('never leave, whatever becomes of the stream', () => {
    const secrets = ['s3cret', base64('\0alice\0s3cret'), 'pw-two', 'pw-three'];
    const steps = [
      ...signOn('alice', 's3cret'),
      client(
        iq('set', 'x', query('jabber:iq:register', '<username>alice</username><password>pw-two</password>')),
      ),
      server(
        iq('error', 'x', query('jabber:iq:register', '<password>pw-two</password>') + '<error code="406"/>'),
      ),
      client(
        iq('set', 'y', query('jabber:iq:auth', '<username>alice</username><password>pw-three</password>')),
      ),
      ...END,
    ];
    const shown = JSON.stringify(runDissector(xmpp, steps).facts);
    for (const secret of secrets) expect(shown).not.toContain(secret);
    expect(shown.match(/"exposed":"password"/g)).toHaveLength(3);
  });
});
