import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { client, ctcp, line, server } from './build.ts';
import { readDcc } from './dcc.ts';
import protocol from './index.ts';
import { parseLine, plainText } from './wire.ts';

const SIGN_ON: Step[] = [
  client('CAP LS 302'),
  client('NICK Alice[1]'),
  client('USER alice 0 * :Alice A.'),
  server(':irc.example NOTICE * :*** Looking up your hostname'),
  server(':irc.example 001 Alice[1] :Welcome'),
];
const told = (...steps: Step[]) => runDissector(protocol, [...SIGN_ON, ...steps]);
const after = (...steps: Step[]) => told(...steps).facts.slice(3);

describe('irc: sign-on', () => {
  test('nick, user and greeting, cut at every byte', () => {
    const steps: Step[] = [
      ...SIGN_ON,
      client('PRIVMSG #Room :\u0002hello\u0002 \u000304red\u0003'),
      server(':Bob!b@h.example PRIVMSG Alice[1] :hi “Alice”'),
      client('QUIT :bye'),
    ];
    const whole = runDissector(protocol, steps).events;
    everySplit(protocol, steps, ({ facts, events, anomalies }) => {
      expect(events).toEqual(whole);
      expect(anomalies).toEqual([]);
      expect(facts).toMatchObject([
        { kind: 'profile', profile: { user: 'alice', real_name: 'Alice A.' } },
        { kind: 'notice', text: '*** Looking up your hostname' },
        { kind: 'login', account: 'alice{1}', auth: { mechanism: 'none', result: 'success' } },
        {
          kind: 'message',
          account: 'alice{1}',
          room: { id: '#room', name: '#Room' },
          text: 'hello red',
          sent: true,
        },
        { kind: 'message', from: 'bob', from_name: 'Bob', to: ['alice{1}'], text: 'hi “Alice”', sent: false },
        { kind: 'logout', reason: 'bye' },
      ]);
    });
  });

  test.each<[string, Step[], object]>([
    ['a server’s password', [client('PASS s3cret')], { mechanism: 'PASS', exposed: 'password' }],
    [
      'SASL PLAIN',
      [client('AUTHENTICATE PLAIN'), client('AUTHENTICATE AGFsaWNlAHMzY3JldA==')],
      { mechanism: 'PLAIN', exposed: 'password' },
    ],
    ['SASL EXTERNAL', [client('AUTHENTICATE EXTERNAL'), client('AUTHENTICATE +')], { mechanism: 'EXTERNAL' }],
  ])('%s is told as exposed, never shown', (_, steps, auth) => {
    const { facts } = runDissector(protocol, [...steps, ...SIGN_ON]);
    expect(facts.find((fact) => fact.kind === 'login')?.auth).toEqual({ ...auth, result: 'success' });
    expect(JSON.stringify(facts)).not.toMatch(/s3cret|AGFsaWNl/);
  });

  test.each([
    [':irc.example 464 * :Password incorrect', 'failure', 'Password incorrect'],
    ['ERROR :Closing Link: banned', 'failure', 'Closing Link: banned'],
  ])('%s refuses', (text, result, reason) => {
    const { facts } = runDissector(protocol, [client('NICK a'), client('USER a 0 * :a'), server(text)]);
    expect(facts.at(-1)).toMatchObject({ kind: 'login', auth: { result, reason } });
  });

  test('without an answer it is told at the end', () => {
    const { facts } = runDissector(protocol, [
      client('NICK a'),
      { direction: 0, end: true },
      { direction: 1, end: true },
    ]);
    expect(facts).toMatchObject([{ kind: 'login', account: 'a', auth: { result: 'unknown' } }]);
  });
});

