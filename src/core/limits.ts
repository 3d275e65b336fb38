import { KEPT_LIMITS } from './kept-limits.ts';
import { ENTRIES, GIB_4, YEARS_10 } from './limit.ts';
import type { SettableLimit } from './limit.ts';

export type { LimitInfo, SettableLimit } from './limit.ts';

/**
 * Every limit of the engine in one table: what it bounds, its default, what one unit can cost in
 * bytes of memory, and the anomaly that is counted when it is hit. docs/LIMITS.md is made from it.
 */
export const LIMITS = {
  flows: {
    default: 2_097_152,
    max: 8_388_608,
    unit: 'flows',
    cost: 128,
    anomaly: 'flow_limit',
    meaning:
      'Connections tracked at once; beyond it the least recently used one that carries no IM goes first.',
  },
  im_flows: {
    default: 65_536,
    max: 8_388_608,
    unit: 'flows',
    cost: 12_288,
    anomaly: 'im_flow_limit',
    meaning:
      'IM connections, and streams inside carriers, followed at once, beside the bytes they buffer; beyond it the least recently used one is told as ended (`forced`).',
  },
  fragment_packets: {
    default: 8_192,
    max: ENTRIES,
    unit: 'packets',
    cost: 400,
    anomaly: 'fragment_limit',
    meaning: 'IP packets put together from fragments at once; beyond it the oldest is given up.',
  },
  fragment_buffer_total: {
    default: 33_554_432,
    max: GIB_4,
    unit: 'bytes',
    cost: 1,
    anomaly: 'fragment_limit',
    meaning: 'Memory for fragments of all unfinished IP packets together, in buffers of 2 to 128 KiB.',
  },
  fragment_timeout: {
    default: 30,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    anomaly: 'ip_fragment_timeout',
    meaning: 'An IP packet of which fragments are missing is given up after this packet time.',
  },
  stream_buffer: {
    default: 1_048_576,
    max: GIB_4,
    unit: 'bytes a direction',
    cost: 1,
    anomaly: 'stream_buffer_limit',
    within: 'stream_buffer_total',
    meaning:
      'Out-of-order bytes kept for one direction of a connection while a hole before them may still fill.',
  },
  stream_buffer_total: {
    default: 67_108_864,
    max: GIB_4,
    unit: 'bytes',
    cost: 1,
    anomaly: 'stream_buffer_total_limit',
    meaning: 'Out-of-order bytes kept for all connections together.',
  },
  overlap_history_total: {
    default: 33_554_432,
    max: GIB_4,
    unit: 'bytes',
    cost: 1,
    meaning:
      'Last bytes of connections that may be IM (2,048 a direction), kept to compare with what is sent again; where all is taken, new connections are not compared.',
  },
  message_buffer_total: {
    default: 134_217_728,
    max: GIB_4,
    unit: 'bytes',
    cost: 1,
    anomaly: 'message_buffer_total_limit',
    meaning: 'Unread bytes kept for all connections together while their messages are not whole.',
  },
  detect_buffer_total: {
    default: 33_554_432,
    max: GIB_4,
    unit: 'bytes',
    cost: 1,
    anomaly: 'detect_buffer_total_limit',
    meaning:
      'First bytes, and their segments, held for the detectors, for all undecided connections together.',
  },
  detect_depth: {
    default: 4_096,
    max: GIB_4,
    unit: 'bytes a direction',
    cost: 0,
    meaning: 'Bytes of each direction that are shown to the detectors before a connection is given up.',
  },
  detect_spans: {
    default: 8_192,
    max: ENTRIES,
    unit: 'segments',
    cost: 0,
    meaning:
      'Segments of a connection that are held for the detectors before it is given up; as many as `detect_depth` has bytes, for a stream of one byte a segment. Each takes 72 bytes of `detect_buffer_total`.',
  },
  carrier_depth: {
    default: 4,
    max: 16,
    unit: 'levels',
    cost: 0,
    anomaly: 'carrier_depth_limit',
    meaning: 'Carriers (proxies, gateways) inside each other that are followed.',
  },
  carrier_streams: {
    default: 16,
    max: 1_024,
    unit: 'streams a connection',
    cost: 4_096,
    anomaly: 'carrier_streams_limit',
    within: 'im_flows',
    meaning:
      'Streams that are followed inside one connection of a carrier. Each takes a place of `im_flows`; those of carriers in which no IM was found take half of it at most.',
  },
  carrier_order: {
    default: 16,
    max: 1_024,
    unit: 'messages a direction',
    cost: 256,
    within: 'im_flows',
    meaning:
      'Messages of one session over several connections (BOSH) that wait because one before them is missing; beyond it the missing one is given up.',
  },
  carrier_order_bytes: {
    default: 65_536,
    max: GIB_4,
    unit: 'bytes a direction',
    cost: 1,
    within: 'message_buffer_total',
    meaning: 'Bytes of such messages; beyond it the missing one is given up.',
  },
  carrier_order_patience: {
    default: 3,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'Such a message is given up after this packet time. Read all the same where it comes late.',
  },
  carrier_sessions: {
    default: 4_096,
    max: ENTRIES,
    unit: 'sessions',
    cost: 8_192,
    anomaly: 'carrier_sessions_limit',
    meaning:
      'Sessions over several connections (HTTP tunnels and gateways) that wait for their next connection; beyond it the one that waits longest is forgotten, and read from the middle when it goes on.',
  },
  tunnels: {
    default: 16_384,
    max: 65_535,
    unit: 'tunnels',
    cost: 400,
    meaning:
      'With `--flows all`: tunnels whose ends are remembered for connections that are not IM; those in others are told without.',
  },
  dns_names: {
    default: 65_536,
    max: ENTRIES,
    unit: 'addresses',
    cost: 84,
    meaning:
      'Addresses from answers of DNS whose name is remembered, each twice: for who asked and for anybody; beyond it the oldest go first.',
  },
  midstream_tries: {
    default: 16,
    max: 255,
    unit: 'segments',
    cost: 0,
    meaning: 'Segments tried as a message start in a connection that began before the capture.',
  },
  timeout_opening: {
    default: 60,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'A connection that has carried no data is forgotten after this silence.',
  },
  timeout_other: {
    default: 300,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'A connection that is not IM is forgotten after this silence.',
  },
  timeout_im: {
    default: 3_600,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'An IM connection is taken as over after this silence.',
  },
  timeout_half_closed: {
    default: 120,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'A connection that one side has closed is taken as over after this silence.',
  },
  timeout_closed: {
    default: 10,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'A closed connection is kept so long for late packets.',
  },
  timeout_udp: {
    default: 120,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'A UDP conversation is forgotten after this silence.',
  },
  gap_grace_ms: {
    default: 1_000,
    max: YEARS_10 * 1000,
    unit: 'milliseconds',
    cost: 0,
    meaning: 'A hole that the receiver has acknowledged may still fill within this packet time.',
  },
  gap_unacked: {
    default: 15,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'A hole that nobody was seen to acknowledge is given up after this packet time.',
  },
  sessions: {
    default: 100_000,
    max: ENTRIES,
    unit: 'accounts',
    cost: 400,
    anomaly: 'session_limit',
    meaning: 'Signed-on accounts remembered; the least recently used is forgotten first.',
  },
  conversations: {
    default: 50_000,
    max: ENTRIES,
    unit: 'conversations',
    cost: 600,
    anomaly: 'conversation_limit',
    meaning: 'Open conversations remembered; the least recently used is told as ended first.',
  },
  join_tokens: {
    default: 100_000,
    max: ENTRIES,
    unit: 'tokens',
    cost: 300,
    anomaly: 'join_token_limit',
    meaning: 'Cookies and keys handed out in one connection and awaited in another.',
  },
  live_queue: {
    default: 33_554_432,
    max: 1_073_741_824,
    unit: 'bytes',
    cost: 1,
    anomaly: 'queue_drops',
    meaning:
      'Live, with more than one worker: captured packets that wait for the workers. Where it is full, reading waits and the kernel drops what it must; what comes all the same is dropped. At least 2 MiB an interface.',
  },
  ...KEPT_LIMITS,
  conversation_quiet: {
    default: 1_800,
    max: YEARS_10,
    unit: 'seconds',
    cost: 0,
    meaning: 'A conversation is told as over after this silence.',
  },
} as const satisfies Record<string, SettableLimit>;

export type LimitName = keyof typeof LIMITS;
export type Limits = Record<LimitName, number>;

/** The defaults, with what the operator set instead. */
export function makeLimits(set: Partial<Limits> = {}): Limits {
  const limits = {} as Limits;
  for (const name of Object.keys(LIMITS) as LimitName[]) limits[name] = set[name] ?? LIMITS[name].default;
  return limits;
}
