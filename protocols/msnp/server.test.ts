import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import msnp from './index.ts';
import { currentMedia } from './presence.ts';

const { line, withPayload } = build;
const ALICE = 'alice@example.test';
const BOB = 'bob@example.test';
const up = (...bytes: Uint8Array[]): Step => ({ direction: TO_SERVER, bytes: build.bytesOf(...bytes) });
const down = (...bytes: Uint8Array[]): Step => ({ direction: TO_CLIENT, bytes: build.bytesOf(...bytes) });
const END: Step[] = [
  { direction: TO_SERVER, end: true },
  { direction: TO_CLIENT, end: true },
];

/** What is told after the sign-on of a dialect, up to the end of the steps. */
function after(dialect: number, ...steps: Step[]): ImFacts[] {
  return told(dialect, ...steps).facts.filter(({ kind }) => kind !== 'login');
}

function told(dialect: number, ...steps: Step[]): Told {
  return runDissector(msnp, [
    up(line('VER', 1, `MSNP${dialect}`, 'CVR0'), line('USR', 2, 'TWN', 'I', ALICE)),
    down(line('VER', 1, `MSNP${dialect}`), line('USR', 2, 'OK', ALICE, 1, 0)),
    ...steps,
  ]);
}

describe('presence', () => {
  const status = (...steps: Step[]): [string | undefined, ImFacts['status']][] =>
    after(15, ...steps).map(({ from, status: said }) => [from, said]);

  test('the own status, once: the echo tells nothing', () => {
    expect(
      status(
        up(line('CHG', 6, 'NLN', 1)),
        down(line('CHG', 6, 'NLN', 1)),
        up(line('CHG', 7, 'HDN', 1)),
        down(line('CHG', 7, 'HDN', 1)),
      ),
    ).toEqual([
      [ALICE, { show: 'online' }],
      [ALICE, { show: 'invisible' }],
    ]);
  });

  test('the echo alone does', () => {
    expect(status(down(line('CHG', 6, 'PHN', 1)))).toEqual([[ALICE, { show: 'phone' }]]);
  });

  test.each([
    ['MSNP8', 8, line('ILN', 6, 'NLN', BOB, 'Bob%20B', 0)],
    ['MSNP15', 15, line('ILN', 6, 'NLN', BOB, 1, 'Bob%20B', 1073741856, '%3Cmsnobj%2F%3E')],
    ['MSNP18', 18, line('ILN', 6, 'NLN', `1:${BOB}`, 'Bob%20B', '2416181284:00', 0)],
  ])('a contact in the form of %s', (_, dialect, bytes) => {
    expect(after(dialect, down(bytes))).toEqual([
      expect.objectContaining({
        kind: 'presence',
        from: BOB,
        from_name: 'Bob B',
        status: { show: 'online' },
        sent: false,
      }),
    ]);
  });

  test('a network id is told from a name of digits where the dialect is unknown', () => {
    const names = (...words: (string | number)[]): unknown =>
      runDissector(msnp, [down(line('NLN', 'NLN', BOB, ...words))], { midstream: true }).facts[0]?.from_name;
    expect(names(1, 'Bob', 12, 'obj')).toBe('Bob');
    expect(names(1, 12, 'obj')).toBe('1');
    expect(names('Bob', 12, 'obj')).toBe('Bob');
  });

  test('a change and a personal message, each once', () => {
    const ubx = (text: string): Uint8Array =>
      withPayload(['UBX', BOB, 1], `<Data><PSM>${text}</PSM><CurrentMedia></CurrentMedia></Data>`);
    const online = line('NLN', 'NLN', BOB, 1, 'Bob', 1, 0);
    expect(
      status(
        down(
          online,
          ubx(''),
          online,
          ubx('&#xDC;berall &amp; nirgends '),
          ubx('&#xDC;berall &amp; nirgends '),
          online,
        ),
        down(line('FLN', BOB, 1, 0)),
      ),
    ).toEqual([
      [BOB, { show: 'online' }],
      [BOB, { show: 'online', text: 'Überall & nirgends' }],
      [BOB, { show: 'offline' }],
    ]);
  });

  test('the own personal message and what is played', () => {
    const uux = (psm: string, media: string): Uint8Array =>
      withPayload(['UUX', 7], `<Data><PSM>${psm}</PSM><CurrentMedia>${media}</CurrentMedia></Data>`);
    const facts = after(
      15,
      up(
        line('CHG', 6, 'NLN', 1),
        uux('rain', ''),
        uux('rain', '\\0Music\\01\\0{0} - {1}\\0Song\\0Singer\\0\\0'),
      ),
      down(line('UUX', 7, 0)),
    );
    expect(facts.map(({ status: said, profile }) => said ?? profile)).toEqual([
      { show: 'online' },
      { show: 'online', text: 'rain' },
      { current_media: 'Song - Singer' },
    ]);
  });

  test.each([
    ['\\0Music\\00\\0{0}\\0Song', ''],
    ['\\0Games\\01\\0Playing {0}{3}\\0Chess', 'Playing Chess'],
    ['', ''],
  ])('media %j is %j', (value, text) => {
    expect(currentMedia(value)).toBe(text);
  });

  test('the display name in its three forms', () => {
    const names = (dialect: number, ...steps: Step[]): unknown[] =>
      after(dialect, ...steps).map(({ profile }) => profile);
    const expected = [{ display_name: 'Älice A' }];
    expect(
      names(12, up(line('PRP', 9, 'MFN', '%C3%84lice%20A')), down(line('PRP', 9, 'MFN', 'Älice%20A'))),
    ).toEqual(expected);
    expect(names(12, down(line('PRP', 'MFN', 'Älice%20A')))).toEqual(expected);
    expect(
      names(8, up(line('REA', 9, ALICE, '%C3%84lice%20A')), down(line('REA', 9, 2, ALICE, 'Älice%20A'))),
    ).toEqual(expected);
    expect(names(8, up(line('REA', 9, BOB, 'Bob')))).toEqual([]);
  });
});