describe('irc: what people do', () => {
  test.each<[string, Step, object]>([
    ['an action', client(`PRIVMSG #r :${ctcp('ACTION waves')}`), { kind: 'message', text: '/me waves' }],
    ['a notice to a person', client('NOTICE bob :auto'), { kind: 'message', auto: true, to: ['bob'] }],
    ['joining', server(':Alice[1]!a@h JOIN :#Room'), { kind: 'room', op: 'join', room: { id: '#room' } }],
    ['leaving', server(':bob!b@h PART #r :off'), { kind: 'room', op: 'leave', from: 'bob', reason: 'off' }],
    [
      'being kicked',
      server(':op!o@h KICK #r bob :spam'),
      { op: 'leave', from: 'bob', reason: 'kicked by op: spam' },
    ],
    ['an invitation', server(':bob!b@h INVITE Alice[1] #r'), { op: 'invite', to: ['alice{1}'], from: 'bob' }],
    ['a topic', server(':irc.example 332 Alice[1] #r :about'), { op: 'topic', text: 'about' }],
    ['going away', client('AWAY :lunch'), { kind: 'presence', status: { show: 'away', text: 'lunch' } }],
    [
      'a new nick',
      server(':Alice[1]!a@h NICK :Ally'),
      { kind: 'profile', account: 'ally', profile: { nick: 'Ally' } },
    ],
    ['a look-up', client('WHOIS bob'), { kind: 'search', query: 'WHOIS bob' }],
    [
      'its answer',
      server(':irc.example 311 Alice[1] bob b h.example * :Bob B.'),
      { profile: { real_name: 'Bob B.' } },
    ],
    [
      'watching',
      client('MONITOR + Bob'),
      { kind: 'contact', contact: { op: 'add', id: 'bob', name: 'Bob' } },
    ],
    [
      'its software',
      client(`NOTICE bob :${ctcp('VERSION mIRC v6.35 Khaled Mardam-Bey')}`),
      { kind: 'client', client: { name: 'mIRC', version: '6.35' } },
    ],
    ['a call to chat', client(`PRIVMSG bob :${ctcp('DCC CHAT chat 3221225985 5000')}`), { kind: 'call' }],
  ])('%s', (_, step, fact) => {
    expect(after(step)).toMatchObject([fact]);
  });

  test('members of a room, over several lines', () => {
    const facts = after(
      server(':irc.example 353 Alice[1] = #r :@op +bob'),
      server(':irc.example 353 Alice[1] = #r :Alice[1]'),
      server(':irc.example 366 Alice[1] #r :End'),
    );
    expect(facts).toMatchObject([{ op: 'members', room: { id: '#r' }, members: ['op', 'bob', 'alice{1}'] }]);
  });

  test.each([
    'PRIVMSG NickServ :IDENTIFY alice s3cret',
    'PRIVMSG nickserv :register s3cret a@example.net',
    'PRIVMSG Q@CServe.quakenet.org :AUTH alice s3cret',
    'NS IDENTIFY s3cret',
    'OPER root s3cret',
    'JOIN #room s3cret',
  ])('"%s": the secret is not told', (text) => {
    const facts = after(client(text));
    expect(JSON.stringify(facts)).not.toContain('s3cret');
    if (/IDENTIFY|AUTH|OPER/.test(text)) expect(facts[0]?.auth?.exposed).toBe('password');
  });

  test('to a robot other texts are told', () => {
    expect(after(client('PRIVMSG ChanServ :help me'))).toMatchObject([{ kind: 'message', text: 'help me' }]);
  });

  test('a file is offered and announced for the connection that carries it', () => {
    const { facts, announced } = told(
      client(`PRIVMSG Bob :${ctcp('DCC SEND "my file.zip" 3221225985 5000 1234')}`),
    );
    expect(facts.at(-1)).toMatchObject({
      kind: 'file',
      to: ['bob'],
      file: {
        name: 'my file.zip',
        size: 1234,
        method: 'dcc',
        state: 'offer',
        peer_ip: '192.0.2.1',
        peer_port: 5000,
      },
    });
    expect(announced).toMatchObject([
      { realm: 'irc-dcc', token: '192.0.2.1 5000', file: { from: 'alice{1}' } },
    ]);
  });

  test('STARTTLS: what follows is a handshake, and nothing of it is read as lines', () => {
    const { facts } = runDissector(protocol, [
      client('STARTTLS'),
      server(':irc.example 670 * :STARTTLS successful, proceed'),
      { direction: 0, bytes: Uint8Array.of(0x16, 3, 1, 0, 2, 9, 9) },
      { direction: 1, bytes: Uint8Array.of(0x15, 3, 1, 0, 2, 2, 40) },
      { direction: 0, end: true },
      { direction: 1, end: true },
    ]);
    expect(facts).toMatchObject([{ kind: 'service', service: 'irc', evidence: ['irc: STARTTLS'] }]);
  });

  test('after a gap it goes on with the next whole line', () => {
    const { facts } = told(
      { direction: 1, gap: 10 },
      server('st of a line'),
      server(':b!b@h PRIVMSG #r :on'),
    );
    expect(facts.at(-1)).toMatchObject({ text: 'on' });
  });

  test('lines without end, no lines and impossible offers are anomalies', () => {
    const { anomalies } = told(
      client('\u0007\u0008 x'),
      client(`PRIVMSG bob :${ctcp('DCC SEND x 999999999999 99999 1')}`),
      { direction: 0, bytes: new Uint8Array(20_000).fill(65) },
    );
    expect(anomalies).toEqual(['irc_not_a_line', 'irc_bad_dcc', 'irc_line_too_long']);
  });

  test('any bytes: never throws, tells at most a few facts a line', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 60 }))), (chunks) => {
        const steps: Step[] = chunks.map(([up, bytes]) => ({ direction: up ? 0 : 1, bytes }));
        runDissector(protocol, steps);
      }),
      { seed: 15, numRuns: 300 },
    );
  });
});

