import { describe, expect, test } from '@jest/globals';
import type { Step } from '../../src/sdk/testing.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import { END, answer, body, client, header, message, server, signOn } from './build.ts';
import xmpp from './index.ts';

const TO_BOB = "to='Bob@Corp.test'";
const FROM_BOB = "from='bob@corp.test/desk' to='alice@corp.test/laptop'";

/** What is told of the given steps of a signed-on client, without the sign-on itself. */
function told(...steps: Step[]) {
  const all = runDissector(xmpp, [...signOn(), ...steps]);
  return { ...all, facts: all.facts.filter((f) => f.kind !== 'login') };
}

const SENT = {
  kind: 'message',
  service: 'xmpp',
  account: 'alice@corp.test',
  from: 'alice@corp.test',
  from_resource: 'laptop',
  to: ['bob@corp.test'],
  message_id: 'm1',
  format: 'plain',
};
const RECEIVED = { ...SENT, from: 'bob@corp.test', from_resource: 'desk', to: ['alice@corp.test'] };

describe('texts', () => {
  test('sent and received, addresses normalised', () => {
    expect(told(client(message(TO_BOB, body('hi')))).facts).toEqual([{ ...SENT, text: 'hi' }]);
    expect(told(server(message(FROM_BOB, body('hi')))).facts).toEqual([{ ...RECEIVED, text: 'hi' }]);
  });

  test.each([
    ['Größe &lt; 12 &amp; &quot;x&quot; &#x1F600;&#233;', 'Größe < 12 & "x" 😀é'],
    ['one\r\ntwo\n\tthree', 'one\ntwo\n\tthree'],
    ['<![CDATA[<b>&amp;</b>]]>', '<b>&amp;</b>'],
    [' \u{1f469}\u{200d}\u{1f467} ', ' \u{1f469}\u{200d}\u{1f467} '],
  ])('the body %j', (written, read) => {
    expect(told(client(message(TO_BOB, body(written)))).facts).toEqual([{ ...SENT, text: read }]);
  });

  test.each(['chat', 'normal', 'headline'])('type %s', (type) => {
    expect(told(client(message(TO_BOB, body('hi'), type))).facts).toMatchObject([{ text: 'hi' }]);
  });

  test('XHTML-IM keeps the original beside the text', () => {
    const html = `<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><p>so <b>bold</b> &amp; so</p></body></html>`;
    expect(told(client(message(TO_BOB, body('so bold &amp; so') + html))).facts).toEqual([
      { ...SENT, text: 'so bold & so', format: 'html', html: '<p>so <b>bold</b> &amp; so</p>' },
    ]);
    expect(told(client(message(TO_BOB, html))).facts).toMatchObject([
      { text: 'so bold & so', format: 'html' },
    ]);
  });

  test('a mail-like message that is all subject', () => {
    expect(told(client(message(TO_BOB, '<subject>Lunch?</subject>', 'normal'))).facts).toMatchObject([
      { kind: 'message', text: 'Lunch?' },
    ]);
  });

  test('a correction, a nickname, and the id that the author gave', () => {
    const inner =
      body('fixed') +
      `<replace xmlns='urn:xmpp:message-correct:0' id='m0'/><nick xmlns='http://jabber.org/protocol/nick'>Bobby</nick>` +
      `<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>`;
    expect(told(server(message(FROM_BOB, inner))).facts).toEqual([
      { ...RECEIVED, text: 'fixed', replaces: 'm0', from_name: 'Bobby', message_id: 'o1' },
    ]);
  });

  test.each([
    ['empty', body('')],
    ['absent', '<thread>t</thread>'],
    ['in a foreign namespace', "<body xmlns='urn:other'>hi</body>"],
  ])('no message where the body is %s', (_, inner) => {
    expect(told(client(message(TO_BOB, inner))).facts).toEqual([]);
  });

  test('a message in a foreign namespace is none, and odd', () => {
    const all = told(client(`<message xmlns='urn:other' to='bob@corp.test'>${body('hi')}</message>`));
    expect(all.facts).toEqual([]);
    expect(all.anomalies).toEqual(['xmpp_wrong_namespace']);
  });

  test('a bounced message is a notice, not a message', () => {
    const error = `<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`;
    expect(told(server(message(FROM_BOB, body('hi') + error, 'error'))).facts).toMatchObject([
      { kind: 'notice', code: 'service-unavailable', ref: 'm1' },
    ]);
  });
});

