import type { Writable } from 'node:stream';
import type { ColorSupportLevel } from 'chalk';
import { packetSeconds } from '../classify/clock.ts';
import { describeAlert } from '../classify/describe.ts';
import { SIGNATURES } from '../classify/signatures.ts';
import type { OperatorError } from '../core/errors.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { SecondLegs } from '../event/second-legs.ts';
import { makePalette } from './colour.ts';
import type { Palette } from './colour.ts';
import { alsoOn, EVENT_LINES, IM_LINES, names, shownAt, time } from './console-lines.ts';
import type { Shown } from './console-lines.ts';
import { neutralise } from './neutralise.ts';
import { streamOutput } from './output.ts';
import { ToldByOtherFlow } from './other-flow.ts';
import { ToldClients } from './told-clients.ts';
import type { OutputOptions, TextOutput } from './output.ts';

export interface ConsoleOptions extends OutputOptions {
  /** What the stream can show; `colourLevel` tells. No colour where not given. */
  level?: ColorSupportLevel;
  /** Characters of what somebody wrote that are shown. */
  textWidth?: number;
  /** Show everything but statistics: presence, typing, flows and anomalies too. */
  verbose?: boolean;
  /** What messages call the stream. */
  name?: string;
}

const TEXT_WIDTH = 160;
/** Characters of an alert's reason: policy lines are the operator's own and may be long. */
const REASON_WIDTH = 240;

/** Kinds of `im` events that an analyst does not ask for line by line. */
const QUIET_KINDS: ReadonlySet<string> = new Set([
  'presence',
  'typing',
  'receipt',
  'attention',
  'profile',
  'conversation',
]);
const QUIET_TYPES: ReadonlySet<string> = new Set(['flow', 'anomaly']);

/** Contacts of one sign-on, counted until the list is over. */
interface ContactList {
  event: EveEvent;
  seconds: number;
  count: number;
  names: string[];
}

/** Contact lists that are counted at once, names kept of each, and packet seconds after which one is over. */
const OPEN_LISTS = 256;
const LIST_NAMES = 6;
const LIST_SECONDS = 2;

/**
 * The events that an analyst wants to see, one line each, in packet time (UTC). Whatever came off the
 * wire is neutralised: no text can act on the terminal or begin a line. Contacts that a server
 * lists are summed up in one line.
 */
export class ConsoleSink implements EventSink {
  readonly #output: TextOutput;
  readonly #palette: Palette;
  readonly #shown: Shown;
  readonly #verbose: boolean;
  readonly #lists = new Map<number, ContactList>();
  readonly #secondLegs = new SecondLegs();
  readonly #clients = new ToldClients();
  readonly #others = new ToldByOtherFlow();

  constructor(stream: Writable, options: ConsoleOptions = {}) {
    this.#output = streamOutput(stream, options.name ?? 'the console', options);
    this.#palette = makePalette(options.level ?? 0);
    this.#shown = shownAt(options.textWidth ?? TEXT_WIDTH);
    this.#verbose = options.verbose ?? false;
  }

  get closedByReader(): boolean {
    return this.#output.closedByReader;
  }

  get failure(): OperatorError | undefined {
    return this.#output.failure;
  }

