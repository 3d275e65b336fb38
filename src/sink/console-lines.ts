import { describeClient, endpoint } from '../classify/describe.ts';
import type { EveEvent, ImObject } from '../event/eve.ts';
import type { ImKind, ServiceUse } from '../event/im.ts';
import { neutralise } from './neutralise.ts';

/** Names are cut at this width: a stranger's name is not to push the rest off the line. */
const NAME_WIDTH = 64;

/** How wire text is shown. */
export interface Shown {
  /** A name: of an account, a room, a file, a client. */
  name: (text: string) => string;
  /** What somebody wrote. */
  text: (text: string) => string;
}

export function shownAt(textWidth: number): Shown {
  return {
    name: (text) => neutralise(text, NAME_WIDTH),
    text: (text) => neutralise(text, textWidth),
  };
}

type Line = (im: ImObject, event: EveEvent, shown: Shown) => string;

/** What each kind of `im` event says of itself, after its time, kind and network. */
export const IM_LINES: Readonly<Record<ImKind, Line>> = {
  login: (im, event, shown) => `${who(im, event, shown)} to ${server(event)}: ${signOn(im, shown)}`,
  logout: (im, event, shown) => who(im, event, shown) + inBrackets(im.reason, shown.text),
  client: (im, event, shown) => `${user(im, event, shown)} runs ${software(im, shown)}`,
  presence: (im, event, shown) => `${speaker(im, event, shown)} is ${presence(im, shown)}`,
  contact: (im, event, shown) => `${who(im, event, shown)}: ${contact(im, shown)}`,
  message: (im, event, shown) => `${route(im, event, shown)}: ${flags(im, shown)}${words(im, shown)}`,
  typing: (im, event, shown) => `${route(im, event, shown)}: ${shown.name(im.state ?? 'typing')}`,
  receipt: (im, event, shown) => `${route(im, event, shown)}: ${shown.name(im.state ?? 'receipt')}`,
  attention: (im, event, shown) => `${route(im, event, shown)}: ${shown.name(im.state ?? 'attention')}`,
  room: (im, event, shown) => `${speaker(im, event, shown)}: ${room(im, shown)}`,
  file: (im, event, shown) => `${route(im, event, shown)}: ${file(im, shown)}`,
  call: (im, event, shown) =>
    `${route(im, event, shown)}: ${shown.name(im.call?.media ?? 'call')} ${shown.name(im.call?.state ?? '')}`.trimEnd(),
  profile: (im, event, shown) =>
    `${speaker(im, event, shown)}: ${names(Object.keys(im.profile ?? {}), shown)}`,
  search: (im, event, shown) =>
    who(im, event, shown) + (im.query === undefined ? '' : `: ${shown.text(im.query)}`),
  account: (im, event, shown) => `${who(im, event, shown)}: ${shown.name(im.op ?? 'account')}`,
  conversation: (im, _event, shown) =>
    `of ${names(im.members ?? [], shown)}: ${total(im.messages)} from ${time(im.start)} to ${time(im.end)}`,
  service: (im, event, shown) => {
    if (im.state === 'ended' && im.use) return `${who(im, event, shown)}: ${usage(im.use)}`;
    const evidence = im.evidence?.map((fact) => shown.text(fact)).join('; ') ?? '';
    return `${who(im, event, shown)} to ${server(event)}${evidence === '' ? '' : `: ${evidence}`}`;
  },
  notice: (im, event, shown) => {
    const code = im.code === undefined ? '' : `[${shown.name(String(im.code))}] `;
    return `${who(im, event, shown)} from ${server(event)}: ${code}${words(im, shown)}`;
  },
};

/** What passed while a messenger was in use: `over after 3 connections, 20000 bytes sent, 1500000 received, 60 s of calls`. */
function usage({ flows, sent, received, call_seconds: call, like = [] }: ServiceUse): string {
  const parts = [
    `over after ${flows} connection${flows === 1 ? '' : 's'}`,
    `${sent} bytes sent`,
    `${received} received`,
    ...(call === undefined ? [] : [`${call} s of calls`]),
  ];
  const shape = like.filter((one) => one !== 'call');
  return `${parts.join(', ')}${shape.length === 0 ? '' : `, like a file's ${shape.join(' and ')}`}`;
}

