import { costOfText, KeptMap } from '../../src/sdk/index.ts';
import type { Direction, FileWriter, Keep } from '../../src/sdk/index.ts';
import { cutText } from './text.ts';

/** Characters that are kept of a file's name, and of its type and checksum: offers are remembered. */
const LONGEST_NAME = 1_024;
const LONGEST_FACT = 256;

/** Transfers remembered a connection. */
const KEPT_TRANSFERS = 128;
const KEPT_HOSTS = 64;
const KEPT_ASKERS = 64;
/** So many requests for a bytestream in a row that come to nothing are told. */
const FAILING = 8;
const TRANSFER_COST = 512;

/** What an offer says of a file. */
export interface OfferedFile {
  name: string;
  size?: number;
  mime?: string;
  hash?: string;
}

/** A host that a side can be reached at. */
export interface PeerHost {
  host: string;
  port: number;
}

/** A file transfer that was offered in view. */
export interface Transfer {
  readonly id: string;
  readonly file: OfferedFile;
  method: string;
  /** Bytes that went through the stream itself, and the number of the next block of them. */
  carried: number;
  block: number;
  /** Bytes of one block, as the stream's opening says. */
  blockSize: number;
  writer?: FileWriter;
  /** The direction in which its bytes go. */
  sender?: Direction;
  /** Who sends it to whom. */
  people?: { from?: string; to?: string[] };
  /** Its end was told. */
  over: boolean;
}

/** The transfers of one connection, by the id of their stream or session. */
export class TransferBook {
  readonly #transfers: KeptMap<Transfer>;
  /** SOCKS5 hosts that were offered, by stream and name. */
  readonly #hosts: KeptMap<PeerHost>;
  /** Requests for a bytestream since the last one that came to be, by who asked. */
  readonly #askers: KeptMap<number>;

  constructor(keep: Keep) {
    this.#transfers = new KeptMap(KEPT_TRANSFERS, keep, costOfTransfer);
    this.#hosts = new KeptMap(KEPT_HOSTS, keep, ({ host }) => costOfText(host));
    this.#askers = new KeptMap(KEPT_ASKERS, keep);
  }

  /** Somebody asks for a bytestream; true where that is the last of many that came to nothing. */
  asked(who: string): boolean {
    const times = (this.#askers.get(who) ?? 0) + 1;
    this.#askers.set(who, times);
    return times === FAILING;
  }

  /** A bytestream that somebody asked for came to be. */
  reached(who: string): void {
    this.#askers.delete(who);
  }

  find(sid: string | undefined): Transfer | undefined {
    return sid === undefined ? undefined : this.#transfers.get(sid);
  }

  keep(sid: string, transfer: Transfer): void {
    this.#transfers.set(sid, transfer);
  }

  offerHost(sid: string, name: string, host: PeerHost): void {
    this.#hosts.set(`${sid} ${name}`, host);
  }

  host(sid: string, name: string | undefined): PeerHost | undefined {
    return name === undefined ? undefined : this.#hosts.get(`${sid} ${name}`);
  }
}

/** Its strings, which the offer chose, and what is behind them. */
function costOfTransfer({ id, file }: Transfer): number {
  const { name, mime = '', hash = '' } = file;
  return TRANSFER_COST + costOfText(id + name + mime + hash);
}

/** A size as an attribute or element writes it; undefined where it is none. */
export function parseSize(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Offered values without those that are absent; undefined where there is no name. */
export function offered(
  name: string | undefined,
  size: string | undefined,
  mime: string | undefined,
  hash: string | undefined,
): OfferedFile | undefined {
  if (!name) return undefined;
  const file: OfferedFile = { name: cutText(name, LONGEST_NAME) };
  const bytes = parseSize(size);
  if (bytes !== undefined) file.size = bytes;
  if (mime) file.mime = cutText(mime, LONGEST_FACT);
  if (hash) file.hash = cutText(hash, LONGEST_FACT);
  return file;
}
