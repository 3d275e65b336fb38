import { BoundedMap } from '../core/cache.ts';
import type { Calendar, LocalTime } from './calendar.ts';
import type { Span } from './concurrency.ts';
import { Deliveries } from './deliveries.ts';
import { Histogram } from './histogram.ts';
import type { LogEvent } from './log-event.ts';
import { REPORT_LIMITS } from './limits.ts';

/** An account that signed on here. */
export interface AccountUse {
  readonly service: string;
  readonly name: string;
  person: string | undefined;
  department: string | undefined;
  sent: number;
  received: number;
  exposed: boolean;
  readonly clients: Set<string>;
  readonly addresses: Set<string>;
}

export interface DayUse {
  messages: number;
  files: number;
  bytes: number;
  findings: number;
  severe: number;
  readonly users: Set<string>;
}

export interface SessionUse {
  readonly service: string;
  start: number;
  end: number;
  carried: boolean;
}

export interface ConversationUse {
  readonly service: string;
  readonly members: Set<string>;
  room: boolean;
  messages: number;
  /** Of the message before: who and when. */
  lastFrom: string | undefined;
  lastAt: number;
}

export interface FindingUse {
  readonly id: number;
  readonly name: string;
  readonly severity: number;
  readonly day: string;
  readonly account: string | undefined;
  readonly address: string | undefined;
  readonly service: string;
  alerts: number;
  evidence: readonly string[];
}

/** What a connection is used for. */
export const ACTIVITIES = ['text', 'file', 'call', 'presence'] as const;
export type Activity = (typeof ACTIVITIES)[number];

const HOUR = 3_600;
/** An answer comes within this many seconds. */
const ANSWERED_WITHIN = 3_600;
/** Members of one conversation, clients and addresses of one account that are kept. */
const MOST_OF_ONE = 64;
/** A connection is spread over no more hours. */
const MOST_HOURS = 24 * 62;
const FILE_PROTOCOLS: ReadonlySet<string> = new Set(['oft', 'msnftp', 'msnp2p', 'irc-dcc', 'ymsg-file']);

/** What is counted of one period. Everything is bounded; what a limit left out is named in `limited`. */
export class PeriodData {
  readonly accounts = new Map<string, AccountUse>();
  readonly days = new Map<string, DayUse>();
  readonly sessions = new Map<string, SessionUse>();
  readonly conversations = new Map<string, ConversationUse>();
  readonly findings = new Map<string, FindingUse>();
  readonly files = new Set<string>();
  readonly responses = new Histogram();
  /** Messages by hour of the week, from Monday midnight. */
  readonly week = new Float64Array(168);
  /** By hour since the epoch. */
  readonly messagesByHour = new Map<number, number>();
  readonly bytesByHour = new Map<number, Record<Activity, number>>();
  readonly bytesByService = new Map<string, number>();
  readonly limited = new Set<string>();
  messages = 0;
  flows = 0;
  bytes = 0;
  readonly #calendar: Calendar;
  readonly #deliveries = new Deliveries();
  readonly #activities = new BoundedMap<string, Activity>(REPORT_LIMITS.report_connections.default);

  constructor(calendar: Calendar) {
    this.#calendar = calendar;
  }

  take(event: LogEvent, local: LocalTime): void {
    const { im } = event;
    if (event.flow !== undefined) this.#flow(event);
    else if (event.alert !== undefined) this.#alert(event, local);
    else if (event.type === 'fileinfo') this.#file(event, local);
    else if (event.type === 'im') this.#im(event, local);
    if (im.session !== undefined && event.type !== 'alert') this.#session(event, im.session);
  }

  day(day: string): DayUse {
    let use = this.days.get(day);
    if (use === undefined)
      this.days.set(
        day,
        (use = { messages: 0, files: 0, bytes: 0, findings: 0, severe: 0, users: new Set() }),
      );
    return use;
  }

  /** Spans of all sessions. */
  *spans(): Generator<Span> {
    for (const { start, end } of this.sessions.values()) yield { start, end };
  }