describe('irc: lines', () => {
  test.each([
    ['PRIVMSG  #r   :a  b ', { command: 'PRIVMSG', params: ['#r', 'a  b '] }],
    ['@time=x;msgid=a\\sb :n!u@h privmsg t :x', { nick: 'n', mask: 'u@h', command: 'PRIVMSG' }],
    [':irc.example 001 me', { nick: 'irc.example', mask: '', command: '001', params: ['me'] }],
    ['', { command: '', params: [] }],
    [':', { command: '' }],
    ['@', { command: '' }],
  ])('"%s"', (text, expected) => {
    expect(parseLine(text, 0)).toMatchObject(expected);
  });

  test('colours go, digits that are no colour stay', () => {
    expect(plainText('\u000312,4blue\u000f 12\u0003 \u001ditalic\u001d \u0004ff0000red')).toBe(
      'blue 12 italic red',
    );
  });

  test.each([
    ['SEND a.txt 3221225985 5000 10', { ip: '192.0.2.1', port: 5000, size: 10, bad: false }],
    ['SEND a.txt 192.0.2.1 5000', { ip: '192.0.2.1', bad: false }],
    ['SEND a.txt 2001:db8::1 5000 1', { ip: '2001:db8::1', bad: false }],
    ['SEND a.txt 3221225985 0 10 77', { port: 0, token: '77', bad: false }],
    ['SEND a.txt 300.1.1.1 5000 1', { bad: true }],
    ['SEND a.txt 1 70000 1', { bad: true }],
    ['SEND a.txt 1 1 -1', { bad: true }],
    ['RESUME a.txt 5000 512', { type: 'RESUME', bad: false }],
    ['SEND', undefined],
    ['NONSENSE a b c', undefined],
  ])('DCC %s', (text, expected) => {
    if (expected === undefined) expect(readDcc(text)).toBeUndefined();
    else expect(readDcc(text)).toMatchObject(expected);
  });
});

describe('irc: detector', () => {
  const lines = (...texts: string[]): Uint8Array => Buffer.concat(texts.map(line));
  test.each<[string, string[], string[], string]>([
    ['both sides', ['NICK a', 'USER a 0 * :a'], [':h 001 a :Welcome'], 'yes'],
    ['a capability negotiation', ['CAP LS 302'], [':h CAP * LS :sasl'], 'yes'],
    ['the sign-on alone', ['NICK a', 'USER a 0 * :a'], [], 'more'],
    ['numerics alone', [], [':h 001 a :Welcome', ':h 002 a :Your host'], 'yes'],
    ['FTP', ['USER anonymous', 'PASS guest'], [], 'more'],
    ['POP3', ['USER bob'], ['+OK'], 'no'],
    ['HTTP', ['NOTIFY / HTTP/1.1'], [], 'no'],
    ['SIP', ['MESSAGE sip:a SIP/2.0'], [], 'no'],
    ['a line of another protocol', ['NICK a', '{"json": 1}'], [], 'no'],
  ])('%s', (_, c, s, answer) => {
    expect(runDetector(protocol, lines(...c), lines(...s)).answer).toBe(answer);
  });

  test.each<[string, string[], string[], string]>([
    ['FTP', ['USER anonymous', 'PASS guest'], [], 'no'],
    ['NICK and USER', ['NICK a', 'USER a 0 * :a'], [], 'yes'],
    ['talk', ['PRIVMSG bob :hi'], [], 'yes'],
    [
      'a server that is only kept awake',
      ['PING irc.example'],
      [':irc.example PONG irc.example :irc.example'],
      'yes',
    ],
    ['PING of something else', ['PING x'], ['PONG x'], 'no'],
  ])('%s, and nothing more will come', (_, c, s, answer) => {
    expect(runDetector(protocol, lines(...c), lines(...s), { final: true }).answer).toBe(answer);
  });
});
