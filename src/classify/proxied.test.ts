import { describe, expect, test } from '@jest/globals';
import { AIM_CLIENT, imEvent } from './build.ts';
import { Classifier } from './classifier.ts';
import type { EveEvent, ImObject } from '../event/eve.ts';
import { defaultRulebook } from './rulebook.ts';

function run(): { classifier: Classifier; alerts: EveEvent[] } {
  const alerts: EveEvent[] = [];
  const emit = (alert: EveEvent): void => void alerts.push(alert);
  return { classifier: new Classifier({ rulebook: defaultRulebook(), emit }), alerts };
}

function login(account: string, more: Partial<ImObject> = {}): Partial<ImObject> {
  const auth = { mechanism: 'md5', result: 'success' } as const;
  return { kind: 'login', account, auth, client: AIM_CLIENT, ...more };
}

describe('through a proxy', () => {
  const PROXY = '10.1.0.9';
  const toProxy = { flow_id: 1, src_ip: '10.1.2.3', dest_ip: PROXY };
  const onwards = { flow_id: 2, src_ip: PROXY, dest_ip: '198.51.100.7' };
  const carried = login('alice', { carrier: 'http-connect' });

  test('one use is told once: of the client, not of the proxy', () => {
    const { classifier, alerts } = run();
    classifier.on(imEvent(carried, 0, toProxy));
    classifier.on(imEvent(login('alice'), 0, onwards));
    expect(alerts.filter((a) => a.alert?.signature_id === 9_000_001).map((a) => a.src_ip)).toEqual([
      '10.1.2.3',
    ]);
  });

  test('what is another account, comes from elsewhere, or was not alerted on is told', () => {
    for (const [first, second] of [
      [imEvent(carried, 0, toProxy), imEvent(login('bob'), 0, onwards)],
      [imEvent(carried, 0, toProxy), imEvent(login('alice'), 0, { ...onwards, src_ip: '10.1.0.10' })],
      [imEvent(login('alice'), 0, toProxy), imEvent(login('alice'), 0, onwards)],
    ] as const) {
      const { classifier, alerts } = run();
      classifier.on(first);
      classifier.on(second);
      expect(alerts.filter((a) => a.alert?.signature_id === 9_000_001)).toHaveLength(2);
    }
  });
});
