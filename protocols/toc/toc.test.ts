import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ImFacts } from '../../src/sdk/index.ts';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import { command, flap, greeting, hello, quote, reply, roast, signOnFrame } from './build.ts';
import toc from './index.ts';
import { parseClientString } from './signon.ts';
import { Args, splitFields } from './wire.ts';

const PASSWORD = 'glass-onion-77';
const up = (...parts: Uint8Array[]): Step[] => parts.map((bytes) => ({ direction: 0, bytes }));
const down = (...parts: Uint8Array[]): Step[] => parts.map((bytes) => ({ direction: 1, bytes }));
const over: Step[] = [
  { direction: 0, end: true },
  { direction: 1, end: true },
];

/** Signed on as `Copper Hare`, so that accounts are known. */
const signOn: Step[] = [
  ...up(greeting()),
  ...down(hello()),
  ...up(
    signOnFrame('copperhare'),
    command(
      `toc2_login login.oscar.aol.com 5190 copperhare ${roast(PASSWORD)} english "TIC:AIM Express 3.0" ` +
        '160 US "" "" 3 0 30303 -kentucky -utf8 102664640',
    ),
  ),
  ...down(reply('SIGN_ON:TOC2.0'), reply('NICK:Copper Hare'), reply('CONFIG2:done:\n')),
];

function factsAfter(steps: Step[]): ImFacts[] {
  return runDissector(toc, [...signOn, ...steps]).facts.slice(2);
}

const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => [...p]));
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

describe('sign-on', () => {
  test('success tells the client and one login, the password exposed and not shown', () => {
    const told = runDissector(toc, [...signOn, ...over]);
    expect(told.facts).toEqual([
      {
        kind: 'client',
        service: 'aim',
        account: 'copperhare',
        client: {
          name: 'AIM Express',
          version: '3.0',
          raw: 'TIC:AIM Express 3.0',
          evidence: ['sign-on command: client string'],
        },
      },
      expect.objectContaining({
        kind: 'login',
        account: 'copperhare',
        auth: { mechanism: 'roasted', result: 'success', exposed: 'password' },
      }),
      { kind: 'logout', service: 'aim', account: 'copperhare', reason: 'connection closed' },
    ]);
    expect(told.anomalies).toEqual([]);
  });

  test('ERROR 980 is a failure with its reason', () => {
    const told = runDissector(toc, [...signOn.slice(0, 4), ...down(reply('ERROR:980')), ...over]);
    expect(told.facts.map((f) => f.auth)).toEqual([
      undefined,
      {
        mechanism: 'roasted',
        result: 'failure',
        reason: '980 incorrect name or password',
        exposed: 'password',
      },
    ]);
  });

  test('without an answer the outcome is unknown', () => {
    const told = runDissector(toc, [...signOn.slice(0, 4), ...over]);
    expect(told.facts.at(-1)?.auth?.result).toBe('unknown');
  });

  test('only the server in view: NICK names the account', () => {
    const told = runDissector(
      toc,
      signOn.filter((step) => step.direction === 1),
    );
    expect(told.facts).toEqual([
      {
        kind: 'login',
        service: 'aim',
        account: 'copperhare',
        auth: { mechanism: 'roasted', result: 'success' },
      },
    ]);
  });

  test('SIGN_ON after PAUSE is no second login', () => {
    expect(factsAfter(down(reply('PAUSE'), reply('SIGN_ON:TOC2.0'), reply('NICK:Copper Hare')))).toEqual([]);
  });

  test('a malformed sign-on is an anomaly and still one login', () => {
    const line = command('toc_signon host5190 name 0x2b english "TIC:x"');
    const told = runDissector(toc, [...up(greeting(), signOnFrame('name'), line), ...over]);
    expect(told.anomalies).toEqual(['toc_signon_malformed']);
    expect(told.facts).toEqual([
      { kind: 'login', service: 'aim', account: 'name', auth: { mechanism: 'roasted', result: 'unknown' } },
    ]);
    expect(runDissector(toc, [...up(greeting(), line), ...over]).facts).toEqual([]);
  });

  test('an ICQ number is on the ICQ network', () => {
    const line = `toc2_login login.icq.com 5190 640640 ${roast('x')} en "naim:0.11.8.3.2:contact someone" 135`;
    const told = runDissector(toc, [...up(greeting(), command(line)), ...over]);
    expect(told.facts.map((f) => f.service)).toEqual(['icq', 'icq']);
    expect(told.facts[0]?.client).toMatchObject({ name: 'naim', version: '0.11.8.3.2' });
  });

  test.each([
    ['TIC:TiK 0.90', 'TiK', '0.90'],
    ['TIC:AIMM', 'AIMM', undefined],
    ['naim:0.11.8.3.2:contact x', 'naim', '0.11.8.3.2'],
    ['penguin', 'penguin', undefined],
    ['TIC:', 'TIC:', undefined],
  ])('client string %s', (raw, name, version) => {
    expect(parseClientString(raw)).toMatchObject({ name, raw });
    expect(parseClientString(raw).version).toBe(version);
  });

  test('signing off on channel 4 ends the session once', () => {
    expect(factsAfter([...up(flap(4, 9, new Uint8Array(0))), ...over])).toEqual([
      { kind: 'logout', service: 'aim', account: 'copperhare', reason: 'signed off' },
    ]);
  });

  test.each([
    ['0', 'success'],
    ['1', 'failure'],
  ])('a password change answered %s', (code, result) => {
    const facts = factsAfter([
      ...up(command(`toc_change_passwd ${PASSWORD} other-${PASSWORD}`)),
      ...down(reply(`ADMIN_PASSWD_STATUS:${code}`)),
    ]);
    expect(facts).toMatchObject([
      { kind: 'account', op: 'change-password', auth: { mechanism: 'clear', result, exposed: 'password' } },
    ]);
    expect(JSON.stringify(facts)).not.toContain(PASSWORD);
  });
});

