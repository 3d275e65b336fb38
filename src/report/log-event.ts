/** What the report reads of an event, and nothing else of it: a field of another type is as if it were not there. */
export interface LogEvent {
  readonly seconds: number;
  readonly timestamp: string;
  readonly type: string;
  readonly file: string;
  readonly sensor: string;
  readonly flowId: number;
  readonly ip: string | undefined;
  readonly peerIp: string | undefined;
  readonly protocol: string;
  readonly direction: string | undefined;
  readonly alert: LogAlert | undefined;
  readonly flow: LogFlow | undefined;
  readonly size: number | undefined;
  readonly stats: LogStats | undefined;
  readonly im: LogIm;
}

export interface LogAlert {
  readonly id: number;
  readonly name: string;
  readonly severity: number;
  readonly metadata: Readonly<Record<string, readonly string[]>>;
}

export interface LogFlow {
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
}

export interface LogStats {
  readonly bytesSeen: number;
  readonly bytesLost: number;
  readonly drops: number | undefined;
  readonly oneSided: number;
}

export interface LogIm {
  readonly id: string;
  readonly service: string;
  readonly kind: string | undefined;
  readonly session: string | undefined;
  readonly conversation: string | undefined;
  readonly account: string | undefined;
  readonly from: string | undefined;
  readonly to: readonly string[];
  readonly sent: boolean | undefined;
  readonly text: string | undefined;
  readonly textLength: number;
  readonly encrypted: string | undefined;
  readonly room: string | undefined;
  readonly copy: string | undefined;
  readonly secondLeg: boolean;
  readonly carrier: string | undefined;
  readonly client: string | undefined;
  readonly exposed: string | undefined;
  readonly result: string | undefined;
  readonly fileState: string | undefined;
  readonly fileId: string | undefined;
  readonly members: readonly string[];
  readonly finding: string | undefined;
  readonly person: string | undefined;
  readonly department: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/;
/** Characters of one text and items of one list that are read. */
const MAX_TEXT = 1_024;
const MAX_ITEMS = 256;
const NOTHING: Fields = {};

/** Reads one line of EVE JSON; undefined where it is no event. */
export function readLogEvent(line: string): LogEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const event = fieldsOf(value);
  const timestamp = textOf(event.timestamp);
  const type = textOf(event.event_type);
  const seconds = timestamp === undefined ? undefined : secondsOf(timestamp);
  if (timestamp === undefined || type === undefined || seconds === undefined) return undefined;
  return {
    ...{ seconds, timestamp, type },
    file: textOf(event.pcap_filename) ?? '',
    sensor: textOf(event.host) ?? textOf(event.in_iface) ?? '',
    flowId: countOf(event.flow_id) ?? 0,
    ip: textOf(event.src_ip),
    peerIp: textOf(event.dest_ip),
    protocol: textOf(event.app_proto) ?? 'unknown',
    direction: textOf(event.direction),
    alert: type === 'alert' ? alertOf(fieldsOf(event.alert)) : undefined,
    flow: type === 'flow' ? flowOf(fieldsOf(event.flow), seconds) : undefined,
    size: type === 'fileinfo' ? countOf(fieldsOf(event.fileinfo).size) : undefined,
    stats: type === 'stats' ? statsOf(fieldsOf(fieldsOf(event.im).stats), fieldsOf(event.stats)) : undefined,
    im: imOf(fieldsOf(event.im)),
  };
}

/** Whole seconds since the epoch of an EVE time stamp in UTC. */
export function secondsOf(timestamp: string): number | undefined {
  const parts = TIME.exec(timestamp);
  if (parts === null) return undefined;
  const [, y, mo, d, h, mi, s] = parts.map(Number);
  const milliseconds = Date.UTC(y ?? 0, (mo ?? 1) - 1, d, h, mi, s);
  return Number.isFinite(milliseconds) ? milliseconds / 1_000 : undefined;
}

function imOf(im: Fields): LogIm {
  const file = fieldsOf(im.file);
  const auth = fieldsOf(im.auth);
  const client = fieldsOf(im.client);
  const text = textOf(im.text);
  const name = textOf(client.name);
  const version = textOf(client.version);
  return {
    id: textOf(im.id) ?? '',
    service: textOf(im.service) ?? 'unknown',
    kind: textOf(im.kind),
    session: textOf(im.session),
    conversation: textOf(im.conversation),
    account: textOf(im.account),
    from: textOf(im.from),
    to: textsOf(im.to),
    sent: typeof im.sent === 'boolean' ? im.sent : undefined,
    text,
    textLength: countOf(im.text_length) ?? (typeof im.text === 'string' ? im.text.length : 0),
    encrypted: textOf(im.encrypted),
    room: textOf(fieldsOf(im.room).id),
    copy: textOf(im.copy),
    secondLeg: im.second_leg_of !== undefined,
    carrier: textOf(im.carrier),
    client: name === undefined ? undefined : version === undefined ? name : `${name} ${version}`,
    exposed: textOf(auth.exposed),
    result: textOf(auth.result),
    fileState: textOf(file.state),
    fileId: textOf(file.id),
    members: textsOf(im.members),
    finding: textOf(im.finding),
    person: textOf(im.person),
    department: textOf(im.department),
  };
}

function alertOf(alert: Fields): LogAlert | undefined {
  const id = countOf(alert.signature_id);
  const name = textOf(alert.signature);
  if (id === undefined || name === undefined) return undefined;
  const metadata: Record<string, readonly string[]> = {};
  for (const key of ['policy', 'evidence', 'update']) metadata[key] = textsOf(fieldsOf(alert.metadata)[key]);
  const severity = countOf(alert.severity);
  return { id, name, severity: severity === 1 || severity === 2 ? severity : 3, metadata };
}

function flowOf(flow: Fields, seconds: number): LogFlow {
  const start = textOf(flow.start);
  const end = textOf(flow.end);
  return {
    bytes: (countOf(flow.bytes_toserver) ?? 0) + (countOf(flow.bytes_toclient) ?? 0),
    start: (start === undefined ? undefined : secondsOf(start)) ?? seconds,
    end: (end === undefined ? undefined : secondsOf(end)) ?? seconds,
  };
}

function statsOf(ours: Fields, eve: Fields): LogStats {
  const loss = fieldsOf(ours.capture_loss);
  return {
    bytesSeen: countOf(loss.bytes_seen) ?? 0,
    bytesLost: countOf(loss.bytes_lost) ?? 0,
    drops: countOf(fieldsOf(eve.capture).kernel_drops),
    oneSided: countOf(ours.one_sided_flows) ?? 0,
  };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : NOTHING;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_ITEMS).filter((item) => typeof item === 'string');
}
