import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { RunOptions, Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import msnp from './index.ts';

const { line, withPayload } = build;
const up = (...bytes: Uint8Array[]): Step => ({ direction: TO_SERVER, bytes: build.bytesOf(...bytes) });
const down = (...bytes: Uint8Array[]): Step => ({ direction: TO_CLIENT, bytes: build.bytesOf(...bytes) });
const END: Step[] = [
  { direction: TO_SERVER, end: true },
  { direction: TO_CLIENT, end: true },
];
const run = (steps: Step[], options: RunOptions = {}): Told => runDissector(msnp, steps, options);
const codes = (told: Told): string[] => told.anomalies;

const ALICE = 'alice@example.test';
const BOB = 'bob@example.test';
const CIRCLE = '00000000-0000-0000-0009-73944a8f7947@live.com';
const GROUP = '588e793a-003d-0003-4136-314b00000000@live.com';
const EPID = '{ad9d9247-9181-4c57-8388-248304e153d3}';

/** A sign-on of the dialect and version, without what is told of it. */
function signedOn(dialect: number, version = '8.1.0178', product = 'MSNMSGR'): Step[] {
  const mechanism = dialect < 8 ? 'MD5' : dialect < 15 ? 'TWN' : 'SSO';
  const flags = dialect < 10 ? ['Alice', 1, 0] : [1, 0];
  return [
    up(line('VER', 1, `MSNP${dialect}`, 'CVR0')),
    down(line('VER', 1, `MSNP${dialect}`)),
    up(line('CVR', 2, '0x0409', 'winnt', '5.1', 'i386', 'MSNMSGR', version, product, ALICE)),
    up(line('USR', 3, mechanism, 'I', ALICE)),
    up(line('USR', 4, mechanism, 'S', 'x')),
    down(line('USR', 4, 'OK', ALICE, ...flags)),
  ];
}

function facts(kind: ImFacts['kind'], steps: Step[]): ImFacts[] {
  return run(steps).facts.filter((told) => told.kind === kind);
}

describe('the account', () => {
  test.each([
    [9, ['Alice%20A', 1, 0], 'Alice A', { email_verified: true }],
    [9, ['Alice%20A', 0, 1], 'Alice A', { email_verified: false, kids_account: true }],
    [10, [0, 0], undefined, { email_verified: false }],
    [15, [1, 0], undefined, { email_verified: true }],
    [7, ['Alice', 1], 'Alice', { email_verified: true }],
    [5, ['Alice'], 'Alice', undefined],
    [5, ['1', '0'], '1', { email_verified: false }],
  ])('MSNP%i: what USR OK says of it', (dialect, more, name, profile) => {
    const [login] = facts('login', [
      ...signedOn(dialect).slice(0, 5),
      down(line('USR', 4, 'OK', ALICE, ...more)),
    ]);
    expect(login?.from_name).toBe(name);
    expect(login?.profile).toEqual(profile);
  });

  test('a circle ticket is an attempt where no other sign-on was seen', () => {
    const circle = [up(line('USR', 9, 'SHA', 'A', 'ticket')), down(line('USR', 9, 'OK', ALICE, 0, 0))];
    const [login, ...more] = run(circle, { midstream: true }).facts.filter(({ kind }) => kind === 'login');
    expect(more).toEqual([]);
    expect(login).toMatchObject({
      account: ALICE,
      auth: { mechanism: 'SHA', result: 'success', exposed: 'token' },
    });
    expect(facts('login', [...signedOn(18), ...circle])).toHaveLength(1);
  });

  test('a refused circle ticket is a failure', () => {
    const told = run([up(line('USR', 9, 'SHA', 'A', 'ticket')), down(line(911, 9))], { midstream: true });
    expect(told.facts[0]?.auth).toMatchObject({ mechanism: 'SHA', result: 'failure' });
  });
});

describe('capability numbers', () => {
  const claims = (version: string, number: string | number): ImFacts[] =>
    facts('client', [...signedOn(13, version), up(line('CHG', 9, 'NLN', number))]).slice(1);

  test.each([
    ['8.1.0178', 0x7000_0030],
    ['14.0.8117.416', '2416181280:48'],
    ['15.4.3502.0922', 0xb000_0000],
    ['7.5.0324', 0x5000_0000],
    ['5.0.0544', 0],
    ['9.9.9', 0x1000_0000],
  ])('version %s with its own number is no news', (version, number) => {
    expect(claims(version, number)).toEqual([]);
  });

  test.each([
    ['8.1.0178', 0x4000_0034, 'third-party MSN client', 'Windows Live Messenger 8.1.0178'],
    ['8.5.1302', 0x4000_0020, 'libpurple', 'Windows Live Messenger 8.5.1302'],
    ['14.0.8117.416', 0xc000, 'BitlBee', 'Windows Live Messenger 14.0.8117.416'],
    ['6.2.0208', 0x5000_0024, 'third-party MSN client', 'MSN Messenger 6.2.0208'],
  ])('version %s with the number of another is a masquerade', (version, number, name, masquerade) => {
    expect(claims(version, number)).toMatchObject([{ sent: true, client: { name, masquerade } }]);
  });

  test('a product id that is newer than the dialect is one, too', () => {
    const answer = withPayload(['QRY', 7, 'PROD0119GSJUC$18'], '0'.repeat(32));
    const old = facts('client', [...signedOn(9, '6.2.0208'), up(answer)]);
    expect(old.slice(1)).toMatchObject([
      { client: { name: 'third-party MSN client', masquerade: 'MSN Messenger 6.2.0208' } },
    ]);
    expect(facts('client', [...signedOn(15, '8.5.1302'), up(answer)])).toHaveLength(1);
  });

  test('of contacts they name the client, once, with their presence', () => {
    const told = facts('presence', [
      ...signedOn(9),
      down(line('ILN', 9, 'NLN', BOB, 'Bob', 0x5004_0034)),
      down(line('NLN', 'AWY', BOB, 'Bob', 0x5004_0034)),
      down(line('NLN', 'BSY', BOB, 'Bob', 0x4000_0020)),
      down(line('NLN', 'NLN', 'carol@example.test', 'Carol', 0x1002_0000)),
      down(line('NLN', 'NLN', 'dave@example.test', 'Dave', 0)),
    ]);
    expect(told.map(({ client }) => client?.name)).toEqual([
      'MSN Messenger',
      undefined,
      'libpurple',
      'MSN bot',
      undefined,
    ]);
    expect(told[0]?.client).toEqual({
      name: 'MSN Messenger',
      version: '7.5',
      raw: String(0x5004_0034),
      evidence: [
        'ILN capability number',
        'capabilities: ink (GIF), webcam, multi-packet messages, voice clips',
      ],
    });
  });

  test('what is no number is none', () => {
    for (const text of ['-1', '4294967296', '1:2:3', '0x10', '99999999999']) {
      const told = facts('presence', [...signedOn(9), down(line('NLN', 'NLN', BOB, 'Bob', text))]);
      expect(told[0]).not.toHaveProperty('client');
    }
  });
});

describe('dialects', () => {
  test.each([
    [9, up(line('ADC', 9, 'FL', `N=${BOB}`)), true],
    [10, up(line('ADC', 9, 'FL', `N=${BOB}`)), false],
    [15, up(line('SYN', 9, 0)), true],
    [12, up(line('SYN', 9, 0, 0)), false],
    [8, up(withPayload(['UUX', 9], '<Data><PSM>x</PSM></Data>')), true],
    [11, up(withPayload(['UUX', 9], '<Data><PSM>x</PSM></Data>')), false],
    [15, down(withPayload(['NFY', 'PUT'], 'Routing: 1.0\r\n\r\n')), true],
    [18, down(withPayload(['NFY', 'PUT'], 'Routing: 1.0\r\n\r\n')), false],
    [12, up(withPayload(['ADL', 9], '<ml/>')), true],
  ])('MSNP%i', (dialect, step, isForeign) => {
    expect(codes(run([...signedOn(dialect), step])).includes('msnp_not_of_dialect')).toBe(isForeign);
  });

  test('where the dialect was not seen nothing is foreign', () => {
    expect(codes(run([up(line('SYN', 9, 0)), up(withPayload(['ADL', 9], '<ml/>'))]))).toEqual([]);
  });
});

describe('groups of contacts', () => {
  const told = (dialect: number, ...steps: Step[]): unknown[] =>
    facts('contact', [...signedOn(dialect), ...steps]).map(({ contact }) => contact);

  test('a contact is put into one that was made and renamed, MSNP9', () => {
    expect(
      told(
        9,
        up(line('ADG', 5, 'Work', 0)),
        down(line('ADG', 5, 77, 'Work', 3, 0)),
        up(line('ADD', 6, 'FL', BOB, 'Bob', 3)),
        up(line('REG', 7, 3, 'Colleagues', 0)),
        down(line('REG', 7, 78, 3, 'Colleagues', 0)),
        up(line('ADD', 8, 'FL', 'carol@example.test', 'Carol', 3)),
        down(line('RMG', 9, 79, 3)),
        up(line('ADD', 10, 'FL', 'dave@example.test', 'Dave', 3)),
      ),
    ).toEqual([
      { op: 'add', id: BOB, name: 'Bob', groups: ['Work'] },
      { op: 'add', id: 'carol@example.test', name: 'Carol', groups: ['Colleagues'] },
      { op: 'add', id: 'dave@example.test', name: 'Dave' },
    ]);
  });

  test('by GUID, in both orders in which servers tell a new name', () => {
    const guid = (n: number): string => `0000000${n}-0000-0000-0000-000000000000`;
    expect(
      told(
        11,
        down(line('ADG', 5, 'Work', guid(1)), line('ADG', 5, 1, 'Home', guid(2), 0)),
        down(line('LST', `N=${BOB}`, 'F=Bob', `C=${guid(9)}`, 11, `${guid(1)},${guid(2)}`)),
        down(line('REG', 6, guid(1), 'Office'), line('REG', 7, 1, 'House', guid(2), 0)),
        down(line('LST', 'N=carol@example.test', 'F=Carol', `C=${guid(8)}`, 11, `${guid(1)},${guid(2)}`)),
      ),
    ).toEqual([
      { op: 'list', id: BOB, name: 'Bob', groups: ['Work', 'Home'] },
      { op: 'list', id: 'carol@example.test', name: 'Carol', groups: ['Office', 'House'] },
    ]);
  });

  test('who was blocked is unblocked by being allowed; who asked is denied by being blocked', () => {
    expect(
      told(
        9,
        down(line('LST', BOB, 'Bob', 5, 0)),
        up(line('ADD', 6, 'AL', BOB, BOB)),
        down(line('ADD', 0, 'RL', 9, 'carol@example.test', 'Carol')),
        up(line('ADD', 7, 'BL', 'carol@example.test', 'Carol')),
      ).slice(2),
    ).toEqual([
      { op: 'unblock', id: BOB },
      { op: 'request', id: 'carol@example.test', name: 'Carol' },
      { op: 'deny', id: 'carol@example.test', name: 'Carol' },
      { op: 'block', id: 'carol@example.test', name: 'Carol' },
    ]);
  });

  test('telephone numbers of contacts, with a name and after their LST', () => {
    const profiles = facts('profile', [
      ...signedOn(8),
      down(line('LST', BOB, 'Bob', 3, 0), line('BPR', 'PHH', '555%20123'), line('BPR', 'MOB', 'Y')),
      down(line('BPR', 12, 'carol@example.test', 'PHM', '555%20456'), line('BPR', 13, BOB, 'PHW')),
    ]);
    expect(profiles.map(({ from, profile }) => [from, profile])).toEqual([
      [BOB, { phone_home: '555 123' }],
      ['carol@example.test', { phone_mobile: '555 456' }],
    ]);
  });
});

describe('endpoints', () => {
  test('the own ones are named, once each', () => {
    const xml = (id: string, name: string): string =>
      `<PrivateEndpointData id='${id}'><EpName>${name}</EpName><State>NLN</State></PrivateEndpointData>`;
    const told = facts('profile', [
      ...signedOn(16),
      up(withPayload(['UUX', 8], '<PrivateEndpointData><EpName>DESK-1</EpName></PrivateEndpointData>')),
      down(
        withPayload(['UBX', ALICE, 1], `<Data>${xml(EPID, 'DESK-1')}${xml('{1}', 'HOME &amp; CO')}</Data>`),
      ),
      down(withPayload(['UBX', BOB, 1], `<Data>${xml('{2}', 'NOT-OURS')}</Data>`)),
    ]);
    expect(told.map(({ profile }) => profile)).toEqual([
      { endpoint_name: 'DESK-1' },
      { endpoint_name: 'HOME & CO', endpoint: '1' },
    ]);
  });

  test('an endpoint that leaves does not take its account along', () => {
    const told = facts('presence', [
      ...signedOn(18),
      down(line('NLN', 'NLN', `1:${BOB}`, 'Bob', '0:0')),
      down(line('FLN', `1:${BOB};${EPID}`)),
      down(line('FLN', `1:${BOB}`)),
    ]);
    expect(told.map(({ status }) => status?.show)).toEqual(['online', 'offline']);
  });
});

describe('circles and temporary groups', () => {
  const roster = (...people: string[]): string =>
    `<circle><roster><id>IM</id>${people.map((p) => `<user><id>1:${p}</id></user>`).join('')}</roster></circle>`;
  const publication = (from: string, to: string, headers: Record<string, string>, body = ''): Uint8Array =>
    build.routed(from, to, { Uri: '/circle', ...headers }, body, 'Publication: 1.0');
  const XML = { 'Content-Type': 'application/circles+xml' };
  const me = `1:${ALICE};epid=${EPID}`;

  test('created, joined, invited to, left', () => {
    const rooms = facts('room', [
      ...signedOn(21, '15.4.3502'),
      up(withPayload(['PUT', 35], publication(me, '10:00000000-0000-0000-0000-000000000000@live.com', {}))),
      down(
        withPayload(
          ['PUT', 35, 'OK'],
          `Routing: 1.0\r\nTo: ${me}\r\nFrom: 10:${GROUP}\r\n\r\nReliability: 1.0\r\n\r\n`,
        ),
      ),
      up(withPayload(['PUT', 36], publication(me, `10:${GROUP}`, XML, roster(ALICE)))),
      down(withPayload(['NFY', 'PUT'], publication(`10:${GROUP}`, me, XML, roster(ALICE)))),
      up(
        withPayload(
          ['PUT', 37],
          publication(
            me,
            `10:${GROUP};path=IM`,
            { 'Content-Type': 'application/multiparty+xml' },
            roster(BOB),
          ),
        ),
      ),
      down(withPayload(['NFY', 'PUT'], publication(`10:${GROUP}`, me, XML, roster(BOB)))),
      down(
        withPayload(
          ['NFY', 'DEL'],
          publication(`10:${GROUP}`, me, { Uri: `/circle/roster(IM)/user(1:${BOB})` }),
        ),
      ),
      up(
        withPayload(
          ['DEL', 44],
          publication(me, `10:${GROUP}`, { Uri: `/circle/roster(IM)/user(1:${ALICE})` }),
        ),
      ),
    ]);
    expect(rooms.map(({ op, from, to, room }) => [op, from, to, room?.id])).toEqual([
      ['create', ALICE, undefined, GROUP],
      ['join', ALICE, undefined, GROUP],
      ['invite', ALICE, [BOB], GROUP],
      ['join', BOB, undefined, GROUP],
      ['leave', BOB, undefined, GROUP],
      ['leave', ALICE, undefined, GROUP],
    ]);
  });

  test('the whole roster of a circle, with its name', () => {
    const props = '<props><presence><Data><FriendlyName>Book club</FriendlyName></Data></presence></props>';
    const xml = roster(ALICE, BOB).replace('</circle>', `${props}</circle>`);
    const [room] = facts('room', [
      ...signedOn(18, '14.0.8117'),
      down(withPayload(['NFY', 'PUT'], publication(`9:${CIRCLE}`, me, { ...XML, NotifType: 'Full' }, xml))),
    ]);
    expect(room).toMatchObject({
      op: 'members',
      room: { id: CIRCLE, name: 'Book club' },
      members: [ALICE, BOB],
    });
  });

  test('a message names its sender’s endpoint, and somebody on another network by his number', () => {
    const text = { 'Message-Type': 'Text', 'Content-Type': 'text/plain; charset=UTF-8' };
    const told = facts('message', [
      ...signedOn(21, '15.4.3502'),
      up(withPayload(['SDG', 58], build.routed(me, '13:1065663773;via=14:fb', text, 'hello'))),
    ]);
    expect(told).toMatchObject([
      { from: ALICE, from_resource: EPID.replace(/[{}]/g, ''), to: ['13:1065663773'], text: 'hello' },
    ]);
  });
});

const SWITCHBOARD: Step[] = [
  up(line('ANS', 1, ALICE, 'key1', 'sid9')),
  down(line('IRO', 1, 1, 1, BOB, 'Bob'), line('ANS', 1, 'OK')),
];
const object = (attributes: string): string =>
  `<msnobj Creator="${BOB}" Size="9" Type="8" Friendly="VwBpAG4AawAAAA==" SHA1D="AAAA=" ${attributes}/>`;

describe('messages', () => {
  const said = (kind: ImFacts['kind'], ...payloads: Uint8Array[]): ImFacts[] =>
    facts(kind, [...SWITCHBOARD, down(...payloads.map((p) => build.received(BOB, 'Bob', p)))]);

  test.each([
    [
      'FN=MS%20Sans%20Serif; EF=BI; CO=ff8000; CS=0; PF=22',
      { font: 'MS Sans Serif', effects: ['bold', 'italic'], color: '#0080ff' },
    ],
    ['FN=Tahoma; EF=; CO=0; CS=1; PF=0; RL=1', { font: 'Tahoma', right_to_left: true }],
    ['FN=; EF=US; CO=ff', { effects: ['underline', 'strikethrough'], color: '#ff0000' }],
    ['FN=; EF=; CO=zz', undefined],
    [';;;=;', undefined],
    [`FN=${'x'.repeat(600)}`, undefined],
  ])('%s', (header, style) => {
    const mime = build.mime({ 'Content-Type': 'text/plain', 'X-MMS-IM-Format': header }, 'hi');
    const [message] = said('message', mime);
    expect(message?.text).toBe('hi');
    expect(message?.style).toEqual(style);
  });

  test('a wink and a voice clip offer their objects, an action its words', () => {
    const datacast = (id: number, data: string): Uint8Array =>
      build.typed('text/x-msnmsgr-datacast', `ID: ${id}\r\nData: ${data}\r\n\r\n`);
    const payloads = [datacast(2, object('')), datacast(3, object('')), datacast(4, 'waves')];
    const attention = said('attention', ...payloads);
    const files = said('file', ...payloads);
    expect(attention.map(({ state, text }) => [state, text])).toEqual([
      ['wink', undefined],
      ['voice clip', undefined],
      ['action', 'waves'],
    ]);
    expect(files.map(({ file }) => [file?.name, file?.size, file?.state])).toEqual([
      ['Wink', 9, 'offer'],
      ['Wink', 9, 'offer'],
    ]);
    expect(attention[0]?.ref).toBe(files[0]?.file?.id);
  });

  test('the server times somebody out of a room', () => {
    const told = facts('room', [
      ...SWITCHBOARD,
      down(
        line('JOI', 'carol@example.test', 'Carol'),
        line('BYE', BOB, 1),
        line('BYE', 'carol@example.test'),
      ),
    ]);
    expect(told.map(({ op, reason }) => [op, reason])).toEqual([
      ['join', undefined],
      ['leave', 'timed out'],
      ['leave', undefined],
    ]);
  });
});

describe('what is too long, or leads elsewhere', () => {
  test.each([
    ['a name', [...signedOn(9), down(line('NLN', 'NLN', BOB, 'x'.repeat(388), 0))], 'msnp_name_too_long'],
    [
      'a user',
      [...signedOn(9), down(line('NLN', 'NLN', `${'x'.repeat(400)}@b`, 'x', 0))],
      'msnp_user_too_long',
    ],
    [
      'a location',
      [
        ...signedOn(9),
        down(line('NLN', 'NLN', BOB, 'Bob', 0, encodeURIComponent(object('Location="..\\..\\boot.ini"')))),
      ],
      'msnp_path_in_location',
    ],
    [
      'an emoticon’s location',
      [
        ...SWITCHBOARD,
        down(
          build.received(
            BOB,
            'Bob',
            build.typed('text/x-mms-emoticon', `:)\t${object('Location="../x"')}\t`),
          ),
        ),
      ],
      'msnp_path_in_location',
    ],
    [
      'the own picture’s creator',
      [
        ...signedOn(9),
        up(line('CHG', 9, 'NLN', 0, encodeURIComponent(`<msnobj Creator="${'x'.repeat(600)}" SHA1D="A"/>`))),
      ],
      'msnp_object_too_long',
    ],
  ])('%s', (_, steps, code) => {
    expect(codes(run(steps))).toEqual([code]);
  });

  test('dots inside a name are none', () => {
    const location = encodeURIComponent(object('Location="a..b/c...d"'));
    expect(codes(run([...signedOn(9), down(line('NLN', 'NLN', BOB, 'x'.repeat(387), 0, location))]))).toEqual(
      [],
    );
  });
});

test('a whole session of MSNP18 has no anomaly and ends in one sign-off', () => {
  const told = run([...signedOn(18, '14.0.8117'), ...END]);
  expect(codes(told)).toEqual([]);
  expect(told.facts.map(({ kind }) => kind)).toEqual(['client', 'login', 'logout']);
});
