import { describe, expect, test } from '@jest/globals';
import type { Step } from '../../src/sdk/testing.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import { client, iq, message, query, server, signOn } from './build.ts';
import xmpp from './index.ts';

function run(...steps: Step[]) {
  const all = runDissector(xmpp, [...signOn(), ...steps]);
  return { ...all, facts: all.facts.filter((f) => f.kind !== 'login') };
}
const OWN = { service: 'xmpp', account: 'alice@corp.test' };

describe('presence', () => {
  test.each([
    ['<presence/>', { show: 'available' }],
    [
      '<presence><show>dnd</show><status>busy</status><priority>5</priority></presence>',
      { show: 'dnd', text: 'busy', priority: 5 },
    ],
    ['<presence><show>sideways</show><priority>999</priority></presence>', { show: 'available' }],
    ["<presence type='unavailable'/>", { show: 'unavailable' }],
    ["<presence type='invisible'/>", { show: 'invisible' }],
  ])('own: %s', (xml, status) => {
    expect(run(client(xml)).facts).toEqual([
      { ...OWN, kind: 'presence', from: 'alice@corp.test', from_resource: 'laptop', status },
    ]);
  });

  test("a contact's, and not the reflection of the own", () => {
    const facts = run(
      server("<presence from='bob@corp.test/desk' to='alice@corp.test/laptop'><show>away</show></presence>"),
      server("<presence from='alice@corp.test/laptop' to='alice@corp.test/laptop'/>"),
      server("<presence type='probe' from='bob@corp.test' to='alice@corp.test'/>"),
    ).facts;
    expect(facts).toEqual([
      {
        ...OWN,
        kind: 'presence',
        from: 'bob@corp.test',
        from_resource: 'desk',
        to: ['alice@corp.test'],
        status: { show: 'away' },
      },
    ]);
  });

  test('only changes are told', () => {
    const bob = (inner: string) =>
      server(`<presence from='bob@corp.test/d' to='alice@corp.test/l'>${inner}</presence>`);
    const facts = run(bob(''), bob(''), bob('<show>xa</show>'), bob('<x/>'), bob('<status>x</status>')).facts;
    expect(facts.map((f) => f.status)).toEqual([
      { show: 'available' },
      { show: 'xa' },
      { show: 'available' },
      { show: 'available', text: 'x' },
    ]);
  });

  test.each([
    ['subscribe', 'request'],
    ['subscribed', 'accept'],
    ['unsubscribe', 'remove'],
    ['unsubscribed', 'deny'],
  ])('%s is the contact operation %s, either way', (type, op) => {
    const facts = run(
      client(`<presence type='${type}' to='bob@corp.test'/>`),
      server(`<presence type='${type}' from='bob@corp.test' to='alice@corp.test'/>`),
    ).facts;
    expect(facts).toMatchObject([
      { kind: 'contact', from: 'alice@corp.test', contact: { op, id: 'bob@corp.test' } },
      { kind: 'contact', from: 'bob@corp.test', contact: { op, id: 'bob@corp.test' } },
    ]);
  });
});

