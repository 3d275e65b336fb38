import { describe, expect, test } from '@jest/globals';
import { runDetector } from '../../src/sdk/testing.ts';
import { answer, auth, body, bytesOf, header, iq, message, query } from './build.ts';
import xmpp from './index.ts';

const ask = (client: string, server = '', options: Parameters<typeof runDetector>[3] = {}) =>
  runDetector(xmpp, bytesOf(client), bytesOf(server), options);
const NOTHING = new Uint8Array(0);

describe('streams that begin', () => {
  test.each([
    ['single quotes', header()],
    ['double quotes', header().replaceAll("'", '"')],
    ['another prefix', header().replaceAll('stream:', 'x:').replaceAll('xmlns:stream', 'xmlns:x')],
    ['no declaration', header().slice(header().indexOf('<stream'))],
    ['a byte order mark and white space', `\ufeff\n ${header()}`],
    ['a document type before it', header().replace('?>', '?><!DOCTYPE x [<!ENTITY a "b>">]>')],
    ['servers', header('corp.test', 'jabber:server')],
    ['components', header('bot.corp.test', 'jabber:component:accept')],
  ])('a header with %s: high, by one direction alone', (_, xml) => {
    expect(ask(xml)).toMatchObject({ answer: 'yes', confidence: 'high' });
    expect(runDetector(xmpp, NOTHING, bytesOf(xml))).toMatchObject({ answer: 'yes', confidence: 'high' });
  });

  test('both directions are evidence', () => {
    expect(ask(header(), answer()).evidence).toEqual([
      'client: XMPP stream header',
      'server: XMPP stream header',
    ]);
  });

  test('a header without the namespace of streams is less sure', () => {
    const wrong = header().replace('http://etherx.jabber.org/streams', 'http://example.test/streams');
    expect(ask(wrong)).toMatchObject({ answer: 'yes', confidence: 'medium' });
  });

  test('every prefix of a header asks for more, and says no if nothing more comes', () => {
    const xml = header();
    const sure = xml.indexOf('jabber:') + 'jabber:'.length;
    for (let length = 1; length < sure; length++) {
      expect(ask(xml.slice(0, length))).toMatchObject({ answer: 'more' });
      const last = ask(xml.slice(0, length), '', { final: true });
      const enough = length >= xml.indexOf('<stream') + '<stream:str'.length;
      expect(last.answer).toBe(enough ? 'yes' : 'no');
      if (enough) expect(last.confidence).toBe('low');
    }
  });

  test('UTF-16 to a server that answers in XMPP', () => {
    const utf16 = Uint8Array.from([0xff, 0xfe, ...[...header()].flatMap((c) => [c.charCodeAt(0), 0])]);
    expect(runDetector(xmpp, utf16)).toMatchObject({ answer: 'more' });
    expect(runDetector(xmpp, utf16, bytesOf(answer()))).toMatchObject({ answer: 'yes' });
  });
});

describe('streams that are joined later', () => {
  const mid = (client: string, server = '', serverPort = 9999) =>
    ask(client, server, { midstream: true, serverPort });
  const SENT = message("to='bob@corp.test'", body('hi'));
  const RECEIVED = message("from='bob@corp.test/d' to='alice@corp.test/l'", body('hi'));

  test.each([
    ['a message', SENT],
    ['an empty presence with an address', "<presence to='bob@corp.test'/>"],
    ['a query', iq('get', 'r', query('jabber:iq:roster'))],
    ['two stanzas', SENT + SENT],
    ['a step of the sign-on', auth('PLAIN', '\0a\0b')],
    ['features', '<stream:features><x/></stream:features>'],
    ['stream management', "<r xmlns='urn:xmpp:sm:3'/>"],
  ])('%s', (_, xml) => {
    expect(mid(xml)).toMatchObject({ answer: 'yes', confidence: 'medium' });
    expect(mid(xml, RECEIVED)).toMatchObject({ answer: 'yes', confidence: 'high' });
  });

  test('a stanza that is not whole waits, and is believed a little at the end', () => {
    const part = SENT.slice(0, -5);
    expect(mid(part).answer).toBe('more');
    expect(ask(part, '', { midstream: true, final: true })).toMatchObject({
      answer: 'yes',
      confidence: 'low',
    });
  });

  test('the side that leaves its own address out is the client', () => {
    expect(mid(SENT, RECEIVED).flip).toBe(false);
    expect(mid(RECEIVED, SENT)).toMatchObject({ flip: true });
    expect(mid(RECEIVED)).toMatchObject({ flip: true, evidence: ['server: XMPP stanza in mid-stream'] });
    expect(mid(RECEIVED, '', 5222).flip).toBe(false);
  });

  test('a header with an id is the server’s', () => {
    expect(mid(answer(), header()).flip).toBe(true);
    expect(mid(header(), answer()).flip).toBe(false);
  });

  test.each([
    ['an element of HTML', '<p>Hello</p>'],
    ['a message of another language', '<message>hi</message>'],
    ['a query without an id', "<iq type='get'><q/></iq>"],
    ['a name that only begins alike', "<messages to='a@b'><x/></messages>"],
    ['text after the stanza', `${SENT}HTTP/1.1 200 OK`],
  ])('not %s', (_, xml) => {
    expect(mid(xml).answer).not.toBe('yes');
    expect(ask(xml, '', { midstream: true, final: true }).answer).not.toBe('yes');
  });

  test('not where the other side speaks something else', () => {
    expect(mid(SENT, 'HTTP/1.1 200 OK\r\n').answer).toBe('no');
  });
});

describe('what is not XMPP', () => {
  test.each([
    ['IMAP', 'a1 LOGIN u p\r\n', '* OK ready\r\n'],
    ['Redis', '*3\r\n$3\r\nSET\r\n', '+OK\r\n'],
    ['FTP', 'USER u\r\nPASS p\r\n', '220 ready\r\n'],
    ['HTTP', 'GET /stream:stream HTTP/1.1\r\n\r\n', `HTTP/1.1 200 OK\r\n\r\n${header()}`],
    ['WhatsApp on 5222', 'WA\u0001\u0006\0\0\u0001', ''],
    ['a Flash policy request', '<policy-file-request/>\0', '<?xml version="1.0"?><cross-domain-policy/>'],
    ['XML over a socket', '<?xml version="1.0"?><request id="1"/>', ''],
    ['a document about XMPP', '<html><body>&lt;stream:stream xmlns=jabber:client</body></html>', ''],
    ['RSS', '<?xml version="1.0"?><rss xmlns:media="http://search.yahoo.com/mrss/">', ''],
    ['another stream', "<stream:stream xmlns:stream='urn:other'>", ''],
    ['TLS', '\u0016\u0003\u0001\0', ''],
  ])('%s', (_, client, server) => {
    expect(ask(client, server).answer).not.toBe('yes');
    expect(ask(client, server, { final: true }).answer).toBe('no');
  });

  test('a start tag without end', () => {
    expect(ask(`<stream:stream a='${'x'.repeat(3000)}`).answer).toBe('no');
  });
});
