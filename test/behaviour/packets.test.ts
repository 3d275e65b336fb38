/** Worms and people as packets, through the whole engine: what is told is compared with who was infected. */
import { expect, test } from '@jest/globals';
import { Classifier } from '../../src/classify/classifier.ts';
import { defaultRulebook } from '../../src/classify/rulebook.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { runPackets } from '../support/engine.ts';
import { addressOf, packetsOf } from './packets.ts';
import { makeTraffic } from './traffic.ts';
import type { WormSettings } from './traffic.ts';

const WORM: WormSettings = {
  seed: 1,
  contacts: 10,
  gap: 1,
  mutation: 0,
  delay: 5,
  typing: false,
  what: 'link',
  passedOn: 2,
};
const PEOPLE = 16;

/** Parameters, and the least recall of each. */
const TABLE: readonly (readonly [string, Partial<WormSettings>, number])[] = [
  ['no worm', { contacts: 0, passedOn: 0 }, 0],
  ['link, each 6 s, all words changed, late', { gap: 6, mutation: 1, delay: 1_800 }, 1],
  ['text, an eighth of the words changed', { what: 'text', mutation: 0.125 }, 1],
  ['file, the number changes', { what: 'file', mutation: 1 }, 1],
];

test.each(TABLE)('%s', (name, part, least) => {
  const { events, infected } = makeTraffic({ ...WORM, ...part }, PEOPLE);
  const packets = packetsOf(events);
  const ran = runPackets(packets);
  const alerts: EveEvent[] = [];
  const classifier = new Classifier({ rulebook: defaultRulebook(), emit: (alert) => alerts.push(alert) });
  for (const event of ran.events) classifier.on(event);
  classifier.finish();
  const said = ran.events.filter(({ event_type, im }) => event_type === 'im' && im?.kind === 'message');
  expect(said.length).toBeGreaterThan(700);
  const told = alerts.filter(
    ({ alert }) => alert && alert.signature_id >= 9_000_140 && alert.signature_id <= 9_000_142,
  );
  const accused = new Set(told.map(({ im }) => im?.from ?? ''));
  const worms = (part.contacts === 0 ? [] : [...infected.keys()]).map(addressOf);
  const right = worms.filter((worm) => accused.has(worm)).length;
  const precision = accused.size === 0 ? 1 : right / accused.size;
  const recall = worms.length === 0 ? 0 : right / worms.length;
  process.stdout.write(
    `${name.padEnd(42)} ${packets.length} packets  precision ${precision.toFixed(2)}  recall ${recall.toFixed(2)}\n`,
  );
  expect(precision).toBe(1);
  expect(recall).toBeGreaterThanOrEqual(least);
});
