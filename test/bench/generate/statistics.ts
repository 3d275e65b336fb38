import { IM_KINDS, KINDS, type Kind } from './kinds.ts';

interface Count {
  flows: number;
  packets: number;
  bytes: number;
}

interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What a workload turned out to hold. */
export interface Summary {
  readonly packets: number;
  readonly bytes: number;
  readonly flows: number;
  readonly seconds: number;
  /** Shares of the flows, 0 to 1. */
  readonly imFlows: number;
  readonly imPackets: number;
  readonly ipv6Flows: number;
  readonly vlanFlows: number;
  readonly midstreamFlows: number;
  readonly unclosedFlows: number;
  /** Distinct, apart from their random numbers. */
  readonly tlsHellos: number;
  readonly httpExchanges: number;
  /** Shares of the segments that carry data. */
  readonly lost: number;
  readonly reordered: number;
  readonly mostConcurrent: number;
  readonly kinds: Readonly<Partial<Record<Kind, Count>>>;
  readonly flowBytes: Percentiles;
  readonly flowPackets: Percentiles;
}

/** Steps a factor of two: a percentile is right within 9%. */
const STEPS = 8;

/** Counts in constant memory, whatever the size of the workload. */
export class Statistics {
  flows = 0;
  ipv6Flows = 0;
  vlanFlows = 0;
  midstreamFlows = 0;
  unclosedFlows = 0;
  dataSegments = 0;
  lost = 0;
  reordered = 0;
  mostConcurrent = 0;
  readonly tlsHellos = new Set<number>();
  readonly httpExchanges = new Set<number>();
  private readonly kindFlows = new Float64Array(KINDS.length);
  private readonly kindPackets = new Float64Array(KINDS.length);
  private readonly kindBytes = new Float64Array(KINDS.length);
  private readonly byteSizes = new Float64Array(64 * STEPS);
  private readonly packetSizes = new Float64Array(64 * STEPS);

  startFlow(kind: number): void {
    this.flows++;
    this.kindFlows[kind] = (this.kindFlows[kind] ?? 0) + 1;
  }

  addPacket(kind: number, length: number): void {
    this.kindPackets[kind] = (this.kindPackets[kind] ?? 0) + 1;
    this.kindBytes[kind] = (this.kindBytes[kind] ?? 0) + length;
  }

  endFlow(packets: number, bytes: number): void {
    add(this.packetSizes, packets);
    add(this.byteSizes, bytes);
  }

  get imFlows(): number {
    return IM_KINDS.reduce((sum, kind) => sum + (this.kindFlows[KINDS.indexOf(kind)] ?? 0), 0);
  }

  get imPackets(): number {
    return IM_KINDS.reduce((sum, kind) => sum + (this.kindPackets[KINDS.indexOf(kind)] ?? 0), 0);
  }

  summary(packets: number, bytes: number, seconds: number): Summary {
    const share = (n: number) => (this.flows === 0 ? 0 : n / this.flows);
    const segments = Math.max(1, this.dataSegments);
    return {
      packets,
      bytes,
      flows: this.flows,
      seconds,
      imFlows: share(this.imFlows),
      imPackets: packets === 0 ? 0 : this.imPackets / packets,
      ipv6Flows: share(this.ipv6Flows),
      vlanFlows: share(this.vlanFlows),
      midstreamFlows: share(this.midstreamFlows),
      unclosedFlows: share(this.unclosedFlows),
      tlsHellos: this.tlsHellos.size,
      httpExchanges: this.httpExchanges.size,
      lost: this.lost / segments,
      reordered: this.reordered / segments,
      mostConcurrent: this.mostConcurrent,
      kinds: this.counts(),
      flowBytes: percentiles(this.byteSizes),
      flowPackets: percentiles(this.packetSizes),
    };
  }

  private counts(): Partial<Record<Kind, Count>> {
    const out: Partial<Record<Kind, Count>> = {};
    KINDS.forEach((kind, i) => {
      const packets = this.kindPackets[i] ?? 0;
      if (packets === 0) return;
      out[kind] = { flows: this.kindFlows[i] ?? 0, packets, bytes: this.kindBytes[i] ?? 0 };
    });
    return out;
  }
}

function add(histogram: Float64Array, size: number): void {
  const place = Math.ceil(Math.log2(Math.max(1, size)) * STEPS);
  histogram[place] = (histogram[place] ?? 0) + 1;
}

function percentiles(histogram: Float64Array): Percentiles {
  const total = histogram.reduce((sum, n) => sum + n, 0);
  const at = (share: number) => {
    let seen = 0;
    for (let i = 0; i < histogram.length; i++) {
      seen += histogram[i] ?? 0;
      if (seen > 0 && seen >= total * share) return Math.round(Math.pow(2, i / STEPS));
    }
    return 0;
  };
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
