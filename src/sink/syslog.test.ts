import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AIM_CLIENT, alertEvent, imEvent } from '../classify/build.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import { formatAlert } from './syslog-message.ts';
import { FACILITIES, parseSyslogUrl } from './syslog-target.ts';
import { SyslogSink } from './syslog.ts';
import type { SyslogOptions } from './syslog.ts';

interface Message {
  facility: number;
  severity: number;
  timestamp: string;
  hostname: string;
  appName: string;
  procId: string;
  msgId: string;
  data: Record<string, Record<string, string>>;
  text: string;
}

/** A strict reader of RFC 5424, section 6: throws where a message is not of its grammar. */
function parse5424(bytes: Uint8Array): Message {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const head =
    /^<(\d|[1-9]\d|1[0-8]\d|19[01])>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) /.exec(
      text,
    );
  if (head === null) throw new Error(`no header: ${text}`);
  const [whole, pri = '', timestamp = '', hostname = '', appName = '', procId = '', msgId = ''] = head;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(timestamp)) throw new Error(`timestamp ${timestamp}`);
  const { data, end } = parseData(text, whole.length);
  let rest = text.slice(end);
  if (rest !== '') {
    if (!rest.startsWith(' ')) throw new Error(`no space before MSG: ${rest}`);
    rest = rest.slice(1);
    const marked = rest.startsWith('\ufeff');
    if (marked) rest = rest.slice(1);
    if (marked === /^[\0-\x7f]*$/.test(rest)) throw new Error(`BOM ${marked} before ${rest}`);
    if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(rest)) throw new Error(`control in MSG: ${rest}`);
  }
  const priority = Number(pri);
  return {
    facility: priority >> 3,
    severity: priority & 7,
    timestamp,
    hostname,
    appName,
    procId,
    msgId,
    data,
    text: rest,
  };
}

