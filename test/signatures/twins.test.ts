import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CONTENT_CLASSES } from '../../src/classify/content/classes.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { flowEvent, imEvent } from '../../src/classify/build.ts';
import { Classifier } from '../../src/classify/classifier.ts';
import { parseLeases } from '../../src/classify/hosts/leases.ts';
import { NameRegistry } from '../../src/classify/names/registry.ts';
import { parseNames } from '../../src/classify/names/registry-file.ts';
import { parsePolicy } from '../../src/classify/policy-file.ts';
import { defaultPolicy } from '../../src/classify/policy.ts';
import { ALL_SIGNATURES } from '../../src/classify/signatures.ts';
import { TWINS } from './twins.ts';
import type { Addresses, Step, Twin } from './twins.ts';

const FAMILIES: Readonly<Record<string, Addresses>> = {
  IPv4: { host: (n) => `10.1.2.${n}`, ours: '10.9.0.1', outside: (n) => `198.51.100.${n}` },
  IPv6: { host: (n) => `fd00::${n}`, ours: 'fd00:9::1', outside: (n) => `2001:db8::${n}` },
};

async function alertsOf(given: Twin, a: Addresses, steps: readonly Step[]): Promise<EveEvent[]> {
  const { policy, names, leases } = given;
  const alerts: EveEvent[] = [];
  const classifier = new Classifier({
    rulebook: {
      policy: policy === undefined ? defaultPolicy() : await parsePolicy(policy, 'p.yaml'),
      names: names === undefined ? undefined : new NameRegistry(parseNames(names, 'n.csv').entries),
      leases: leases && parseLeases(leases(a), 'l.csv'),
    },
    emit: (alert) => alerts.push(alert),
  });
  for (const { im = {}, at, after = 0, end } of steps) {
    const flow = { src_ip: a.host(3), dest_ip: a.outside(7), ...at };
    classifier.on(end ? flowEvent(after, flow) : imEvent(im, after, flow));
  }
  classifier.finish();
  return alerts;
}

function has({ id, asEvidence }: Twin, alerts: readonly EveEvent[]): boolean {
  return alerts.some(({ alert }) =>
    asEvidence
      ? alert?.metadata.evidence?.some((fact) => fact.startsWith(`also ${id}:`))
      : alert?.signature_id === id,
  );
}

const CASES = Object.entries(FAMILIES).flatMap(([family, a]) =>
  TWINS.map((each) => [each.id, family, each.what, each, a] as const),
);

test.each(CASES)('%d over %s: %s', async (_id, _family, _what, each, a) => {
  const fired = await alertsOf(each, a, each.fires(a));
  expect(has(each, fired)).toBe(true);
  const ours = fired.find(({ alert }) => alert?.signature_id === each.id);
  // An alert about a connection names it by the addresses of this family.
  if (ours?.src_ip !== undefined) expect(ours.src_ip).toMatch(a.host(3).slice(0, 4));
  expect(has(each, await alertsOf(each, a, each.twin(a)))).toBe(false);
});

/** Tests of the other signatures, in which they fire, and not on their twin. */
interface Shown {
  readonly file: string;
  readonly fires: string;
}
const BEHAVIOUR = 'test/behaviour/behaviour.test.ts';
const HEALTH = 'src/app/health/health.test.ts';
const ELSEWHERE: Readonly<Record<number, Shown>> = {
  9_000_143: {
    file: BEHAVIOUR,
    fires: 'unsolicited links: one stranger to many, many strangers to one; not from contacts',
  },
  9_000_144: {
    file: BEHAVIOUR,
    fires: 'unsolicited links: one stranger to many, many strangers to one; not from contacts',
  },
  9_000_145: {
    file: BEHAVIOUR,
    fires: 'the directory is harvested, contacts are added in bulk; a person searches now and then',
  },
  9_000_146: { file: BEHAVIOUR, fires: 'the volume of files sent; both legs of one file count once' },
  9_000_147: {
    file: BEHAVIOUR,
    fires: 'a room is flooded; a lively one of many people, seen by many members, is not',
  },
  9_000_148: {
    file: BEHAVIOUR,
    fires: 'commands that a program obeys; not a robot that tells the weather, nor a person',
  },
  9_000_149: {
    file: BEHAVIOUR,
    fires: 'a beacon by the beat of a clock; a person who says the same now and then is none',
  },
  9_000_150: { file: BEHAVIOUR, fires: 'coded blobs; not encryption known as such, nor hashes' },
  9_000_155: {
    file: 'src/sink/scan/scan.test.ts',
    fires: 'what clamd finds is an alert with the time of the file; a clean file is none',
  },
  9_000_160: {
    file: HEALTH,
    fires: 'a silent interface is told once for each silence, another one is not',
  },
  9_000_161: {
    file: HEALTH,
    fires: 'one direction for long is told once; for a moment, or of few connections, it is not',
  },
  9_000_162: {
    file: HEALTH,
    fires: 'through the dead man: packets without IM, and the alarm',
  },
  9_000_163: {
    file: HEALTH,
    fires: 'losses of more than one in a hundred within a minute are told; fewer, or of few packets, are not',
  },
  9_000_164: {
    file: 'src/app/disk/keeper.test.ts',
    fires: 'a full disk is an alert, a quota that works is none',
  },
};

/** The test of that title: from it to the next one. */
function bodyOf(file: string, title: string): string {
  const text = readFileSync(file, 'utf8');
  const at = text.indexOf(`test('${title}'`);
  const next = text.indexOf('\ntest', at + 1);
  return at < 0 ? '' : text.slice(at, next < 0 ? undefined : next);
}

test.each(Object.entries(ELSEWHERE))('%s is asserted where it is said to be', (id, { file, fires }) => {
  const body = bodyOf(file, fires);
  expect(body).toContain(`9_000_${id.slice(-3)}`);
});

test('no signature is without a test in which it fires and its twin does not', () => {
  // Of each class of content there is a case in `each class fires, and its nearest twin does not`, which fails otherwise.
  const content = Object.values(CONTENT_CLASSES).map(({ id }) => id);
  const shown = [...TWINS.map(({ id }) => id), ...content, ...Object.keys(ELSEWHERE).map(Number)];
  expect(shown.sort()).toEqual(ALL_SIGNATURES.map(({ id }) => id));
});