const sent = { account: 'copperhare', from: 'copperhare', sent: true };
const got = { account: 'copperhare', to: ['copperhare'], sent: false };

describe('messages', () => {
  test.each<[string, Step[], Partial<ImFacts>]>([
    [
      'toc_send_im',
      up(command(`toc_send_im millpond ${quote('it costs $5 (or more): "ok"')}`)),
      { ...sent, to: ['millpond'], text: 'it costs $5 (or more): "ok"', format: 'plain' },
    ],
    [
      'toc2_send_im with a spaced name and auto',
      up(command('toc2_send_im "Mill Pond" "gone &amp; out" auto')),
      { ...sent, to: ['millpond'], text: 'gone & out', format: 'html', html: 'gone &amp; out', auto: true },
    ],
    [
      'toc2_send_im_enc',
      up(command('toc2_send_im_enc harborlight "F" U en "Fähre um 8"')),
      { ...sent, to: ['harborlight'], text: 'Fähre um 8' },
    ],
    [
      'IM_IN with HTML and colons',
      down(reply('IM_IN:Mill Pond:F:<HTML><BODY>see: <b>x:y</b><br>z</BODY></HTML>')),
      {
        ...got,
        from: 'millpond',
        from_name: 'Mill Pond',
        text: 'see: x:y\nz',
        format: 'html',
        html: '<HTML><BODY>see: <b>x:y</b><br>z</BODY></HTML>',
      },
    ],
    [
      'IM_IN2, automatic',
      down(reply('IM_IN2:millpond:T:F:away: back at 5')),
      { ...got, from: 'millpond', text: 'away: back at 5', auto: true },
    ],
    [
      'IM_IN_ENC2',
      down(reply('IM_IN_ENC2:millpond:F:F:T: U :F:L:en:Привет: да')),
      { ...got, from: 'millpond', text: 'Привет: да' },
    ],
    [
      'Windows-1252',
      down(reply(latin1('IM_IN:millpond:F:Gr\xfc\xdfe \x96 \x80 5'))),
      { ...got, from: 'millpond', text: 'Grüße – € 5' },
    ],
    [
      'OTR',
      down(reply('IM_IN:millpond:F:?OTR:AAMDJ+MVmSfjFZcAAAAA.')),
      { ...got, from: 'millpond', encrypted: 'otr' },
    ],
    [
      'naim: C1 bytes as entities',
      up(command(latin1('toc2_send_im "millpond" "\xc3&#156;bermorgen fr\xc3\xbch"'))),
      { ...sent, to: ['millpond'], text: 'Übermorgen früh' },
    ],
    [
      'an entity beyond ASCII in plain ASCII text stays an entity',
      up(command('toc_send_im millpond "9&#150;5"')),
      { ...sent, to: ['millpond'], text: '9–5', format: 'html', html: '9&#150;5' },
    ],
  ])('%s', (_, steps, expected) => {
    const facts = factsAfter(steps);
    expect(facts).toEqual([
      { kind: 'message', service: 'aim', ...(expected.encrypted ? {} : { format: 'plain' }), ...expected },
    ]);
  });

  test.each([
    ['no text', up(command('toc_send_im millpond'))],
    ['no name', down(reply('IM_IN::F:x'))],
    ['too few fields', down(reply('IM_IN2:millpond:F'))],
    ['no room text', up(command('toc_chat_send 0'))],
  ])('%s is an anomaly, not a message', (_, steps) => {
    const told = runDissector(toc, [...signOn, ...steps]);
    expect(told.facts.slice(2)).toEqual([]);
    expect(told.anomalies).toEqual(['toc_fields_missing']);
  });

  test('a message of tags only is not told', () => {
    expect(factsAfter(down(reply('IM_IN:millpond:F:<HTML><BODY></BODY></HTML>')))).toEqual([]);
  });

  test('typing and warnings, both ways', () => {
    const facts = factsAfter([
      ...up(command('toc2_client_event millpond 2'), command('toc_evil "Mill Pond" anon')),
      ...down(reply('CLIENT_EVENT2:Mill Pond:1'), reply('EVILED:10:Mill Pond'), reply('EVILED:13:')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'typing', to: ['millpond'], state: 'typing', sent: true },
      { kind: 'notice', to: ['millpond'], text: 'warning sent anonymously', code: 'warning', sent: true },
      { kind: 'typing', from: 'millpond', to: ['copperhare'], state: 'paused', sent: false },
      {
        kind: 'notice',
        from: 'millpond',
        to: ['copperhare'],
        text: 'warned: level now 10%',
        code: 'warning',
      },
      { kind: 'notice', to: ['copperhare'], text: 'warned: level now 13%', code: 'warning' },
    ]);
  });

  test('errors are notices', () => {
    expect(factsAfter(down(reply('ERROR:901:millpond'), reply('ERROR:999')))).toMatchObject([
      { kind: 'notice', code: '901', text: 'not currently available: millpond' },
      { kind: 'notice', code: '999' },
    ]);
  });
});

