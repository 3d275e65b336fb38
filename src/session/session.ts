import type { HostFact } from '../core/host-fact.ts';
import type { DissectionOutput, ToldFlow } from '../dissect/told.ts';
import { FACTS } from '../event/eve.ts';
import type { EveAnomaly, EveEvent, FactsText, ImObject } from '../event/eve.ts';
import { flowEvent } from '../event/factory.ts';
import type { Place } from '../event/factory.ts';
import { EventIds } from '../event/ids.ts';
import type { CarvedFile, FileAnnouncement } from '../event/file.ts';
import type { Direction, ImFacts } from '../event/im.ts';
import type { EndReason } from '../flow/consumer.ts';
import type { TunnelEnds } from '../flow/tunnel-ends.ts';
import { Accounts, AMBIGUOUS } from './accounts.ts';
import type { Session } from './accounts.ts';
import { conversationEvent, Conversations } from './conversations.ts';
import { addSession, settleNetwork, signOff } from './flow-state.ts';
import type { FlowState } from './flow-state.ts';
import { complete, FileJoiner, fileInfo, partyAt } from './files.ts';
import type { Announced } from './files.ts';
import { Legs } from './legs.ts';
import { ProxyLegs } from './proxy-legs.ts';
import { Once } from './once.ts';
import { ServiceUses } from './service-uses.ts';
import { addWho } from './options.ts';
import type { SessionOptions, Who } from './options.ts';
import { addOwner, endOfFlow, plainEvent, tellEnd } from './flow-event.ts';

/**
 * Joins flows to sessions and messages to conversations, and turns the dissectors' facts into
 * events. Works on what the dissectors tell, in order; bounded by `limits`.
 */
export class SessionStage implements DissectionOutput {
  readonly accounts: Accounts;
  /** Events by kind. */
  readonly kinds = new Map<string, number>();
  /** Joins that were left open, by the anomaly that told so. */
  readonly leftOpen: Record<string, number> = {};
  readonly host: (fact: HostFact) => void;
  readonly #conversations: Conversations;
  readonly #files: FileJoiner;
  readonly #legs = new Legs();
  readonly #proxyLegs = new ProxyLegs();
  readonly #once = new Once();
  readonly #uses: ServiceUses;
  /** Flows whose account is not known. */
  #unnamed = 0;
  readonly #flows = new Map<string, FlowState>();
  readonly #place: () => Place;
  readonly #emit: (event: EveEvent) => void;
  readonly #onVerdict: ((run: ToldFlow, place: Place) => void) | undefined;
  readonly #who: Who | undefined;
  readonly #now: () => number;
  #second = -1;

