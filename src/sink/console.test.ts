import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AIM_CLIENT, alertEvent, flowEvent, imEvent } from '../classify/build.ts';
import { SIGNATURES } from '../classify/signatures.ts';
import type { EveEvent, ImObject } from '../event/eve.ts';
import type { ImKind } from '../event/im.ts';
import { colourLevel } from './colour.ts';
import { IM_LINES } from './console-lines.ts';
import { ConsoleSink } from './console.ts';
import type { ConsoleOptions } from './console.ts';

class Screen extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function show(events: EveEvent[], options: ConsoleOptions = {}): Promise<string> {
  const screen = new Screen();
  const sink = new ConsoleSink(screen, options);
  for (const event of events) sink.write(event);
  expect(sink.drained()).toBeUndefined();
  await sink.close();
  return screen.text;
}

test('what passed a proxy is told once, of a sign-on both addresses', async () => {
  const events = [
    imEvent({ kind: 'login', account: 'alice', auth: { mechanism: 'md5', result: 'success' } }),
    imEvent({ kind: 'login', account: 'alice', carrier: 'socks5', second_leg_of: 'a' }),
    imEvent({ kind: 'message', from: 'alice', to: ['bob'], text: 'hello' }),
    imEvent({ kind: 'message', from: 'alice', to: ['bob'], text: 'hello', second_leg_of: 'b' }),
    imEvent({ kind: 'contact', account: 'alice', contact: { op: 'list', id: 'x' }, second_leg_of: 'c' }),
  ];
  const lines = (await show(events)).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/alice at 10\.1\.2\.3 to .* \(socks5\): the same, also seen on this leg$/);
  expect((await show(events, { verbose: true })).match(/: hello/g)).toHaveLength(2);
});

const KINDS = Object.keys(IM_LINES) as ImKind[];
const AT = '2005-03-08 14:03:11Z';
const STAMP = '2005-03-08T14:03:11.000000+0000';

