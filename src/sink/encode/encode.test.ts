import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AIM_CLIENT, alertEvent, flowEvent, imEvent } from '../../classify/build.ts';
import type { EveEvent } from '../../event/eve.ts';
import { FORMATS, LEAST_SIZE } from './formats.ts';
import type { FormatName } from './formats.ts';
import { asciiJson, fitJson } from './fit.ts';
import { ZEEK_COLUMNS } from './zeek.ts';

const CONTEXT = { version: '1.2.3', hostname: 'tap-1' };
const NAMES = Object.keys(FORMATS) as FormatName[];
const encode = (format: FormatName, event: EveEvent, room = 2_048): string =>
  FORMATS[format](event, room, CONTEXT);

/** Header fields and extension of a CEF line, unescaped; throws where it is none. */
function parseCef(line: string): { fields: string[]; values: Map<string, string> } {
  const parts = /^CEF:0\|((?:[^|\\]|\\[\\|])*\|){6}/.exec(line);
  if (parts === null) throw new Error(`no CEF: ${line}`);
  const fields = [...parts[0].slice(6).matchAll(/((?:[^|\\]|\\[\\|])*)\|/g)].map(([, field = '']) =>
    field.replace(/\\([\\|])/g, '$1'),
  );
  const values = new Map<string, string>();
  const extension = line.slice(parts[0].length);
  const pair = /(\w+)=((?:[^=\\]|\\[=\\])*?)(?= \w+=|$)/gy;
  for (let end = 0; end < extension.length;) {
    pair.lastIndex = end;
    const [whole, key = '', value = ''] = pair.exec(extension) ?? [];
    if (whole === undefined) throw new Error(`no pair at ${end} of ${extension}`);
    if (values.has(key)) throw new Error(`${key} twice`);
    values.set(key, value.replace(/\\([\\=])/g, '$1'));
    end = pair.lastIndex + 1;
  }
  return { fields, values };
}

