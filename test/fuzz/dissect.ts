import { protocols } from '../../protocols/index.ts';
import { STREAM_ANOMALIES } from '../../src/dissect/anomalies.ts';
import { ANSWER } from '../../src/sdk/index.ts';
import type { Dissector, Protocol } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { conversations } from './conversations.ts';
import type { Conversation } from './conversations.ts';
import { mutate } from './random.ts';
import type { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

/** Steps of a conversation that are fed in a round, and bytes: many short rounds find more than a few long ones. */
const STEPS = 24;
const BYTES = 16_384;
/** Events told of so few bytes are not the traffic's doing. */
const EVENTS_A_BYTE = 2;
const EVENTS_AT_LEAST = 64;
const ROUNDS = 400;
/** With the flag `u`, whole pairs are no surrogates. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Codes that a plug-in may tell: its own, and those that carriers share. */
const CODES = new Set([
  ...Object.keys(STREAM_ANOMALIES),
  ...protocols.flatMap((protocol) => Object.keys(protocol.anomalies)),
]);

/** For each protocol of which a shipped capture has a conversation: such conversations, damaged, cut and mixed. */
export function dissectTargets(): FuzzTarget[] {
  return protocols.flatMap((protocol) => {
    const seeds = (conversations().get(protocol.name) ?? []).filter((seed) => seed.steps.length > 0);
    return seeds.length === 0 ? [] : [dissectTarget(protocol, seeds)];
  });
}

function dissectTarget(protocol: Protocol, seeds: readonly Conversation[]): FuzzTarget {
  const watched: Protocol = {
    ...protocol,
    createDissector: (flow) => watch(protocol.createDissector(flow), protocol.maxMessage),
  };
  return {
    name: `dissect ${protocol.name}`,
    claim: 'any bytes: never throws, waits within its limit, tells text that is Unicode',
    rounds: ROUNDS,
    run(random) {
      const seed = random.of(seeds);
      const steps = damaged(seed.steps, random.of(seeds).steps, random);
      const bytes = steps.reduce((sum, step) => sum + ('bytes' in step ? step.bytes.length : 0), 0);
      const { events, anomalies } = runDissector(watched, steps, {
        midstream: random.below(8) === 0 ? !seed.midstream : seed.midstream,
        clientPort: seed.clientPort,
        serverPort: seed.serverPort,
        full: random.below(16) === 0,
        // What is unread is copied for each chunk: small ones for what is short.
        ...(random.below(2) === 0
          ? { chunk: (bytes >> 9) + 1 + random.below(random.of([4, 64, 2_000])) }
          : {}),
      });
      if (events.length > EVENTS_AT_LEAST + EVENTS_A_BYTE * bytes)
        throw new Error(`${events.length} events of ${bytes} bytes`);
      for (const { facts } of events) checkText(facts);
      for (const code of anomalies)
        if (!CODES.has(code)) throw new Error(`an anomaly that is in no table: ${code}`);
    },
  };
}

/** A stretch of a conversation, some steps of which are damaged, lost, doubled, exchanged or of another one. */
function damaged(steps: readonly Step[], others: readonly Step[], random: Random): Step[] {
  // The beginning leads everywhere; what is deep in a conversation needs it.
  const from = random.below(3) === 0 ? random.below(steps.length) : 0;
  const out: Step[] = [];
  let room = BYTES;
  for (const step of steps.slice(from, from + STEPS)) {
    for (const one of changed(step, others, random)) {
      if ('bytes' in one) room -= one.bytes.length;
      if (room < 0) return out;
      out.push(one);
    }
  }
  if (random.below(4) > 0) out.push({ direction: 0, end: true }, { direction: 1, end: true });
  return out;
}

function changed(step: Step, others: readonly Step[], random: Random): Step[] {
  switch (random.below(16)) {
    case 0:
      return [];
    case 1:
      return [step, step];
    case 2:
      return [{ direction: step.direction, gap: 1 + random.below(100) }];
    case 3:
      return [random.of(others), step];
    case 4:
      return [{ ...step, direction: step.direction === 0 ? 1 : 0 }];
    case 5:
    case 6:
    case 7:
    case 8:
      return 'bytes' in step ? [{ direction: step.direction, bytes: mutate(step.bytes, random) }] : [step];
    default:
      return [step];
  }
}

/** The dissector, with its answers looked at. */
function watch(dissector: Dissector, most: number): Dissector {
  return {
    data(direction, cursor) {
      const { pos, end } = cursor;
      const answer = dissector.data(direction, cursor);
      if (!Number.isInteger(answer) || answer < ANSWER.SKIP || answer > most)
        throw new Error(`answer ${answer}`);
      if (cursor.end !== end || cursor.pos < pos || cursor.pos > end)
        throw new Error('the cursor left its bytes');
      if (answer > 0 && answer <= end - cursor.pos) throw new Error('waits for bytes that are there');
      return answer;
    },
    gap(direction, length) {
      dissector.gap(direction, length);
    },
    end(direction) {
      dissector.end(direction);
    },
  };
}

function checkText(value: unknown): void {
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value)) throw new Error('text that is no Unicode');
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`the number ${value}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      if (one === null) throw new Error(`${key} is null`);
      checkText(one);
    }
  }
}
