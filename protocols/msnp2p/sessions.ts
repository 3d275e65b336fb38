import {
  costOfText,
  EUF,
  KeptMap,
  parseFileContext,
  parseObjectContext,
  parseSlp,
  SessionData,
  SLP_CONTENT_TYPE,
} from '../../src/sdk/index.ts';
import type {
  Direction,
  FileContext,
  FileDigest,
  FileTransfer,
  FileWriter,
  FlowContext,
  ImFacts,
  Keep,
  SlpMessage,
} from '../../src/sdk/index.ts';

const SERVICE = 'msn';
const MAX_SESSIONS = 32;
const MAX_ADDRESS = 320;
/** What a session's place in a file costs beside what the engine counts. */
const DATA_COST = 512;

interface Transfer {
  id: string;
  name: string;
  size: number;
  state: FileTransfer['state'];
  sessionId: number;
  /** It was asked for by who receives it: an object. */
  asked: boolean;
  /** The direction in which its data goes. */
  sender: Direction;
  data: SessionData;
}

/** Where a part of a session's data belongs. */
interface Part {
  sessionId: number;
  /** −1 where it is not known. */
  offset: number;
  remaining: number;
}

/** What the dialogue of a switchboard knows and this connection does not. */
const UNNAMED = '(unnamed)';
/** Joins the data with the invitation on a switchboard. */
const REALM = 'msnp2p';

/** File sessions that are agreed over the direct connection itself. */
export class FileSessions {
  readonly #flow: FlowContext;
  readonly #transfers: KeptMap<Transfer>;
  /** Sessions that were agreed on a switchboard, by number. */
  readonly #foreign: KeptMap<{ id: string; sender: Direction; data: SessionData }>;

  constructor(flow: FlowContext, keep: Keep) {
    this.#flow = flow;
    this.#transfers = new KeptMap(MAX_SESSIONS, keep, ({ name }) => DATA_COST + costOfText(name));
    this.#foreign = new KeptMap(MAX_SESSIONS, keep, () => DATA_COST);
  }

  /** Bytes of a session's data. */
  data(direction: Direction, part: Part, bytes: Uint8Array, start: number, end: number): void {
    const data = this.#sessions(direction, part.sessionId);
    data?.write(part.offset, part.remaining, bytes, start, end);
  }

  /** The last of a session's data passed. */
  dataEnded(direction: Direction, offset: number, sessionId: number): void {
    const data = this.#sessions(direction, sessionId);
    data?.close(direction, offset, true);
    if (data && this.#foreign.get(String(sessionId))?.data === data)
      this.#tellForeign(direction, offset, sessionId);
  }

  /** The data of a session in a direction; one that was agreed elsewhere begins here. */
  #sessions(direction: Direction, sessionId: number): SessionData | undefined {
    for (const transfer of this.#transfers.values()) {
      if (transfer.sessionId === sessionId) return transfer.sender === direction ? transfer.data : undefined;
    }
    const known = this.#foreign.get(String(sessionId));
    if (known) return known.sender === direction ? known.data : undefined;
    if (this.#foreign.size >= MAX_SESSIONS) return undefined;
    const flow = this.#flow;
    const id = flow.hash(REALM, flow.id, sessionId);
    flow.claim(id, REALM, String(sessionId), direction);
    const data = new SessionData(undefined, (size) => this.#carve(id, UNNAMED, size));
    this.#foreign.set(String(sessionId), { id, sender: direction, data });
    return data;
  }

  /** The people are the switchboard's to tell. */
  #tellForeign(direction: Direction, offset: number, sessionId: number): void {
    const { id } = this.#foreign.get(String(sessionId)) ?? { id: '' };
    const file: FileTransfer = { id, name: UNNAMED, method: 'msnslp', state: 'complete' };
    this.#flow.emit(direction, offset, { kind: 'file', service: SERVICE, file });
  }

  #carve(id: string, name: string, size: number | undefined, sha1?: string): FileWriter {
    const digest: FileDigest | undefined =
      sha1 === undefined ? undefined : { algorithm: 'sha1', value: sha1 };
    return this.#flow.carve({
      ...{ id, name, service: SERVICE },
      ...(size === undefined ? {} : { size }),
      ...(digest ? { digest } : {}),
    });
  }

  /** Reads one MSNSLP text. */
  text(direction: Direction, offset: number, bytes: Uint8Array, start: number, end: number): void {
    const slp = parseSlp(bytes, start, end);
    if (!slp) return;
    const transfer = this.#transfers.get(slp.callId);
    if (slp.method === 'INVITE' && !transfer) this.#invite(direction, offset, slp);
    else if (!transfer) return;
    else if (slp.method === 'BYE') {
      const whole = transfer.data.ended;
      transfer.data.close(transfer.sender, offset, false);
      this.#move(direction, offset, slp, transfer, whole ? 'complete' : 'cancel');
      this.#transfers.delete(slp.callId);
    } else if (slp.status === 603) this.#move(direction, offset, slp, transfer, 'decline');
    else if (slp.status === 200)
      this.#move(direction, offset, slp, transfer, transfer.asked ? 'start' : 'accept');
  }

  #invite(direction: Direction, offset: number, slp: SlpMessage): void {
    if (slp.contentType !== SLP_CONTENT_TYPE.SESSION_REQUEST) return;
    const guid = slp.body.get('euf-guid')?.toUpperCase();
    const text = slp.body.get('context') ?? '';
    const asked = guid === EUF.OBJECT;
    const context: (FileContext & { sha1?: string }) | undefined = asked
      ? parseObjectContext(text)
      : guid === EUF.FILE
        ? parseFileContext(text)
        : undefined;
    if (!context) {
      if (guid === EUF.FILE) this.#flow.anomaly(direction, offset, 'msnp2p_short_context');
      return;
    }
    const { name, size, sha1 } = context;
    if (/[/\\]/.test(name)) this.#flow.anomaly(direction, offset, 'msnp2p_path_in_name');
    const sessionId = Number(slp.body.get('sessionid') ?? 0);
    const id = this.#flow.hash('msnslp', slp.callId, sessionId);
    const sender: Direction = asked ? (direction === 0 ? 1 : 0) : direction;
    const data = new SessionData(size, () => this.#carve(id, name, size, sha1));
    const transfer: Transfer = { id, name, size, state: 'offer', sessionId, asked, sender, data };
    this.#transfers.set(slp.callId, transfer);
    if (!asked) this.#tell(direction, offset, slp, transfer);
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
    // Who sends an object is not who asks for it; an answer names its ends the other way round.
    const byAsker =
      slp.method === 'INVITE' || direction !== transfer.sender ? transfer.asked : !transfer.asked;
    const [from, to] =
      byAsker && transfer.asked ? [userOf(slp.to), userOf(slp.from)] : [userOf(slp.from), userOf(slp.to)];
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
