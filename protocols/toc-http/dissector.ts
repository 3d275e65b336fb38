import { decodeGuess, field, HttpDialog, messageText, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FlowContext,
  HttpHandler,
  HttpHead,
  ImFacts,
} from '../../src/sdk/index.ts';
import { LONGEST_PAGE, MOST_PAGES, pageOf } from './wire.ts';
import type { PageRequest } from './wire.ts';

const TITLE = /<title>[^<]{0,512}<\/title>/gi;

/** The pages that a TOC client opens: whose they are, and what they say. */
export class PageDissector implements Dissector, HttpHandler<PageRequest | null> {
  readonly #flow: FlowContext;
  readonly #dialog: HttpDialog<PageRequest | null>;
  #asked = 0;
  #offset = 0;
  /** The page that comes, as far as it is there; undefined where none is, or one with a hole. */
  #page: Uint8Array | undefined;
  #length = 0;
  /** Whose page comes now and is not told. */
  #open: PageRequest | undefined;

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#dialog = new HttpDialog(flow, this);
  }

  data(direction: Direction, cursor: Cursor): number {
    return this.#dialog.data(direction, cursor);
  }

  gap(direction: Direction, length: number): void {
    this.#dialog.gap(direction, length);
    if (direction === TO_CLIENT) this.#page = undefined;
  }

  /** Servers may end a page with the connection. */
  end(direction: Direction): void {
    if (direction !== TO_CLIENT || !this.#page || !this.#open) return;
    this.#tell(this.#open);
  }

  request(head: HttpHead): PageRequest | null {
    const request = head.method === 'GET' && this.#asked++ < MOST_PAGES ? pageOf(head.target) : undefined;
    if (request) this.#flow.present('toc-page', request.cookie);
    return request ?? null;
  }

  response(head: HttpHead, offset: number, asked: PageRequest | null | undefined): PageRequest | null {
    const html = /^text\/html\b/i.test(field(head, 'content-type') ?? 'text/html');
    this.#open = asked && head.status === 200 && html ? asked : undefined;
    this.#page = this.#open && new Uint8Array(1_024);
    this.#length = 0;
    this.#offset = offset;
    return this.#open ?? null;
  }

  body(direction: Direction, item: PageRequest | null, bytes: Uint8Array, from: number, to: number): void {
    if (direction === TO_SERVER || !item || !this.#page) return;
    const length = Math.min(LONGEST_PAGE, this.#length + to - from);
    if (length > this.#page.length) {
      const grown = new Uint8Array(Math.max(length, Math.min(LONGEST_PAGE, this.#page.length * 2)));
      grown.set(this.#page);
      this.#page = grown;
    }
    this.#page.set(bytes.subarray(from, from + length - this.#length), this.#length);
    this.#length = length;
  }

  done(direction: Direction, item: PageRequest | null): void {
    if (direction === TO_CLIENT && item) this.#tell(item);
  }

  #tell({ page, user, from }: PageRequest): void {
    const bytes = this.#page;
    this.#page = this.#open = undefined;
    if (!bytes || this.#length === 0) return;
    const html = decodeGuess(bytes, 0, this.#length).replace(TITLE, '');
    const { text: read = '', html: original } = messageText(html) ?? {};
    const text = read.trim();
    if (text === '') return;
    const facts: ImFacts = {
      kind: 'profile',
      service: isUIN(user ?? from) ? 'icq' : 'aim',
      profile: { page, text },
    };
    if (original !== undefined) facts.profile = { ...facts.profile, html: original };
    if (user !== undefined) facts.from = user;
    if (from !== undefined) Object.assign(facts, { account: from, to: [from] });
    this.#flow.emit(TO_CLIENT, this.#offset, facts);
  }
}

function isUIN(name: string | undefined): boolean {
  return name !== undefined && /^\d+$/.test(name);
}
