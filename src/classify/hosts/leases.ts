import { OperatorError } from '../../core/errors.ts';
import { parseMac } from '../../core/mac.ts';
import { canonicalAddress } from '../cidr.ts';
import { readCsv, textOfCell } from '../csv.ts';
import { NAMES_LIMITS } from '../names/limits.ts';
import { readText } from '../names/registry-file.ts';
import type { BadRow } from '../names/registry-file.ts';

/** An address was somebody's for a time. */
export interface Lease {
  readonly ip: string;
  /** Seconds since the epoch; no end: until the next lease of the address. */
  readonly from: number;
  readonly to: number;
  readonly mac: string | undefined;
  readonly name: string | undefined;
  readonly user: string | undefined;
}

/** Leases by address and time. Built once, then only asked. */
export class LeaseLog {
  readonly count: number;
  readonly bad: readonly BadRow[];
  readonly badCount: number;
  readonly #byIp = new Map<string, Lease[]>();

  constructor(leases: readonly Lease[], bad: readonly BadRow[] = [], badCount = bad.length) {
    this.count = leases.length;
    this.bad = bad;
    this.badCount = badCount;
    for (const lease of leases) {
      const known = this.#byIp.get(lease.ip);
      if (known) known.push(lease);
      else this.#byIp.set(lease.ip, [lease]);
    }
    for (const list of this.#byIp.values()) list.sort((a, b) => a.from - b.from);
  }

  /** Whose the address was at that time, by the newest lease that had begun. */
  at(ip: string, seconds: number): Lease | undefined {
    const list = this.#byIp.get(ip);
    if (!list) return undefined;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle]?.from ?? Infinity) <= seconds) low = middle + 1;
      else high = middle;
    }
    const lease = list[low - 1];
    return lease && seconds <= lease.to ? lease : undefined;
  }
}

/**
 * Reads a log of leases: dhcpd.leases of ISC, dnsmasq.leases, accounting of RADIUS (FreeRADIUS's detail files), or CSV
 * with a header. Which it is, its content says. Throws an OperatorError where it is none of them; bad rows are told and left out.
 */
export function loadLeases(file: string): LeaseLog {
  return parseLeases(readText(file), file);
}