  #im(event: LogEvent, local: LocalTime): void {
    const { im } = event;
    const account = this.#account(event);
    if (im.kind === 'login' && im.result !== 'failure' && account !== undefined)
      this.#seen(account, event, local.day);
    if (im.exposed === 'password' && account !== undefined) account.exposed = true;
    if (im.client !== undefined && account !== undefined && (im.from ?? im.account) === im.account)
      addTo(account.clients, im.client);
    if (im.kind === 'message') this.#message(event, account, local);
    else if (im.kind === 'file') {
      this.#uses(event, 'file');
      if (im.fileState === 'start' || im.fileState === 'complete') this.#countFile(event, local);
    } else if (im.kind === 'call') this.#uses(event, 'call');
  }

  #message(event: LogEvent, account: AccountUse | undefined, local: LocalTime): void {
    const { im, seconds } = event;
    this.#uses(event, 'text');
    if ((im.copy !== undefined && im.copy !== 'offline') || im.secondLeg) return;
    if (account !== undefined) {
      if (im.sent === true) account.sent++;
      else account.received++;
    }
    if (this.#deliveries.isDelivery(im)) return;
    this.messages++;
    this.day(local.day).messages++;
    const slot = local.weekday * 24 + local.hour;
    this.week[slot] = (this.week[slot] ?? 0) + 1;
    const hour = Math.floor(seconds / HOUR);
    this.messagesByHour.set(hour, (this.messagesByHour.get(hour) ?? 0) + 1);
    if (account !== undefined && im.sent === true) this.#seen(account, event, local.day);
    if (im.conversation !== undefined) this.#conversation(event, im.conversation);
  }

  #conversation({ im, seconds }: LogEvent, id: string): void {
    let use = this.conversations.get(id);
    if (use === undefined) {
      if (this.#isFull(this.conversations, 'report_conversations')) return;
      use = {
        ...{ service: im.service, members: new Set(), room: false, messages: 0 },
        ...{ lastFrom: undefined, lastAt: seconds },
      };
      this.conversations.set(id, use);
    }
    use.messages++;
    use.room ||= im.room !== undefined;
    const from = im.from ?? (im.sent === true ? im.account : undefined);
    for (const member of [from, ...im.to, im.account]) if (member !== undefined) addTo(use.members, member);
    const waited = seconds - use.lastAt;
    const answers = from !== undefined && use.lastFrom !== undefined && from !== use.lastFrom;
    if (answers && waited >= 0 && waited <= ANSWERED_WITHIN) this.responses.add(waited);
    use.lastFrom = from ?? use.lastFrom;
    use.lastAt = seconds;
  }

  #account(event: LogEvent): AccountUse | undefined {
    const { im } = event;
    const name = im.account ?? (im.kind === 'login' ? im.from : undefined);
    if (name === undefined || im.kind === 'conversation') return undefined;
    const key = `${im.service} ${name}`;
    let use = this.accounts.get(key);
    if (use === undefined) {
      if (this.#isFull(this.accounts, 'report_accounts')) return undefined;
      use = {
        ...{ service: im.service, name, person: undefined, department: undefined },
        ...{ sent: 0, received: 0, exposed: false, clients: new Set(), addresses: new Set() },
      };
      this.accounts.set(key, use);
    }
    use.person ??= im.person;
    use.department ??= im.department;
    if (event.ip !== undefined) addTo(use.addresses, event.ip);
    return use;
  }

  #seen(account: AccountUse, _event: LogEvent, day: string): void {
    this.day(day).users.add(userOf(account));
  }

  #session({ im, seconds, flow }: LogEvent, id: string): void {
    const start = flow?.start ?? seconds;
    const end = flow?.end ?? seconds;
    const use = this.sessions.get(id);
    if (use === undefined) {
      if (this.#isFull(this.sessions, 'report_sessions')) return;
      this.sessions.set(id, { service: im.service, start, end, carried: im.carrier !== undefined });
      return;
    }
    use.start = Math.min(use.start, start);
    use.end = Math.max(use.end, end);
    use.carried ||= im.carrier !== undefined;
  }

  #file(event: LogEvent, local: LocalTime): void {
    this.#uses(event, 'file');
    this.#countFile(event, local);
  }

  #countFile({ im }: LogEvent, local: LocalTime): void {
    const id = im.fileId ?? im.id;
    if (this.files.has(id) || this.#isFull(this.files, 'report_files')) return;
    this.files.add(id);
    this.day(local.day).files++;
  }

  #alert({ alert, im, ip }: LogEvent, local: LocalTime): void {
    if (alert === undefined) return;
    const key = im.finding ?? im.id;
    const known = this.findings.get(key);
    if (known !== undefined) {
      known.alerts++;
      return;
    }
    if (this.#isFull(this.findings, 'report_findings')) return;
    const { id, name, severity, metadata } = alert;
    const evidence = metadata['evidence'] ?? [];
    const about = { account: im.account ?? im.from, address: ip, service: im.service };
    this.findings.set(key, { id, name, severity, day: local.day, ...about, alerts: 1, evidence });
    const day = this.day(local.day);
    day.findings++;
    if (severity === 1) day.severe++;
  }

  #flow({ flow, im, protocol, file, flowId }: LogEvent): void {
    if (flow === undefined || im.service === 'unknown') return;
    const { bytes, start, end } = flow;
    this.flows++;
    this.bytes += bytes;
    this.bytesByService.set(im.service, (this.bytesByService.get(im.service) ?? 0) + bytes);
    const key = `${file} ${flowId}`;
    const activity = FILE_PROTOCOLS.has(protocol) ? 'file' : (this.#activities.get(key) ?? 'presence');
    this.#activities.delete(key);
    const first = Math.floor(start / HOUR);
    const last = Math.min(Math.max(first, Math.floor(end / HOUR)), first + MOST_HOURS);
    const lasts = Math.max(1, end - start);
    for (let hour = first; hour <= last; hour++) {
      const within = Math.min(end, (hour + 1) * HOUR) - Math.max(start, hour * HOUR);
      const part = first === last ? bytes : (bytes * Math.max(0, within)) / lasts;
      const use = this.bytesByHour.get(hour) ?? { text: 0, file: 0, call: 0, presence: 0 };
      use[activity] += part;
      this.bytesByHour.set(hour, use);
      this.day(this.#calendar.at(hour * HOUR).day).bytes += part;
    }
  }

  /** A connection that carried a file or a call is one for that, whatever else it carried. */
  #uses({ file, flowId }: LogEvent, activity: Activity): void {
    const key = `${file} ${flowId}`;
    const before = this.#activities.get(key);
    if (before === undefined || before === 'text') this.#activities.set(key, activity);
  }

  #isFull(kept: { readonly size: number }, limit: keyof typeof REPORT_LIMITS): boolean {
    if (kept.size < REPORT_LIMITS[limit].default) return false;
    this.limited.add(limit);
    return true;
  }
}

/** Who uses an account: the person where one is known. */
export function userOf({ person, service, name }: AccountUse): string {
  return person === undefined ? `${service} ${name}` : `person ${person}`;
}

function addTo(set: Set<string>, value: string): void {
  if (set.size < MOST_OF_ONE) set.add(value);
}