describe('rooms', () => {
  const room = { id: 'gardenparty7', name: 'Garden Party 7' };

  test('join, members, lines, whisper, invitation, leaving', () => {
    const facts = factsAfter([
      ...up(command('toc_chat_join 4 "Garden Party 7"')),
      ...down(
        reply('CHAT_JOIN:0:Garden Party 7'),
        reply('CHAT_UPDATE_BUDDY:0:T:copperhare:Sunny Alder'),
        reply('CHAT_UPDATE_BUDDY:0:T:twobridges'),
      ),
      ...up(command('toc_chat_send 0 "help: yourselves"')),
      ...down(
        reply('CHAT_IN:0:Copper Hare:F:help: yourselves'),
        reply('CHAT_IN_ENC:0:Sunny Alder:F:A:en:thanks: all'),
        reply('CHAT_IN:0:twobridges:T:psst'),
      ),
      ...up(
        command('toc_chat_whisper 0 twobridges "only for you"'),
        command('toc_chat_invite 0 "come \\(please\\)" millpond "Old Harbor"'),
        command('toc_chat_leave 0'),
      ),
      ...down(reply('CHAT_UPDATE_BUDDY:0:F:twobridges'), reply('CHAT_LEFT:0')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'room', op: 'join', from: 'copperhare', room },
      { kind: 'room', op: 'members', room, members: ['copperhare', 'sunnyalder'] },
      { kind: 'room', op: 'join', room, from: 'twobridges', members: ['twobridges'] },
      { kind: 'message', room, from: 'copperhare', text: 'help: yourselves', sent: true },
      { kind: 'message', room, from: 'sunnyalder', from_name: 'Sunny Alder', text: 'thanks: all' },
      { kind: 'message', room, from: 'twobridges', text: 'psst', private: true, to: ['copperhare'] },
      { kind: 'message', room, to: ['twobridges'], text: 'only for you', private: true, sent: true },
      { kind: 'room', op: 'invite', room, to: ['millpond', 'oldharbor'], text: 'come (please)' },
      { kind: 'room', op: 'leave', room, from: 'twobridges' },
      { kind: 'room', op: 'leave', room, from: 'copperhare' },
    ]);
    expect(facts).toHaveLength(10);
  });

  test('an invitation names the room; UTF-16 text of OSCAR members is read', () => {
    const told = runDissector(toc, [
      ...signOn,
      ...down(
        reply('CHAT_INVITE:Garden Party 7:3:northgate:you too'),
        reply('CHAT_JOIN:3:Garden Party 7'),
        reply(latin1('CHAT_IN:3:Sunny Alder:F:\x043\x044\x045\x00 \x00?')),
      ),
    ]);
    expect(told.facts.slice(2)).toMatchObject([
      { kind: 'room', op: 'invite', from: 'northgate', to: ['copperhare'], room, text: 'you too' },
      { kind: 'room', op: 'join', room },
      { kind: 'message', room, from: 'sunnyalder', text: 'где ?' },
    ]);
    expect(told.anomalies).toEqual(['toc_utf16_text']);
  });

  test('an echo is told where the line itself was not seen, and each repeated line once', () => {
    const line = reply('CHAT_IN:0:Copper Hare:F:x');
    expect(factsAfter(down(line, line))).toMatchObject([{ sent: true }, { sent: true }]);
    const say = command('toc_chat_send 0 x');
    expect(factsAfter([...up(say, say), ...down(line, line)])).toHaveLength(2);
  });

  test('in a session without server frames the client tells joins and leaves', () => {
    const told = runDissector(toc, up(command('toc_chat_join 4 Garden'), command('toc_chat_leave 0')), {
      midstream: true,
    });
    expect(told.facts).toMatchObject([
      { kind: 'room', op: 'join', room: { id: 'garden' } },
      { kind: 'room', op: 'leave', room: { id: '0' } },
    ]);
  });
});

