/** Refused requests, bits of binary, suggested contacts, checksums of pictures, what is presumed. */
import { describe, expect, test } from '@jest/globals';
import { sha1Hex } from '../../src/sdk/index.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import { auth, base64, client, END, header, iq, message, server, signOn } from './build.ts';
import xmpp from './index.ts';

function run(...steps: Step[]) {
  const all = runDissector(xmpp, [...signOn(), ...steps]);
  return { ...all, facts: all.facts.filter((f) => f.kind !== 'login') };
}
const FROM_BOB = " from='bob@corp.test/d' to='alice@corp.test/laptop'";
const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

describe('refused requests', () => {
  const refused = (
    id: string,
    condition = 'service-unavailable',
    ns = 'jabber:iq:last',
    who = FROM_BOB,
  ): Step =>
    server(
      iq(
        'error',
        id,
        `<query xmlns='${ns}'/><error type='cancel'><${condition} xmlns='${STANZAS}'/><text xmlns='${STANZAS}'>no</text></error>`,
        who,
      ),
    );

  test('are told with their condition, once a person and kind', () => {
    const carol = " from='carol@corp.test/d' to='alice@corp.test/laptop'";
    const { facts } = run(
      refused('1'),
      refused('2'),
      refused('3', 'forbidden'),
      refused('4', 'forbidden', 'urn:xmpp:time'),
      refused('5', 'forbidden', 'urn:xmpp:time', carol),
    );
    expect(
      facts.map(({ kind, from, code, text, evidence }) => [kind, from, code, text, evidence?.[0]]),
    ).toEqual([
      ['notice', 'bob@corp.test', 'service-unavailable', 'no', 'iq: jabber:iq:last was refused'],
      ['notice', 'bob@corp.test', 'forbidden', 'no', 'iq: jabber:iq:last was refused'],
      ['notice', 'bob@corp.test', 'forbidden', 'no', 'iq: urn:xmpp:time was refused'],
      ['notice', 'carol@corp.test', 'forbidden', 'no', 'iq: urn:xmpp:time was refused'],
    ]);
  });

  test('of the sign-on are its own', () => {
    const error = `<error type='auth'><not-authorized xmlns='${STANZAS}'/></error>`;
    const session = `<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>`;
    expect(run(server(iq('error', 's1', session + error))).facts).toEqual([]);
    const steps = [client(header()), client(auth('PLAIN', '\0alice\0x')), server(iq('error', 'x', error))];
    expect(runDissector(xmpp, steps).facts.filter((f) => f.kind === 'notice')).toEqual([]);
  });

  test('without a condition say nothing', () => {
    expect(run(server(iq('error', '9', '<error type="cancel"/>', FROM_BOB))).facts).toEqual([]);
  });
});

describe('bits of binary', () => {
  const PICTURE = 'GIF89a and the rest of it';
  const sha1 = sha1Hex(PICTURE);
  const CID = `sha1+${sha1}@bob.xmpp.org`;
  const inBase64 = base64(PICTURE);
  const data = (inner = inBase64, cid = CID): string =>
    `<data xmlns='urn:xmpp:bob' cid='${cid}' type='image/gif' max-age='86400'>${inner}</data>`;

  test.each([
    ['an answer', iq('result', 'd1', data(), FROM_BOB)],
    ['a message', `<message${FROM_BOB}>${data()}</message>`],
    ['a presence', `<presence${FROM_BOB}>${data()}</presence>`],
  ])('in %s are carved, and verified by their name', (_, xml) => {
    const told = run(server(xml));
    const file = told.facts.find((f) => f.kind === 'file');
    expect(file).toMatchObject({
      ...{ from: 'bob@corp.test', to: ['alice@corp.test'] },
      file: { name: CID, method: 'bob', state: 'complete', size: PICTURE.length, mime: 'image/gif' },
    });
    expect(told.files).toMatchObject([
      {
        text: PICTURE,
        how: { complete: true },
        target: { digest: { algorithm: 'sha1', value: sha1 }, id: file?.file?.id },
      },
    ]);
  });

  test('that are asked for, refused or damaged are no file', () => {
    const told = run(
      client(iq('get', 'd1', data(''), " to='bob@corp.test/d'")),
      server(iq('error', 'd1', `${data()}<error><forbidden xmlns='${STANZAS}'/></error>`, FROM_BOB)),
      server(iq('result', 'd2', data('*not base64*'), FROM_BOB)),
    );
    expect(told.files).toEqual([]);
    expect(told.facts.filter((f) => f.kind === 'file')).toEqual([]);
    expect(told.anomalies).toEqual(['xmpp_bob_not_base64']);
  });

  test.each(['sha1+00@bob.xmpp.org', `crc+${sha1}@bob.xmpp.org`, `md5+${sha1}@bob.xmpp.org`, 'x'])(
    'a name that is no checksum (%s) verifies nothing',
    (cid) => {
      expect(
        run(server(iq('result', 'd1', data(inBase64, cid), FROM_BOB))).files[0]?.target,
      ).not.toHaveProperty('digest');
    },
  );

  test('of one stanza at most sixteen are read', () => {
    const { files } = run(server(`<message${FROM_BOB}>${data().repeat(40)}</message>`));
    expect(files).toHaveLength(16);
  });
});