describe('contacts', () => {
  const contacts = (dialect: number, ...steps: Step[]): ImFacts['contact'][] =>
    after(dialect, ...steps)
      .filter(({ kind }) => kind === 'contact')
      .map(({ contact }) => contact);

  test('the list of MSNP2 to 5', () => {
    expect(
      contacts(
        2,
        down(
          line('LST', 6, 'FL', 1, 1, 1, BOB, 'Bob'),
          line('LST', 6, 'AL', 1, 1, 1, BOB, 'Bob'),
          line('LST', 6, 'BL', 1, 1, 1, 'eve@example.test', 'Eve'),
          line('LST', 6, 'RL', 1, 0, 0),
        ),
      ),
    ).toEqual([
      { op: 'list', id: BOB, name: 'Bob' },
      { op: 'block', id: 'eve@example.test', name: 'Eve' },
    ]);
  });

  test('the list of MSNP7 with groups', () => {
    expect(
      contacts(
        7,
        down(line('LSG', 6, 1, 1, 2, 0, 'Other%20Contacts', 0), line('LSG', 6, 1, 2, 2, 3, 'Friends', 0)),
        down(line('LST', 6, 'FL', 1, 1, 1, BOB, 'Bob', '3,0')),
      ),
    ).toEqual([{ op: 'list', id: BOB, name: 'Bob', groups: ['Friends', 'Other Contacts'] }]);
  });

  test('the list of MSNP8 and 9: bits say on which lists', () => {
    expect(
      contacts(
        9,
        down(line('LSG', 1, 'Friends', 0)),
        down(
          line('LST', BOB, 'Bob', 11, 1),
          line('LST', 'eve@example.test', 'Eve', 4),
          line('LST', 'mallory@example.test', 'Mallory', 8),
        ),
      ),
    ).toEqual([
      { op: 'list', id: BOB, name: 'Bob', groups: ['Friends'] },
      { op: 'block', id: 'eve@example.test', name: 'Eve' },
    ]);
  });

  const GUID = '87ecdf72-5258-5a67-ae39-ace17e2df0a3';

  test('the list of MSNP10 to 12, and changes by GUID', () => {
    expect(
      contacts(
        12,
        down(line('LSG', 'Friends', GUID.replace('8', '9'))),
        down(line('LST', `N=${BOB}`, 'F=Bob', `C=${GUID}`, 11, 1, GUID.replace('8', '9'))),
        up(line('ADC', 9, 'FL', 'N=carol@example.test', 'F=Carol'), line('REM', 10, 'FL', GUID)),
        down(line('ADC', 9, 'FL', 'N=carol@example.test', 'F=Carol', `C=${GUID.replace('8', '7')}`)),
        down(line('REM', 10, 'FL', GUID)),
        up(line('ADC', 11, 'FL', `C=${GUID}`, GUID.replace('8', '9'))),
        down(line('ADC', 0, 'RL', 'N=dave@example.test', 'F=Dave')),
        up(line('ADC', 12, 'AL', 'N=dave@example.test')),
      ),
    ).toEqual([
      { op: 'list', id: BOB, name: 'Bob', groups: ['Friends'] },
      { op: 'add', id: 'carol@example.test', name: 'Carol' },
      { op: 'remove', id: BOB },
      { op: 'list', id: BOB, groups: ['Friends'] },
      { op: 'request', id: 'dave@example.test', name: 'Dave' },
      { op: 'accept', id: 'dave@example.test' },
    ]);
  });

  test('changes up to MSNP9: adding, blocking, unblocking, removing; a group alone is none', () => {
    expect(
      contacts(
        9,
        up(
          line('ADD', 9, 'FL', BOB, 'Bob', 1),
          line('ADD', 10, 'BL', BOB, 'Bob'),
          line('REM', 11, 'BL', BOB),
        ),
        down(line('ADD', 9, 'FL', 5, BOB, 'Bob', 1), line('ADD', 10, 'BL', 6, BOB, 'Bob')),
        up(line('REM', 12, 'FL', BOB, 1), line('REM', 13, 'FL', BOB)),
        down(line('REM', 13, 'FL', 7, BOB), line('ADD', 0, 'RL', 8, 'dave@example.test', 'Dave')),
      ).map((contact) => [contact?.op, contact?.id]),
    ).toEqual([
      ['add', BOB],
      ['block', BOB],
      ['unblock', BOB],
      ['remove', BOB],
      ['request', 'dave@example.test'],
    ]);
  });

  test('ADL and RML', () => {
    const list = (name: string, bits: number, initial = ''): string =>
      `<ml${initial}><d n='example.test'><c n='${name}' l='${bits}' t='1'/></d></ml>`;
    expect(
      contacts(
        15,
        up(withPayload(['ADL', 6], list('bob', 3, " l='1'"))),
        down(line('ADL', 6, 'OK')),
        up(withPayload(['ADL', 7], list('erin', 2)), withPayload(['ADL', 8], list('erin', 1))),
        up(withPayload(['RML', 9], list('bob', 2)), withPayload(['ADL', 10], list('bob', 4))),
        up(withPayload(['RML', 11], list('bob', 4)), withPayload(['RML', 12], list('erin', 1))),
        down(
          withPayload(['ADL', 0], '<ml><d n="example.test"><c n="dave" t="1" l="8" f="D &amp; D"/></d></ml>'),
        ),
        up(
          withPayload(['ADL', 13], list('dave', 2)),
          withPayload(['ADL', 14], '<ml><t><c n="tel:+15551234" l="1"/></t></ml>'),
        ),
      ).map((contact) => [contact?.op, contact?.id, contact?.name]),
    ).toEqual([
      ['list', BOB, undefined],
      ['add', 'erin@example.test', undefined],
      ['block', BOB, undefined],
      ['unblock', BOB, undefined],
      ['remove', 'erin@example.test', undefined],
      ['request', 'dave@example.test', 'D & D'],
      ['accept', 'dave@example.test', undefined],
      ['add', 'tel:+15551234', undefined],
    ]);
  });
});