describe('what an analyst wants to see', () => {
  test.each<[Partial<ImObject>, string]>([
    [
      {
        kind: 'login',
        account: 'alice',
        client: AIM_CLIENT,
        auth: { mechanism: 'md5', result: 'success', exposed: 'hash' },
      },
      'login    aim   alice at 10.1.2.3 to 198.51.100.7:5190: success (md5), hash exposed, with AIM 5.9.3702',
    ],
    [
      { kind: 'login', from: 'alice', auth: { mechanism: 'TWN', result: 'failure', reason: '911' } },
      'login    aim   alice at 10.1.2.3 to 198.51.100.7:5190: failure (TWN), 911',
    ],
    [
      { kind: 'login', carrier: 'http-connect+socks5' },
      'login    aim   unknown account at 10.1.2.3 to 198.51.100.7:5190 (http-connect+socks5): signs on',
    ],
    [{ kind: 'login' }, 'login    aim   unknown account at 10.1.2.3 to 198.51.100.7:5190: signs on'],
    [
      { kind: 'logout', account: 'alice', reason: 'signed on elsewhere' },
      'logout   aim   alice at 10.1.2.3 (signed on elsewhere)',
    ],
    [
      { kind: 'client', account: 'alice', client: { ...AIM_CLIENT, os: 'Windows', masquerade: 'AIM' } },
      'client   aim   alice at 10.1.2.3 runs AIM 5.9.3702 on Windows, which claims to be AIM',
    ],
    [{ kind: 'client' }, 'client   aim   unknown account at 10.1.2.3 runs an unidentified client'],
    [{ kind: 'message', from: 'alice', to: ['bob'], text: 'hello' }, 'message  aim   alice -> bob: hello'],
    [{ kind: 'message', account: 'alice', to: ['bob'], text: 'hello' }, 'message  aim   alice -> bob: hello'],
    [
      { kind: 'message', account: 'alice', sent: false, to: ['alice'], text: 'hi' },
      'message  aim   unknown -> alice: hi',
    ],
    [
      { kind: 'message', to: ['bob'], text_length: 12 },
      'message  aim   unknown account at 10.1.2.3 -> bob: (12 characters)',
    ],
    [
      { kind: 'message', from: 'a', to: ['b'], encrypted: 'otr', offline: true, auto: true, truncated: true },
      'message  aim   a -> b: [otr, offline, automatic, cut] (no text)',
    ],
    [
      { kind: 'message', from: 'a', to: [], copy: 'offline', offline: true, text: 'x' },
      'message  aim   a: [offline] x',
    ],
    [
      { kind: 'message', from: 'a', room: { id: 'r1', name: 'Tea' }, text: 'x' },
      'message  aim   a -> room Tea: x',
    ],
    [
      {
        kind: 'room',
        from: 'a',
        op: 'members',
        room: { id: 'r1' },
        members: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
      },
      'room     aim   a: members r1: a, b, c, d, e and 2 more',
    ],
    [
      { kind: 'room', account: 'a', op: 'topic', room: { id: 'r1' }, text: 'Tea' },
      'room     aim   a at 10.1.2.3: topic r1: Tea',
    ],
    [{ kind: 'room' }, 'room     aim   unknown account at 10.1.2.3: in a room'],
    [
      {
        kind: 'file',
        from: 'a',
        to: ['b'],
        file: { id: '0', name: 'x.exe', size: 512, method: 'oft', state: 'offer' },
      },
      'file     aim   a -> b: offer x.exe (512 bytes, by oft)',
    ],
    [{ kind: 'file', from: 'a' }, 'file     aim   a: file a file'],
    [
      { kind: 'call', from: 'a', to: ['b'], call: { media: 'voice', state: 'invite' } },
      'call     aim   a -> b: voice invite',
    ],
    [{ kind: 'search', account: 'a', query: 'bob' }, 'search   aim   a at 10.1.2.3: bob'],
    [
      { kind: 'account', account: 'a', op: 'password change' },
      'account  aim   a at 10.1.2.3: password change',
    ],
    [
      { kind: 'contact', account: 'a', contact: { op: 'add', id: 'b', name: 'Bob', groups: ['work'] } },
      'contact  aim   a at 10.1.2.3: add b as Bob in work',
    ],
    [{ kind: 'contact', account: 'a' }, 'contact  aim   a at 10.1.2.3: contact'],
    [
      { kind: 'service', evidence: ['tls: SNI x', 'port'] },
      'service  aim   unknown account at 10.1.2.3 to 198.51.100.7:5190: tls: SNI x; port',
    ],
    [
      {
        kind: 'service',
        state: 'ended',
        use: { flows: 1, sent: 5, received: 7, call_seconds: 60, like: ['call', 'upload'] },
      },
      "service  aim   unknown account at 10.1.2.3: over after 1 connection, 5 bytes sent, 7 received, 60 s of calls, like a file's upload",
    ],
    [
      { kind: 'notice', account: 'a', code: 283, text: 'server busy' },
      'notice   aim   a at 10.1.2.3 from 198.51.100.7:5190: [283] server busy',
    ],
  ])('%j', async (im, line) => {
    expect(await show([imEvent(im)])).toBe(`${AT} ${line}\n`);
  });

  test('alerts say who, where, with what, to which server and why', async () => {
    expect(await show([alertEvent()])).toBe(
      `${AT} ALERT    aim   Unauthorized consumer IM client (AIM): alice at 10.1.2.3 with AIM 5.9.3702 to 198.51.100.7:5190 (default: consumer networks are not authorised here)\n`,
    );
    const noted = alertEvent();
    if (noted.alert) noted.alert.signature_id = SIGNATURES.clientNoticed.id;
    expect(await show([noted])).toContain(' NOTED    aim   ');
  });

  test('carved files are shown with what is known of them', async () => {
    const event = imEvent({});
    const fileinfo = {
      filename: 'x.exe',
      size: 512,
      state: 'CLOSED',
      sha256: 'ab',
      magic: 'MZ',
      stored: true,
    };
    const line = await show([{ ...event, event_type: 'fileinfo', fileinfo }]);
    expect(line).toBe(
      `${AT} fileinfo aim   x.exe (512 bytes, MZ, sha256 ab) in 10.1.2.3:40000 to 198.51.100.7:5190\n`,
    );
    const known = imEvent({ from: 'alice', to: ['bob'] });
    const cut = { ...fileinfo, state: 'TRUNCATED' };
    expect(await show([{ ...known, event_type: 'fileinfo', fileinfo: cut }])).toBe(
      `${AT} fileinfo aim   x.exe (512 bytes of it, MZ, sha256 ab) from alice to bob\n`,
    );
  });

  test('IPv6 servers stand in brackets', async () => {
    const event = imEvent({ kind: 'login', account: 'a' }, 0, {
      src_ip: '2001:db8::3',
      dest_ip: '2001:db8::7',
    });
    expect(await show([event])).toContain('a at 2001:db8::3 to [2001:db8::7]:5190: signs on');
  });
});