  constructor(options: SessionOptions) {
    this.accounts = new Accounts(options.limits);
    this.#files = new FileJoiner(options.limits);
    this.#conversations = new Conversations(options.limits, (c) => {
      this.#count('conversation', conversationEvent(c));
    });
    this.#uses = new ServiceUses(options.limits, (event) => {
      this.#count('service', event);
    });
    this.#place = options.place;
    this.#now = options.now ?? (() => options.place().seconds);
    this.#emit = options.emit;
    this.#onVerdict = options.onVerdict;
    this.host = options.onHost ?? (() => undefined);
    this.#who = options.who;
  }

  verdict(run: ToldFlow): void {
    this.#stateOf(run);
    this.#proxyLegs.seen(run.carrier, run.midstream, run.header.dest_ip);
    this.#onVerdict?.(run, this.#place());
  }

  im(
    run: ToldFlow,
    direction: Direction,
    offset: number,
    ordinal: number,
    facts: ImFacts,
    text?: FactsText,
  ): void {
    const place = this.#place();
    this.tick(this.#now());
    const state = this.#stateOf(run);
    if (this.#joinFile(run, state, direction, offset, facts)) text = undefined;
    if (settleNetwork(facts, run, state)) text = undefined;
    this.#join(run, state, facts);
    // What was written of the facts holds it.
    if (facts.once !== undefined) text = undefined;
    if (this.#isKnown(run, state, facts, place)) return;
    const id = state.ids.of('im', facts.kind, direction, offset, ordinal);
    const other = this.#otherLeg(run, state, direction, facts, id);
    // The facts become the event's: they are the dissector's no more.
    const im: Partial<ImObject> & ImFacts = facts;
    im.v = 1;
    im.id = id;
    addSession(im, state);
    if (other !== undefined) im.second_leg_of = other;
    if (facts.kind === 'message') {
      const counts = other === undefined;
      this.#completeMessage(run, state, direction, facts, place.seconds, counts);
      im.conversation = this.#conversations.of(facts, run, state, place, id, this.#now(), counts).id;
    }
    if (state.account !== undefined) im.account = state.account;
    if (run.carrier !== undefined) im.carrier = run.carrier;
    addWho(im, state, this.#who);
    const event = flowEvent('im', run.header, place, direction);
    if (facts.tls !== undefined) {
      event.tls = state.tls = facts.tls;
      delete facts.tls;
    }
    event.im = im as ImObject;
    if (text) event[FACTS] = text;
    this.#count(facts.kind, event);
    if (facts.kind === 'logout') signOff(state, facts.from);
  }

  anomaly(run: ToldFlow, direction: Direction, offset: number, code: string, type: EveAnomaly['type']): void {
    // What this stage finds; the dissectors count theirs.
    if (code.endsWith('_ambiguous')) this.leftOpen[code] = (this.leftOpen[code] ?? 0) + 1;
    const event = flowEvent('anomaly', run.header, this.#place(), direction);
    event.anomaly = { type, event: code, layer: type === 'stream' ? 'stream' : 'proto_parser' };
    if (type === 'applayer') event.anomaly.app_proto = run.protocol.appProto ?? run.protocol.name;
    const state = this.#stateOf(run);
    event.im = { v: 1, id: state.ids.of('anomaly', code, direction, offset, 0), service: state.service };
    if (state.session) event.im.session = state.session.id;
    if (run.carrier !== undefined) event.im.carrier = run.carrier;
    this.#emit(event);
  }

  issue(run: ToldFlow, token: string, account: string | undefined): void {
    const state = this.#stateOf(run);
    if (account !== undefined && state.account === undefined) this.#name(state, account);
    state.session ??=
      state.account !== undefined
        ? this.#signOn(run, state.service, state.account)
        : this.accounts.unnamed(run.id);
    if (run.carrier !== undefined) state.session.isCarried = true;
    this.accounts.issue(token, state.session);
  }

  present(run: ToldFlow, token: string): void {
    const session = this.accounts.present(token);
    if (!session) return;
    const state = this.#stateOf(run);
    if (session === AMBIGUOUS) {
      if (!state.isLeftOpen) this.anomaly(run, 0, 0, 'session_join_ambiguous', 'stream');
      state.isLeftOpen = true;
      return;
    }
    state.session = session;
    if (session.account !== undefined) this.#name(state, session.account);
  }

  announce(run: ToldFlow, token: string, file: FileAnnouncement): void {
    const { account, session } = this.#stateOf(run);
    const party = account === undefined ? undefined : { ip: run.header.src_ip, account, session };
    this.#files.announce(token, file, party, this.#now());
  }

  claim(run: ToldFlow, fileId: string, token: string, sender: Direction | undefined): void {
    this.#files.claim((this.#stateOf(run).claims ??= new Map()), fileId, { token, sender });
  }

  file(run: ToldFlow, direction: Direction, offset: number, ordinal: number, carved: CarvedFile): void {
    const state = this.#stateOf(run);
    const announced = this.#announced(run, state, direction, offset, carved.id);
    const { info, im } = fileInfo(carved, announced?.file);
    const event = flowEvent('fileinfo', run.header, this.#place(), direction);
    event.fileinfo = info;
    const service = announced?.file.service ?? carved.service;
    event.im = { v: 1, id: state.ids.of('fileinfo', '', direction, offset, ordinal), service, ...im };
    addOwner(event.im, run, state);
    addWho(event.im, state, this.#who);
    this.#emit(event);
  }

  finished(run: ToldFlow, reason: EndReason): void {
    const state = this.#stateOf(run);
    this.#flows.delete(run.id);
    this.#uses.ended(run, state, this.#place(), this.#now());
    if (state.account === undefined) this.#unnamed--;
    if (run.silent) return;
    const event = flowEvent('flow', run.header, this.#place());
    endOfFlow(event, run.flow.records, run.flow.at, run.flow.flipped, reason);
    tellEnd(event, run, state, state.ids.of('flow', reason, 0, 0, 0));
    if (event.im) addWho(event.im, state, this.#who);
    this.#emit(event);
  }

  plain(records: Int32Array, at: number, flipped: boolean, reason: EndReason, tunnel?: TunnelEnds): void {
    this.#emit(plainEvent(records, at, flipped, reason, this.#place(), tunnel));
  }

  /** Packet time moved on: conversations that fell silent are told. */
  tick(second: number): void {
    if (second === this.#second) return;
    this.#second = second;
    this.#conversations.sweep(second);
    this.#uses.sweep(second);
  }

  /** Announced files, conversations and uses that gave way because their limit was reached. */
  get forgotten(): { files: number; conversations: number; uses: number } {
    const [files, conversations, uses] = [this.#files, this.#conversations, this.#uses];
    return { files: files.forgotten, conversations: conversations.forgotten, uses: uses.forgotten };
  }

  /** The capture is over. */
  finish(): void {
    this.#conversations.finish();
    this.#uses.finish();
  }

  #stateOf(run: ToldFlow): FlowState {
    let state = this.#flows.get(run.id);
    if (!state) {
      const service = run.protocol.services[0] ?? run.protocol.name;
      const ids = new EventIds(run.id);
      state = { account: undefined, service, session: undefined, tls: undefined, ids };
      this.#flows.set(run.id, state);
      this.#unnamed++;
    }
    return state;
  }

  /** Completes what a flow tells of a file that another flow announced; true where it did. */
  #joinFile(run: ToldFlow, state: FlowState, direction: Direction, offset: number, facts: ImFacts): boolean {
    const id = facts.file?.id;
    if (id === undefined || state.claims === undefined) return false;
    const announced = this.#announced(run, state, direction, offset, id);
    if (!announced) return false;
    complete(facts, announced);
    if (state.account !== undefined) facts.sent = facts.from === state.account;
    return true;
  }

  /** What was announced of a file of this flow; the flow's account and session are then known, too. */
  #announced(
    run: ToldFlow,
    state: FlowState,
    direction: Direction,
    offset: number,
    fileId: string,
  ): Announced | undefined {
    const announced = this.#files.find(state.claims, fileId);
    if (!announced) return undefined;
    if (announced.ambiguous) {
      if (!state.doubted) this.anomaly(run, direction, offset, 'file_join_ambiguous', 'applayer');
      state.doubted = true;
      return undefined;
    }
    const party =
      state.account === undefined
        ? partyAt(announced, run.header.src_ip, state.claims?.get(fileId)?.sender)
        : undefined;
    if (party) {
      this.#name(state, party.account);
      state.session ??= party.session;
    }
    return announced;
  }

  /** It says nothing that was not told: of this account, within the hour, or of this use of a messenger. */
  #isKnown(run: ToldFlow, state: FlowState, facts: ImFacts, place: Place): boolean {
    const { kind, service, once } = facts;
    if (kind === 'login' && this.#isRepeat(state, facts)) return true;
    delete facts.once;
    if (once !== undefined && this.#once.isRepeat(run.header.src_ip, `${service} ${once}`, this.#now()))
      return true;
    return this.#uses.isRepeat(run, state, facts, place, this.#now());
  }

  /** A cookie shown to a second server is no second sign-on, where the first was told. */
  #isRepeat(state: FlowState, facts: ImFacts): boolean {
    const { session } = state;
    if (!session || facts.auth?.result === 'failure') return false;
    const told = session.signedOn;
    session.signedOn = true;
    return told && facts.auth?.mechanism === 'cookie';
  }

  /** It is known who is signed on. */
  #name(state: FlowState, account: string): void {
    if (state.account === undefined) this.#unnamed--;
    state.account = account;
  }

  /** Settles account and session of the flow from what the dissector says. */
  #join(run: ToldFlow, state: FlowState, facts: ImFacts): void {
    if (facts.account !== undefined) this.#name(state, facts.account);
    if (facts.kind === 'login' && facts.auth?.result === 'failure') return;
    // Another connection of the session may have said who it is.
    if (state.account === undefined && state.session?.account !== undefined)
      this.#name(state, state.session.account);
    const account = state.account;
    if (account === undefined) return;
    if (state.session) {
      if (state.session.account === undefined) {
        state.session.account = account;
        this.accounts.adopt(facts.service, account, run.header.src_ip, state.session);
      }
      return;
    }
    // What comes before the outcome of a sign-on may be the first that the other side of a proxy shows of it, too.
    const { src_ip: ip } = run.header;
    const known =
      facts.kind === 'login'
        ? undefined
        : this.accounts.known(facts.service, account, ip, this.#proxyLegs.isNear(run.carrier, ip));
    state.session = known ?? this.#signOn(run, facts.service, account);
  }

  /** The event that told the same at the other side of a proxy. */
  #otherLeg(
    run: ToldFlow,
    state: FlowState,
    direction: Direction,
    facts: ImFacts,
    id: string,
  ): string | undefined {
    const { src_ip: clientIp, dest_ip: serverIp } = run.header;
    const side = this.#proxyLegs.sideOf(run.id, run.carrier, clientIp, serverIp, state.session?.id);
    return side && this.#proxyLegs.other(side, direction, facts, id, this.#now());
  }

  /** A new session, unless the same sign-on was seen at the other side of a proxy. */
  #signOn(run: ToldFlow, service: string, account: string): Session {
    const { src_ip: clientIp, dest_ip: serverIp } = run.header;
    const carried = this.#proxyLegs.isNear(run.carrier, clientIp);
    const leg = { carried, seconds: this.#now() };
    const session = this.accounts.signOn(service, account, carried ? serverIp : clientIp, run.id, leg);
    if (carried) this.accounts.adopt(service, account, clientIp, session);
    if (session.ambiguous) this.anomaly(run, 0, 0, 'proxy_legs_ambiguous', 'applayer');
    return session;
  }

  /** Fills in who sends and who receives, from what is known of this flow and of the message's other leg. */
  #completeMessage(
    run: ToldFlow,
    state: FlowState,
    direction: Direction,
    facts: ImFacts,
    seconds: number,
    first: boolean,
  ): void {
    facts.sent ??= direction === 0;
    if (facts.from === undefined && facts.sent && state.account !== undefined) facts.from = state.account;
    // What passes a proxy is one leg, not two.
    if (first) this.#matchLegs(run, state, facts, seconds);
    if (facts.account === undefined && state.account !== undefined) facts.account = state.account;
    if (!facts.sent && facts.to === undefined && !facts.room && state.account !== undefined)
      facts.to = [state.account];
  }

  #matchLegs(run: ToldFlow, state: FlowState, facts: ImFacts, seconds: number): void {
    const { text, from } = facts;
    // Only where somebody's sign-on was not seen is there anything to learn.
    if (this.#unnamed === 0 || text === undefined) return;
    if (facts.copy !== undefined || facts.room !== undefined) return;
    if (facts.sent) {
      const { src_ip: clientIp, dest_ip: serverIp } = run.header;
      const leg = { flowId: run.id, from, to: facts.to ?? [], seconds, clientIp, serverIp };
      this.#legs.sent(facts.service, text, facts.message_id, leg);
    } else if (from !== undefined) {
      this.#joinLegs(run, state, facts, text, from, seconds);
    }
  }

  #joinLegs(
    run: ToldFlow,
    state: FlowState,
    facts: ImFacts,
    text: string,
    from: string,
    seconds: number,
  ): void {
    const legs = this.#legs.received(facts.service, text, facts.message_id, run.id, from, seconds);
    const [leg] = legs;
    if (!leg) return;
    for (const { flowId } of legs) {
      const sender = this.#flows.get(flowId);
      if (sender && sender.account === undefined) this.#name(sender, from);
    }
    const only = leg.to.length === 1 ? leg.to[0] : undefined;
    if (only !== undefined && state.account === undefined) this.#name(state, only);
    if (facts.to === undefined && leg.to.length > 0) facts.to = [...leg.to];
  }

  /** Tells what is over, if there is anything to tell. */
  #count(kind: string, event: EveEvent | undefined): void {
    if (!event) return;
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    this.#emit(event);
  }
}
