import { isIP } from 'node:net';
import { nearest } from '../../classify/suggest.ts';
import { OperatorError } from '../../core/errors.ts';
import type { EventType } from '../../event/eve.ts';
import { FORMATS, LEAST_SIZE } from '../encode/formats.ts';
import { DEFAULT_ENTERPRISE, DEFAULT_SEVERITIES } from './message.ts';
import type { SyslogStyle } from './message.ts';

/** Facilities of RFC 5424, section 6.2.1. */
export const FACILITIES = {
  ...{ kern: 0, user: 1, mail: 2, daemon: 3, auth: 4, syslog: 5, lpr: 6, news: 7, uucp: 8, cron: 9 },
  ...{ authpriv: 10, ftp: 11, local0: 16, local1: 17, local2: 18, local3: 19, local4: 20, local5: 21 },
  ...{ local6: 22, local7: 23 },
} as const;

/** Severities of RFC 5424, section 6.2.1. */
const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

const EVENT_TYPES: readonly EventType[] = ['im', 'alert', 'flow', 'fileinfo', 'anomaly', 'stats'];

export type TransportName = 'udp' | 'tcp' | 'tls' | 'local';

/** Files and names of a TLS connection. */
export interface TlsFiles {
  /** PEM file of the authorities to believe instead of the system's. */
  ca?: string;
  /** PEM files of our own certificate and its key. */
  cert?: string;
  key?: string;
  /** Name that the collector's certificate must have, where it is not the host. */
  name?: string;
}

/** Where syslog messages go and how they are made. */
export interface SyslogTarget {
  /** As given, for messages to the operator. */
  url: string;
  transport: TransportName;
  /** Empty with `local`. */
  host: string;
  port: number;
  /** The socket, with `local`. */
  path: string;
  /** RFC 6587: the length before each message, or a line end behind it. */
  framing: 'octet' | 'newline';
  tls: TlsFiles;
  style: Omit<SyslogStyle, 'version' | 'hostname'>;
  /** What is told; undefined: alerts, and live `stats` too. */
  events: ReadonlySet<EventType> | undefined;
}

const PORTS: Readonly<Record<Exclude<TransportName, 'local'>, number>> = { udp: 514, tcp: 601, tls: 6514 };
const DEFAULT_SIZE = 2_048;
/** RFC 3164, section 4.1: no message is longer. */
const SIZE_3164 = 1_024;
/** The most that a datagram carries is 65,507. */
const MAX_SIZE = 65_507;
const MAX_ENTERPRISE = 4_294_967_295;
const LOCAL_SOCKET = '/dev/log';

type Option = (target: SyslogTarget, value: string) => void;

const OPTIONS: Readonly<Record<string, Option>> = {
  facility(target, value) {
    const facilities: Record<string, number> = { ...target.style.facilities };
    for (const part of value.split(',')) {
      const [type, name] = part.includes(':') ? (part.split(':', 2) as [string, string]) : ['default', part];
      if (type !== 'default') oneOf(target.url, 'event type', type, EVENT_TYPES);
      const known = oneOf(target.url, 'facility', name, Object.keys(FACILITIES));
      facilities[type] = FACILITIES[known as keyof typeof FACILITIES];
    }
    target.style = { ...target.style, facilities: facilities as unknown as SyslogStyle['facilities'] };
  },
  severity(target, value) {
    const names = value.split(',');
    if (names.length > 4) fail(target.url, `severity "${value}" has more than four names`);
    const levels = [...target.style.severities] as [number, number, number, number];
    names.forEach((name, i) => {
      levels[i] = SEVERITIES.indexOf(oneOf(target.url, 'severity', name, SEVERITIES));
    });
    target.style = { ...target.style, severities: levels };
  },
  size(target, value) {
    target.style = { ...target.style, size: whole(target.url, 'size', value, 1, MAX_SIZE) };
  },
  format(target, value) {
    const format = oneOf(target.url, 'format', value, Object.keys(FORMATS) as (keyof typeof FORMATS)[]);
    target.style = { ...target.style, format };
  },
  rfc(target, value) {
    const protocol = oneOf(target.url, 'rfc', value, ['5424', '3164']) === '3164' ? 3164 : 5424;
    if (target.transport !== 'local') target.style = { ...target.style, protocol };
  },
  pen(target, value) {
    target.style = { ...target.style, enterprise: whole(target.url, 'pen', value, 0, MAX_ENTERPRISE) };
  },
  framing(target, value) {
    target.framing = oneOf(target.url, 'framing', value, ['octet', 'newline']);
  },
  events(target, value) {
    target.events = new Set(value.split(',').map((name) => oneOf(target.url, 'event', name, EVENT_TYPES)));
  },
  ca: (target, value) => (target.tls.ca = file(target.url, 'ca', value)),
  cert: (target, value) => (target.tls.cert = file(target.url, 'cert', value)),
  key: (target, value) => (target.tls.key = file(target.url, 'key', value)),
  name(target, value) {
    if (!HOST_NAME.test(value)) fail(target.url, `"${value}" is no host`);
    target.tls.name = value;
  },
};