describe('the contact list', () => {
  const item = (jid: string, inner = '', attributes = '') =>
    `<item jid='${jid}'${attributes}>${inner}</item>`;
  const roster = (...items: string[]) => query('jabber:iq:roster', items.join(''));
  const LIST = server(
    iq(
      'result',
      'r1',
      roster(
        item('Bob@corp.test', '<group>Work</group><group>Bowling</group>', " name='Bob &amp; co'"),
        item('eve@x.test'),
      ),
    ),
  );

  test('one event a contact', () => {
    expect(run(LIST).facts).toEqual([
      {
        ...OWN,
        kind: 'contact',
        contact: { op: 'list', id: 'bob@corp.test', name: 'Bob & co', groups: ['Work', 'Bowling'] },
      },
      { ...OWN, kind: 'contact', contact: { op: 'list', id: 'eve@x.test' } },
    ]);
  });

  test('adding, renaming and removing, told once although the server repeats each', () => {
    const both = (inner: string): Step[] => [
      client(iq('set', 'r2', roster(inner))),
      server(iq('set', 'p2', roster(inner))),
      client(iq('result', 'p2')),
    ];
    const facts = run(
      ...both(item('dan@corp.test', '', " name='Dan'")),
      ...both(item('dan@corp.test', '', " name='Daniel'")),
      ...both(item('dan@corp.test', '', " subscription='remove'")),
      ...both(item('dan@corp.test')),
    ).facts;
    expect(facts.map((f) => f.contact)).toEqual([
      { op: 'add', id: 'dan@corp.test', name: 'Dan' },
      { op: 'list', id: 'dan@corp.test', name: 'Daniel' },
      { op: 'remove', id: 'dan@corp.test' },
      { op: 'add', id: 'dan@corp.test' },
    ]);
  });

  test('a push from a stranger is not believed', () => {
    const all = run(
      server(iq('set', 'p9', roster(item('mallory@evil.test')), " from='mallory@evil.test/x'")),
    );
    expect(all.facts).toEqual([]);
    expect(all.anomalies).toEqual(['xmpp_roster_push_spoofed']);
  });

  test('blocking and privacy lists', () => {
    const facts = run(
      client(iq('set', 'k1', query('urn:xmpp:blocking', item('eve@x.test'), 'block'))),
      client(iq('set', 'k2', query('urn:xmpp:blocking', item('eve@x.test'), 'unblock'))),
      client(
        iq(
          'set',
          'k3',
          query(
            'jabber:iq:privacy',
            "<list name='l'><item type='jid' value='ann@x.test' action='deny' order='1'/></list>",
          ),
        ),
      ),
    ).facts;
    expect(facts.map((f) => f.contact)).toEqual([
      { op: 'block', id: 'eve@x.test' },
      { op: 'unblock', id: 'eve@x.test' },
      { op: 'block', id: 'ann@x.test' },
    ]);
  });

  test('many suggested contacts are odd', () => {
    const items = Array.from({ length: 30 }, (_, i) => item(`c${i}@x.test`, '', " action='add'")).join('');
    const x = `<x xmlns='http://jabber.org/protocol/rosterx'>${items}</x>`;
    expect(run(server(message("from='mallory@evil.test' to='alice@corp.test'", x))).anomalies).toEqual([
      'xmpp_rosterx_mass',
    ]);
  });
});

describe('software', () => {
  const caps = (attributes: string) =>
    `<presence><c xmlns='http://jabber.org/protocol/caps' ${attributes}/></presence>`;
  test.each([
    [
      "node='http://pidgin.im/' ver='abc=' hash='sha-1'",
      { name: 'libpurple (Pidgin, Finch)', raw: 'http://pidgin.im/' },
    ],
    [
      "node='http://psi-im.org/caps' ver='0.12'",
      { name: 'Psi', version: '0.12', raw: 'http://psi-im.org/caps' },
    ],
    [
      "node='http://slixmpp.com/ver/1.8.3' hash='sha-1' ver='x'",
      { name: 'slixmpp', version: '1.8.3', raw: 'http://slixmpp.com/ver/1.8.3' },
    ],
    ["node='https://unheard.example/of'", { name: 'unheard.example/of', raw: 'https://unheard.example/of' }],
  ])('own capabilities %s', (attributes, expected) => {
    const facts = run(client(caps(attributes)), client(caps(attributes))).facts.filter(
      (f) => f.kind === 'client',
    );
    expect(facts).toEqual([
      {
        ...OWN,
        kind: 'client',
        from: 'alice@corp.test',
        from_resource: 'laptop',
        client: { ...expected, evidence: ['presence: caps node'] },
      },
    ]);
  });

  test('capabilities of servers are not a client', () => {
    const facts = run(client(caps("node='http://prosody.im'"))).facts;
    expect(facts.map((f) => f.kind)).toEqual(['presence']);
  });

  const VERSION = query('jabber:iq:version', '<name>Psi</name><version>1.5</version><os>Windows 10</os>');
  const DISCO = query(
    'http://jabber.org/protocol/disco#info',
    "<identity category='client' type='pc' name='Profanity 0.13.1'/>",
  );
  test.each([
    [
      'version',
      VERSION,
      {
        name: 'Psi',
        version: '1.5',
        os: 'Windows 10',
        raw: 'Psi 1.5 Windows 10',
        evidence: ['iq: jabber:iq:version answer'],
      },
    ],
    [
      'identity',
      DISCO,
      {
        name: 'Profanity',
        version: '0.13.1',
        raw: 'Profanity 0.13.1',
        evidence: ['iq: disco#info identity'],
      },
    ],
  ])('%s, of the client and of a contact', (_, payload, expected) => {
    const facts = run(
      client(iq('result', 'v1', payload, " to='bob@corp.test/desk'")),
      server(iq('result', 'v2', payload, " from='bob@corp.test/desk' to='alice@corp.test/laptop'")),
      server(iq('result', 'v3', payload, " from='corp.test'")),
    ).facts;
    expect(facts.map((f) => [f.from, f.client])).toEqual([
      ['alice@corp.test', expected],
      ['bob@corp.test', expected],
    ]);
  });

  test.each([
    ['netjabber-7', 'Net::XMPP (Perl)'],
    ['purple8a1b2c3d', 'libpurple'],
  ])('the id %s', (id, name) => {
    const facts = run(client(iq('get', id, query('jabber:iq:roster')))).facts;
    expect(facts).toMatchObject([{ kind: 'client', client: { name, raw: id, evidence: ['stanza: id'] } }]);
  });

  test("an answer's id is the peer's", () => {
    expect(run(client(iq('result', 'purple8a1b2c3d', '', " to='bob@corp.test/desk'"))).facts).toEqual([]);
  });

  test.each([
    ['gajim.1A2B', 'Gajim'],
    ['Talk.v104ABCD', 'Google Talk'],
  ])('the resource %s', (resource, name) => {
    const facts = runDissector(xmpp, signOn('alice', 'pw', resource)).facts;
    expect(facts.slice(1)).toMatchObject([{ kind: 'client', client: { name, raw: resource } }]);
  });
});

