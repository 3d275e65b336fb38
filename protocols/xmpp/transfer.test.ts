import { describe, expect, test } from '@jest/globals';
import type { Step } from '../../src/sdk/testing.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import { body, client, iq, message, query, server, signOn } from './build.ts';
import xmpp from './index.ts';

function run(...steps: Step[]) {
  const all = runDissector(xmpp, [...signOn(), ...steps]);
  return { ...all, facts: all.facts.filter((f) => f.kind !== 'login') };
}
const steps = (...all: Step[]) => run(...all).facts.map((f) => [f.from, f.file?.state, f.file?.method]);

const TO = " to='bob@corp.test/desk'";
const FROM = " from='bob@corp.test/desk' to='alice@corp.test/laptop'";
const SI = 'http://jabber.org/protocol/si';
const FILE = `<file xmlns='${SI}/profile/file-transfer' name='a b.exe' size='6' hash='h'/>`;
const OFFER = client(iq('set', 'f1', `<si xmlns='${SI}' id='sid1' mime-type='text/plain'>${FILE}</si>`, TO));
const chosen = (method: string) =>
  server(
    iq(
      'result',
      'f1',
      `<si xmlns='${SI}'><feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'>` +
        `<field var='stream-method'><value>http://jabber.org/protocol/${method}</value></field></x></feature></si>`,
      FROM,
    ),
  );
const refused = (condition: string) =>
  server(
    iq(
      'error',
      'f1',
      `<error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`,
      FROM,
    ),
  );
const ibb = (name: string, inner = '') =>
  client(
    iq('set', 'i1', `<${name} xmlns='http://jabber.org/protocol/ibb' sid='sid1'>${inner}</${name}>`, TO),
  );

describe('stream initiation', () => {
  test('what is offered', () => {
    expect(run(OFFER).facts).toMatchObject([
      {
        kind: 'file',
        from: 'alice@corp.test',
        to: ['bob@corp.test'],
        file: { name: 'a b.exe', size: 6, mime: 'text/plain', hash: 'h', method: 'si', state: 'offer' },
      },
    ]);
  });

  test('in band: accepted, begun, whole', () => {
    const facts = run(
      OFFER,
      chosen('ibb'),
      ibb('open'),
      ibb('data', 'AAEC'),
      ibb('data', 'AwQF'),
      ibb('close'),
    ).facts;
    expect(facts.map((f) => [f.from, f.file?.state, f.file?.method])).toEqual([
      ['alice@corp.test', 'offer', 'si'],
      ['bob@corp.test', 'accept', 'ibb'],
      ['alice@corp.test', 'start', 'ibb'],
      ['alice@corp.test', 'complete', 'ibb'],
    ]);
    expect(new Set(facts.map((f) => f.file?.id)).size).toBe(1);
  });

  test('in band and closed too early', () => {
    expect(steps(OFFER, chosen('ibb'), ibb('open'), ibb('data', 'AAEC'), ibb('close')).pop()).toEqual([
      'alice@corp.test',
      'failed',
      'ibb',
    ]);
  });

  test.each([
    ['forbidden', 'decline'],
    ['service-unavailable', 'failed'],
  ])('answered with %s', (condition, state) => {
    expect(steps(OFFER, refused(condition))).toEqual([
      ['alice@corp.test', 'offer', 'si'],
      ['bob@corp.test', state, 'si'],
    ]);
  });

  const bytestreams = 'http://jabber.org/protocol/bytestreams';
  const hosts = `<streamhost jid='alice@corp.test/laptop' host='10.0.0.7' port='8010'/><streamhost jid='p.test' host='p.test' port='7777'/>`;

  test('over SOCKS5: the host that was reached', () => {
    const facts = run(
      OFFER,
      chosen('bytestreams'),
      client(iq('set', 'f2', `<query xmlns='${bytestreams}' sid='sid1'>${hosts}</query>`, TO)),
      server(
        iq(
          'result',
          'f2',
          `<query xmlns='${bytestreams}'><streamhost-used jid='alice@corp.test/laptop'/></query>`,
          FROM,
        ),
      ),
    ).facts;
    expect(facts[2]?.file).toMatchObject({
      state: 'start',
      method: 'socks5',
      peer_ip: '10.0.0.7',
      peer_port: 8010,
    });
  });

  test('many bytestreams of one that come to nothing in a row', () => {
    const ask = (i: number): Step =>
      server(iq('set', `s${i}`, `<query xmlns='${bytestreams}' sid='sid${i}'>${hosts}</query>`, FROM));
    const used = `<query xmlns='${bytestreams}'><streamhost-used jid='p.test'/></query>`;
    const reached = client(iq('result', 's4', used, TO));
    const failed = (i: number): Step => client(iq('error', `s${i}`, '', TO));
    const asks = (n: number): Step[] => Array.from({ length: n }, (_, i) => [ask(i), failed(i)]).flat();
    expect(run(...asks(7)).anomalies).toEqual([]);
    expect(run(...asks(20)).anomalies).toEqual(['xmpp_bytestreams_failing']);
    expect(run(...asks(4), ask(4), reached, ...asks(7)).anomalies).toEqual([]);
  });

  test('both legs give a transfer the same id', () => {
    const received = runDissector(xmpp, [
      ...signOn('bob', 'pw', 'desk'),
      server(
        iq(
          'set',
          'f1',
          `<si xmlns='${SI}' id='sid1'>${FILE}</si>`,
          " from='alice@corp.test/laptop' to='bob@corp.test/desk'",
        ),
      ),
    ]).facts;
    expect(received[1]?.file?.id).toBe(run(OFFER).facts[0]?.file?.id);
  });

  test('a stream that nobody offered is called by its id', () => {
    expect(run(ibb('open')).facts).toMatchObject([
      { kind: 'file', file: { name: 'sid1', state: 'start', method: 'ibb' } },
    ]);
  });
});

