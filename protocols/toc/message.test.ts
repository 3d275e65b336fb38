import { describe, expect, test } from '@jest/globals';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { command, down, latin1, quote, reply, signOn, up } from './build.ts';
import toc from './index.ts';

function factsAfter(steps: Step[]): ImFacts[] {
  return runDissector(toc, [...signOn, ...steps]).facts.slice(2);
}

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
    ['a name of spaces', up(command('toc_send_im " " x'))],
    ['a sender of spaces', down(reply('IM_IN: :F:x'))],
    ['no room', up(command('toc_chat_send "" x'))],
    ['no room from the server', down(reply('CHAT_IN::x:F:y'))],
    ['a whisper to nobody', up(command('toc_chat_whisper 0 " " x'))],
    ['an invitation to nothing', down(reply('CHAT_INVITE: ::x:y'))],
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