describe('suggested contacts', () => {
  const suggest = (items: string): Step =>
    server(`<message${FROM_BOB}><x xmlns='http://jabber.org/protocol/rosterx'>${items}</x></message>`);

  test('are told with who suggests them, and for what', () => {
    const { facts, anomalies } = run(
      suggest(
        "<item jid='Carol@corp.test' name='Carol'><group>Work</group></item>" +
          "<item action='delete' jid='dave@corp.test'/><item action='x' jid='erin@corp.test'/><item/>",
      ),
    );
    expect(facts).toMatchObject([
      {
        ...{ kind: 'contact', from: 'bob@corp.test', to: ['alice@corp.test'] },
        contact: { op: 'list', id: 'carol@corp.test', name: 'Carol', groups: ['Work'] },
        evidence: ['rosterx: suggested, to add'],
      },
      { contact: { id: 'dave@corp.test' }, evidence: ['rosterx: suggested, to delete'] },
      { contact: { id: 'erin@corp.test' }, evidence: ['rosterx: suggested, to list'] },
    ]);
    expect(anomalies).toEqual([]);
  });

  test('in masses are an anomaly, and the first hundred are told', () => {
    const items = Array.from({ length: 300 }, (_, i) => `<item jid='u${i}@spam.test'/>`).join('');
    const { facts, anomalies } = run(suggest(items));
    expect(facts).toHaveLength(100);
    expect(anomalies).toEqual(['xmpp_rosterx_mass']);
  });
});

describe('checksums of pictures', () => {
  const shows = (hash: string, from = 'bob@corp.test/d'): Step =>
    server(
      `<presence from='${from}' to='alice@corp.test/l'><x xmlns='vcard-temp:x:update'><photo>${hash}</photo></x></presence>`,
    );

  test('are told when they change', () => {
    const [one, two] = ['a'.repeat(40), 'B'.repeat(40)];
    const { facts } = run(
      shows(one),
      shows(one),
      shows(two),
      shows(''),
      shows('no hash'),
      shows(two, 'carol@corp.test/x'),
    );
    expect(
      facts.filter((f) => f.kind === 'profile').map((f) => [f.from, f.profile?.['avatar_hash']]),
    ).toEqual([
      ['bob@corp.test', one],
      ['bob@corp.test', two.toLowerCase()],
      ['carol@corp.test', two.toLowerCase()],
    ]);
  });
});

test('what is presumed where one direction is missing is bounded by what it costs', () => {
  const topic = (i: number): Step =>
    client(
      `<message to='room@muc.corp.test' type='groupchat'><subject>${String(i).padEnd(50_000, 'x')}</subject></message>`,
    );
  const join = client(
    "<presence to='room@muc.corp.test/al'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
  );
  const steps = [
    client(header()),
    client(auth('PLAIN', '\0alice\0x')),
    join,
    ...Array.from({ length: 20 }, (_, i) => topic(i)),
    ...END,
  ];
  const topics = (full: boolean): unknown[] =>
    runDissector(xmpp, steps, { full }).facts.filter((f) => f.op === 'topic');
  expect(topics(false)).toHaveLength(20);
  expect(topics(true)).toHaveLength(0);
});

test('a message with bits beside its text is told as a message too', () => {
  const bits = `<data xmlns='urn:xmpp:bob' cid='x' type='image/gif'>${base64('abc')}</data>`;
  const { facts } = run(server(message(FROM_BOB, `<body>hi</body>${bits}`)));
  expect(facts.map((f) => f.kind)).toEqual(['file', 'message']);
});