describe('Jingle', () => {
  const file = `<file><name>x.zip</name><size>9</size><media-type>application/zip</media-type><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>hh</hash></file>`;
  const content =
    `<content name='c'><description xmlns='urn:xmpp:jingle:apps:file-transfer:5'>${file}</description>` +
    `<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='t1'><candidate cid='c1' host='10.0.0.7' port='5086'/></transport></content>`;
  const jingle = (action: string, inner = '') =>
    iq('set', action, `<jingle xmlns='urn:xmpp:jingle:1' action='${action}' sid='j1'>${inner}</jingle>`, TO);

  test('a file from offer to end', () => {
    const used = `<content><transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='t1'><candidate-used cid='c1'/></transport></content>`;
    const facts = run(
      client(jingle('session-initiate', content)),
      server(jingle('session-accept', content)),
      client(jingle('transport-info', used)),
      client(jingle('session-terminate', '<reason><success/></reason>')),
    ).facts;
    expect(facts.map((f) => f.file?.state)).toEqual(['offer', 'accept', 'start', 'complete']);
    expect(facts[0]?.file).toMatchObject({ name: 'x.zip', size: 9, mime: 'application/zip', hash: 'hh' });
    expect(facts[2]?.file).toMatchObject({ peer_ip: '10.0.0.7', peer_port: 5086 });
  });

  test.each([
    ['decline', 'decline'],
    ['cancel', 'cancel'],
    ['connectivity-error', 'failed'],
  ])('ended by %s', (reason, state) => {
    const end = client(jingle('session-terminate', `<reason><${reason}/></reason>`));
    expect(steps(client(jingle('session-initiate', content)), end).pop()?.[1]).toBe(state);
  });

  const rtp = (media: string) =>
    `<content><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='${media}'/></content>`;
  test('a call', () => {
    const facts = run(
      client(jingle('session-initiate', rtp('audio') + rtp('video'))),
      server(jingle('session-accept')),
      server(jingle('session-terminate')),
    ).facts;
    expect(facts.map((f) => [f.kind, f.call?.media, f.call?.state])).toEqual([
      ['call', 'audio+video', 'offer'],
      ['call', 'audio+video', 'accept'],
      ['call', 'audio+video', 'end'],
    ]);
  });

  test('the codecs and addresses of a call; addresses that follow', () => {
    const candidate = (ip: string) =>
      `<candidate ip='${ip}' port='5000' protocol='udp' type='host'/><candidate ip='x"y' port='1'/>`;
    const content = (ip: string, types: string) =>
      `<content name='a'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>${types}</description>` +
      `<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1'>${candidate(ip)}</transport></content>`;
    const types = `<payload-type id='96' name='opus' clockrate='48000'/><payload-type id='0' name='PCMU'/>`;
    const facts = run(
      client(jingle('session-initiate', content('192.0.2.7', types))),
      server(jingle('transport-info', content('2001:db8::7', ''))),
      server(jingle('transport-info', `<content name='a'/>`)),
    ).facts;
    expect(facts.map((f) => [f.call?.state, f.evidence])).toEqual([
      ['offer', ['audio codecs: opus/48000, PCMU', 'media addresses: 192.0.2.7:5000 udp host']],
      ['transport', ['media addresses: [2001:db8::7]:5000 udp host']],
    ]);
  });

  test('a call proposed by message, and one of Google Talk', () => {
    const propose = `<propose xmlns='urn:xmpp:jingle-message:0' id='p1'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>`;
    const google = `<session xmlns='http://www.google.com/session' type='initiate' id='g1'><description xmlns='http://www.google.com/session/phone'/></session>`;
    const facts = run(
      client(message("to='bob@corp.test'", propose)),
      client(iq('set', 'g', google, TO)),
    ).facts;
    expect(facts.map((f) => f.call)).toEqual([
      { media: 'audio', state: 'offer' },
      { media: 'audio', state: 'offer' },
    ]);
  });
});

