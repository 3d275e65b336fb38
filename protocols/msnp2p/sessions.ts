import { EUF, parseFileContext, parseSlp, SLP_CONTENT_TYPE } from '../../src/sdk/index.ts';
import type { Direction, FileTransfer, FlowContext, ImFacts, SlpMessage } from '../../src/sdk/index.ts';

const SERVICE = 'msn';
const MAX_SESSIONS = 32;
const MAX_ADDRESS = 320;

interface Transfer {
  id: string;
  name: string;
  size: number;
  state: FileTransfer['state'];
  sessionId: number;
  /** The last of its data passed. */
  ended: boolean;
}

/** File sessions that are agreed over the direct connection itself. */
export class FileSessions {
  readonly #flow: FlowContext;
  readonly #transfers = new Map<string, Transfer>();

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  /** The last of a session's data passed. */
  dataEnded(sessionId: number): void {
    for (const transfer of this.#transfers.values()) {
      if (transfer.sessionId === sessionId) transfer.ended = true;
    }
  }

  /** Reads one MSNSLP text. */
  text(direction: Direction, offset: number, bytes: Uint8Array, start: number, end: number): void {
    const slp = parseSlp(bytes, start, end);
    if (!slp) return;
    const transfer = this.#transfers.get(slp.callId);
    if (slp.method === 'INVITE' && !transfer) this.#invite(direction, offset, slp);
    else if (!transfer) return;
    else if (slp.method === 'BYE') {
      this.#move(direction, offset, slp, transfer, transfer.ended ? 'complete' : 'cancel');
      this.#transfers.delete(slp.callId);
    } else if (slp.status === 603) this.#move(direction, offset, slp, transfer, 'decline');
    else if (slp.status === 200) this.#move(direction, offset, slp, transfer, 'accept');
  }

  #invite(direction: Direction, offset: number, slp: SlpMessage): void {
    const guid = slp.body.get('euf-guid')?.toUpperCase();
    if (slp.contentType !== SLP_CONTENT_TYPE.SESSION_REQUEST || guid !== EUF.FILE) return;
    const context = parseFileContext(slp.body.get('context') ?? '');
    if (!context) {
      this.#flow.anomaly(direction, offset, 'msnp2p_short_context');
      return;
    }
    if (/[/\\]/.test(context.name)) this.#flow.anomaly(direction, offset, 'msnp2p_path_in_name');
    const sessionId = Number(slp.body.get('sessionid') ?? 0);
    const id = this.#flow.hash('msnslp', slp.callId, sessionId);
    const transfer: Transfer = { id, ...context, state: 'offer', sessionId, ended: false };
    if (this.#transfers.size >= MAX_SESSIONS) {
      const oldest = this.#transfers.keys().next();
      if (!oldest.done) this.#transfers.delete(oldest.value);
    }
    this.#transfers.set(slp.callId, transfer);
    this.#tell(direction, offset, slp, transfer);
  }

  /** Tells a state once: texts are repeated where an acknowledgement was late. */
  #move(
    direction: Direction,
    offset: number,
    slp: SlpMessage,
    transfer: Transfer,
    state: FileTransfer['state'],
  ): void {
    if (transfer.state === state) return;
    transfer.state = state;
    this.#tell(direction, offset, slp, transfer);
  }

  #tell(direction: Direction, offset: number, slp: SlpMessage, transfer: Transfer): void {
    const { id, name, size, state } = transfer;
    const facts: ImFacts = {
      kind: 'file',
      service: SERVICE,
      file: { id, name, size, method: 'msnslp', state },
    };
    const from = userOf(slp.from);
    const to = userOf(slp.to);
    if (from) facts.from = from;
    if (to) facts.to = [to];
    this.#flow.emit(direction, offset, facts);
  }
}

/** The normalised address, without the endpoint that MSNP16 and later append. */
function userOf(address: string): string {
  const semicolon = address.indexOf(';');
  const id = (semicolon < 0 ? address : address.slice(0, semicolon)).trim().toLowerCase();
  return id.includes('@') && id.length <= MAX_ADDRESS ? id : '';
}