export function parseLeases(text: string, file: string): LeaseLog {
  const reader = new LeaseReader(file);
  if (/^\s*lease\s+\S+\s*\{/m.test(text)) readIsc(text, reader);
  else if (/^[ \t]+[A-Za-z0-9-]+\s*=\s*\S/m.test(text)) readRadius(text, reader);
  else if (/^(?:duid\s+\S+|\d{1,12}\s+\S+\s+\S+\s+\S+(?:\s+\S+)?)\s*$/m.test(text)) readDnsmasq(text, reader);
  else readLeaseCsv(text, file, reader);
  return new LeaseLog(reader.leases, reader.bad, reader.badCount);
}

interface Row {
  ip: string | undefined;
  from: number;
  to?: number | undefined;
  mac?: string | undefined;
  name?: string | undefined;
  user?: string | undefined;
}

class LeaseReader {
  readonly leases: Lease[] = [];
  readonly bad: BadRow[] = [];
  badCount = 0;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  complain(line: number, problem: string): void {
    this.badCount++;
    if (this.bad.length < NAMES_LIMITS.complaints) this.bad.push({ line, problem });
  }

  take(line: number, row: Row): void {
    if (this.leases.length >= NAMES_LIMITS.leases)
      throw new OperatorError(
        `${this.#file}:${line}: more than ${NAMES_LIMITS.leases.toLocaleString('en-US')} leases`,
      );
    const ip = row.ip === undefined ? undefined : canonicalAddress(row.ip);
    if (ip === undefined) return this.complain(line, `"${(row.ip ?? '').slice(0, 64)}" is no IP address`);
    if (Number.isNaN(row.from) || Number.isNaN(row.to)) return this.complain(line, 'the time cannot be read');
    this.leases.push({
      ...{ ip, from: row.from, to: row.to ?? Infinity },
      mac: row.mac === undefined ? undefined : parseMac(row.mac),
      name: cell(row.name)?.toLowerCase(),
      user: cell(row.user),
    });
  }
}

function cell(text: string | undefined): string | undefined {
  const plain = text?.trim().slice(0, NAMES_LIMITS.name);
  return plain === undefined || plain === '' || plain === '*' || plain === '-' ? undefined : plain;
}

/** `lease 192.0.2.1 { starts 2 2005/03/08 14:00:00; …}`; times are UTC (dhcpd.leases(5)). */
function readIsc(text: string, reader: LeaseReader): void {
  let row: Row | undefined;
  let active = true;
  for (const { text: raw, line } of linesOf(text)) {
    const words = raw.trim().replace(/;\s*$/, '');
    const begin = /^(?:lease|iaaddr)\s+(\S+)\s*\{/.exec(words);
    if (begin) {
      row = { ip: begin[1], from: -Infinity };
      active = true;
    } else if (row && words === '}') {
      if (active) reader.take(line, row);
      row = undefined;
    } else if (row) {
      const [key = '', ...rest] = words.split(/\s+/);
      const value = rest.join(' ');
      if (key === 'starts') row.from = iscTime(value) ?? -Infinity;
      else if (key === 'ends') row.to = iscTime(value);
      else if (key === 'hardware') row.mac = rest[1];
      else if (key === 'client-hostname') row.name = value.replace(/^"|"$/g, '');
      // A lease that was given back keeps its record, for the time for which it was good.
      else if (key === 'binding') active = !/state (?:backup|reset|abandoned)/.test(value);
    }
  }
}

/** `2 2005/03/08 14:00:00`, `epoch 1110290400`, `never`. */
function iscTime(text: string): number | undefined {
  if (text === 'never') return undefined;
  const epoch = /^epoch (\d+)/.exec(text);
  if (epoch) return Number(epoch[1]);
  const [, day = '', time = ''] = /^\d (\d{4}\/\d\d\/\d\d) (\d\d:\d\d:\d\d)/.exec(text) ?? [];
  return Date.parse(`${day.replaceAll('/', '-')}T${time}Z`) / 1000;
}

/** `expiry MAC address name client-id`; only the end is told, so it is good until then. For IPv6 an identifier is in the MAC's place. */
function readDnsmasq(text: string, reader: LeaseReader): void {
  for (const { text: raw, line } of linesOf(text)) {
    const words = raw.trim().split(/\s+/);
    if (raw.trim() === '' || words[0] === 'duid') continue;
    const [expiry = '', link, ip, name, id = ''] = words;
    if (!/^\d+$/.test(expiry) || words.length < 4) {
      reader.complain(line, 'is to be: expiry MAC address name client-id');
      continue;
    }
    const mac = parseMac(link ?? '') ?? macOfDuid(id);
    const to = expiry === '0' ? undefined : Number(expiry);
    reader.take(line, { ...{ ip, name, mac, to }, from: -Infinity });
  }
}

/** The link address in a client's identifier in hexadecimal (RFC 8415, 11), where it is made of one. */
function macOfDuid(id: string): string | undefined {
  const digits = id.replaceAll(':', '').toLowerCase();
  if (/^00010001[0-9a-f]{20}$/.test(digits)) return parseMac(digits.slice(16));
  return /^00030001[0-9a-f]{12}$/.test(digits) ? parseMac(digits.slice(8)) : undefined;
}

/** Records of attributes, an empty line between. A stop ends the lease that began before. */
function readRadius(text: string, reader: LeaseReader): void {
  let values = new Map<string, string>();
  let first = 1;
  const end = (): void => {
    if (values.size > 0) takeRadius(values, first, reader);
    values = new Map();
  };
  for (const { text: raw, line } of linesOf(text)) {
    const pair = /^[ \t]+([A-Za-z0-9-]+)\s*=\s*(.*)$/.exec(raw);
    if (pair) values.set(pair[1] ?? '', (pair[2] ?? '').trim().replace(/^"|"$/g, ''));
    else {
      end();
      first = line;
    }
  }
  end();
}

function takeRadius(values: Map<string, string>, line: number, reader: LeaseReader): void {
  const ips = ['Framed-IP-Address', 'Framed-IPv6-Address'].flatMap((key) => values.get(key) ?? []);
  if (ips.length === 0) return;
  const time = values.get('Timestamp') ?? values.get('Event-Timestamp') ?? '';
  const now = /^\d+$/.test(time)
    ? Number(time)
    : Date.parse(/UTC|GMT|Z$/.test(time) ? time : `${time} UTC`) / 1000;
  const length = Number(values.get('Acct-Session-Time') ?? '');
  const stop = values.get('Acct-Status-Type') === 'Stop';
  const from = stop && Number.isFinite(length) ? now - length : now;
  for (const ip of ips)
    reader.take(line, {
      ...{ ip, from, to: stop ? now : undefined },
      mac: values.get('Calling-Station-Id'),
      user: values.get('User-Name'),
    });
}

/** CSV with the columns time, ip, and of end, mac, name, user those that there are. */
function readLeaseCsv(text: string, file: string, reader: LeaseReader): void {
  let header: string[] | undefined;
  for (const { line, cells, problem } of readCsv(text)) {
    if (!header) {
      header = cells.map((name) => name.trim().toLowerCase());
      if (!header.includes('ip') || !header.includes('time'))
        throw new OperatorError(
          `${file}:${line}:1: is no log of leases that is known (dhcpd.leases, dnsmasq.leases, RADIUS detail, or CSV whose first line names the columns time, ip, end, mac, name, user)`,
        );
      continue;
    }
    if (problem !== undefined) {
      reader.complain(line, problem);
      continue;
    }
    const of = (column: string): string | undefined => {
      const value = cells[header?.indexOf(column) ?? -1];
      return value === undefined ? undefined : textOfCell(value);
    };
    const end = of('end');
    reader.take(line, {
      ...{ ip: of('ip'), mac: of('mac'), name: of('name'), user: of('user') },
      from: csvTime(of('time') ?? ''),
      to: end === undefined || end === '' ? undefined : csvTime(end),
    });
  }
  if (!header) throw new OperatorError(`${file}: is empty`);
}

/** Seconds since the epoch, or a time in UTC. */
function csvTime(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`;
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(zoned.replace(' ', 'T')) / 1000 : Number.NaN;
}

function* linesOf(text: string): Generator<{ text: string; line: number }> {
  let line = 0;
  for (let at = 0; at < text.length;) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    yield { text: text.slice(at, end).replace(/\r$/, ''), line: ++line };
    at = end + 1;
  }
}