describe('contacts, presence, profiles', () => {
  test.each<[string, Step[], object[]]>([
    [
      'toc_add_buddy',
      up(command('toc_add_buddy millpond "Old Harbor"')),
      [
        { op: 'add', id: 'millpond' },
        { op: 'add', id: 'oldharbor', name: 'Old Harbor' },
      ],
    ],
    [
      'toc2_new_buddies in braces without quotes',
      up(command('toc2_new_buddies {g:Work\nb:Paula Strand:Paula\n}')),
      [{ op: 'add', id: 'paulastrand', name: 'Paula', groups: ['Work'] }],
    ],
    [
      'toc2_new_buddies quoted',
      up(command('toc2_new_buddies "\\{g:Buddies\nb:millpond\n\\}"')),
      [{ op: 'add', id: 'millpond', groups: ['Buddies'] }],
    ],
    [
      'toc2_remove_buddy',
      up(command('toc2_remove_buddy "millpond" "Buddies"')),
      [{ op: 'remove', id: 'millpond', groups: ['Buddies'] }],
    ],
    ['toc_remove_buddy', up(command('toc_remove_buddy millpond')), [{ op: 'remove', id: 'millpond' }]],
    [
      'toc_set_config',
      up(command('toc_set_config "m 1\ng Work\nb millpond\nd spam\n"')),
      [
        { op: 'list', id: 'millpond', groups: ['Work'] },
        { op: 'block', id: 'spam' },
      ],
    ],
    [
      'CONFIG2',
      down(reply('CONFIG2:g:Buddies\nb:millpond:Mill:::::note\nd:spam\nm:4\ndone:\n')),
      [
        { op: 'list', id: 'millpond', name: 'Mill', groups: ['Buddies'] },
        { op: 'block', id: 'spam' },
      ],
    ],
    [
      'deny',
      up(command('toc2_add_deny spam'), command('toc2_remove_deny spam'), command('toc_add_deny')),
      [
        { op: 'block', id: 'spam' },
        { op: 'unblock', id: 'spam' },
      ],
    ],
    [
      'INSERTED2 and DELETED2',
      down(
        reply('INSERTED2:b:Mill:millpond:Work'),
        reply('DELETED2:b:millpond:Work'),
        reply('INSERTED2:d:spam'),
        reply('DELETED2:d:spam'),
      ),
      [
        { op: 'add', id: 'millpond', name: 'Mill', groups: ['Work'] },
        { op: 'remove', id: 'millpond', groups: ['Work'] },
        { op: 'block', id: 'spam' },
        { op: 'unblock', id: 'spam' },
      ],
    ],
  ])('%s', (_, steps, contacts) => {
    expect(factsAfter(steps).map((f) => f.contact)).toEqual(contacts);
  });

  test('a list beyond any account is cut and counted', () => {
    const told = runDissector(toc, [...signOn, ...up(command(`toc_add_buddy${' a'.repeat(20_000)}`))]);
    expect(told.facts.length).toBeLessThan(1100);
    expect(told.anomalies).toEqual(['toc_limit']);
  });

  test('presence is told when it changes', () => {
    const update = (rest: string): Step[] => down(reply(`UPDATE_BUDDY2:Mill Pond:${rest}`));
    const facts = factsAfter([
      ...update('T:0:1795493372:0: O :'),
      ...update('T:0:1795493372:0: O :'),
      ...update('T:0:1795493372:0: OU:'),
      ...update('T:0:1795493372:5: O :'),
      ...update('F:0:0:0:   :'),
    ]);
    expect(facts.map((f) => f.status?.show)).toEqual(['online', 'away', 'idle', 'offline']);
    expect(facts[0]).toMatchObject({ kind: 'presence', from: 'millpond', from_name: 'Mill Pond' });
  });

  test('own status', () => {
    const facts = factsAfter(
      up(
        command('toc_set_away "making <b>soup</b>"'),
        command('toc_set_away'),
        command('toc_set_idle 600'),
        command('toc_set_idle 0'),
      ),
    );
    expect(facts.map((f) => f.status)).toEqual([
      { show: 'away', text: 'making soup' },
      { show: 'online' },
      { show: 'idle' },
      { show: 'online' },
    ]);
  });

  test('profile, directory entry, searches; the cookie of GOTO_URL is not told', () => {
    const facts = factsAfter([
      ...up(
        command('toc_set_info "<b>Pine</b> &amp; co"'),
        command('toc_set_dir "Petra":"":"Forster":"":"Ulm":"BW":"DE":"petra@example.test":""'),
        command('toc_set_dir ""'),
        command('toc_dir_search "Petra":"":"Forster"'),
        command('toc_get_info "Mill Pond"'),
        command('toc_format_nickname "Copper HARE"'),
      ),
      ...down(reply('GOTO_URL:profile:info?cookie=00106b050e41&from=copperhare&user=millpond')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'profile', profile: { text: 'Pine & co', html: '<b>Pine</b> &amp; co' } },
      {
        kind: 'profile',
        profile: { first_name: 'Petra', last_name: 'Forster', email: 'petra@example.test' },
      },
      { kind: 'search', query: 'first_name: Petra, last_name: Forster' },
      { kind: 'search', query: 'millpond' },
      { kind: 'account', op: 'format-name', from_name: 'Copper HARE' },
    ]);
    expect(facts).toHaveLength(5);
  });
});