/** Of a sign-on that was told: that the other side of a proxy shows it, too. */
export function alsoOn(im: ImObject, event: EveEvent, shown: Shown): string {
  return `${who(im, event, shown)} to ${server(event)}: the same, also seen on this leg`;
}

/** Lines of events that are not `im`; what is not here has none. */
export const EVENT_LINES: Readonly<Partial<Record<string, (event: EveEvent, shown: Shown) => string>>> = {
  flow: (event, shown) => {
    const { flow } = event;
    const proto = shown.name(event.app_proto ?? event.proto ?? 'unknown');
    const bytes =
      flow === undefined
        ? ''
        : `, ${flow.bytes_toserver} bytes up, ${flow.bytes_toclient} down, ${flow.age} s`;
    return `${client(event)} to ${server(event)} ${proto}${bytes}`;
  },
  anomaly: (event, shown) =>
    `${client(event)} to ${server(event)}: ${shown.name(event.anomaly?.event ?? 'unknown')}`,
  fileinfo: (event, shown) => {
    const of = (key: string): string => {
      const value = event.fileinfo?.[key];
      return typeof value === 'string' || typeof value === 'number' ? shown.name(String(value)) : '';
    };
    const cut = of('state') === 'TRUNCATED' ? ' of it' : '';
    const sum = of('sha256');
    const about = [
      `${of('size')} bytes${cut}`,
      of('magic'),
      sum && `sha256 ${sum}`,
      CHECKED.get(event.im?.file?.verified),
    ];
    const from = event.im?.from;
    const to = event.im?.to;
    const people = `${from === undefined ? '' : ` from ${shown.name(from)}`}${to === undefined ? '' : ` to ${names(to, shown)}`}`;
    return `${of('filename')} (${about.filter(Boolean).join(', ')})${people || ` in ${client(event)} to ${server(event)}`}`;
  },
};

/** What the protocol's own checksum said of a file. */
const CHECKED: ReadonlyMap<boolean | undefined, string> = new Map([
  [true, 'checksum right'],
  [false, 'checksum wrong'],
]);
/** `2005-03-08 14:03:11Z` of an EVE time stamp, which is UTC. */
export function time(timestamp: string | undefined): string {
  return timestamp === undefined ? 'unknown' : `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)}Z`;
}

/** Who is signed on at the client side, and where. */
function who(im: ImObject, event: EveEvent, shown: Shown): string {
  const account = im.account ?? (im.kind === 'login' ? im.from : undefined);
  const at = event.src_ip === undefined ? '' : ` at ${event.src_ip}`;
  return `${account === undefined ? 'unknown account' : shown.name(account)}${at}`;
}

/** Whose client it is: of who is signed on, or of somebody whose client told of itself to that one. */
function user(im: ImObject, event: EveEvent, shown: Shown): string {
  const here = who(im, event, shown);
  if (im.from === undefined || im.account === undefined || im.from === im.account) return here;
  return `${shown.name(im.from)}, who is in touch with ${here},`;
}

/** Who an event is about, where that can be somebody else than who is signed on. */
function speaker(im: ImObject, event: EveEvent, shown: Shown): string {
  return im.from === undefined ? who(im, event, shown) : shown.name(im.from);
}

function route(im: ImObject, event: EveEvent, shown: Shown): string {
  const { to } = im;
  const from = im.from ?? (im.sent === false ? undefined : im.account);
  const here =
    from === undefined ? (im.sent === false ? 'unknown' : who(im, event, shown)) : shown.name(from);
  if (im.room !== undefined) return `${here} -> room ${shown.name(im.room.name ?? im.room.id)}`;
  if (to === undefined || to.length === 0) return here;
  return `${here} -> ${names(to, shown)}`;
}