describe('encryption', () => {
  const PAYLOAD = '<header><key rid="2">QUJD</key></header><payload>QUJD</payload>';
  test.each([
    ['otr', body('?OTR:AAIDAAAAAAEAAAABAAAAwDdw.')],
    ['otr', body('?OTR:AAMDAAAAAAEAAAABAAAAwDdw.')],
    ['otr', body('?OTR,1,3,?OTR:AAEDAAAAAQAAAAEAAADAVf3Ei72ZgFeKqWvLMnuVPVCwxktsOZ1QdjeLp6jn62mCVtlY,')],
    [
      'omemo',
      `<encrypted xmlns='eu.siacs.conversations.axolotl'>${PAYLOAD}</encrypted>${body('I sent you a message')}`,
    ],
    ['omemo', `<encrypted xmlns='urn:xmpp:omemo:2'>${PAYLOAD}</encrypted>`],
    ['openpgp', `<x xmlns='jabber:x:encrypted'>hQGMA</x>${body('This message is encrypted.')}`],
    ['openpgp', `<openpgp xmlns='urn:xmpp:openpgp:0'>QUJD</openpgp>`],
    [
      'newthing',
      `<encryption xmlns='urn:xmpp:eme:0' namespace='urn:x' name='NewThing'/>${body('Cannot read?')}`,
    ],
  ])('%s: the scheme and no text', (scheme, inner) => {
    expect(told(client(message(TO_BOB, inner))).facts).toEqual([
      { ...without(SENT, 'format'), encrypted: scheme },
    ]);
  });

  test.each([
    ['a query of OTR', body('?OTR?v2? Bob wants to talk privately')],
    ['the key exchange of OTR', body('?OTR:AAICAAAAxAD7hIF+rsQfjftT.')],
    [
      'OMEMO keys without a message',
      `<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid="1"/></encrypted>`,
    ],
  ])('%s is no message', (_, inner) => {
    expect(told(client(message(TO_BOB, inner))).facts).toEqual([]);
  });

  test('the white space tag of OTR is not part of the text', () => {
    const tagged = 'hello \t  \t\t\t\t \t \t \t    \t\t  \t ';
    expect(told(client(message(TO_BOB, body(tagged)))).facts).toMatchObject([{ text: 'hello' }]);
  });
});

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value;
  return rest;
}

describe('copies', () => {
  const inner = (to: string) =>
    `<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2024-03-01T12:00:00.5Z'/>` +
    `<message xmlns='jabber:client' type='chat' id='m9' from='alice@corp.test/phone' to='${to}'>${body('from my phone')}</message></forwarded>`;
  const carbon = `<sent xmlns='urn:xmpp:carbons:2'>${inner('bob@corp.test')}</sent>`;
  const archived = `<result xmlns='urn:xmpp:mam:2' id='28482'>${inner('bob@corp.test')}</result>`;
  const outer = (from: string, child: string) =>
    server(`<message from='${from}' to='alice@corp.test/laptop'>${child}</message>`);
  const COPIED = {
    ...SENT,
    from_resource: 'phone',
    message_id: 'm9',
    text: 'from my phone',
    sent: false,
    original_time: '2024-03-01T12:00:00.500000+0000',
  };

  test.each([
    ['carbon', carbon],
    ['archive', archived],
  ])('a %s', (copy, child) => {
    expect(told(outer('alice@corp.test', child)).facts).toEqual([{ ...COPIED, copy }]);
  });

  test.each([
    ['carbon', carbon],
    ['archived message', archived],
  ])('a %s that a stranger sends is not believed', (_, child) => {
    const all = told(outer('mallory@evil.test', child));
    expect(all.facts).toEqual([]);
    expect(all.anomalies).toEqual(['xmpp_forward_spoofed']);
  });

  test('what waited for the recipient', () => {
    const delay = `<delay xmlns='urn:xmpp:delay' from='corp.test' stamp='2024-03-01T12:00:00Z'/>`;
    expect(told(server(message(FROM_BOB, body('hi') + delay))).facts).toEqual([
      {
        ...RECEIVED,
        text: 'hi',
        copy: 'offline',
        offline: true,
        original_time: '2024-03-01T12:00:00.000000+0000',
      },
    ]);
  });

  test('the older form of a delay', () => {
    const delay = `<x xmlns='jabber:x:delay' from='corp.test' stamp='20040301T12:00:00'/>`;
    expect(told(server(message(FROM_BOB, body('hi') + delay))).facts).toMatchObject([
      { copy: 'offline', original_time: '2004-03-01T12:00:00.000000+0000' },
    ]);
  });

  test.each(['9999999999-01-01T00:00:00Z', '0001-01-01T00:00:00Z', 'soon', '2024-99-99T00:00:00Z'])(
    'the stamp %s is left out, and odd',
    (stamp) => {
      const all = told(
        server(message(FROM_BOB, body('hi') + `<delay xmlns='urn:xmpp:delay' stamp='${stamp}'/>`)),
      );
      expect(all.facts).toEqual([{ ...RECEIVED, text: 'hi', copy: 'offline', offline: true }]);
      expect(all.anomalies).toEqual(['xmpp_bad_timestamp']);
    },
  );
});

