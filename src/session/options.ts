import type { HostFact } from '../core/host-fact.ts';
import type { Limits } from '../core/limits.ts';
import type { ToldFlow } from '../dissect/told.ts';
import type { EveEvent, ImObject } from '../event/eve.ts';
import type { Place } from '../event/factory.ts';
import type { FlowState } from './flow-state.ts';

export interface SessionOptions {
  readonly limits: Limits;
  /** The frame being told of. */
  readonly place: () => Place;
  /** The packet clock, seconds: what one wrong stamp does not move. The frame's own time where not given. */
  readonly now?: () => number;
  readonly emit: (event: EveEvent) => void;
  /** The detector decided; told before the flow's first event. */
  readonly onVerdict?: (run: ToldFlow, place: Place) => void;
  /** The wire told of a machine. */
  readonly onHost?: (fact: HostFact) => void;
  /** Who an account's owner is. */
  readonly who?: Who;
}

/** The owner of an account. */
export interface Owner {
  readonly person?: string;
  readonly department?: string;
}

export interface Who {
  ownerOf(service: string, account: string): Owner | undefined;
}

/** Adds the owner of the flow's account, looked up once a flow and account. */
export function addWho(im: Partial<ImObject>, state: FlowState, who: Who | undefined): void {
  const { account, service } = state;
  if (who === undefined || account === undefined) return;
  if (state.owned !== account || state.ownedOn !== service) {
    state.owned = account;
    state.ownedOn = service;
    state.owner = who.ownerOf(service, account);
  }
  const { owner } = state;
  if (owner?.person !== undefined) im.person = owner.person;
  if (owner?.department !== undefined) im.department = owner.department;
}