describe('what the server says', () => {
  const hotmail = (type: string, body: string): Step =>
    down(
      withPayload(
        ['MSG', 'Hotmail', 'Hotmail'],
        build.mime({ 'MIME-Version': '1.0', 'Content-Type': type }, body),
      ),
    );

  test('the profile, without the ticket', () => {
    const payload = build.mime({
      'MIME-Version': '1.0',
      'Content-Type': 'text/x-msmsgsprofile; charset=UTF-8',
      MSPAuth: 'secret-ticket',
      sid: '507',
      country: 'DE',
      Kid: '0',
      Age: '',
      preferredEmail: 'alice@example.net',
      ClientIP: '192.0.2.9',
    });
    const facts = after(9, down(withPayload(['MSG', 'Hotmail', 'Hotmail'], payload)));
    expect(facts.map(({ profile }) => profile)).toEqual([
      { preferred_email: 'alice@example.net', country: 'DE', client_ip: '192.0.2.9' },
    ]);
    expect(JSON.stringify(facts)).not.toContain('secret');
  });

  test('offline messages that wait', () => {
    const entry =
      '<M><T>11</T><S>6</S><RT>2005-11-15T14:24:27.000Z</RT><E>Bob@example.test</E><I>ID-1</I></M>';
    const facts = after(
      15,
      hotmail(
        'text/x-msmsgsinitialmdatanotification; charset=UTF-8',
        `Mail-Data: <MD>${entry}<M><T>2</T></M></MD>\r\n`,
      ),
    );
    expect(facts).toEqual([
      {
        kind: 'notice',
        service: 'msn',
        account: ALICE,
        code: 'oim',
        text: 'offline message waiting',
        offline: true,
        from: BOB,
        message_id: 'ID-1',
        original_time: '2005-11-15T14:24:27.000000+0000',
        sent: false,
      },
    ]);
  });

  test('mail and maintenance', () => {
    const facts = after(
      9,
      hotmail('text/x-msmsgsinitialemailnotification', 'Inbox-Unread: 3\r\nFolders-Unread: 0\r\n'),
      hotmail('text/x-msmsgsemailnotification', 'From: Bob\r\nFrom-Addr: bob@example.test\r\n'),
      hotmail('application/x-msmsgssystemmessage', 'Type: 1\r\nArg1: 5\r\n'),
    );
    expect(facts.map(({ code, text, from }) => [code, text, from])).toEqual([
      ['mail', '3 unread in the inbox', undefined],
      ['mail', 'new e-mail', BOB],
      ['system', 'server goes down in 5 minutes', undefined],
    ]);
  });

  test('alerts with a text', () => {
    const not = (body: string): Uint8Array =>
      withPayload(['NOT'], `<NOTIFICATION><MSG><BODY>${body}</BODY></MSG></NOTIFICATION>`);
    expect(
      after(9, down(not('<TEXT>Stocks &lt; 3</TEXT>'), not('none'))).map(({ code, text }) => [code, text]),
    ).toEqual([['NOT', 'Stocks < 3']]);
  });

  test('challenges, pings and policies tell nothing', () => {
    const facts = told(
      15,
      up(line('PNG')),
      down(line('QNG', 48), line('CHL', 0, '1663122458434562624782678054')),
      up(withPayload(['QRY', 9, 'PROD0090YUAUV{2B'], 'd41d8cd98f00b204e9800998ecf8427e')),
      down(line('QRY', 9), line('SBS', 0, 'null'), withPayload(['GCF', 0], '<Policies></Policies>')),
      down(withPayload(['241', 6], '<ml><d n="x"/></ml>'), line('URL', 3, '/x', 'https://x', 2)),
    );
    expect(facts.anomalies).toEqual([]);
    expect(facts.facts.map(({ kind, code }) => [kind, code])).toEqual([
      ['login', undefined],
      ['notice', 241],
    ]);
  });
});