describe('signals', () => {
  const state = (name: string) => `<${name} xmlns='http://jabber.org/protocol/chatstates'/>`;
  test.each([
    [state('composing'), 'typing', 'composing', undefined],
    [state('gone'), 'typing', 'gone', undefined],
    ["<x xmlns='jabber:x:event'><composing/><id>m0</id></x>", 'typing', 'composing', undefined],
    ["<x xmlns='jabber:x:event'><id>m0</id></x>", 'typing', 'paused', undefined],
    ["<x xmlns='jabber:x:event'><displayed/><id>m0</id></x>", 'receipt', 'displayed', 'm0'],
    ["<received xmlns='urn:xmpp:receipts' id='m0'/>", 'receipt', 'delivered', 'm0'],
    ["<displayed xmlns='urn:xmpp:chat-markers:0' id='m0'/>", 'receipt', 'displayed', 'm0'],
    ["<attention xmlns='urn:xmpp:attention:0'/>", 'attention', 'attention', undefined],
    [
      "<reactions xmlns='urn:xmpp:reactions:0' id='m0'><reaction>👋</reaction></reactions>",
      'attention',
      'reaction 👋',
      'm0',
    ],
  ])('%s', (inner, kind, said, ref) => {
    expect(told(server(message(FROM_BOB, inner))).facts).toEqual([
      {
        ...without(without(RECEIVED, 'format'), 'message_id'),
        kind,
        state: said,
        ...(ref === undefined ? {} : { ref }),
      },
    ]);
  });

  test('with a text, a chat state and a request for receipts tell nothing', () => {
    const asks = `${state('active')}<request xmlns='urn:xmpp:receipts'/><x xmlns='jabber:x:event'><composing/></x>`;
    expect(told(client(message(TO_BOB, body('hi') + asks))).facts).toEqual([{ ...SENT, text: 'hi' }]);
  });
});

describe('servers and their links', () => {
  test('a stanza between servers has no account', () => {
    const steps = [
      client(header('branch.test', 'jabber:server')),
      server(answer('branch.test', 'jabber:server')),
      server("<db:result type='valid' to='corp.test' from='branch.test' xmlns:db='jabber:server:dialback'/>"),
      client(message("from='alice@corp.test/l' to='bob@branch.test'", body('across'))),
      ...END,
    ];
    expect(runDissector(xmpp, steps).facts).toEqual([
      { kind: 'notice', service: 'xmpp', from: 'corp.test', to: ['branch.test'], code: 'dialback-valid' },
      {
        kind: 'message',
        service: 'xmpp',
        from: 'alice@corp.test',
        from_resource: 'l',
        to: ['bob@branch.test'],
        text: 'across',
        format: 'plain',
        message_id: 'm1',
      },
    ]);
  });
});