describe('accounts and profiles', () => {
  const register = (inner: string) => iq('set', 'g1', query('jabber:iq:register', inner));
  const CREDENTIALS = '<username>alice</username><password>pw-secret</password>';
  const ERROR = `<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`;

  test.each([
    [
      'before the sign-on',
      signOn().slice(0, 2),
      CREDENTIALS,
      '',
      'register',
      { result: 'success', exposed: 'password' },
    ],
    ['after it', signOn(), CREDENTIALS, '', 'change-password', { result: 'success', exposed: 'password' }],
    [
      'refused',
      signOn(),
      CREDENTIALS,
      ERROR,
      'change-password',
      { result: 'failure', exposed: 'password', reason: 'not-allowed' },
    ],
    ['with a remove', signOn(), '<remove/>', '', 'delete', { result: 'success' }],
  ])('registration %s', (_, before, inner, error, op, auth) => {
    const steps = [
      ...before,
      client(register(inner)),
      server(iq(error === '' ? 'result' : 'error', 'g1', error)),
    ];
    const facts = runDissector(xmpp, steps).facts.filter((f) => f.kind === 'account');
    expect(facts).toMatchObject([
      { op, from: 'alice@corp.test', auth: { mechanism: 'jabber:iq:register', ...auth } },
    ]);
    expect(facts[0]?.auth).toEqual({ mechanism: 'jabber:iq:register', ...auth });
    expect(JSON.stringify(facts)).not.toContain('pw-secret');
  });

  test('a vCard, set and shown', () => {
    const card = query(
      'vcard-temp',
      '<FN>Alice A.</FN><EMAIL><USERID>a@x.test</USERID></EMAIL><DESC/>',
      'vCard',
    );
    const profile = { name: 'Alice A.', email: 'a@x.test' };
    const facts = run(
      client(iq('set', 'c1', card)),
      server(iq('result', 'c2', card, " from='bob@corp.test'")),
      client(iq('get', 'c3', card)),
    ).facts;
    expect(facts).toEqual([
      { ...OWN, kind: 'profile', from: 'alice@corp.test', profile },
      { ...OWN, kind: 'profile', from: 'bob@corp.test', profile },
    ]);
  });

  const MOOD = query('http://jabber.org/protocol/mood', '<happy/><text>yay</text>', 'mood');
  test('personal events, published and received; the own one once', () => {
    const items = (from: string) =>
      message(
        `from='${from}'`,
        `<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='m'><item>${MOOD}</item></items></event>`,
        'headline',
      );
    const facts = run(
      client(
        iq(
          'set',
          'e1',
          query(
            'http://jabber.org/protocol/pubsub',
            `<publish node='m'><item>${MOOD}</item></publish>`,
            'pubsub',
          ),
        ),
      ),
      server(items('alice@corp.test')),
      server(items('bob@corp.test')),
    ).facts;
    expect(facts).toEqual([
      { ...OWN, kind: 'profile', from: 'alice@corp.test', profile: { mood: 'happy: yay' } },
      { ...OWN, kind: 'profile', from: 'bob@corp.test', profile: { mood: 'happy: yay' } },
    ]);
  });

  test('a search of the directory', () => {
    const facts = run(
      client(iq('set', 's1', query('jabber:iq:search', '<first>Ann</first><last/>'), " to='users.test'")),
    ).facts;
    expect(facts).toEqual([
      { ...OWN, kind: 'search', from: 'alice@corp.test', to: ['users.test'], query: 'first=Ann' },
    ]);
  });
});