describe('links', () => {
  const URL = 'http://up.test/x/na%20me.pdf';
  const slot = `<slot xmlns='urn:xmpp:http:upload:0'><get url='${URL}'/><put url='http://up.test/put'><header name='Authorization'>pw-secret</header></put></slot>`;
  const upload = client(
    iq(
      'get',
      'u1',
      "<request xmlns='urn:xmpp:http:upload:0' filename='na me.pdf' size='77' content-type='application/pdf'/>",
      " to='up.test'",
    ),
  );

  test('an upload is offered when its address is known; the link to it is the same transfer', () => {
    const facts = run(
      upload,
      server(iq('result', 'u1', slot, " from='up.test'")),
      client(message("to='bob@corp.test'", `${body(URL)}<x xmlns='jabber:x:oob'><url>${URL}</url></x>`)),
    ).facts;
    expect(facts.map((f) => f.kind)).toEqual(['file', 'message', 'file']);
    expect(facts[0]?.file).toMatchObject({
      name: 'na me.pdf',
      size: 77,
      mime: 'application/pdf',
      url: URL,
      method: 'http-upload',
      state: 'offer',
    });
    expect(facts[2]).toMatchObject({
      to: ['bob@corp.test'],
      file: { name: 'na me.pdf', url: URL, method: 'http', state: 'offer' },
    });
    expect(facts[0]?.file?.id).toBe(facts[2]?.file?.id);
    expect(JSON.stringify(facts)).not.toContain('pw-secret');
  });

  test('an answer of somebody else is not the service’s', () => {
    const answered = (from: string) => run(upload, server(iq('result', 'u1', slot, from)));
    const spoofed = answered(" from='mallory@evil.test'");
    expect([spoofed.facts, spoofed.anomalies]).toEqual([[], ['xmpp_answer_spoofed']]);
    expect(answered('').anomalies).toEqual(['xmpp_answer_spoofed']);
    expect(answered(" from='up.test'").anomalies).toEqual([]);
    // Behind the right answer its id may be used again.
    const twice = [server(iq('result', 'u1', slot, " from='up.test'")), server(iq('result', 'u1', '', FROM))];
    expect(run(upload, ...twice).anomalies).toEqual([]);
  });

  test('the own server answers as itself, as the account, or as nobody', () => {
    const roster = client(iq('get', 'r1', query('jabber:iq:roster')));
    for (const from of ['', " from='corp.test'", " from='alice@corp.test'", " from='alice@corp.test/laptop'"])
      expect(run(roster, server(iq('result', 'r1', query('jabber:iq:roster'), from))).anomalies).toEqual([]);
  });

  test.each(['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x'])(
    'the scheme of %s is odd',
    (url) => {
      const link = message(
        "from='bob@corp.test' to='alice@corp.test'",
        `${body('look')}<x xmlns='jabber:x:oob'><url>${url}</url></x>`,
      );
      expect(run(server(link)).anomalies).toEqual(['xmpp_oob_scheme']);
    },
  );

  test('the older query, and an address without a file name', () => {
    const oob = query('jabber:iq:oob', '<url>http://files.test/</url>');
    expect(run(server(iq('set', 'o1', oob, FROM))).facts).toMatchObject([
      { from: 'bob@corp.test', file: { name: 'http://files.test/', url: 'http://files.test/' } },
    ]);
  });
});
