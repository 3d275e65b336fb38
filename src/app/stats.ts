import { formatTime } from '../core/time.ts';
import { FragmentCounters } from '../decode/fragments.ts';
import { DECODE, DECODE_NAMES } from '../decode/result.ts';
import type { EveEvent } from '../event/eve.ts';
import { hash128 } from '../event/ids.ts';
import type { FindingCounts } from '../classify/findings.ts';
import type { SessionStage } from '../session/session.ts';
import type { Pipeline } from './pipeline.ts';

/** Engine counters of one or more runs, for `stats` and the summary. Only what the input decides. */
export interface EngineCounters {
  frames: number;
  bytes: number;
  /** By name: see `DECODE_NAMES`. */
  decoded: Record<string, number>;
  ipv6: number;
  vlan: number;
  /** TCP and UDP packets out of tunnels, and packets put together from fragments; absent where there are none. */
  tunnelled?: number;
  reassembled?: number;
  flows: Record<string, number>;
  /** Counted anomalies by code. */
  anomalies: Record<string, number>;
  limits: Record<string, number>;
  /** Connections that were not read to their end, by `protocol reason`; absent where there are none. */
  notRead?: Record<string, number>;
  /** Of findings: `updates`, `held_back` and `suppressed` alerts; absent where there are none. */
  findings?: Record<string, number>;
  time: Record<string, number>;
  unknownLinks: number[];
  failures: string[];
  /** Why files were not kept though it was asked for. */
  keepProblem?: string;
}

/** Of a live run; absent counts are unknown. */
export interface CaptureCounters {
  /** Packets that the kernel handed to the engines, or would have. */
  readonly packets?: number | undefined;
  /** Of these, packets that the kernel dropped. */
  readonly drops?: number | undefined;
  /** How the sensor itself stands, for `im.stats.health`. */
  readonly health?: Readonly<Record<string, number>> | undefined;
  /** By interface, for `im.stats.capture`. */
  readonly interfaces: readonly Readonly<Record<string, unknown>>[];
}

/** Reads the counters of a pipeline, zeros and all: their order is the same in every share. */
export function countersOf(p: Pipeline): EngineCounters {
  const { counters: f, clock } = p.tracker;
  const fragments = fragmentsOf(p);
  const decoded: Record<string, number> = {};
  DECODE_NAMES.forEach((name, i) => {
    const n = p.decoded[i] ?? 0;
    if (n > 0) decoded[name] = n;
  });
  return {
    frames: p.frames,
    bytes: p.bytes,
    decoded,
    ipv6: p.ipv6,
    vlan: p.vlan,
    ...nonZero({ tunnelled: p.tunnelled, reassembled: fragments.reassembled }),
    flows: {
      tcp: f.tcpFlows,
      udp: f.udpFlows,
      // Known behind the join of the shares: see `withJudged`.
      peak: 0,
      midstream: f.midstream,
      reused: f.reused,
      not_captured: f.notCaptured,
      out_of_order: f.outOfOrder,
      retransmitted: f.retransmitted,
      duplicates: f.duplicates,
      inserts: f.inserts,
      overlap_conflicts: f.conflicts,
      gaps: f.gaps,
      gap_bytes: f.gapBytes,
      cut_bytes: f.cutBytes,
      out_of_window: f.outOfWindow,
      syn: f.syns,
      rst: f.resets,
      im_bytes: p.dissection.capture.seen,
      im_bytes_lost: p.dissection.capture.lost,
      im_one_sided: p.dissection.capture.oneSided,
    },
    anomalies: sorted(anomaliesOf(p)),
    limits: limitsOf(p, fragments.limit),
    notRead: sorted(p.dissection.stopped),
    time: {
      backwards: clock.backwards,
      jumps: clock.jumps,
      jumps_believed: clock.jumpsBelieved,
    },
    unknownLinks: [...p.unknownLinks].sort((a, b) => a - b),
    failures: p.dissection.failures,
    ...keepProblemOf(p.keepProblem),
  };
}

/** How often each limit was hit. */
function limitsOf(p: Pipeline, fragmentLimit: number): Record<string, number> {
  const f = p.tracker.counters;
  return {
    flow_limit: f.evicted,
    flow_limit_im: f.evictedIm,
    im_flow_limit: f.imLimit,
    fragment_limit: fragmentLimit,
    stream_buffer_limit: f.bufferLimit,
    stream_buffer_total_limit: f.bufferTotalLimit,
    detect_buffer_total_limit: p.detection.bufferLimit,
    carrier_sessions_limit: p.dissection.spans.forgotten,
    open_file_limit: p.dissection.files.refused,
    extract_limit: p.notKept,
  };
}

