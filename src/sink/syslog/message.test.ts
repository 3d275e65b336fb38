import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AIM_CLIENT, alertEvent } from '../../classify/build.ts';
import { EXIT, OperatorError } from '../../core/errors.ts';
import { formatMessage } from './message.ts';
import type { SyslogStyle } from './message.ts';
import { parseSyslogUrl } from './target.ts';

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

const STYLE: SyslogStyle = { ...parseSyslogUrl('udp://192.0.2.1').style, version: '1.0' };

describe('a message', () => {
  test('is RFC 5424 with packet time, the facts as structured data, and the line as text', () => {
    const event = alertEvent({ finding: 'f'.repeat(32), session: 'e'.repeat(32) }, { host: 'sensor-1' });
    if (event.alert) event.alert.metadata.mitre_technique_id = ['T1040'];
    const message = parse5424(formatMessage(event, STYLE));
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
    expect(parse5424(formatMessage(event, STYLE)).severity).toBe(level);
  });

  test('HOSTNAME is the sensor, its option, or nothing; in printable ASCII', () => {
    const of = (host: string | undefined, hostname?: string) =>
      parse5424(
        formatMessage(
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
    expect(parse5424(formatMessage(bare, STYLE))).toMatchObject({
      severity: 5,
      data: { 'imspan@32473': {} },
    });
  });

  test('quotes, brackets and backslashes are escaped; text beyond ASCII has its mark', () => {
    const event = alertEvent({ account: 'a"] b="\\] [evil@1 x="y"]' });
    const message = parse5424(formatMessage(event, STYLE));
    expect(Object.keys(message.data)).toEqual(['imspan@32473']);
    expect(message.data['imspan@32473']?.account).toBe('a"] b="\\] [evil@1 x="y"]');
    expect(parse5424(formatMessage(alertEvent({ account: 'zoë' }), STYLE)).text).toContain(': zoë at');
  });

  test('no name can forge a line, a field or a terminal sequence', () => {
    const evil = 'x\n<9>1 - - - - - - forged\r\x1b[2J\x9b\u202e\u2028\u200b"]\\';
    const bytes = formatMessage(
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
        const bytes = formatMessage(event, { ...STYLE, size });
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
    const message = parse5424(formatMessage(event, { ...STYLE, size: 480 }));
    expect(message.data['imspan@32473']).toMatchObject({ sid: '9000001', severity: '1' });
    expect(message.data['imspan@32473']).not.toHaveProperty('session');
    expect(message.text).toMatch(/^Unauthorized consumer IM client \(AIM\): .*\.\.\.$/);
  });
});

describe('--syslog', () => {
  test.each([
    ['udp://192.0.2.1', { host: '192.0.2.1', port: 514, transport: 'udp' }],
    ['udp://192.0.2.1', { style: { facilities: { default: 20 }, size: 2048, enterprise: 32_473 } }],
    ['tcp://192.0.2.1', { port: 601, transport: 'tcp', framing: 'octet' }],
    ['tcp://192.0.2.1:514?framing=newline', { port: 514, framing: 'newline' }],
    ['tls://siem.example.org', { host: 'siem.example.org', port: 6514, transport: 'tls' }],
    [
      'tls://192.0.2.1?ca=a.pem&cert=c.pem&key=k.pem&name=siem.example.org',
      { tls: { ca: 'a.pem', cert: 'c.pem', key: 'k.pem', name: 'siem.example.org' } },
    ],
    ['local:', { transport: 'local', path: '/dev/log', style: { protocol: 'local' } }],
    ['local:/run/a%20b', { path: '/run/a b' }],
    ['udp://h?rfc=3164', { style: { protocol: 3164, size: 1024 } }],
    ['udp://h?format=ecs&pen=0', { style: { format: 'ecs', enterprise: 0, size: 2048 } }],
    ['udp://h?events=alert,stats', { events: new Set(['alert', 'stats']) }],
    ['udp://h?facility=user,stats:daemon', { style: { facilities: { default: 1, stats: 3 } } }],
    ['udp://h?severity=crit,err', { style: { severities: [2, 3, 5, 6] } }],
    ['udp://192.0.2.1:1514', { host: '192.0.2.1', port: 1514 }],
    ['udp://[2001:db8::1]', { host: '2001:db8::1', port: 514 }],
    ['udp://[2001:db8::1]:5514/', { host: '2001:db8::1', port: 5514 }],
    [
      'udp://log.example.com?facility=auth&size=1024',
      { host: 'log.example.com', style: { facilities: { default: 4 }, size: 1024 } },
    ],
    ['UDP://localhost?facility=local7', { host: 'localhost', style: { facilities: { default: 23 } } }],
  ])('%s', (url, target) => {
    expect(parseSyslogUrl(url)).toMatchObject({ url, ...target });
  });

  test.each([
    ['192.0.2.1', 'it is no URL'],
    ['udp://', 'the host is missing'],
    ['http://192.0.2.1', 'http: is not known; known: udp, tcp, tls, local'],
    ['udp://h?framing=newline', 'option "framing" is for tcp and tls only'],
    ['tcp://h?ca=x', 'option "ca" is for tls only'],
    ['tls://h?cert=x', 'cert and key go together'],
    ['tls://h?ca=', 'ca is to name a file'],
    ['tls://h?name=a%20b', '"a b" is no host'],
    ['tcp://h?framing=lines', 'framing "lines" is not known'],
    ['udp://h?format=jsn', 'format "jsn" is not known'],
    ['udp://h?format=eve&size=900', 'size "900" is to be a number of bytes from 1024 to 65507 with eve'],
    ['udp://h?rfc=5425', 'rfc "5425" is not known'],
    ['udp://h?pen=x', 'pen "x" is to be a number'],
    ['udp://h?pen=4294967296', 'pen "4294967296" is to be a number'],
    ['udp://h?events=alrt', 'event "alrt" is not known (did you mean "alert"?)'],
    ['udp://h?facility=alrt:user', 'event type "alrt" is not known'],
    ['udp://h?severity=a', 'severity "a" is not known'],
    ['udp://h?severity=alert,crit,err,info,info', 'has more than four names'],
    ['local://host', 'write local: or local:/PATH/OF/SOCKET'],
    ['local:dev/log', 'the socket is to be an absolute path'],
    ['local:/a%0ab', 'the path of the socket has a control character'],
    ['local:/%ff', 'its % are no escapes of UTF-8'],
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
    ['udp://192.0.2.1?size=x', 'size "x" is to be a number from 1 to 65507'],
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
