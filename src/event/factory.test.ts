import { describe, expect, test } from '@jest/globals';
import { FACTS } from './eve.ts';
import type { FlowHeader } from './eve.ts';
import { eventJson, flowEvent } from './factory.ts';

const HEADERS: FlowHeader[] = [
  {
    flow_id: 7,
    community_id: '1:a+/=',
    src_ip: '192.0.2.1',
    src_port: 1,
    dest_ip: '198.51.100.1',
    dest_port: 2,
    proto: 'TCP',
  },
  {
    flow_id: 2 ** 52 - 1,
    community_id: '1:b',
    src_ip: '2001:db8::1',
    src_port: 65_535,
    dest_ip: '2001:db8::2',
    dest_port: 5190,
    proto: 'UDP',
    app_proto: 'icq',
    vlan: [10, 20],
  },
];

test.each([
  [{ seconds: 1, nanos: 2_000, frame: 3, file: 'a "quoted" \\ name\u2028.pcap' }, 0],
  [{ seconds: 1, nanos: 2_000, frame: 0 }, 1],
  [{ seconds: 1, nanos: 2_000, frame: 9, iface: 'eth0', host: 'sensor' }, undefined],
] as const)('the fast writer writes what JSON.stringify does: %j', (place, direction) => {
  for (const header of HEADERS) {
    for (const type of ['im', 'flow'] as const) {
      const event = flowEvent(type, header, place, direction);
      expect(eventJson(event)).toBe(JSON.stringify(event));
      event.im = { v: 1, id: 'x', text: 'tab\t, "quotes", \u0001 and \ud83d\ude00' };
      expect(eventJson(event)).toBe(JSON.stringify(event));
    }
  }
});

describe('what another thread has written of the facts', () => {
  const facts = { kind: 'message', service: 'aim', text: 'a "b"' } as const;
  const header = HEADERS[0]!;
  const place = { seconds: 1, nanos: 0, frame: 1 };

  test('is taken over, and the fields that came later are added', () => {
    const event = flowEvent('im', header, place, 0);
    const im = { ...facts, v: 1, id: 'x', to: ['b'], sent: true };
    event.im = im;
    event[FACTS] = { im, json: JSON.stringify(facts), fields: 3 };
    expect(eventJson(event)).toBe(JSON.stringify(event));
    const changed = { ...im, text: 'changed behind the back of the text' };
    event.im = changed;
    event[FACTS] = { im: changed, json: JSON.stringify(facts), fields: 3 };
    expect(eventJson(event)).toContain('a \\"b\\"');
  });

  test('never shows in an event with another `im` object: a text that was taken out stays out', () => {
    const event = flowEvent('im', header, place, 0);
    const im = { ...facts, v: 1, id: 'x' };
    event.im = im;
    event[FACTS] = { im, json: JSON.stringify(facts), fields: 3 };
    const redacted = { ...event, im: { v: 1, id: 'x', text_length: 5 } };
    expect(eventJson(redacted)).toBe(JSON.stringify(redacted));
    expect(eventJson(redacted)).not.toContain('a \\"b');
  });
});