/** Adds what the stages behind the dissectors count. */
export function withJudged(
  engine: EngineCounters,
  session: SessionStage,
  judged: FindingCounts,
  flowsPeak: number,
): EngineCounters {
  const counters = { ...engine };
  if (Object.keys(engine.notRead ?? {}).length === 0) delete counters.notRead;
  return {
    ...counters,
    flows: nonZero({ ...engine.flows, peak: flowsPeak }),
    ...findingsOf(judged),
    time: nonZero(engine.time),
    anomalies: inOrder({ ...engine.anomalies, ...session.leftOpen }),
    limits: nonZero({
      ...engine.limits,
      session_limit: session.accounts.forgotten,
      join_token_limit: session.accounts.forgottenTokens,
      conversation_limit: session.forgotten.conversations,
      service_use_limit: session.forgotten.uses,
      announced_file_limit: session.forgotten.files,
      finding_limit: judged.forgotten,
    }),
  };
}

function findingsOf({ updates, held, suppressed }: FindingCounts): Pick<EngineCounters, 'findings'> {
  const findings = nonZero({ updates, held_back: held, suppressed });
  return Object.keys(findings).length === 0 ? {} : { findings };
}

/**
 * The counters of pipelines that shared the flows of one input: what they all saw is counted once, what each
 * followed is added up.
 */
export function joinShares(shares: readonly EngineCounters[]): EngineCounters | undefined {
  const [first, ...rest] = shares;
  if (!first) return undefined;
  return rest.reduce((all, share) => {
    const { flows, anomalies, limits, notRead = {}, failures, keepProblem } = addCounters(all, share);
    return {
      ...first,
      flows,
      anomalies: inOrder(anomalies),
      limits,
      notRead: inOrder(notRead),
      failures,
      ...keepProblemOf(keepProblem),
    };
  }, first);
}

function inOrder(counts: Record<string, number>): Record<string, number> {
  return sorted(new Map(Object.entries(counts)));
}

/** What was met while packets were put together: all shares meet the same, and the first one tells it. */
function fragmentsOf(p: Pipeline): FragmentCounters {
  return p.share === undefined || p.share.index === 0 ? p.decoder.fragments.counters : NO_FRAGMENTS;
}

const NO_FRAGMENTS = new FragmentCounters();

/** Anomalies of flows and of fragments by code. */
function anomaliesOf(p: Pipeline): Map<string, number> {
  const { overlaps, tiny, timeouts } = fragmentsOf(p);
  const ofFragments = nonZero({
    ip_fragment_overlap: overlaps,
    ip_fragment_tiny: tiny,
    ip_fragment_timeout: timeouts,
  });
  return new Map([...p.dissection.anomalies, ...Object.entries(ofFragments)]);
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function nonZero(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0));
}

function keepProblemOf(keepProblem: string | undefined): Pick<EngineCounters, 'keepProblem'> {
  return keepProblem === undefined ? {} : { keepProblem };
}

/** Adds `b` to `a`. */
export function addCounters(a: EngineCounters, b: EngineCounters): EngineCounters {
  const sum = (x: Record<string, number>, y: Record<string, number>): Record<string, number> => {
    const out = { ...x };
    for (const [key, n] of Object.entries(y))
      out[key] = key === 'peak' ? Math.max(out[key] ?? 0, n) : (out[key] ?? 0) + n;
    return out;
  };
  return {
    frames: a.frames + b.frames,
    bytes: a.bytes + b.bytes,
    decoded: sum(a.decoded, b.decoded),
    ipv6: a.ipv6 + b.ipv6,
    vlan: a.vlan + b.vlan,
    ...nonZero({
      tunnelled: (a.tunnelled ?? 0) + (b.tunnelled ?? 0),
      reassembled: (a.reassembled ?? 0) + (b.reassembled ?? 0),
    }),
    flows: sum(a.flows, b.flows),
    anomalies: sum(a.anomalies, b.anomalies),
    limits: sum(a.limits, b.limits),
    ...(a.notRead || b.notRead ? { notRead: sum(a.notRead ?? {}, b.notRead ?? {}) } : {}),
    ...(a.findings || b.findings ? { findings: sum(a.findings ?? {}, b.findings ?? {}) } : {}),
    time: sum(a.time, b.time),
    unknownLinks: [...new Set([...a.unknownLinks, ...b.unknownLinks])].sort((x, y) => x - y),
    failures: [...a.failures, ...b.failures].slice(0, 10),
    ...keepProblemOf(a.keepProblem ?? b.keepProblem),
  };
}

