/** Who does something to whom. */
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, ImFacts, ImKind } from '../../src/sdk/index.ts';
import { federated, networkAt } from './federation.ts';
import { KEY } from './numbers.ts';
import type { Session } from './session.ts';
import type { Packet } from './wire.ts';

/** Adds who says it to whom. What comes to the client without a recipient is for the account. */
export function addPeople(
  facts: ImFacts,
  direction: Direction,
  from: string | undefined,
  to: string[],
): ImFacts {
  const up = direction === TO_SERVER;
  if (from !== undefined) facts.from = from;
  if (to.length > 0) facts.to = to;
  else if (!up && facts.account !== undefined) facts.to = [facts.account];
  facts.sent = up;
  return facts;
}

/** The beginning of an event in which somebody does something to somebody, by keys 1 or 4 and 5. */
export function between(session: Session, packet: Packet, direction: Direction, kind: ImKind): ImFacts {
  const up = direction === TO_SERVER;
  const from = up ? session.self(packet) : (packet.id(KEY.FROM) ?? packet.id(KEY.ACTIVE_ID));
  const facts = addPeople(session.facts(kind), direction, from, session.ids(packet, direction, KEY.TO));
  const evidence = federated(networkAt(packet, packet.find(KEY.FEDERATION)));
  if (evidence) facts.evidence = evidence;
  return facts;
}

/** The id of who did it, in a packet that tells it by key 4, 1 or 5: pictures, and what else is shown to others. */
export function actorOf(session: Session, packet: Packet, direction: Direction): string | undefined {
  if (direction === TO_CLIENT) return packet.id(KEY.FROM) ?? packet.id(KEY.ACTIVE_ID);
  return session.self(packet);
}