describe('file offers', () => {
  const info = btoa(
    String.fromCharCode(0, 1, 0, 1, 0, 0, 0x12, 0x34, ...new TextEncoder().encode('plan.pdf'), 0),
  );
  const service = '09461343-4C7F-11D1-8222-444553540000';
  const offer = reply(
    `RVOUS_PROPOSE:Mill Pond:${service}:fUdgNuQ6AAA=:1:192.0.2.5:192.0.2.6:203.0.113.1:5190:10001:${info}`,
  );

  test('offer, accept, decline', () => {
    const facts = factsAfter([
      ...down(offer),
      ...up(
        command(`toc_rvous_accept millpond fUdgNuQ6AAA= ${service}`),
        command(`toc_rvous_cancel millpond fUdgNuQ6AAA= ${service}`),
        command(`toc_rvous_cancel millpond fUdgNuQ6AAA= ${service}`),
      ),
    ]);
    expect(facts).toMatchObject([
      {
        kind: 'file',
        from: 'millpond',
        file: {
          name: 'plan.pdf',
          size: 0x1234,
          method: 'oft',
          state: 'offer',
          peer_ip: '192.0.2.5',
          peer_port: 5190,
        },
      },
      { kind: 'file', to: ['millpond'], file: { name: 'plan.pdf', state: 'accept' } },
      { kind: 'file', to: ['millpond'], file: { name: 'plan.pdf', state: 'decline' } },
    ]);
    expect(new Set(facts.map((f) => f.file?.id)).size).toBe(1);
  });

  test('an offer without file data is an anomaly', () => {
    const line = `RVOUS_PROPOSE:millpond:${service}:fUdg:1:192.0.2.5:192.0.2.6:203.0.113.1:5190:10001:AAEA`;
    const told = runDissector(toc, [...signOn, ...down(reply(line))]);
    expect(told.facts.slice(2)).toEqual([]);
    expect(told.anomalies).toEqual(['toc_fields_missing']);
  });
});