function parseLeef(line: string): { fields: string[]; values: Map<string, string> } {
  const [kind, vendor = '', product = '', version = '', id = '', delimiter, ...rest] = line.split('|');
  if (kind !== 'LEEF:2.0' || delimiter !== '^' || rest.length !== 1) throw new Error(`no LEEF: ${line}`);
  const values = new Map<string, string>();
  for (const pair of rest[0]!.split('^')) {
    const at = pair.indexOf('=');
    if (at < 1 || values.has(pair.slice(0, at))) throw new Error(`no pair: ${pair}`);
    values.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return { fields: [vendor, product, version, id], values };
}

describe('an alert', () => {
  const event = alertEvent({ finding: 'f'.repeat(32) });

  test('as CEF', () => {
    const { fields, values } = parseCef(encode('cef', event));
    expect(fields).toEqual([
      ...['imspan', 'imspan', '1.2.3', '9000001', 'IMSPAN Unauthorized consumer IM client (AIM)', '9'],
    ]);
    expect(Object.fromEntries(values)).toMatchObject({
      ...{ src: '10.1.2.3', spt: '40000', dst: '198.51.100.7', dpt: '5190', proto: 'TCP', app: 'oscar' },
      ...{ suser: 'alice', dvchost: 'tap-1', externalId: event.im?.id, rt: '1110290591004' },
      ...{ cs1Label: 'service', cs1: 'aim', cat: 'Potential Corporate Privacy Violation' },
      msg: expect.stringContaining('alice at 10.1.2.3'),
    });
    const v6 = parseCef(encode('cef', alertEvent({}, { src_ip: '2001:db8::1', dest_ip: '2001:db8::2' })));
    expect(v6.values.get('c6a2')).toBe('2001:db8::1');
    expect(v6.values.has('src')).toBe(false);
  });

  test('as LEEF', () => {
    const { fields, values } = parseLeef(encode('leef', event));
    expect(fields).toEqual(['imspan', 'imspan', '1.2.3', '9000001']);
    expect(Object.fromEntries(values)).toMatchObject({
      ...{ devTime: '1110290591004', src: '10.1.2.3', dst: '198.51.100.7', dstPort: '5190', sev: '9' },
      ...{ usrName: 'alice', client: 'AIM', clientVersion: '5.9.3702', eventId: event.im?.id },
    });
  });

  test('as ECS', () => {
    expect(JSON.parse(encode('ecs', event))).toMatchObject({
      '@timestamp': '2005-03-08T14:03:11.004512Z',
      ecs: { version: '8.11.0' },
      event: { kind: 'alert', code: '9000001', severity: 1, id: event.im?.id, dataset: 'imspan.alert' },
      rule: { id: '9000001', name: 'IMSPAN Unauthorized consumer IM client (AIM)' },
      source: { ip: '10.1.2.3', port: 40_000 },
      destination: { ip: '198.51.100.7', port: 5190 },
      network: { transport: 'tcp', protocol: 'oscar', application: 'aim' },
      observer: { hostname: 'tap-1', version: '1.2.3' },
      user: { name: 'alice' },
      imspan: { finding: 'f'.repeat(32), client: { name: 'AIM' } },
    });
  });

  test('as EVE it is the event', () => {
    expect(JSON.parse(encode('eve', event))).toEqual(JSON.parse(JSON.stringify({ ...event, host: 'tap-1' })));
  });

  test('as a line of Zeek', () => {
    const values = encode('zeek', event).split('\t');
    const row = Object.fromEntries(ZEEK_COLUMNS.map((name, i) => [name, values[i]]));
    expect(values).toHaveLength(ZEEK_COLUMNS.length);
    expect(row).toMatchObject({
      ...{ ts: '1110290591.004512', 'id.orig_h': '10.1.2.3', 'id.resp_p': '5190', proto: 'tcp' },
      ...{ note: 'IMSPAN::SID_9000001', sid: '9000001', severity: '1', account: 'alice' },
      ...{ sub: 'default: consumer networks are not authorised here', peer_descr: 'tap-1' },
    });
    const bare = encode('zeek', { timestamp: event.timestamp, event_type: 'stats' }).split('\t');
    expect(bare[ZEEK_COLUMNS.indexOf('account')]).toBe('-');
    const dash = encode('zeek', alertEvent({ account: '-' })).split('\t');
    expect(dash[ZEEK_COLUMNS.indexOf('account')]).toBe('\\x2d');
  });

  test('what a stranger writes is no field, no line and no column', () => {
    const evil = 'a|b=c^d\\ src=6.6.6.6\tx\ny\u202ez"]';
    const bad = alertEvent({ account: evil, client: { ...AIM_CLIENT, name: evil } });
    expect(parseCef(encode('cef', bad)).values.get('src')).toBe('10.1.2.3');
    expect(parseCef(encode('cef', bad)).values.get('suser')).toBe('a|b=c^d\\ src=6.6.6.6\\tx\\ny\\u202ez"]');
    expect(parseLeef(encode('leef', bad)).values.get('usrName')).toBe(
      'a\\x7cb=c\\x5ed\\ src=6.6.6.6\\tx\\ny\\u202ez"]',
    );
    expect(encode('zeek', bad).split('\t')).toHaveLength(ZEEK_COLUMNS.length);
    expect((JSON.parse(encode('eve', bad)) as EveEvent).im?.account).toBe(evil);
  });
});

describe('any event', () => {
  const wire = fc.string({ unit: 'binary', maxLength: 400 });
  const events = fc
    .tuple(wire, wire, wire, fc.integer({ min: 0, max: 5 }), fc.array(wire, { maxLength: 40 }))
    .map(([name, text, host, which, list]): EveEvent => {
      const im = { account: name, text, to: list, from: name, evidence: list, status: { show: text } };
      const file = { id: '0'.repeat(32), name, method: 'oft', state: 'offer' as const, size: 7 };
      const made: readonly EveEvent[] = [
        alertEvent({ ...im, client: { name, raw: text, version: text, evidence: list } }),
        imEvent({ ...im, kind: 'message' }),
        imEvent({ ...im, kind: 'file', file }),
        flowEvent(1, { app_proto: name }, im),
        { ...imEvent(im), event_type: 'fileinfo', fileinfo: { filename: name, sha256: text, size: 5 } },
        { ...imEvent({ stats: { [name]: { [text]: 1 }, events: { message: 2 } } }), event_type: 'stats' },
      ];
      const event = { ...made[which]!, host };
      if (event.alert) event.alert = { ...event.alert, signature: name, metadata: { policy: [text] } };
      return event;
    });

  test.each(NAMES)('is one safe line of its size as %s', (format) => {
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 1_024 }), (event, more) => {
        // What is left of the least message when its header and structured data are off.
        const room = LEAST_SIZE[format] - 400 + more;
        const line = encode(format, event, room);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(room);
        expect(line).not.toMatch(
          format === 'zeek' ? /[\p{Cf}\p{Zl}\p{Zp}\r\n]/u : /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u,
        );
        if (format === 'eve') expect((JSON.parse(line) as EveEvent).im?.id).toBe(event.im?.id);
        if (format === 'ecs')
          expect((JSON.parse(line) as { event: { id: string } }).event.id).toBe(event.im?.id);
        if (format === 'cef') parseCef(line);
        if (format === 'leef') parseLeef(line);
        if (format === 'zeek') expect(line.split('\t')).toHaveLength(ZEEK_COLUMNS.length);
      }),
      { numRuns: 150, seed: 12 },
    );
  });
});

describe('JSON that is too long', () => {
  const mark = (reduced: Record<string, unknown>): void => void (reduced['reduced'] = true);

  test('loses the ends of its texts and lists first', () => {
    const whole = { id: 'x', text: 'é'.repeat(1_000), list: Array.from({ length: 50 }, (_, i) => i) };
    const less = JSON.parse(fitJson(whole, 2_000, () => ({ id: 'x' }), mark)) as typeof whole;
    expect(less).toMatchObject({ id: 'x', reduced: true, list: Array.from({ length: 16 }, (_, i) => i) });
    expect(less.text).toBe(`${'é'.repeat(255)}…`);
  });

  test('then everything but its essence, and of that what stands last', () => {
    const essence = { id: 'x', a: 1, b: 'y'.repeat(40) };
    const whole = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`field${i}`, i]));
    expect(JSON.parse(fitJson(whole, 80, () => essence, mark))).toEqual(essence);
    expect(JSON.parse(fitJson(whole, 20, () => essence, mark))).toEqual({ id: 'x', a: 1 });
    expect(fitJson(whole, 5, () => essence, mark)).toBe('{"id":"x"}');
  });

  test('is ASCII that says the same', () => {
    const value = { a: 'zoë \u{1f600}\u2028\x7f\x9b' };
    expect(asciiJson(value)).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(asciiJson(value))).toEqual(value);
  });
});
