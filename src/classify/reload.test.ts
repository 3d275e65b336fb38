import { expect, test } from '@jest/globals';
import type { EveEvent, ImObject } from '../event/eve.ts';
import { AIM_CLIENT, flowEvent, header, imEvent } from './build.ts';
import { Classifier } from './classifier.ts';
import { NameRegistry } from './names/registry.ts';
import { parsePolicy } from './policy-file.ts';
import { defaultPolicy } from './policy.ts';
import type { Rulebook } from './rulebook.ts';

const ALLOW = 'version: 2\ndefault: { verdict: allow }\n';

async function allowing(more = ''): Promise<Rulebook> {
  return { policy: await parsePolicy(ALLOW + more, 'policy.yaml') };
}

function run(rulebook: Rulebook): {
  classifier: Classifier;
  ids: () => (number | undefined)[];
  alerts: EveEvent[];
} {
  const alerts: EveEvent[] = [];
  const classifier = new Classifier({ rulebook, emit: (alert) => alerts.push(alert) });
  return { classifier, alerts, ids: () => alerts.map(({ alert }) => alert?.signature_id) };
}

const LOGIN = {
  kind: 'login',
  account: 'alice',
  auth: { mechanism: 'md5', result: 'success' },
  client: AIM_CLIENT,
} as const;
const MESSAGE: Partial<ImObject> = {
  ...{ kind: 'message', account: 'alice', from: 'alice', to: ['bob'], text: 'hi', sent: true },
};

test('a client that was allowed is judged anew with its next event, and told once', async () => {
  const { classifier, ids } = run(await allowing());
  classifier.on(imEvent(LOGIN));
  expect(ids()).toEqual([]);
  classifier.reload({ policy: defaultPolicy() });
  expect(ids()).toEqual([]);
  expect(classifier.on(imEvent(MESSAGE, 5))).toBe(true);
  expect(classifier.on(imEvent(MESSAGE, 6))).toBe(true);
  expect(ids()).toEqual([9_000_001]);
});

test('one that says nothing any more is judged at its end', async () => {
  const { classifier, ids } = run(await allowing());
  classifier.on(imEvent(LOGIN));
  classifier.reload({ policy: defaultPolicy() });
  expect(classifier.on(flowEvent(9))).toBe(true);
  expect(ids()).toEqual([9_000_001]);
});

test('what was told is not told again under the same or another policy, and counts on', async () => {
  const { classifier, ids } = run({ policy: defaultPolicy() });
  classifier.on(imEvent(LOGIN));
  classifier.reload({ policy: defaultPolicy() });
  classifier.on(imEvent(LOGIN, 3, { flow_id: 2, src_port: 40_001 }));
  classifier.reload(await allowing());
  classifier.on(imEvent(LOGIN, 6, { flow_id: 3, src_port: 40_002 }));
  expect(ids()).toEqual([9_000_001]);
  expect(classifier.counts).toMatchObject({ alerts: 1, repeats: 1 });
});

test('rules of alerts, features, walls and names that came with the new files hold from then on', async () => {
  const { classifier, ids } = run(await allowing());
  const use: Partial<ImObject> = { ...MESSAGE, kind: 'file', file: { name: 'a.txt', state: 'offer' } };
  classifier.on(imEvent(LOGIN));
  classifier.on(imEvent(use, 1));
  expect(ids()).toEqual([]);
  const names = new NameRegistry([]);
  classifier.reload({
    policy: await parsePolicy(
      `${ALLOW}rules:\n  - { verdict: alert, features: [file] }\nalerts:\n  storm: 500\n`,
      'policy.yaml',
    ),
    names,
  });
  classifier.on(imEvent(use, 2));
  classifier.on(imEvent({ ...LOGIN, account: 'carol' }, 4, { flow_id: 9, src_port: 40_009 }));
  expect(ids()).toEqual([9_000_041, 9_000_070]);
  classifier.reload(await allowing());
  classifier.on(imEvent({ ...LOGIN, account: 'dora' }, 5, { flow_id: 10, src_ip: '10.1.2.9' }));
  expect(ids()).toHaveLength(2);
});

test('windows of behaviour go on over a reload that does not touch their settings', async () => {
  const texts = async (more: string): Promise<number> => {
    const { classifier, ids } = run(await allowing());
    for (let n = 0; n < 40; n++) {
      if (n === 4) classifier.reload(await allowing(more));
      // The threshold is not crossed by what comes behind the reload alone.
      if (n < 12)
        classifier.on(
          imEvent(
            { ...MESSAGE, to: [`friend${n}`], text: 'look at http://www.example.com/photo.exe now' },
            n,
            header({ flow_id: 1 }),
          ),
        );
    }
    return ids().filter((id) => id !== undefined && id >= 9_000_140 && id < 9_000_150).length;
  };
  const kept = await texts('');
  const begun = await texts('behaviour:\n  spread: { contacts: 11 }\n');
  expect([kept > 0, begun]).toEqual([true, 0]);
});

test('the hosts of the wire are known after a reload', async () => {
  const { classifier } = run(await allowing());
  classifier.learnHost({ source: 'arp', ip: '10.1.2.3', mac: '00:11:22:33:44:55' });
  const before = classifier.hostOf('10.1.2.3');
  classifier.reload(await allowing());
  expect(classifier.hostOf('10.1.2.3')).toEqual(before);
  expect(before?.mac).toBe('00:11:22:33:44:55');
});