const conversation: Step[] = [
  ...signOn,
  ...up(
    command('toc2_new_buddies "\\{g:Buddies\nb:millpond\n\\}"'),
    command('toc2_send_im millpond "hi there"'),
  ),
  ...down(
    reply('UPDATE_BUDDY2:Mill Pond:T:0:1795493372:0: O :'),
    reply('IM_IN_ENC2:Mill Pond:F:F:T: U :F:L:en:<HTML><BODY>Grüße</BODY></HTML>'),
    reply('CHAT_INVITE:Garden Party 7:0:northgate:you too'),
  ),
  ...up(command('toc_chat_accept 0'), command('toc_chat_send 0 "a line"'), flap(5, 3, new Uint8Array(0))),
  ...over,
];

describe('framing', () => {
  test('every split tells the same facts at the same offsets', () => {
    const whole = runDissector(toc, conversation);
    expect(whole.facts.map((f) => f.kind)).toEqual([
      'client',
      'login',
      'contact',
      'message',
      'presence',
      'message',
      'room',
      'message',
      'logout',
    ]);
    everySplit(toc, conversation, (told) => {
      expect(told.events).toEqual(whole.events);
      expect(told.anomalies).toEqual([]);
    });
  });

  test('a gap costs what it hits; the next frame is read', () => {
    const told = runDissector(toc, [
      ...signOn,
      ...down(reply('IM_IN:millpond:F:whole').slice(0, 12)),
      { direction: 1, gap: 300 },
      ...down(concat(latin1('d of a line * and so on'), reply('IM_IN:millpond:F:next'))),
    ]);
    expect(told.facts.slice(2).map((f) => f.text)).toEqual(['next']);
    expect(told.anomalies).toEqual([]);
  });

  test('a length that lies costs one anomaly', () => {
    const lie = reply('IM_IN:millpond:F:first');
    lie[5] = (lie[5] ?? 0) + 3;
    const told = runDissector(toc, [
      ...signOn,
      ...down(concat(lie, reply('IM_IN:millpond:F:second'), reply('IM_IN:millpond:F:third'))),
    ]);
    expect(told.anomalies).toEqual(['toc_desync']);
    expect(told.facts.at(-1)?.text).toBe('third');
  });

  test('unknown words are counted, private toc commands are not', () => {
    const one = runDissector(toc, [...signOn, ...down(reply('NEWS:x'))]);
    expect(one.anomalies).toEqual(['toc_unknown_command']);
    expect(runDissector(toc, [...signOn, ...up(command('toc_noop'))]).anomalies).toEqual([]);
    expect(runDissector(toc, [...signOn, ...up(command('quit'))]).anomalies).toEqual(['toc_unknown_command']);
  });

  test('picked up in the middle of a frame', () => {
    const bytes = concat(reply('IM_IN:millpond:F:lost'), reply('IM_IN:millpond:F:found')).slice(9);
    const told = runDissector(toc, down(bytes), { midstream: true });
    expect(told.facts.map((f) => f.text)).toEqual(['found']);
  });
});

