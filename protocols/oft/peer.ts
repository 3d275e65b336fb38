import type { Direction, FlowContext, ImFacts } from '../../src/sdk/index.ts';
import { normalizeName } from './wire.ts';

/** Where a frame stands. */
export interface Place {
  direction: Direction;
  offset: number;
}

/** What is known of the two ends of one peer connection. */
export class Peers {
  readonly flow: FlowContext;
  /** Screen names by the direction in which they send: from direct IM headers, from the client's proxy frames. */
  readonly names: [string | undefined, string | undefined] = [undefined, undefined];
  /** The connection goes to a rendezvous proxy: its client end is the account's own machine. */
  proxied = false;

  constructor(flow: FlowContext) {
    this.flow = flow;
  }

  setName(direction: Direction, name: string): void {
    if (normalizeName(name) !== '') this.names[direction] = name;
  }

  /** ICQ numbers are on the ICQ network; all other names, and none, on AIM's. */
  get service(): string {
    const name = this.names[0] ?? this.names[1];
    return name !== undefined && /^\d+$/.test(name) ? 'icq' : 'aim';
  }

  tell(at: Place, facts: Omit<ImFacts, 'service'>): void {
    this.flow.emit(at.direction, at.offset, { service: this.service, ...facts });
  }

  anomaly(at: Place, code: string): void {
    this.flow.anomaly(at.direction, at.offset, code);
  }

  /** `from`, `to` and `sent` of what `sender` sends; between two peers the session stage knows which end is inside. */
  between(sender: Direction): Pick<ImFacts, 'account' | 'from' | 'from_name' | 'to' | 'sent'> {
    const from = this.names[sender];
    const to = this.names[sender === 0 ? 1 : 0];
    const own = this.names[0];
    const parties: Pick<ImFacts, 'account' | 'from' | 'from_name' | 'to' | 'sent'> = {};
    if (own !== undefined) parties.account = normalizeName(own);
    if (from !== undefined) {
      parties.from = normalizeName(from);
      if (parties.from !== from) parties.from_name = from;
    }
    if (to !== undefined) parties.to = [normalizeName(to)];
    if (this.proxied) parties.sent = sender === 0;
    return parties;
  }
}
