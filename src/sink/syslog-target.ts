import { isIP } from 'node:net';
import { nearest } from '../classify/suggest.ts';
import { OperatorError } from '../core/errors.ts';

/** Facilities of RFC 5424, section 6.2.1. */
export const FACILITIES = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

/** Where syslog messages go and how they are made. */
export interface SyslogTarget {
  /** As given, for messages to the operator. */
  url: string;
  host: string;
  port: number;
  facility: number;
  /** Most bytes of one message. */
  size: number;
}

const DEFAULT_PORT = 514;
const DEFAULT_SIZE = 2048;
/** RFC 5424, section 6.1: every receiver takes 480 bytes. The most that a datagram carries is 65,507. */
const MIN_SIZE = 480;
const MAX_SIZE = 65_507;

type Option = (target: SyslogTarget, value: string) => void;

const OPTIONS: Readonly<Record<string, Option>> = {
  facility(target, value) {
    const names = Object.keys(FACILITIES) as (keyof typeof FACILITIES)[];
    const name = names.find((n) => n === value);
    if (name === undefined) {
      fail(
        target.url,
        `facility "${value}" is not known${nearest(value, names)}; known: ${names.join(', ')}`,
      );
    }
    target.facility = FACILITIES[name];
  },
  size(target, value) {
    const size = /^\d{1,5}$/.test(value) ? Number(value) : 0;
    if (size < MIN_SIZE || size > MAX_SIZE) {
      fail(target.url, `size "${value}" is to be a number of bytes from ${MIN_SIZE} to ${MAX_SIZE}`);
    }
    target.size = size;
  },
};

/**
 * Reads `udp://host:port?facility=local4&size=2048`; an IPv6 address stands in brackets. Throws an OperatorError
 * that says what is wrong.
 */
export function parseSyslogUrl(text: string): SyslogTarget {
  if (!URL.canParse(text)) fail(text, 'it is no URL');
  const url = new URL(text);
  if (url.protocol !== 'udp:') fail(text, `${url.protocol}// is not known; only udp:// is`);
  if (url.username !== '' || url.password !== '') fail(text, 'a user name has no meaning there');
  if (!/^\/?$/.test(url.pathname) || url.hash !== '') fail(text, 'nothing may follow the port but ?options');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) === 0 && !HOST_NAME.test(host))
    fail(text, host === '' ? 'the host is missing' : `"${host}" is no host`);
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  if (port === 0) fail(text, 'port 0 cannot be sent to');
  const target: SyslogTarget = { url: text, host, port, facility: FACILITIES.local4, size: DEFAULT_SIZE };
  for (const [key, value] of url.searchParams) {
    const names = Object.keys(OPTIONS);
    const read = names.includes(key) ? OPTIONS[key] : undefined;
    if (read === undefined)
      fail(text, `option "${key}" is not known${nearest(key, names)}; known: ${names.join(', ')}`);
    read(target, value);
  }
  return target;
}

const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?$/;

function fail(url: string, why: string): never {
  throw new OperatorError(`--syslog ${url}: ${why}; write udp://HOST:PORT, such as udp://192.0.2.10:514`);
}