describe('hostile bytes', () => {
  const frames: [0 | 1, Uint8Array][] = conversation.flatMap((step) =>
    'bytes' in step ? [[step.direction, step.bytes] as [0 | 1, Uint8Array]] : [],
  );

  test('a prefix of a message tells nothing of it', () => {
    for (const [direction, bytes] of frames.slice(7)) {
      for (let n = 0; n < bytes.length; n++) {
        const told = runDissector(toc, [...signOn, { direction, bytes: bytes.slice(0, n) }]);
        expect(told.facts).toHaveLength(2);
      }
    }
  });

  test('a changed byte never throws, never shows the password, never leaves an empty value', () => {
    frames.forEach(([direction, bytes], index) => {
      const before = frames.slice(0, index).map(([d, b]): Step => ({ direction: d, bytes: b }));
      for (let i = 0; i < bytes.length; i++) {
        for (const value of [0, 0x0a, 0x22, 0x2a, 0x3a, 0x5c, 0xff]) {
          const changed = bytes.slice();
          changed[i] = value;
          check(runDissector(toc, [...before, { direction, bytes: changed }, ...over]));
        }
      }
    });
  });

  test('random lines and bytes never throw', () => {
    const word = fc.constantFrom(
      ...'toc_send_im toc2_new_buddies toc_set_config toc_signon IM_IN IM_IN_ENC2 CHAT_IN RVOUS_PROPOSE CONFIG2'.split(
        ' ',
      ),
    );
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(word, fc.constantFrom(' ', ':'), fc.string({ maxLength: 80 }))
        .map(([w, separator, rest]) => new TextEncoder().encode(w + separator + rest)),
    );
    const step = fc.tuple(
      fc.constantFrom<0 | 1>(0, 1),
      fc.integer({ min: 0, max: 6 }),
      payload,
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (parts) => {
        const steps = parts.map(([direction, channel, body, framed]): Step => ({
          direction,
          bytes: framed ? flap(channel, 0, body) : body,
        }));
        check(runDissector(toc, [...signOn, ...steps, ...over]));
      }),
      { seed: 19, numRuns: 1500 },
    );
  });

  function check(told: Told): void {
    const json = JSON.stringify(told.facts);
    expect(json).not.toContain(PASSWORD);
    expect(json).not.toContain(roast(PASSWORD).slice(2));
    expect(json).not.toMatch(/:(?:""|null)/);
    for (const facts of told.facts)
      if (facts.kind === 'message') expect(facts.text ?? facts.encrypted).toBeTruthy();
  }
});