function client(event: EveEvent): string {
  return event.src_ip === undefined ? 'unknown' : endpoint(event.src_ip, event.src_port);
}

function server(event: EveEvent): string {
  if (event.dest_ip === undefined) return 'unknown';
  // The other end is then the proxy.
  const carrier = event.im?.carrier === undefined ? '' : ` (${neutralise(event.im.carrier, NAME_WIDTH)})`;
  return endpoint(event.dest_ip, event.dest_port) + carrier;
}

function signOn(im: ImObject, shown: Shown): string {
  const { auth } = im;
  const parts: string[] = [];
  if (auth !== undefined) {
    parts.push(`${auth.result} (${shown.name(auth.mechanism)})`);
    if (auth.reason !== undefined) parts.push(shown.text(auth.reason));
    if (auth.exposed !== undefined) parts.push(`${auth.exposed} exposed`);
  }
  if (im.client !== undefined) parts.push(`with ${software(im, shown)}`);
  return parts.length === 0 ? 'signs on' : parts.join(', ');
}

function software(im: ImObject, shown: Shown): string {
  return im.client === undefined ? 'an unidentified client' : describeClient(im.client, shown.name);
}

function presence(im: ImObject, shown: Shown): string {
  const { status } = im;
  return status === undefined ? 'seen' : shown.name(status.show) + inBrackets(status.text, shown.text);
}

function contact(im: ImObject, shown: Shown): string {
  if (im.contact === undefined) return 'contact';
  const { op, id, name, groups } = im.contact;
  const as = name === undefined || name === id ? '' : ` as ${shown.name(name)}`;
  const within = groups === undefined || groups.length === 0 ? '' : ` in ${names(groups, shown)}`;
  return `${op} ${shown.name(id)}${as}${within}`;
}

function room(im: ImObject, shown: Shown): string {
  const label = im.room === undefined ? 'a room' : shown.name(im.room.name ?? im.room.id);
  const members = im.members === undefined || im.members.length === 0 ? '' : `: ${names(im.members, shown)}`;
  const topic = im.text === undefined ? '' : `: ${shown.text(im.text)}`;
  const whom = im.to === undefined || im.to.length === 0 ? '' : `${names(im.to, shown)} to `;
  return `${shown.name(im.op ?? 'in')} ${whom}${label}${members}${topic}`;
}

function file(im: ImObject, shown: Shown): string {
  const { name, size, method, state } = im.file ?? {};
  const about = [size === undefined ? undefined : `${size} bytes`, method && `by ${shown.name(method)}`];
  const details = about.filter((part) => part !== undefined).join(', ');
  return `${state ?? 'file'} ${name === undefined ? 'a file' : shown.name(name)}${details && ` (${details})`}`;
}

function flags(im: ImObject, shown: Shown): string {
  const set = [
    im.encrypted && shown.name(im.encrypted),
    im.copy,
    im.offline && im.copy !== 'offline' && 'offline',
    im.auto && 'automatic',
    im.truncated && 'cut',
  ].filter((flag) => flag !== undefined && flag !== false);
  return set.length === 0 ? '' : `[${set.join(', ')}] `;
}

/** What was written, or how much of it where the text is not at hand. */
function words(im: ImObject, shown: Shown): string {
  if (im.text !== undefined) return shown.text(im.text);
  return im.text_length === undefined ? '(no text)' : `(${im.text_length} characters)`;
}

function inBrackets(text: string | undefined, show: (text: string) => string): string {
  return text === undefined ? '' : ` (${show(text)})`;
}

function total(messages: Readonly<Record<string, number>> | undefined): string {
  const count = Object.values(messages ?? {}).reduce((sum, n) => sum + n, 0);
  return count === 1 ? '1 message' : `${count} messages`;
}

/** Names that are listed one by one; of more, the rest is counted. */
const NAMES_LISTED = 5;

export function names(list: readonly string[], shown: Shown): string {
  const listed = list.slice(0, NAMES_LISTED).map((name) => shown.name(name));
  const rest = list.length - listed.length;
  return listed.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