describe('what is quiet', () => {
  const quiet: EveEvent[] = [
    imEvent({ kind: 'presence', from: 'bob', status: { show: 'away', text: 'lunch' } }),
    imEvent({ kind: 'typing', from: 'bob', to: ['a'], state: 'composing' }),
    imEvent({ kind: 'receipt', from: 'bob', to: ['a'] }),
    imEvent({ kind: 'attention', from: 'bob', to: ['a'], state: 'nudge' }),
    imEvent({ kind: 'profile', from: 'bob', profile: { away: 'x', phone: '1' } }),
    imEvent({
      kind: 'conversation',
      members: ['a', 'b'],
      start: STAMP,
      end: STAMP,
      messages: { a: 1, b: 2 },
    }),
    flowEvent(3),
    { ...imEvent({}), event_type: 'anomaly', anomaly: { type: 'applayer', event: 'flap_bad_length' } },
    { timestamp: imEvent({}).timestamp, event_type: 'stats', stats: {} },
    { ...imEvent({}), event_type: 'im' },
  ];

  test('presence, typing, flows and the like are left out', async () => {
    expect(await show(quiet)).toBe('');
  });

  test('all but statistics are there where asked for', async () => {
    const lines = (await show(quiet, { verbose: true })).split('\n').map((line) => line.slice(AT.length + 1));
    expect(lines).toEqual([
      'presence aim   bob is away (lunch)',
      'typing   aim   bob -> a: composing',
      'receipt  aim   bob -> a: receipt',
      'attention aim   bob -> a: nudge',
      'profile  aim   bob: away, phone',
      'conversation aim   of a, b: 3 messages from 2005-03-08 14:03:11Z to 2005-03-08 14:03:11Z',
      'flow     aim   10.1.2.3:40000 to 198.51.100.7:5190 oscar, 400 bytes up, 300 down, 3 s',
      'anomaly  aim   10.1.2.3:40000 to 198.51.100.7:5190: flap_bad_length',
      '',
    ]);
  });
});

describe('contact lists', () => {
  const contacts = (from: number, count: number, flow = 1, after = 0): EveEvent[] =>
    Array.from({ length: count }, (_, i) =>
      imEvent({ kind: 'contact', account: 'alice', contact: { op: 'list', id: `c${from + i}` } }, after, {
        flow_id: flow,
      }),
    );

  test('are summed up when the connection goes on with something else', async () => {
    const text = await show([
      ...contacts(0, 200),
      imEvent({ kind: 'message', from: 'a', to: ['b'], text: 'x' }),
      ...contacts(0, 2),
    ]);
    expect(text.split('\n').map((line) => line.slice(AT.length + 1))).toEqual([
      'contacts aim   alice at 10.1.2.3 has 200 contacts: c0, c1, c2, c3, c4 and 195 more',
      'message  aim   a -> b: x',
      'contacts aim   alice at 10.1.2.3 has 2 contacts: c0, c1',
      '',
    ]);
  });

  test('a single one is a line like others; flows are told apart', async () => {
    const text = await show([...contacts(0, 1, 1), ...contacts(5, 3, 2), ...contacts(1, 1, 1)]);
    expect(text).toContain('alice at 10.1.2.3 has 3 contacts: c5, c6, c7\n');
    expect(text).toContain('alice at 10.1.2.3 has 2 contacts: c0, c1\n');
    expect(await show(contacts(0, 1))).toBe(`${AT} contact  aim   alice at 10.1.2.3: list c0\n`);
  });

  test('are over after two seconds of packet time, whatever flow shows it', async () => {
    const screen = new Screen();
    const sink = new ConsoleSink(screen);
    for (const event of contacts(0, 3)) sink.write(event);
    sink.write(imEvent({ kind: 'typing' }, 2, { flow_id: 7 }));
    sink.flush();
    expect(screen.text).toBe('');
    sink.write(imEvent({ kind: 'typing' }, 3, { flow_id: 7 }));
    sink.flush();
    expect(screen.text).toContain('has 3 contacts');
    await sink.close();
  });

  test('many at once are bounded', async () => {
    const screen = new Screen();
    const sink = new ConsoleSink(screen);
    for (let flow = 1; flow <= 1_000; flow++) for (const event of contacts(0, 2, flow)) sink.write(event);
    sink.flush();
    expect(screen.text.trimEnd().split('\n').length).toBeGreaterThanOrEqual(1_000 - 257);
    await sink.close();
    expect(screen.text.trimEnd().split('\n')).toHaveLength(1_000);
  });
});