function parseData(text: string, start: number): { data: Message['data']; end: number } {
  if (text[start] === '-') return { data: {}, end: start + 1 };
  const data: Message['data'] = {};
  let at = start;
  while (text[at] === '[') {
    const id = /^[!#-<>-\\^-~]{1,32}/.exec(text.slice(at + 1))?.[0];
    if (id === undefined || id in data) throw new Error(`SD-ID at ${at}`);
    at += 1 + id.length;
    const values: Record<string, string> = {};
    while (text[at] === ' ') {
      const name = /^ ([!#-<>-\\^-~]{1,32})="/.exec(text.slice(at));
      if (name === null) throw new Error(`PARAM-NAME at ${at}`);
      at += name[0].length;
      let value = '';
      while (text[at] !== '"') {
        const char = text[at];
        if (char === undefined || char === ']') throw new Error(`PARAM-VALUE at ${at}`);
        const next = text[at + 1];
        if (char === '\\') {
          if (next !== '"' && next !== '\\' && next !== ']') throw new Error(`escape at ${at}`);
          value += next;
          at += 2;
        } else {
          value += char;
          at++;
        }
      }
      if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)) throw new Error(`control in value: ${value}`);
      values[name[1] ?? ''] = value;
      at++;
    }
    if (text[at] !== ']') throw new Error(`no end of SD-ELEMENT at ${at}`);
    at++;
    data[id] = values;
  }
  if (at === start) throw new Error('no STRUCTURED-DATA');
  return { data, end: at };
}

const STYLE = { facility: FACILITIES.local4, size: 2048 };

describe('a message', () => {
  test('is RFC 5424 with packet time, the facts as structured data, and the line as text', () => {
    const event = alertEvent({ finding: 'f'.repeat(32), session: 'e'.repeat(32) }, { host: 'sensor-1' });
    if (event.alert) event.alert.metadata.mitre_technique_id = ['T1040'];
    const message = parse5424(formatAlert(event, STYLE));
    expect(message).toEqual({
      facility: 20,
      severity: 1,
      timestamp: '2005-03-08T14:03:11.004512Z',
      hostname: 'sensor-1',
      appName: 'imspan',
      procId: '-',
      msgId: 'ALERT',
      data: {
        'imspan@32473': {
          sid: '9000001',
          severity: '1',
          id: event.im?.id,
          service: 'aim',
          src_ip: '10.1.2.3',
          src_port: '40000',
          dest_ip: '198.51.100.7',
          dest_port: '5190',
          account: 'alice',
          client: 'AIM',
          version: '5.9.3702',
          proto: 'TCP',
          app_proto: 'oscar',
          confidence: 'high',
          community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
          finding: 'f'.repeat(32),
          session: 'e'.repeat(32),
          policy: 'default: consumer networks are not authorised here',
          mitre: 'T1040',
        },
      },
      text: 'Unauthorized consumer IM client (AIM): alice at 10.1.2.3 with AIM 5.9.3702 to 198.51.100.7:5190 (default: consumer networks are not authorised here)',
    });
  });

  test.each([
    [1, 1],
    [2, 4],
    [3, 5],
  ] as const)('severity %d is syslog severity %d', (severity, level) => {
    const event = alertEvent();
    if (event.alert) event.alert.severity = severity;
    expect(parse5424(formatAlert(event, STYLE)).severity).toBe(level);
  });

  test('HOSTNAME is the sensor, its option, or nothing; in printable ASCII', () => {
    const of = (host: string | undefined, hostname?: string) =>
      parse5424(
        formatAlert(
          alertEvent({}, host === undefined ? {} : { host }),
          hostname === undefined ? STYLE : { ...STYLE, hostname },
        ),
      ).hostname;
    expect(of(undefined)).toBe('-');
    expect(of(undefined, 'tap')).toBe('tap');
    expect(of('own', 'tap')).toBe('own');
    expect(of('a b\nü')).toBe('a_b__');
    expect(of('x'.repeat(300))).toBe('x'.repeat(255));
    expect(of('')).toBe('-');
  });

  test('an alert without its parts is still a message', () => {
    const bare = { timestamp: alertEvent().timestamp, event_type: 'alert' } as const;
    expect(parse5424(formatAlert(bare, STYLE))).toMatchObject({ severity: 5, data: { 'imspan@32473': {} } });
  });

  test('quotes, brackets and backslashes are escaped; text beyond ASCII has its mark', () => {
    const event = alertEvent({ account: 'a"] b="\\] [evil@1 x="y"]' });
    const message = parse5424(formatAlert(event, STYLE));
    expect(Object.keys(message.data)).toEqual(['imspan@32473']);
    expect(message.data['imspan@32473']?.account).toBe('a"] b="\\] [evil@1 x="y"]');
    expect(parse5424(formatAlert(alertEvent({ account: 'zoë' }), STYLE)).text).toContain(': zoë at');
  });

  test('no name can forge a line, a field or a terminal sequence', () => {
    const evil = 'x\n<9>1 - - - - - - forged\r\x1b[2J\x9b\u202e\u2028\u200b"]\\';
    const bytes = formatAlert(
      alertEvent({
        account: evil,
        person: evil,
        client: { ...AIM_CLIENT, name: evil, version: evil, os: evil, masquerade: evil },
      }),
      STYLE,
    );
    const message = parse5424(bytes);
    expect(bytes.includes('\n')).toBe(false);
    expect(message.data['imspan@32473']?.account).toBe(
      'x\\n<9>1 - - - - - - forged\\r\\x1b[2J\\x9b\\u202e\\u2028\\u200b"]\\',
    );
  });

  test('whatever the names and the size, it is of the grammar, whole and not too long', () => {
    const any = fc.string({ unit: 'binary', maxLength: 300 });
    const size = fc.integer({ min: 480, max: 2048 });
    fc.assert(
      fc.property(any, any, any, size, fc.boolean(), (account, name, policy, size, long) => {
        const event = alertEvent(
          { account, session: 's'.repeat(32), client: { name, version: name, raw: name, evidence: [] } },
          { host: long ? 'h'.repeat(255) : 'tap', service: undefined } as object,
        );
        if (event.alert) event.alert.metadata.policy = [policy];
        const bytes = formatAlert(event, { ...STYLE, size });
        expect(bytes.length).toBeLessThanOrEqual(size);
        const message = parse5424(bytes);
        expect(message.text).not.toBe('');
        // No escape of ours is torn: what is cut ends in its mark, and before it stands a whole unit.
        if (message.text.endsWith('...'))
          expect(message.text.slice(0, -3)).not.toMatch(/\\(?:x[0-9a-f]?|u[0-9a-f]{0,3}|u\{[0-9a-f]*)$/);
      }),
      { numRuns: 200 },
    );
  });

  test('where there is little room, the weightier facts stay and some of the text is left', () => {
    const event = alertEvent({
      account: '\u{1f600}'.repeat(90),
      session: 's'.repeat(32),
      finding: 'f'.repeat(32),
    });
    const message = parse5424(formatAlert(event, { ...STYLE, size: 480 }));
    expect(message.data['imspan@32473']).toMatchObject({ sid: '9000001', severity: '1' });
    expect(message.data['imspan@32473']).not.toHaveProperty('session');
    expect(message.text).toMatch(/^Unauthorized consumer IM client \(AIM\): .*\.\.\.$/);
  });
});

describe('--syslog', () => {
  test.each([
    ['udp://192.0.2.1', { host: '192.0.2.1', port: 514, facility: 20, size: 2048 }],
    ['udp://192.0.2.1:1514', { host: '192.0.2.1', port: 1514 }],
    ['udp://[2001:db8::1]', { host: '2001:db8::1', port: 514 }],
    ['udp://[2001:db8::1]:5514/', { host: '2001:db8::1', port: 5514 }],
    ['udp://log.example.com?facility=auth&size=1024', { host: 'log.example.com', facility: 4, size: 1024 }],
    ['UDP://localhost?facility=local7', { host: 'localhost', facility: 23 }],
  ])('%s', (url, target) => {
    expect(parseSyslogUrl(url)).toMatchObject({ url, ...target });
  });

  test.each([
    ['192.0.2.1', 'it is no URL'],
    ['udp://', 'the host is missing'],
    ['tcp://192.0.2.1', 'tcp:// is not known; only udp:// is'],
    ['udp://192.0.2.1:0', 'port 0 cannot be sent to'],
    ['udp://192.0.2.1:70000', 'it is no URL'],
    ['udp://me:pw@192.0.2.1', 'a user name has no meaning there'],
    ['udp://192.0.2.1/path', 'nothing may follow the port but ?options'],
    ['udp://192.0.2.1#x', 'nothing may follow the port but ?options'],
    ['udp://a%20b', '"a%20b" is no host'],
    ['udp://192.0.2.1?facility=loca4', 'facility "loca4" is not known (did you mean "local4"?)'],
    ['udp://192.0.2.1?facilty=local4', 'option "facilty" is not known (did you mean "facility"?)'],
    ['udp://192.0.2.1?constructor=1', 'option "constructor" is not known'],
    ['udp://192.0.2.1?size=479', 'size "479" is to be a number of bytes from 480 to 65507'],
    ['udp://192.0.2.1?size=x', 'size "x" is to be a number of bytes'],
  ])('%s is refused: %s', (url, why) => {
    let told: unknown;
    try {
      parseSyslogUrl(url);
    } catch (error) {
      told = error;
    }
    expect(told).toBeInstanceOf(OperatorError);
    expect(told).toMatchObject({ exitCode: EXIT.USAGE, message: expect.stringContaining(why) });
  });
});

describe('over UDP', () => {
  async function collector(
    type: 'udp4' | 'udp6' = 'udp4',
  ): Promise<{ socket: Socket; port: number; got: Buffer[] }> {
    const socket = createSocket(type);
    const got: Buffer[] = [];
    socket.on('message', (bytes) => got.push(bytes));
    socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1');
    await once(socket, 'listening');
    return { socket, port: socket.address().port, got };
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 400 && !condition(); i++) await sleep(5);
  }

  test('alerts arrive in order, and nothing but alerts', async () => {
    const { socket, port, got } = await collector();
    const sink = new SyslogSink(parseSyslogUrl(`udp://127.0.0.1:${port}`), { hostname: 'tap-1' });
    for (let i = 0; i < 100; i++) sink.write(alertEvent({ account: `user${i}` }));
    sink.write(imEvent({ kind: 'message', text: 'not for syslog' }));
    expect(sink.drained()).toBeUndefined();
    await sink.close();
    await until(() => got.length >= 100);
    socket.close();
    const messages = got.map(parse5424);
    expect(messages.map((m) => m.data['imspan@32473']?.account)).toEqual(
      Array.from({ length: 100 }, (_, i) => `user${i}`),
    );
    expect(messages[0]?.hostname).toBe('tap-1');
    expect(sink).toMatchObject({ sent: 100, lost: 0, failure: undefined });
  });

  test('over IPv6 too', async () => {
    let listening: Awaited<ReturnType<typeof collector>>;
    try {
      listening = await collector('udp6');
    } catch {
      // A machine without IPv6 cannot show it; it says so here.
      process.stderr.write('skipped: this machine has no IPv6 loopback\n');
      return;
    }
    const { socket, port, got } = listening;
    const sink = new SyslogSink(parseSyslogUrl(`udp://[::1]:${port}`));
    sink.write(alertEvent());
    await sink.close();
    await until(() => got.length > 0);
    socket.close();
    expect(got).toHaveLength(1);
  });

  test('a name is resolved while alerts wait, and they follow', async () => {
    const { socket, port, got } = await collector();
    let resolved = (_answer: { address: string; family: number }): void => undefined;
    const lookup: NonNullable<SyslogOptions['lookup']> = (host) => {
      expect(host).toBe('collector.test');
      return new Promise((resolve) => {
        resolved = resolve;
      });
    };
    const sink = new SyslogSink(parseSyslogUrl(`udp://collector.test:${port}`), { lookup });
    for (let i = 0; i < 3; i++) sink.write(alertEvent());
    const closed = sink.close();
    resolved({ address: '127.0.0.1', family: 4 });
    await closed;
    await until(() => got.length >= 3);
    socket.close();
    expect(got).toHaveLength(3);
  });

  test('a name that cannot be resolved is told once, and what was for it is counted', async () => {
    const problems: OperatorError[] = [];
    const sink = new SyslogSink(parseSyslogUrl('udp://nowhere.test'), {
      lookup: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
      onProblem: (problem) => problems.push(problem),
    });
    sink.write(alertEvent());
    sink.write(alertEvent());
    await sleep(5);
    sink.write(alertEvent());
    expect(problems).toHaveLength(1);
    expect(problems[0]).toBe(sink.failure);
    await expect(sink.close()).rejects.toBe(problems[0]);
    expect(problems[0]).toMatchObject({
      exitCode: EXIT.IO,
      message:
        'syslog udp://nowhere.test: alerts cannot be sent: nowhere.test: there is no such host; check the name or give its address',
    });
    expect(sink).toMatchObject({ sent: 0, lost: 3 });
  });

  test('what does not fit the queue is lost and counted; packets do not wait', async () => {
    const sink = new SyslogSink(parseSyslogUrl('udp://slow.test'), {
      lookup: () => new Promise(() => undefined),
      queue: 10,
      patience: 5,
    });
    for (let i = 0; i < 25; i++) sink.write(alertEvent());
    expect(sink.lost).toBe(15);
    expect(sink.drained()).toBeUndefined();
    await expect(sink.close()).rejects.toThrow('more than 10 messages wait to be sent');
    expect(sink.lost).toBe(25);
    sink.write(alertEvent());
    expect(sink.lost).toBe(26);
  });

  test('a name that resolves too late is not waited for without end', async () => {
    const sink = new SyslogSink(parseSyslogUrl('udp://slow.test'), {
      lookup: () => sleep(30, { address: '127.0.0.1', family: 4 }),
      patience: 5,
    });
    sink.write(alertEvent());
    await expect(sink.close()).rejects.toThrow('they could not be sent in time');
    await sleep(60);
    expect(sink).toMatchObject({ sent: 0, lost: 1 });
  });

  test('a host where nobody listens is noticed', async () => {
    const { socket, port } = await collector();
    socket.close();
    await once(socket, 'close');
    const problems: OperatorError[] = [];
    const sink = new SyslogSink(parseSyslogUrl(`udp://127.0.0.1:${port}`), {
      onProblem: (problem) => problems.push(problem),
    });
    for (let i = 0; i < 20; i++) {
      sink.write(alertEvent());
      await sleep(2);
    }
    await expect(sink.close()).rejects.toThrow('nobody listens on that port');
    expect(problems).toHaveLength(1);
    expect(sink.lost).toBeGreaterThan(0);
  });

  test('a refusal that a send is told of costs only the message it was about', async () => {
    const { socket, port } = await collector();
    socket.close();
    await once(socket, 'close');
    const sink = new SyslogSink(parseSyslogUrl(`udp://127.0.0.1:${port}`));
    for (let i = 0; i < 20; i++) sink.write(alertEvent());
    await expect(sink.close()).rejects.toThrow('nobody listens on that port');
    expect(sink.lost).toBeGreaterThan(0);
    expect(sink.sent + sink.lost).toBeGreaterThanOrEqual(20);
  });

  test('an address that cannot be sent to is told', async () => {
    const sink = new SyslogSink(parseSyslogUrl('udp://wrong.test'), {
      lookup: () => Promise.resolve({ address: '::1', family: 4 }),
    });
    sink.write(alertEvent());
    await expect(sink.close()).rejects.toMatchObject({ exitCode: EXIT.IO });
    expect(sink.lost).toBe(1);
  });

  test('a sink that was never used closes at once', async () => {
    const { socket, port } = await collector();
    await new SyslogSink(parseSyslogUrl(`udp://127.0.0.1:${port}`)).close();
    const later = new SyslogSink(parseSyslogUrl(`udp://127.0.0.1:${port}`));
    await sleep(20);
    await later.close();
    socket.close();
  });
});