describe('messages over the notification server', () => {
  test('UUM and UBM', () => {
    const facts = after(
      15,
      up(withPayload(['UUM', 9, 'bob@yahoo.example', 32, 1], build.plain('to Yahoo'))),
      down(withPayload(['UBM', 'bob@yahoo.example', 32, 1], build.plain('from Yahoo'))),
      down(withPayload(['UBM', 'bob@yahoo.example', 32, 2], build.typing('bob@yahoo.example'))),
      down(withPayload(['UBM', 'bob@yahoo.example', 32, 3], 'ID: 1\r\n\r\n')),
    );
    expect(facts.map(({ kind, from, to, text, state }) => [kind, from, to, text ?? state])).toEqual([
      ['message', ALICE, ['bob@yahoo.example'], 'to Yahoo'],
      ['message', 'bob@yahoo.example', [ALICE], 'from Yahoo'],
      ['typing', 'bob@yahoo.example', [ALICE], 'typing'],
      ['attention', 'bob@yahoo.example', [ALICE], 'nudge'],
    ]);
  });

  const EPID = ';epid={00000000-0000-0000-0000-000000000001}';

  test('SDG of MSNP21, to a person and to a circle', () => {
    const text = (from: string, to: string, body: string): Uint8Array =>
      build.routed(from, to, { 'Message-Type': 'Text', 'Content-Type': 'Text/plain; charset=UTF-8' }, body);
    const circle = '9:00000000-0000-0000-0009-0123456789ab@live.com;path=IM';
    const facts = after(
      21,
      up(withPayload(['SDG', 9], text(`1:${ALICE}${EPID}`, `1:${BOB}`, 'hé'))),
      down(line('SDG', 9, 'OK')),
      down(withPayload(['SDG', 0], text(`1:${BOB}${EPID}`, `1:${ALICE}`, 'back'))),
      down(withPayload(['SDG', 0], text(`1:${BOB}${EPID}`, circle, 'all'))),
      down(withPayload(['SDG', 0], build.routed(`1:${BOB}`, `1:${ALICE}`, { 'Message-Type': 'Nudge' }, ''))),
      down(
        withPayload(
          ['SDG', 0],
          build.routed(
            `1:${BOB}`,
            `1:${ALICE}`,
            { 'Message-Type': 'Control', 'Message-Subtype': 'Typing' },
            '\r\n',
          ),
        ),
      ),
    );
    const room = '00000000-0000-0000-0009-0123456789ab@live.com';
    expect(
      facts.map(({ kind, from, to, text: said, state, room: where }) => [
        kind,
        from,
        to,
        said ?? state,
        where?.id,
      ]),
    ).toEqual([
      ['message', ALICE, [BOB], 'hé', undefined],
      ['message', BOB, [ALICE], 'back', undefined],
      ['message', BOB, [room], 'all', room],
      ['attention', BOB, [ALICE], 'nudge', undefined],
      ['typing', BOB, [ALICE], 'typing', undefined],
    ]);
  });

  test('PUT and NFY of MSNP21', () => {
    const user = (status: string, psm: string): string =>
      `<user><s n="IM"><Status>${status}</Status></s><s n="PE"><FriendlyName>Name</FriendlyName><PSM>${psm}</PSM></s></user>`;
    const put = (from: string, xml: string, opening: string): Uint8Array =>
      build.routed(from, `1:${ALICE}`, { Uri: '/user' }, xml, opening);
    const facts = after(
      21,
      up(withPayload(['PUT', 9], put(`1:${ALICE}${EPID}`, user('BSY', 'mine'), 'Publication: 1.0'))),
      down(line('PUT', 9, 'OK', 0)),
      down(withPayload(['NFY', 'PUT'], put(`1:${BOB}`, user('AWY', ''), 'Notification: 1.0'))),
      down(withPayload(['NFY', 'DEL'], put(`1:${BOB}`, user('AWY', ''), 'Notification: 1.0'))),
    );
    expect(facts.map(({ from, status, profile }) => [from, status ?? profile])).toEqual([
      [ALICE, { display_name: 'Name' }],
      [ALICE, { show: 'busy', text: 'mine' }],
      [BOB, { show: 'away' }],
    ]);
  });
});

test('nothing but the login and logout of an idle session', () => {
  expect(told(15, ...END).facts.map(({ kind }) => kind)).toEqual(['login', 'logout']);
});
