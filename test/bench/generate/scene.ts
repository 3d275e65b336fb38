import { Addresses } from './addresses.ts';
import { KINDS, type Kind } from './kinds.ts';
import type { Path } from './path.ts';
import type { PcapWriter } from './pcap-writer.ts';
import type { Random } from './random.ts';
import { Statistics } from './statistics.ts';
import type { Script } from './step.ts';
import { TcpFlow, type TcpManner } from './tcp-flow.ts';
import { Timeline, type Actor } from './timeline.ts';
import { UdpFlow } from './udp-flow.ts';

/** 14 November 2023, 22:13:20 UTC, in microseconds. */
const EPOCH = 1_700_000_000_000_000;

/** The stage on which flows act: one time line, one capture file, one source of chance. */
export class Scene {
  readonly random: Random;
  readonly writer: PcapWriter;
  readonly statistics = new Statistics();
  readonly addresses: Addresses;
  private readonly timeline = new Timeline(EPOCH);
  private readonly running = new Set<TcpFlow | UdpFlow>();

  constructor(random: Random, writer: PcapWriter) {
    this.random = random;
    this.writer = writer;
    this.addresses = new Addresses(random);
  }

  get seconds(): number {
    return (this.timeline.now - EPOCH) / 1_000_000;
  }

  add(actor: Actor, wait = 0): void {
    this.timeline.add(wait, actor);
  }

  startTcp(kind: Kind, path: Path, script: Script, manner: Partial<TcpManner> = {}, wait = 0): void {
    this.add(new TcpFlow(this, KINDS.indexOf(kind), path, script, manner), wait);
  }

  startUdp(kind: Kind, path: Path, script: Script, wait = 0): void {
    this.add(new UdpFlow(this, KINDS.indexOf(kind), path, script), wait);
  }

  /** A flow writes its first packet. */
  began(flow: TcpFlow | UdpFlow): void {
    const { statistics } = this;
    this.running.add(flow);
    statistics.startFlow(flow.kind);
    if (flow.path.isV6) statistics.ipv6Flows++;
    if (flow.path.isTagged) statistics.vlanFlows++;
    statistics.mostConcurrent = Math.max(statistics.mostConcurrent, this.running.size);
  }

  ended(flow: TcpFlow | UdpFlow): void {
    if (this.running.delete(flow)) this.statistics.endFlow(flow.packets, flow.bytes);
  }

  /** Lets time pass until the file holds `size` bytes; `atEach` is called after every step of an actor. */
  run(size: number, atEach: () => void): void {
    while (this.writer.size < size && this.timeline.next()) atEach();
    for (const flow of this.running) this.statistics.endFlow(flow.packets, flow.bytes);
    this.running.clear();
  }
}
