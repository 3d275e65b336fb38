import type { CarrierName, Direction, ImFacts, Verdict } from '../event/im.ts';
import { ownText } from '../core/text.ts';
import type { EndReason } from '../flow/consumer.ts';
import type { FlowHeader } from '../event/eve.ts';
import { Flow } from '../flow/flow.ts';
import type { Carry, InnerStream, InnerTarget } from '../sdk/index.ts';
import { Inner } from './inner-stream.ts';
import { FlowRun } from './run.ts';
import { Span } from './span.ts';

/** Where the streams inside carriers go: back to the detectors. */
export interface InnerDetection {
  data(flow: Flow, direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void;
  gap(flow: Flow, direction: 0 | 1, length: number, cut: boolean): void;
  end(flow: Flow, direction: 0 | 1): void;
  finish(flow: Flow, reason: EndReason): void;
  /** Begins reading without asking the detectors; false where no such protocol is registered. */
  adopt(flow: Flow, protocol: string): boolean;
  /** This flow, which nothing was told of, is of no interest. */
  drop(flow: Flow): void;
  /** This flow is told of though nothing in it was recognised. */
  keep(flow: Flow): void;
}

interface Odd {
  readonly direction: Direction;
  readonly offset: number;
  readonly code: string;
  readonly type: 'stream' | 'applayer';
}

/** Oddities of one carrier kept until it is known whether IM is inside. */
const KEPT_ODDITIES = 8;

/**
 * A flow whose payload is another stream. It is read like any other, but nothing is told of it
 * unless its dissector tells a refused attempt, or one of the streams inside turns out to be IM.
 */
export class CarrierRun extends FlowRun implements Carry {
  /** The streams inside, in the order of their opening. */
  readonly #inner: Inner[] = [];
  #opened = 0;
  /** Of them, those that count against the limit of all. */
  #counted = 0;
  /** The first of them that is IM. */
  #im: FlowRun | undefined;
  readonly #odd: Odd[] = [];
  readonly #claims: [fileId: string, realm: string, token: string, sender: Direction | undefined][] = [];
  /** The dissector told something of the carrier itself. */
  #spoke = false;

  protected override makeCarry(): Carry {
    return this;
  }

  /** With what EVE calls the carrier itself, if anything. */
  protected override makeHeader(): FlowHeader {
    const header = super.makeHeader();
    const appProto = this.protocol.carrier?.appProto;
    if (appProto === undefined) delete header.app_proto;
    else header.app_proto = appProto;
    return header;
  }

  // What the dissector calls

