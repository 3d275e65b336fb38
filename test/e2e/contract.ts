/** EVENTS.md as a test sees it: what every written event has to hold to. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { addressBytes } from '../support/packets.ts';
import type { Written } from './program.ts';

const TIME = /^\d{4}-(?:0\d|1[0-2])-[0-3]\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}\+0000$/;
const ID = /^[0-9a-f]{32}$/;
/** Members that hold a capture time, wherever they stand. */
const TIMES: ReadonlySet<string> = new Set(['timestamp', 'start', 'end', 'first_seen', 'last_seen']);
/** Members that hold a hash of content, wherever they stand. */
const HASHES: ReadonlySet<string> = new Set(['session', 'conversation', 'finding']);
const TYPES: ReadonlySet<string> = new Set(['im', 'alert', 'flow', 'fileinfo', 'anomaly', 'stats']);

/** What each kind of `im` event carries: one of the members of each list. */
const CARRIES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  login: [['auth']],
  logout: [],
  client: [['client']],
  presence: [['status']],
  contact: [['contact']],
  message: [['text', 'encrypted', 'text_length']],
  typing: [['state']],
  receipt: [['state']],
  attention: [['state']],
  room: [['room'], ['op']],
  file: [['file']],
  call: [['call']],
  profile: [['profile']],
  search: [['query']],
  account: [['op']],
  conversation: [['members'], ['start'], ['end'], ['messages']],
  service: [['evidence'], ['confidence']],
  notice: [],
};

/** What is wrong with an event, in words; nothing where it holds to the contract. */
export function violations(event: Written): string[] {
  const wrong: string[] = [];
  const check = (fine: boolean, what: string): void => {
    if (!fine) wrong.push(what);
  };
  check(TYPES.has(event.event_type), `event_type ${event.event_type}`);
  check(typeof event.pcap_filename === 'string', 'no pcap_filename');
  // A connection that is not IM is told by EVE's own fields alone.
  if (event.im !== undefined || event.event_type !== 'flow' || event.app_proto !== undefined) {
    check(event.im?.v === 1, 'im.v is not 1');
    check(ID.test(event.im?.id ?? ''), 'im.id is not 32 hex digits');
  }
  walk(event, '', wrong);
  if (event.event_type === 'stats') return wrong;
  wrong.push(...flowViolations(event));
  check(typeof event.im?.service === 'string' || event.event_type === 'flow', 'no im.service');
  if (event.event_type === 'im') wrong.push(...kindViolations(event));
  return wrong;
}

function flowViolations(event: Written): string[] {
  const wrong: string[] = [];
  const check = (fine: boolean, what: string): void => {
    if (!fine) wrong.push(what);
  };
  const { flow_id: flow, src_ip: source = '', dest_ip: destination = '', pcap_cnt: frame } = event;
  check(Number.isSafeInteger(flow) && (flow ?? -1) >= 0, `flow_id ${String(flow)}`);
  check(Number.isSafeInteger(frame) && (frame ?? 0) >= 1, `pcap_cnt ${String(frame)}`);
  check(event.proto === 'TCP' || event.proto === 'UDP', `proto ${String(event.proto)}`);
  for (const port of [event.src_port, event.dest_port])
    check(Number.isInteger(port) && (port ?? -1) >= 0 && (port ?? 65_536) <= 65_535, `port ${String(port)}`);
  if (isIP(source) === 0 || isIP(destination) === 0) wrong.push(`addresses ${source} ${destination}`);
  else check(event.community_id === communityId(event), `community_id ${String(event.community_id)}`);
  const way = event.direction;
  check(way === undefined || way === 'to_server' || way === 'to_client', `direction ${String(way)}`);
  return wrong;
}

function kindViolations({ im }: Written): string[] {
  const kind = im?.kind ?? '(none)';
  const wanted = CARRIES[kind];
  if (im === undefined || wanted === undefined) return [`im.kind ${kind}`];
  return wanted
    .filter((names) => !names.some((name) => name in im))
    .map((names) => `im.${kind} without ${names.join(' or ')}`);
}

/** Goes through all values: nothing may be empty or broken text, and times and hashes have one form. */
function walk(value: unknown, path: string, wrong: string[]): void {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (value === null) wrong.push(`${path} is null`);
  else if (typeof value === 'string') {
    if (value === '') wrong.push(`${path} is an empty string`);
    if (/\p{Cs}/u.test(value)) wrong.push(`${path} holds a lone surrogate`);
    if (TIMES.has(name) && !TIME.test(value)) wrong.push(`${path} ${value} is no time of EVE's form`);
    if (HASHES.has(name) && !ID.test(value)) wrong.push(`${path} ${value} is not 32 hex digits`);
  } else if (Array.isArray(value)) {
    if (value.length === 0) wrong.push(`${path} is an empty list`);
    for (const entry of value) walk(entry, `${path}[]`, wrong);
  } else if (typeof value === 'object') {
    for (const [key, entry] of Object.entries(value)) walk(entry, `${path}.${key}`, wrong);
  }
}

/** Community ID v1, seed 0, computed apart from the program's own code. */
function communityId(event: Written): string {
  const ends = [
    { ip: Buffer.from(addressBytes(event.src_ip ?? '')), port: event.src_port ?? 0 },
    { ip: Buffer.from(addressBytes(event.dest_ip ?? '')), port: event.dest_port ?? 0 },
  ].sort((a, b) => Buffer.compare(a.ip, b.ip) || a.port - b.port);
  const [low, high] = ends;
  const hash = createHash('sha1').update(Buffer.of(0, 0));
  hash.update(low!.ip).update(high!.ip);
  hash.update(Buffer.of(event.proto === 'TCP' ? 6 : 17, 0));
  hash.update(Buffer.of(low!.port >> 8, low!.port & 255, high!.port >> 8, high!.port & 255));
  return `1:${hash.digest('base64')}`;
}