  write(event: EveEvent): void {
    if (this.#lists.size > 0) this.#endLists(event);
    if (event.event_type === 'im') this.#im(event);
    else if (event.event_type === 'alert') this.#alert(event);
    else this.#other(event);
  }

  /** Writes text of our own (whole lines, wire text in it neutralised) behind the events. */
  print(text: string): void {
    for (const flow of [...this.#lists.keys()]) this.#endList(flow);
    this.#output.write(text);
  }

  flush(): void {
    this.#output.flush();
  }

  drained(): Promise<void> | undefined {
    return this.#output.drained();
  }

  close(): Promise<void> {
    for (const flow of [...this.#lists.keys()]) this.#endList(flow);
    return this.#output.close();
  }

  #im(event: EveEvent): void {
    const { im } = event;
    if (im?.kind === undefined || (!this.#verbose && this.#isQuiet(im.kind, event))) return;
    if (im.contact?.op === 'list' && event.flow_id !== undefined) {
      this.#count(event, event.flow_id, im.contact.id);
      return;
    }
    const line = IM_LINES[im.kind](im, event, this.#shown);
    const failed = im.auth?.result === 'failure' || im.auth?.exposed !== undefined;
    const done = im.auth?.result === 'success' ? this.#palette.good : asIs;
    this.#print(event, this.#palette.kind, im.kind, failed ? this.#palette.bad(line) : done(line));
  }

  #isQuiet(kind: string, event: EveEvent): boolean {
    if (QUIET_KINDS.has(kind) || this.#isOtherLeg(event) || this.#secondLegs.isSecond(event)) return true;
    return (kind === 'client' && !this.#clients.isNews(event)) || this.#others.isAgain(event);
  }

  /** What passed a proxy was told already. Of a sign-on the other address is told as well. */
  #isOtherLeg(event: EveEvent): boolean {
    const { im } = event;
    if (im?.second_leg_of === undefined) return false;
    if (im.kind === 'login') {
      const line = alsoOn(im, event, this.#shown);
      this.#print(event, this.#palette.quiet, im.kind, line);
    }
    return true;
  }

  #alert(event: EveEvent): void {
    const { alert } = event;
    const [high, medium, low] = this.#palette.alert;
    const paint = alert?.severity === 1 ? high : alert?.severity === 2 ? medium : low;
    const notice = alert?.signature_id === SIGNATURES.clientNoticed.id;
    const line = describeAlert(event, this.#shown.name, (text) => neutralise(text, REASON_WIDTH));
    const update = alert?.metadata.update !== undefined;
    this.#print(
      event,
      update ? this.#palette.quiet : paint,
      update ? 'update' : notice ? 'NOTED' : 'ALERT',
      line,
    );
  }

  #other(event: EveEvent): void {
    if (!this.#verbose && (QUIET_TYPES.has(event.event_type) || this.#others.isAgain(event))) return;
    const line = EVENT_LINES[event.event_type]?.(event, this.#shown);
    if (line !== undefined) this.#print(event, this.#palette.quiet, event.event_type, line);
  }

  #print(event: EveEvent, paint: (text: string) => string, kind: string, line: string): void {
    const service = this.#shown.name(event.im?.service ?? event.app_proto ?? '-');
    const head = `${this.#palette.quiet(time(event.timestamp))} ${paint(kind.padEnd(8))} ${service.padEnd(5)}`;
    this.#output.write(`${head} ${line}\n`);
  }

  #count(event: EveEvent, flow: number, id: string): void {
    const list = this.#lists.get(flow);
    const seconds = packetSeconds(event.timestamp);
    if (list === undefined) {
      this.#lists.set(flow, { event, seconds, count: 1, names: [id] });
      return;
    }
    list.count++;
    list.seconds = seconds;
    // To the end: the lists stand in the order in which they were last added to.
    this.#lists.delete(flow);
    this.#lists.set(flow, list);
    if (list.names.length < LIST_NAMES) list.names.push(id);
  }

  /** Prints the lists that this event shows to be over: its own flow goes on with something else, or time has passed. */
  #endLists(event: EveEvent): void {
    const listing = event.im?.contact?.op === 'list';
    if (event.flow_id !== undefined && !listing) this.#endList(event.flow_id);
    const now = packetSeconds(event.timestamp);
    for (const [flow, list] of this.#lists) {
      if (now - list.seconds <= LIST_SECONDS && this.#lists.size <= OPEN_LISTS) break;
      this.#endList(flow);
    }
  }

  #endList(flow: number): void {
    const list = this.#lists.get(flow);
    if (list === undefined) return;
    this.#lists.delete(flow);
    const { event, count } = list;
    const { im } = event;
    if (im === undefined) return;
    if (count === 1) {
      this.#print(event, this.#palette.kind, 'contact', IM_LINES.contact(im, event, this.#shown));
      return;
    }
    const listed = list.names.slice(0, LIST_NAMES - 1);
    const rest = count > listed.length ? ` and ${count - listed.length} more` : '';
    const account = im.account === undefined ? 'unknown account' : this.#shown.name(im.account);
    const at = event.src_ip === undefined ? '' : ` at ${event.src_ip}`;
    const line = `${account}${at} has ${count} contacts: ${names(listed, this.#shown)}${rest}`;
    this.#print(event, this.#palette.kind, 'contacts', line);
  }
}

const asIs = (text: string): string => text;