  open(target: InnerTarget): InnerStream | undefined {
    const { flow, home } = this;
    const outer = flow.carriage;
    const depth = (outer?.depth ?? 0) + 1;
    if (target.known && !home.spans.has(flow, this.#keyOf(target))) return undefined;
    if (depth > home.limits.carrier_depth) {
      this.tell(0, 0, 'carrier_depth_limit', 'applayer');
      return undefined;
    }
    if (this.#inner.length >= home.limits.carrier_streams) this.#makeRoom();
    if (this.#inner.length >= home.limits.carrier_streams || !home.openStream(flow, this.#im !== undefined)) {
      this.tell(0, 0, 'carrier_streams_limit', 'applayer');
      return undefined;
    }
    this.#counted++;
    const inner = this.#innerFlow(target, depth);
    const stream = new Inner(inner, home, (session) => this.#sessionKey(target.carrier, session));
    this.#inner.push(stream);
    if (target.protocol !== undefined && !home.detect?.adopt(inner, target.protocol)) {
      inner.dropped = true;
    }
    return stream;
  }

  #innerFlow(target: InnerTarget, depth: number): Flow {
    const { flow, home } = this;
    const outer = flow.carriage;
    const key = this.#keyOf(target);
    const known = home.spans.find(flow, key, home.stamp.seconds);
    const begun = !known && (target.midstream ?? flow.midstream);
    const inner = new Flow(flow.records, flow.at, begun, {
      outer: flow,
      carrier: outer ? `${outer.carrier}+${target.carrier}` : target.carrier,
      depth,
      index: this.#opened++,
      port: target.port,
      spans: target.spans ?? false,
      span: known ?? (target.spans ? home.spans.begin(flow, key) : undefined),
      evidence: [...(outer?.evidence ?? []), target.evidence],
    });
    inner.flipped = flow.flipped;
    inner.tunnel = flow.tunnel;
    inner.link = flow.link;
    return inner;
  }

  #keyOf({ carrier, session }: InnerTarget): string | undefined {
    return session === undefined ? undefined : this.#sessionKey(carrier, session);
  }

  /** Sessions are named by their server for one client: the same name between others is another session. */
  #sessionKey(carrier: CarrierName, session: string): string {
    const { src_ip: client, dest_ip: server } = this.header;
    return `${carrier}\0${client}\0${server}\0${session}`;
  }

  as(carrier: CarrierName): void {
    const outer = this.flow.carriage;
    this.carrier = outer ? `${outer.carrier}+${carrier}` : carrier;
  }

  user(name: string): void {
    this.proxyUser ??= ownText(name.slice(0, MAX_USER));
    if (this.#im) this.#im.proxyUser ??= this.proxyUser;
  }

  override emit(direction: Direction, offset: number, facts: ImFacts): void {
    if (!this.#spoke) {
      this.#spoke = true;
      // Not how the carrier was recognised matters, but for what it was asked.
      const { confidence = 'medium', evidence = this.verdict.evidence } = facts;
      const protocol = this.header.app_proto ?? this.protocol.name;
      this.verdict = {
        protocol,
        confidence,
        evidence: [...(this.flow.carriage?.evidence ?? []), ...evidence],
      };
      this.home.detect?.keep(this.flow);
      this.home.output.verdict(this);
      for (const claim of this.#claims) super.claim(...claim);
      this.#claims.length = 0;
    }
    super.emit(direction, offset, facts);
  }

  /** Nothing can be said of a flow that nobody was told of: what is claimed waits for the first event. */
  override claim(fileId: string, realm: string, token: string, sender?: Direction): void {
    if (this.#spoke) super.claim(fileId, realm, token, sender);
    else if (this.#claims.length < KEPT_ODDITIES) this.#claims.push([fileId, realm, token, sender]);
  }

  /** A carrier's tokens are those of what it carries. */
  override issue(realm: string, token: string, account?: string): void {
    this.#im?.issue(realm, token, account);
  }

  override present(realm: string, token: string): void {
    this.#im?.present(realm, token);
  }

  /** Oddities wait until there is IM to tell them of. */
  override tell(direction: Direction, offset: number, code: string, type: 'stream' | 'applayer'): void {
    if (this.#im) this.#im.tell(direction, offset, code, type);
    else if (this.#spoke) super.tell(direction, offset, code, type);
    else if (this.#odd.length < KEPT_ODDITIES) this.#odd.push({ direction, offset, code, type });
  }

  // What the engine calls

  /** A stream inside this carrier (perhaps in another one in it) is IM. */
  found(run: FlowRun): void {
    if (this.#im) run.silent = true;
    else this.home.streamsFound(this.flow, this.#counted);
    this.#im ??= run;
    run.proxyUser ??= this.proxyUser;
    for (const { direction, offset, code, type } of this.#odd) run.tell(direction, offset, code, type);
    this.#odd.length = 0;
    const outer = this.flow.carriage?.outer.state;
    if (outer instanceof CarrierRun) outer.found(run);
  }

  /** A stream inside was given up: without another, so is this flow. */
  settle(): void {
    if (this.#im || this.#spoke || this.stopped) return;
    if (this.#inner.every((inner) => inner.flow.dropped)) this.stop('bad');
  }

  abandon(): void {
    this.#close();
    for (const inner of this.#inner) this.home.detect?.drop(inner.flow);
    this.settle();
  }

  override data(direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    super.data(direction, bytes, start, end);
    this.#rest();
  }

  override gap(direction: Direction, length: number, cut: boolean): void {
    // A gap inside the tunnel is the inner stream's to tell.
    super.gap(direction, length, cut);
    this.#rest();
  }

  override end(direction: Direction): void {
    super.end(direction);
    for (const inner of this.#inner) if (!inner.flow.carriage?.spans) inner.end(direction);
  }

  override finish(reason: EndReason): void {
    this.#close();
    this.dropTail(0);
    this.dropTail(1);
    this.files?.end();
    for (const inner of this.#inner) this.#finishInner(inner, reason);
    if (this.#spoke) {
      this.silent = this.#im !== undefined;
      this.home.finished(this, reason);
    } else if (!this.#im) this.home.undecided(this.flow, reason);
  }

  #finishInner(inner: Inner, reason: EndReason): void {
    const run = inner.flow.state;
    inner.leave();
    // By now it may be known from another connection whose session it is.
    if (inner.flow.carriage?.spans && run instanceof FlowRun) run.leave(reason);
    const span = inner.flow.carriage?.span;
    if (span instanceof Span) this.home.spans.settle(inner.flow, span, this.home.stamp.seconds);
    if (!inner.flow.dropped) this.home.detect?.finish(inner.flow, reason);
  }

  /** A session that is over leaves its place: a proxy's connection may carry many, one after the other. */
  #makeRoom(): void {
    const at = this.#inner.findIndex((inner) => inner.closed && inner.flow.state !== this.#im);
    const [inner] = at < 0 ? [] : this.#inner.splice(at, 1);
    if (!inner) return;
    this.#finishInner(inner, 'timeout');
    this.home.closeStreams(this.flow, 1, this.#im !== undefined);
    this.#counted--;
  }

  #close(): void {
    this.home.closeStreams(this.flow, this.#counted, this.#im !== undefined);
    this.#counted = 0;
  }

  protected override stop(why: 'encrypted' | 'bad' | 'failed'): void {
    super.stop(why);
    if (!this.#im && !this.#spoke) this.home.detect?.drop(this.flow);
  }

  /** Where no stream inside needs more bytes, neither does this flow. */
  #rest(): void {
    if (this.stopped || !this.#im || this.#im.flow.feeding) return;
    if (this.#inner.every((inner) => !inner.wanted)) this.flow.feeding = false;
  }
}

const MAX_USER = 256;

/** The verdict on an inner stream, with how its carriers were recognised. */
export function carriedVerdict(flow: Flow, verdict: Verdict): Verdict {
  if (!flow.carriage) return verdict;
  return { ...verdict, evidence: [...flow.carriage.evidence, ...verdict.evidence] };
}