/** Options that only some ways to send have. */
const ONLY: Readonly<Record<string, readonly TransportName[]>> = {
  framing: ['tcp', 'tls'],
  ...{ ca: ['tls'], cert: ['tls'], key: ['tls'], name: ['tls'] },
};

/**
 * Reads `udp://HOST:PORT`, `tcp://HOST:PORT`, `tls://HOST:PORT` or `local:`, each with `?options`; an IPv6 address stands in
 * brackets. Throws an OperatorError that says what is wrong.
 */
export function parseSyslogUrl(text: string): SyslogTarget {
  if (!URL.canParse(text)) fail(text, 'it is no URL');
  const url = new URL(text);
  const transport = TRANSPORTS.find((name) => url.protocol === `${name}:`);
  if (transport === undefined) fail(text, `${url.protocol} is not known; known: udp, tcp, tls, local`);
  if (url.username !== '' || url.password !== '') fail(text, 'a user name has no meaning there');
  if (url.hash !== '') fail(text, 'nothing may follow the port but ?options');
  const place = transport === 'local' ? placeOfSocket(url, text) : placeOfHost(url, text, transport);
  const style: SyslogTarget['style'] = {
    facilities: { default: FACILITIES.local4 },
    severities: DEFAULT_SEVERITIES,
    size: 0,
    protocol: transport === 'local' ? 'local' : 5424,
    format: 'text',
    enterprise: DEFAULT_ENTERPRISE,
  };
  const target: SyslogTarget = {
    ...{ url: text, transport, ...place, framing: 'octet', tls: {}, style, events: undefined },
  };
  readOptions(target, url.searchParams);
  return target;
}

const TRANSPORTS: readonly TransportName[] = ['udp', 'tcp', 'tls', 'local'];

function placeOfHost(url: URL, text: string, transport: keyof typeof PORTS) {
  if (!/^\/?$/.test(url.pathname)) fail(text, 'nothing may follow the port but ?options');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) === 0 && !HOST_NAME.test(host))
    fail(text, host === '' ? 'the host is missing' : `"${host}" is no host`);
  const port = url.port === '' ? PORTS[transport] : Number(url.port);
  if (port === 0) fail(text, 'port 0 cannot be sent to');
  return { host, port, path: '' };
}

function placeOfSocket(url: URL, text: string) {
  if (url.host !== '') fail(text, 'write local: or local:/PATH/OF/SOCKET');
  let path = '';
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    fail(text, 'its % are no escapes of UTF-8');
  }
  if (path !== '' && !path.startsWith('/')) fail(text, 'the socket is to be an absolute path');
  if (/[\0-\x1f\x7f]/.test(path)) fail(text, 'the path of the socket has a control character');
  return { host: '', port: 0, path: path === '' ? LOCAL_SOCKET : path };
}

function readOptions(target: SyslogTarget, given: URLSearchParams): void {
  const names = Object.keys(OPTIONS);
  for (const [key, value] of given) {
    const read = names.includes(key) ? OPTIONS[key] : undefined;
    if (read === undefined)
      fail(target.url, `option "${key}" is not known${nearest(key, names)}; known: ${names.join(', ')}`);
    const only = ONLY[key];
    if (only !== undefined && !only.includes(target.transport))
      fail(target.url, `option "${key}" is for ${only.join(' and ')} only`);
    read(target, value);
  }
  if ((target.tls.cert === undefined) !== (target.tls.key === undefined))
    fail(target.url, 'cert and key go together');
  const { style } = target;
  const least = LEAST_SIZE[style.format];
  if (style.size === 0) style.size = style.protocol === 3164 ? SIZE_3164 : DEFAULT_SIZE;
  if (style.size < least)
    fail(
      target.url,
      `size "${style.size}" is to be a number of bytes from ${least} to ${MAX_SIZE} with ${style.format}`,
    );
}

const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?$/;

function oneOf<T extends string>(url: string, what: string, value: string, names: readonly T[]): T {
  const found = names.find((name) => name === value);
  if (found === undefined)
    fail(url, `${what} "${value}" is not known${nearest(value, names)}; known: ${names.join(', ')}`);
  return found;
}

function whole(url: string, what: string, value: string, least: number, most: number): number {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
  if (number < least || number > most)
    fail(url, `${what} "${value}" is to be a number from ${least} to ${most}`);
  return number;
}

function file(url: string, what: string, value: string): string {
  if (value === '' || value.includes('\0')) fail(url, `${what} is to name a file`);
  return value;
}

function fail(url: string, why: string): never {
  throw new OperatorError(`--syslog ${url}: ${why}; write udp://HOST:PORT, such as udp://192.0.2.10:514`);
}

/** What tells one place to send to from another: where, and in which form; not how it is reached. */
export function placeOf({ transport, host, port, path, style }: SyslogTarget): string {
  const where = transport === 'local' ? `local:${path}` : `${transport}://${host.toLowerCase()}:${port}`;
  return `${where} ${style.protocol} ${style.format}`;
}