describe('hostile text', () => {
  const EVIL = 'x\n2005-03-08 14:03:11Z ALERT    forged\r\x1b[2J\x1b]0;t\x07\x9b1m\u202e\u2028\u200b';
  /** An event whose every text is hostile. */
  const hostile = (kind: ImKind, evil: string): EveEvent => {
    const event = imEvent({
      kind,
      account: evil,
      from: evil,
      to: [evil, evil],
      text: evil,
      reason: evil,
      query: evil,
      op: evil,
      state: evil,
      code: evil,
      service: evil,
      encrypted: evil,
      members: [evil],
      evidence: [evil],
      messages: { [evil]: 1 },
      profile: { [evil]: evil },
      auth: { mechanism: evil, result: 'failure', reason: evil },
      client: { name: evil, version: evil, os: evil, raw: evil, evidence: [evil], masquerade: evil },
      status: { show: evil, text: evil },
      contact: { op: 'add', id: evil, name: `${evil}!`, groups: [evil] },
      file: { id: evil, name: evil, method: evil, state: 'offer', size: 1 },
      call: { media: evil, state: evil },
      person: evil,
    });
    if (event.im?.kind !== 'message' && event.im) event.im.room = { id: evil, name: evil };
    return event;
  };
  const asAlert = (event: EveEvent, evil: string): EveEvent => {
    const { alert } = alertEvent();
    if (alert) alert.metadata = { policy: [evil], evidence: [evil], confidence: ['low'] };
    return { ...event, event_type: 'alert', ...(alert === undefined ? {} : { alert }) };
  };
  const others = (evil: string): EveEvent[] => [
    asAlert(hostile('message', evil), evil),
    { ...hostile('message', evil), event_type: 'anomaly', anomaly: { type: 'applayer', event: evil } },
    {
      ...hostile('message', evil),
      event_type: 'fileinfo',
      fileinfo: { filename: evil, magic: evil, state: evil },
    },
    { ...flowEvent(1), app_proto: evil },
  ];

  test('forges no line, moves no cursor, hides and turns nothing', async () => {
    const events = [...KINDS.map((kind) => hostile(kind, EVIL)), ...others(EVIL)];
    const text = await show(events, { verbose: true });
    const lines = text.split('\n');
    expect(lines).toHaveLength(events.length + 1);
    for (const line of lines.slice(0, -1))
      expect(line).toMatch(/^2005-03-08 14:03:1[12]Z [a-zA-Z]+ +(?:oscar|x\\n2005|aim   10)/);
    expect(text.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u);
  });

  test('any text at all is one line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 12 }), async (evil) => {
        const events = [...KINDS.map((kind) => hostile(kind, evil)), ...others(evil)];
        const text = await show(events, { verbose: true });
        expect(text.split('\n')).toHaveLength(events.length + 1);
        expect(text.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u);
      }),
      { numRuns: 30 },
    );
  });

  test('is cut where it is long', async () => {
    const event = imEvent({ kind: 'message', from: 'n'.repeat(1_000), to: ['b'], text: 't'.repeat(10_000) });
    expect(await show([event], { textWidth: 20 })).toBe(
      `${AT} message  aim   ${'n'.repeat(63)}… -> b: ${'t'.repeat(19)}…\n`,
    );
  });
});

describe('colour', () => {
  const events = [
    alertEvent(),
    imEvent({ kind: 'login', account: 'a', auth: { mechanism: 'm', result: 'success' } }),
    imEvent({ kind: 'login', account: 'a', auth: { mechanism: 'm', result: 'failure' } }),
  ];

  test('there is none unless the caller says so, and it changes no word', async () => {
    const plain = await show(events);
    const coloured = await show(events, { level: 1 });
    expect(plain).not.toContain('\x1b');
    expect(coloured).toContain('\x1b[31m');
    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(plain);
  });

  test.each([
    [{ isTTY: true }, { TERM: 'xterm-256color' }, 2],
    [{ isTTY: true }, { TERM: 'xterm' }, 1],
    [{ isTTY: true }, {}, 1],
    [{ isTTY: true }, { TERM: 'xterm', COLORTERM: 'truecolor' }, 3],
    [{ isTTY: true }, { TERM: 'xterm', NO_COLOR: '1' }, 0],
    [{ isTTY: true }, { TERM: 'xterm', NO_COLOR: '' }, 1],
    [{ isTTY: true }, { TERM: 'dumb' }, 0],
    [{}, { TERM: 'xterm', COLORTERM: 'truecolor' }, 0],
  ])('a stream %j in %j has level %d', (stream, env, level) => {
    expect(colourLevel(stream, env)).toBe(level);
  });
});

test('a screen that goes away is no failure', async () => {
  const screen = new Screen();
  const sink = new ConsoleSink(screen);
  screen.destroy();
  await new Promise(setImmediate);
  sink.write(alertEvent());
  expect(sink.closedByReader).toBe(true);
  expect(sink.failure).toBeUndefined();
  await sink.close();
});