/** EVE's `stats` event of a run: EVE's own counters where it has them, the rest in `im.stats`. */
export function statsEvent(
  c: EngineCounters,
  kinds: ReadonlyMap<string, number>,
  alerts: number,
  at: {
    seconds: number;
    nanos: number;
    file: string | undefined;
    host: string | undefined;
    capture?: CaptureCounters | undefined;
  },
): EveEvent {
  const event: EveEvent = { timestamp: formatTime(Math.max(0, at.seconds), at.nanos), event_type: 'stats' };
  if (at.file !== undefined) event.pcap_filename = at.file;
  if (at.host !== undefined) event.host = at.host;
  event.stats = eveCounters(c);
  if (at.capture) {
    const { packets, drops } = at.capture;
    event.stats['capture'] = { kernel_packets: packets, kernel_drops: drops };
  }
  event.im = {
    v: 1,
    id: hash128('stats', JSON.stringify([{ ...c, keepProblem: undefined }, alerts])),
    stats: {
      events: sorted(kinds),
      alerts,
      ...(c.findings ? { findings: c.findings } : {}),
      flows_peak: c.flows['peak'] ?? 0,
      gap_bytes: c.flows['gap_bytes'] ?? 0,
      cut_bytes: c.flows['cut_bytes'] ?? 0,
      duplicates: c.flows['duplicates'] ?? 0,
      capture_loss: {
        bytes_seen: c.flows['im_bytes'] ?? 0,
        bytes_lost: c.flows['im_bytes_lost'] ?? 0,
        share: lossOf(c),
      },
      one_sided_flows: c.flows['im_one_sided'] ?? 0,
      ...nonZero({ tunnelled: c.tunnelled ?? 0, reassembled: c.reassembled ?? 0 }),
      not_understood: invalidByName(c),
      ...(c.notRead ? { not_read: c.notRead } : {}),
      anomalies: c.anomalies,
      limits_hit: c.limits,
      time: c.time,
      ...(at.capture ? ownOf(at.capture) : {}),
    },
  };
  return event;
}

function ownOf({ interfaces, health }: CaptureCounters): Record<string, unknown> {
  return { capture: interfaces, ...(health ? { health } : {}) };
}

/** Share of the bytes of IM connections that were on the wire and never captured: 0 to 1, six decimals. */
export function lossOf(c: EngineCounters): number {
  const lost = c.flows['im_bytes_lost'] ?? 0;
  const all = lost + (c.flows['im_bytes'] ?? 0);
  return all === 0 ? 0 : Math.round((lost / all) * 1e6) / 1e6;
}

/** What Suricata's own counters have a place for. */
function eveCounters(c: EngineCounters): Record<string, unknown> {
  const of = (counts: Record<string, number>, name: string): number => counts[name] ?? 0;
  const tcp = of(c.decoded, 'tcp');
  const udp = of(c.decoded, 'udp');
  return {
    decoder: {
      pkts: c.frames,
      bytes: c.bytes,
      invalid: invalid(c),
      ipv4: tcp + udp - c.ipv6,
      ipv6: c.ipv6,
      tcp,
      udp,
      vlan: c.vlan,
    },
    flow: {
      tcp: of(c.flows, 'tcp'),
      udp: of(c.flows, 'udp'),
      total: of(c.flows, 'tcp') + of(c.flows, 'udp'),
    },
    tcp: {
      syn: of(c.flows, 'syn'),
      rst: of(c.flows, 'rst'),
      midstream_pickups: of(c.flows, 'midstream'),
      reassembly_gap: of(c.flows, 'gaps'),
      overlap_diff_data: of(c.flows, 'overlap_conflicts'),
    },
  };
}

/** Frames that were malformed at some layer. */
function invalid(c: EngineCounters): number {
  return Object.values(invalidByName(c)).reduce((n, m) => n + m, 0);
}

/** Malformed and unreadable frames by kind. */
export function invalidByName(c: EngineCounters): Record<string, number> {
  const names = DECODE_NAMES.slice(DECODE.UNKNOWN_LINK);
  return Object.fromEntries(Object.entries(c.decoded).filter(([name]) => names.includes(name)));
}