describe('wire', () => {
  test('arguments', () => {
    const args = new Args('cmd  one "two \\"and\\" \\$3" three\\ "open', 3);
    expect(args.all()).toEqual(['one', 'two "and" $3', 'three ', 'open'].slice(0, 2).concat('three "open'));
    expect(new Args('').all()).toEqual([]);
    expect(new Args('"a":"b:c"::d').colonList()).toEqual(['a', 'b:c', '', 'd']);
  });

  test('fields', () => {
    expect(splitFields('a:b:c:d', 3)).toEqual(['a', 'b', 'c:d']);
    expect(splitFields('a', 3)).toEqual(['a']);
  });
});

describe('detection', () => {
  const client = concat(...frames0(0));
  const server = concat(...frames0(1));
  function frames0(direction: 0 | 1): Uint8Array[] {
    return conversation.flatMap((step) =>
      'bytes' in step && step.direction === direction ? [step.bytes] : [],
    );
  }

  test.each([
    ['both sides', client, server, {}, 'high'],
    ['greeting and hello', greeting(), hello(), {}, 'high'],
    ['client only', client, new Uint8Array(0), {}, 'high'],
    ['greeting only, at the end', greeting(), new Uint8Array(0), { final: true }, 'medium'],
    ['server only', new Uint8Array(0), server, {}, 'high'],
    ['middle of a session', command('toc_noop'), new Uint8Array(0), { midstream: true }, 'high'],
  ] as const)('%s', (_, c, s, options, confidence) => {
    expect(runDetector(toc, c, s, options)).toMatchObject({ answer: 'yes', confidence, flip: false });
  });

  test('sides exchanged', () => {
    expect(runDetector(toc, server, client, { midstream: true })).toMatchObject({
      answer: 'yes',
      flip: true,
    });
    expect(runDetector(toc, reply('IM_IN:x:F:y'), new Uint8Array(0), { midstream: true }).flip).toBe(true);
  });

  test('every prefix of both sides is more or yes, and yes in the end', () => {
    for (let n = 1; n <= client.length; n++)
      expect(runDetector(toc, client.slice(0, n)).answer).not.toBe('no');
    for (let n = 1; n <= server.length; n++) {
      expect(runDetector(toc, new Uint8Array(0), server.slice(0, n)).answer).not.toBe('no');
    }
  });

  const oscarHello = latin1('*\x01\x00\x64\x00\x04\x00\x00\x00\x01');
  const oscarSnac = latin1('*\x02\x00\x65\x00\x0e\x00\x17\x00\x06\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00');
  test.each([
    ['OSCAR client', concat(oscarHello, oscarSnac), new Uint8Array(0)],
    ['OSCAR hello only', new Uint8Array(0), oscarHello],
    ['OSCAR server', new Uint8Array(0), concat(oscarHello, oscarSnac)],
    ['IMAP', new Uint8Array(0), latin1('* OK IMAP4rev1 ready\r\n')],
    ['Redis', latin1('*3\r\n$3\r\nSET\r\n'), new Uint8Array(0)],
    ['HTTP', latin1('GET /info?cookie=00 HTTP/1.1\r\n\r\n'), latin1('HTTP/1.1 200 OK\r\n')],
    ['a word in F', latin1('FETCH all\r\n'), new Uint8Array(0)],
    ['FLAPON and then something else', latin1('FLAPON\r\n\r\nhello'), new Uint8Array(0)],
    ['a star', latin1('*'), new Uint8Array(0)],
    ['data frame of an unknown word', new Uint8Array(0), reply('HELLO:x')],
    ['data frame of lower-case text', reply('tomorrow'), new Uint8Array(0)],
    ['both sides send commands', command('toc_noop'), command('toc_noop')],
  ])('not %s', (_, c, s) => {
    expect(runDetector(toc, c, s, { final: true }).answer).toBe('no');
  });

  test('random bytes are not TOC', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 64 }), (c, s) => {
        expect(runDetector(toc, c, s, { final: true }).answer).toBe('no');
        expect(runDetector(toc, Uint8Array.of(0x2a, ...c), s, { final: true, midstream: true }).answer).toBe(
          'no',
        );
      }),
      { seed: 4, numRuns: 2000 },
    );
  });
});
