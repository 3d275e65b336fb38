import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import {
  command,
  concat,
  conversation,
  down,
  flap,
  latin1,
  over,
  PASSWORD,
  reply,
  roast,
  signOn,
  up,
} from './build.ts';
import toc from './index.ts';
import { Args, splitFields } from './wire.ts';

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

  const COMMANDS = (
    'toc_signon toc2_login toc_change_passwd toc_format_nickname toc_send_im toc2_send_im_enc toc2_client_event ' +
    'toc_evil toc_chat_join toc_chat_send toc_chat_whisper toc_chat_invite toc_chat_leave toc_chat_evil ' +
    'toc_add_buddy toc2_remove_buddy toc2_new_buddies toc_set_config toc_set_away toc_set_info toc_set_dir ' +
    'toc_dir_search toc_get_info toc_rvous_accept toc_rvous_propose toc_add_permit toc2_set_pdmode'
  ).split(' ');
  const REPLIES = (
    'SIGN_ON NICK ERROR ADMIN_PASSWD_STATUS IM_IN IM_IN2 IM_IN_ENC2 CLIENT_EVENT2 EVILED CHAT_JOIN CHAT_IN ' +
    'CHAT_IN_ENC CHAT_UPDATE_BUDDY CHAT_INVITE CHAT_LEFT CONFIG CONFIG2 NEW_BUDDY_REPLY2 INSERTED2 DELETED2 ' +
    'UPDATE_BUDDY UPDATE_BUDDY2 RVOUS_PROPOSE GOTO_URL ADMIN_NICK_STATUS'
  ).split(' ');

  test('random lines and bytes never throw', () => {
    const piece = fc.constantFrom(
      ...[
        '""',
        '" "',
        '',
        ' ',
        'x',
        '0',
        '2',
        ':',
        '"a:b"',
        '{g:',
        '\nb ',
        '\nb:',
        'T',
        'F',
        '\\',
        'anon',
        '<b></b>',
        '\0',
      ],
    );
    const line = (words: string[], separator: string): fc.Arbitrary<Uint8Array> =>
      fc
        .tuple(fc.constantFrom(...words), fc.array(piece, { maxLength: 9 }))
        .map(([word, pieces]) => new TextEncoder().encode([word, ...pieces].join(separator)));
    const step = fc.oneof(
      line(COMMANDS, ' ').map((body): Step => ({ direction: 0, bytes: flap(2, 0, body) })),
      line(REPLIES, ':').map((body): Step => ({ direction: 1, bytes: flap(2, 0, body) })),
      fc
        .tuple(fc.constantFrom<0 | 1>(0, 1), fc.nat(6), fc.uint8Array({ maxLength: 60 }), fc.boolean())
        .map(([direction, channel, body, framed]): Step => ({
          direction,
          bytes: framed ? flap(channel, 0, body) : body,
        })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        check(runDissector(toc, [...signOn, ...steps, ...over]));
      }),
      { seed: 19, numRuns: 2000 },
    );
  });

  function check(told: Told): void {
    const json = JSON.stringify(told.facts);
    expect(json).not.toContain(PASSWORD);
    expect(json).not.toContain(roast(PASSWORD).slice(2));
    expect(json).not.toMatch(/[:[](?:""|null)/);
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
