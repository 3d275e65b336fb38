import { closeSync, openSync } from 'node:fs';
import { SERVERS } from './addresses.ts';
import { startSession } from './im/sessions.ts';
import type { IM_PORTS } from './kinds.ts';
import { PROTOCOL } from './path.ts';
import { PcapWriter } from './pcap-writer.ts';
import { Random } from './random.ts';
import { Scene } from './scene.ts';
import type { Summary } from './statistics.ts';
import type { Actor } from './timeline.ts';
import { drawName, lookUp } from './traffic/dns.ts';
import { imap, redis, rtp, smtp, ssh, transfer } from './traffic/other.ts';
import { buildWorld, type World } from './world.ts';

/** A network of which a workload holds nothing else. */
export type Network = keyof typeof IM_PORTS;

/** What decides every byte of a workload; a longer one begins with the bytes of a shorter one. */
export interface Parameters {
  readonly workload: 'mix' | 'im' | Network;
  readonly seed: number;
  /** The file grows until it is at least this large. */
  readonly bytes: number;
}

/** A place in the file where it can be cut: after whole packets. */
export interface Mark {
  readonly bytes: number;
  readonly packets: number;
}

export interface Workload {
  readonly summary: Summary;
  /** A mark about every `MARK_EVERY` bytes, the end last. */
  readonly marks: readonly Mark[];
}

const MARK_EVERY = 1_000_000;
/**
 * Share of the flows that are of one of the four networks. An IM connection is long (about 60 packets, a
 * look-up of a name has 2), so that this makes 1% of the packets.
 */
const IM_SHARE = 0.0016;

/** Shares of the arrivals that are not IM. */
const MIX: readonly (readonly [number, (world: World) => void])[] = [
  [0.648, startDns],
  [0.13, startTls],
  [0.09, startHttp],
  [0.0905, startScan],
  [0.01, (world) => startOther(world, 'smtp', 25)],
  [0.0075, (world) => startOther(world, 'imap', 143)],
  [0.005, (world) => startOther(world, 'ssh', 22)],
  [0.014, (world) => startOther(world, 'redis', 6379)],
  [0.002, startRtp],
  [0.003, startBulk],
];

const OTHERS = { smtp, imap, ssh, redis } as const;

/** Writes a workload to a file in constant memory. */
export function generate(path: string, { workload, seed, bytes }: Parameters): Workload {
  const fd = openSync(path, 'w');
  try {
    const writer = new PcapWriter(fd);
    const scene = new Scene(new Random(seed), writer);
    const world = buildWorld(scene);
    const only = workload === 'im' || workload === 'mix' ? undefined : workload;
    scene.add(workload === 'mix' ? mixArrivals(world) : imArrivals(world, only));
    const marks: Mark[] = [];
    scene.run(bytes, () => {
      if (writer.size >= (marks.length + 1) * MARK_EVERY)
        marks.push({ bytes: writer.size, packets: writer.packets });
    });
    marks.push({ bytes: writer.size, packets: writer.packets });
    writer.flush();
    const summary = scene.statistics.summary(writer.packets, writer.size, scene.seconds);
    return { summary, marks };
  } finally {
    closeSync(fd);
  }
}

/** 800 arrivals a second: some thousands of flows at a time. */
function mixArrivals(world: World): Actor {
  const { random, scene } = world;
  const plan = { midstream: 0.02, encrypted: 0.2, looksUp: true };
  return {
    step() {
      const { statistics } = scene;
      if (statistics.imFlows < statistics.flows * IM_SHARE) {
        const chat = { messages: random.pareto(4, 120, 1.2), pace: 2_500_000 };
        startSession(world, { ...plan, chat });
      } else {
        pickWeighted(random.unit())(world);
      }
      return random.exponential(1250);
    },
  };
}

/** About three hundred sessions at a time, each of hundreds of messages; of one network, or of all. */
function imArrivals(world: World, only: Network | undefined): Actor {
  const { random } = world;
  const plan = { midstream: 0.01, encrypted: 0, looksUp: false, ...(only ? { only } : {}) };
  return {
    step() {
      const chat = { messages: random.pareto(60, 2000, 1.2), pace: 400_000 };
      startSession(world, { ...plan, chat });
      return random.exponential(250_000);
    },
  };
}

function pickWeighted(luck: number): (world: World) => void {
  let rest = luck;
  for (const [share, start] of MIX) {
    rest -= share;
    if (rest < 0) return start;
  }
  return startDns;
}

function startDns({ scene, random }: World): void {
  const wish = { servers: SERVERS.NAMES, index: random.below(2), port: 53, protocol: PROTOCOL.UDP };
  scene.startUdp('dns', scene.addresses.path(wish), lookUp(random, drawName(random)));
}

function startTls({ scene, random, tls }: World): void {
  const index = random.below(0x10000);
  const path = scene.addresses.path({ servers: SERVERS.WEB, index, port: 443 });
  const plan = {
    requests: random.chance(0.75) ? 1 : random.between(2, 6),
    answer: () => random.pareto(240, 300_000, 0.95),
    think: () => random.exponential(700_000),
  };
  scene.statistics.tlsHellos.add(tls.indexOf(index));
  scene.startTcp('tls', path, tls.talk(index, plan));
}

function startHttp({ scene, random, http }: World): void {
  const first = random.below(0x10000);
  const count = random.chance(0.6) ? 1 : random.between(2, 6);
  const path = scene.addresses.path({
    servers: SERVERS.WEB,
    index: first,
    port: random.chance(0.9) ? 80 : 8080,
  });
  for (let i = 0; i < count; i++) scene.statistics.httpExchanges.add(http.indexOf(first + i));
  scene.startTcp(
    'http',
    path,
    http.talk(first, count, () => random.exponential(600_000)),
  );
}

/** A connection that never comes about. */
function startScan({ scene, random }: World): void {
  const path = scene.addresses.path({
    servers: SERVERS.ANY,
    index: random.below(5000),
    port: random.below(10_000),
  });
  scene.startTcp('scan', path, [].values(), { answer: random.chance(0.5) ? 'none' : 'refuse', missed: 0 });
}

function startOther({ scene, random, pools }: World, kind: keyof typeof OTHERS, port: number): void {
  // Some services stand on a port that belongs to IM.
  const odd = random.chance(0.02) ? 5190 : port;
  const path = scene.addresses.path({ servers: SERVERS.MAIL, index: random.below(400), port: odd });
  scene.startTcp(kind, path, OTHERS[kind](random, pools));
}

function startRtp({ scene, random }: World): void {
  const port = 16_384 + random.below(8000) * 2;
  const wish = { servers: SERVERS.ANY, index: random.below(3000), port, protocol: PROTOCOL.UDP };
  scene.startUdp('rtp', scene.addresses.path(wish), rtp(random));
}

function startBulk({ scene, random, pools, tls }: World): void {
  const size = random.pareto(60_000, 12_000_000, 1.1);
  const plan = { requests: 1, answer: () => size, think: () => 0 };
  const encrypted = random.chance(0.5);
  const port = encrypted ? 443 : random.pick([445, 873, 2049, 9100, random.between(10_000, 60_000)]);
  const index = random.below(0x10000);
  const path = scene.addresses.path({ servers: SERVERS.ANY, index, port });
  const gap = random.between(30, 250);
  scene.startTcp('bulk', path, encrypted ? tls.talk(index, plan) : transfer(random, pools, size), { gap });
}
