import { describe, expect, test } from '@jest/globals';
import { makeLimits } from '../core/limits.ts';
import type { Limits } from '../core/limits.ts';
import type { ToldFlow } from '../dissect/told.ts';
import type { EveEvent } from '../event/eve.ts';
import { EventIds } from '../event/ids.ts';
import type { Confidence, ImFacts } from '../event/im.ts';
import { W } from '../flow/table.ts';
import type { FlowState } from './flow-state.ts';
import { ServiceUses } from './service-uses.ts';

/** A stage with its events, and flows of some client. */
function stage(limits: Partial<Limits> = {}) {
  const events: EveEvent[] = [];
  const uses = new ServiceUses(makeLimits(limits), (event) => events.push(event));
  const flow = (client: string, sent = 0, received = 0, seconds = 0): [ToldFlow, FlowState] => {
    const records = new Int32Array(32);
    records[W.BYTES] = sent;
    records[W.BYTES + 1] = received;
    records[W.START_SECONDS] = 100;
    records[W.LAST_SECONDS] = 100 + seconds;
    const id = `${events.length}${Math.trunc(sent + received)}`.padEnd(32, '0');
    const header = {
      flow_id: 1,
      community_id: '1:x',
      src_ip: client,
      src_port: 1,
      dest_ip: '198.51.100.1',
      dest_port: 443,
      proto: 'TCP' as const,
    };
    const run = { id, header, flow: { records, at: 0, flipped: false } } as unknown as ToldFlow;
    const ids = new EventIds(id);
    return [run, { account: undefined, service: 'whatsapp', session: undefined, tls: undefined, ids }];
  };
  return { uses, events, flow };
}
const place = { seconds: 100, nanos: 0, frame: 1 };
const seen = (confidence: Confidence, evidence: string, kind: 'service' | 'call' = 'service'): ImFacts => ({
  ...{ kind, service: 'whatsapp', confidence, evidence: [evidence] },
});

describe('uses of messengers', () => {
  test('the first sighting is told, then only what makes it surer', () => {
    const { uses, flow } = stage();
    const told = (['low', 'low', 'medium', 'low', 'medium', 'high', 'high'] as const).map(
      (confidence, i) => !uses.isRepeat(...flow('192.0.2.1', i), seen(confidence, `e${i}`), place, 100 + i),
    );
    expect(told).toEqual([true, false, true, false, false, true, false]);
  });

  test('another client and another messenger are uses of their own; calls are always told', () => {
    const { uses, flow } = stage();
    uses.isRepeat(...flow('192.0.2.1'), seen('high', 'a'), place, 100);
    expect(uses.isRepeat(...flow('192.0.2.2'), seen('high', 'a'), place, 100)).toBe(false);
    expect(uses.isRepeat(...flow('192.0.2.1'), { ...seen('low', 'a'), service: 'signal' }, place, 100)).toBe(
      false,
    );
    expect(uses.isRepeat(...flow('192.0.2.1'), seen('low', 'a', 'call'), place, 100)).toBe(false);
  });

  test('networks that are read have no uses here', () => {
    const { uses, events, flow } = stage();
    for (let i = 0; i < 2; i++)
      expect(uses.isRepeat(...flow('192.0.2.1'), { ...seen('high', 'a'), service: 'aim' }, place, 100)).toBe(
        false,
      );
    uses.finish();
    expect(events).toEqual([]);
  });

  test('what passed is told at the end: connections, bytes, the length of calls, what it is like', () => {
    const { uses, events, flow } = stage();
    const [chat, call, file] = [
      flow('192.0.2.1', 500, 900),
      flow('192.0.2.1', 70_000, 71_000, 60),
      flow('192.0.2.1', 5_000_000, 20_000),
    ];
    uses.isRepeat(...chat, seen('medium', 'tls'), place, 100);
    uses.isRepeat(...call, seen('medium', 'stun', 'call'), place, 101);
    uses.isRepeat(...file, seen('high', 'quic'), place, 102);
    for (const [run, state] of [chat, call, file]) uses.ended(run, state, place, 200);
    uses.finish();
    expect(events.map(({ im }) => im)).toMatchObject([
      {
        ...{
          kind: 'service',
          state: 'ended',
          service: 'whatsapp',
          confidence: 'high',
          evidence: ['tls', 'stun', 'quic'],
        },
        use: { flows: 3, sent: 5_070_500, received: 91_900, call_seconds: 60, like: ['call', 'upload'] },
      },
    ]);
  });

  test('a use is over after silence, once its connections are', () => {
    const { uses, events, flow } = stage({ service_quiet: 10 });
    const open = flow('192.0.2.1');
    uses.isRepeat(...open, seen('high', 'a'), place, 100);
    uses.sweep(200);
    expect(events).toHaveLength(0);
    uses.ended(...open, place, 205);
    uses.sweep(214);
    expect(events).toHaveLength(0);
    uses.sweep(215);
    expect(events).toHaveLength(1);
    expect(uses.isRepeat(...flow('192.0.2.1'), seen('low', 'b'), place, 300)).toBe(false);
  });

  test('beyond the limit the one that was quiet longest is told first', () => {
    const { uses, events, flow } = stage({ service_uses: 2 });
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
      uses.isRepeat(...flow(client), seen('low', 'a'), place, 100);
    expect(events.map(({ src_ip }) => src_ip)).toEqual(['192.0.2.1']);
    expect(uses.forgotten).toBe(1);
  });

  test('evidence of one use is bounded', () => {
    const { uses, events, flow } = stage();
    for (let i = 0; i < 100; i++) uses.isRepeat(...flow('192.0.2.1', i), seen('low', `e${i}`), place, 100);
    uses.finish();
    expect(events[0]?.im?.evidence).toHaveLength(16);
  });
});
