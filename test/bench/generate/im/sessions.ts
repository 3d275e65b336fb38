import { SERVERS } from '../addresses.ts';
import type { IM_PORTS } from '../kinds.ts';
import { PROTOCOL } from '../path.ts';
import { lookUp } from '../traffic/dns.ts';
import type { World } from '../world.ts';
import type { Chat } from './converse.ts';
import { startMsnp } from './msnp.ts';
import { startOscar } from './oscar.ts';
import { startXmpp } from './xmpp.ts';
import { startYmsg } from './ymsg.ts';

export interface SessionPlan {
  readonly chat: Chat;
  /** Share of the sessions whose beginning the capture missed. */
  readonly midstream: number;
  /** Share of the XMPP sessions that go on under TLS. */
  readonly encrypted: number;
  /** Each begins with a look-up of its server's name. */
  readonly looksUp: boolean;
  /** Of this network alone, on its usual port. */
  readonly only?: keyof typeof IM_PORTS;
}

const NETWORKS = [
  { kind: 'oscar', start: startOscar, weight: 0.3, name: 'login.oscar.aol.com' },
  { kind: 'msnp', start: startMsnp, weight: 0.25, name: 'messenger.hotmail.com' },
  { kind: 'ymsg', start: startYmsg, weight: 0.2, name: 'scs.msg.yahoo.com' },
  { kind: 'xmpp', start: startXmpp, weight: 0.25, name: 'chat.example.test' },
] as const;

/** Somebody looks up the server of one of the four networks, signs on and talks. */
export function startSession(world: World, plan: SessionPlan): void {
  const { scene, random } = world;
  const { chat, encrypted, only } = plan;
  let luck = random.unit();
  const drawn = NETWORKS.find(({ weight }) => (luck -= weight) < 0) ?? NETWORKS[0];
  const network = NETWORKS.find(({ kind }) => kind === only) ?? drawn;
  const missed = random.chance(plan.midstream) ? random.between(2, 30) : 0;
  if (missed === 0 && plan.looksUp) {
    const wish = { servers: SERVERS.NAMES, index: random.below(2), port: 53, protocol: PROTOCOL.UDP };
    scene.startUdp('dns', scene.addresses.path(wish), lookUp(random, network.name));
  }
  network.start(world, { chat, missed, encrypted, usualPort: only !== undefined });
}
