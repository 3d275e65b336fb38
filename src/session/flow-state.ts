import type { ToldFlow } from '../dissect/told.ts';
import type { EventIds } from '../event/ids.ts';
import type { ImFacts } from '../event/im.ts';
import type { EveTls } from '../event/tls.ts';
import type { Session } from './accounts.ts';
import type { Talk } from './conversations.ts';
import type { Claim } from './files.ts';
import type { Owner } from './options.ts';
import type { Use } from './service-uses.ts';

/** What the session stage knows of one flow. */
export interface FlowState {
  account: string | undefined;
  service: string;
  session: Session | undefined;
  /** What its handshake showed: rides on the flow's end, too. */
  tls: EveTls | undefined;
  readonly ids: EventIds;
  /** Between whom its last message passed. */
  talk?: Talk;
  /** Files of this flow that another flow announced, by the flow's own id of the file. */
  claims?: Map<string, Claim>;
  /** It was told that its session is not clear. */
  isLeftOpen?: boolean;
  /** Who owns the account `owned` of the network `ownedOn`. */
  owner?: Owner | undefined;
  owned?: string;
  ownedOn?: string;
  /** Of which use of a messenger that cannot be read it is a connection, and whether voice or video pass. */
  use?: Use;
  isCall?: true;
  /** It was told that a file's announcement is ambiguous. */
  doubted?: boolean;
}

/** Adds whose session it is; of a messenger that cannot be read, which use. */
export function addSession(im: { session?: string }, { session, use }: FlowState): void {
  const id = session?.id ?? use?.id;
  if (id !== undefined) im.session = id;
}

/** Somebody signed off in this flow: the session is over where it is the flow's own account. */
export function signOff(state: FlowState, who: string | undefined): void {
  if (state.session && (who === undefined || who === state.account)) state.session.closed = true;
}

/**
 * Settles the network of an event and with it of its flow: where the dissector cannot know who is signed on and its
 * protocol serves several, it is the session's. True where the event said another one.
 */
export function settleNetwork(facts: ImFacts, run: ToldFlow, state: FlowState): boolean {
  const { account, service } = facts;
  const signedOn = account === undefined ? state.session?.service : undefined;
  const corrected =
    signedOn !== undefined && signedOn !== service && run.protocol.services.includes(signedOn);
  if (corrected) facts.service = signedOn;
  state.service = facts.service;
  return corrected;
}
