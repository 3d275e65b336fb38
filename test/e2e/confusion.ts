/** What the program takes each connection of the captures with known truth for, against what it is. */
import type { Truth, TruthFlow } from './truth.ts';
import type { Written } from './program.ts';

/** Classes of connections by the names of their protocols in truth files and in events. */
const CLASSES: readonly (readonly [title: string, truth: readonly string[], told: readonly string[]])[] = [
  ['OSCAR', ['oscar', 'aim-oscar'], ['oscar']],
  ['TOC', ['toc'], ['toc']],
  ['OFT, direct IM', ['oft', 'oscar-direct-im'], ['oft']],
  ['ICQ (UDP)', ['icq-udp'], ['icq']],
  ['MSNP', ['msnp', 'msn', 'msnp-over-http'], ['msnp']],
  ['MSNFTP, MSN P2P', ['msnftp', 'msnp2p-direct'], ['msnftp', 'msnp2p']],
  ['YMSG', ['ymsg'], ['ymsg']],
  ['XMPP', ['xmpp', 'xmpp-s2s', 'xmpp-component', 'xmpp-bytestream'], ['xmpp']],
  ['IRC', ['irc'], ['irc', 'irc-dcc']],
];
/** Told of connections that are not read: that a messenger's server was seen. */
const SIGHTED = 'sighted';
const OTHER = 'other';
const COLUMNS = [...CLASSES.map(([title]) => title), SIGHTED, OTHER] as const;
const ROWS = [...CLASSES.map(([title]) => title), OTHER] as const;

const BY_TRUTH = new Map(
  CLASSES.flatMap(([title, truth]) => truth.map((name): [string, string] => [name, title])),
);
const BY_TOLD = new Map(
  CLASSES.flatMap(([title, , told]) => told.map((name): [string, string] => [name, title])),
);

/** Connections of one capture that are one class and were taken for another. */
interface Difference {
  readonly capture: string;
  readonly is: string;
  readonly told: string;
  count: number;
}

/** Counts of connections by what they are, then what they were told as. */
export class Confusion {
  readonly counts = new Map(ROWS.map((row) => [row, new Map(COLUMNS.map((column) => [column, 0]))]));
  readonly differences: Difference[] = [];
  captures = 0;

  /** Takes a capture: its truth, and the `flow` events of a run with `--flows all`. */
  take(truth: Truth, flows: readonly Written[]): void {
    this.captures++;
    const left = new Map<string, Written[]>();
    for (const flow of flows) {
      const key = endsOf(flow.src_ip, flow.src_port, flow.dest_ip, flow.dest_port);
      const same = left.get(key);
      if (same) same.push(flow);
      else left.set(key, [flow]);
    }
    for (const flow of truth.flows) {
      const key = endsOf(flow.client, flow.client_port, flow.server, flow.server_port);
      const is = BY_TRUTH.get(flow.app_proto ?? '') ?? OTHER;
      // A connection that ended and began anew has two events, or two lines of truth: the likeliest pairs first.
      const same = left.get(key) ?? [];
      const at = Math.max(
        0,
        same.findIndex((each) => toldOf(each) === is),
      );
      const [found] = same.splice(at, 1);
      if (hasPayload(flow)) this.#count(truth.capture, is, found ? toldOf(found) : OTHER);
    }
    for (const same of left.values())
      for (const flow of same) this.#count(truth.capture, OTHER, toldOf(flow));
  }

  #count(capture: string, is: string, told: string): void {
    const row = this.counts.get(is);
    row?.set(told, (row.get(told) ?? 0) + 1);
    if (is === told || (is === OTHER && told === SIGHTED)) return;
    const known = this.differences.find((d) => d.capture === capture && d.is === is && d.told === told);
    if (known) known.count++;
    else this.differences.push({ capture, is, told, count: 1 });
  }

  /** True and false positives and what was missed of one class. */
  of(title: string): { right: number; wrong: number; missed: number } {
    const row = this.counts.get(title) ?? new Map<string, number>();
    const right = row.get(title) ?? 0;
    const missed = [...row.values()].reduce((a, b) => a + b, 0) - right;
    const wrong = ROWS.reduce(
      (sum, is) => sum + (is === title ? 0 : (this.counts.get(is)?.get(title) ?? 0)),
      0,
    );
    return { right, wrong, missed };
  }
}

function toldOf({ app_proto, im }: Written): string {
  const title = BY_TOLD.get(app_proto ?? '');
  if (title !== undefined) return title;
  return im?.verdict === undefined ? OTHER : SIGHTED;
}

/** Some connections hold nothing but their opening and end: there is nothing to tell them by. */
function hasPayload({ bytes_client: up, bytes_server: down }: TruthFlow): boolean {
  return up === undefined || down === undefined || up + down > 1;
}

function endsOf(a: unknown, aPort: unknown, b: unknown, bPort: unknown): string {
  return [`${String(a)} ${String(aPort)}`, `${String(b)} ${String(bPort)}`].sort().join(' ');
}

/** What the bytes of connections that differ hold, where somebody has looked. */
const NOTES: Readonly<Record<string, string>> = {
  'recorded/oscar/aim_tls.pcap':
    'the client spoke FLAP in clear to the port of TLS (2a 01 at byte 0), and was reset',
  'public/irc/malcolm-IRC.pcap': 'a file over DCC, which the truth file does not name',
  'recorded/proxy/icq_socks5_midsession.pcap': 'picked up in the middle, too little is left to tell it by',
  'recorded/proxy/xmpp_socks5_muc_file.pcap': 'a file between clients in SOCKS5, no XMPP in it',
  'recorded/xmpp/06d-filetransfer-si-socks5-direct-finch.pcap':
    'a file between clients in SOCKS5, no XMPP in it',
  'recorded/xmpp/08a-direct-tls-5223-slixmpp-prosody.pcap': 'inside TLS, which is not opened',
  'recorded/xmpp/10d-websocket-tls-xmppjs-prosody.pcap': 'inside TLS, which is not opened',
  'recorded/xmpp/22a-malformed-xml-prosody.pcap': 'HTTP and noise, sent to the port of a server on purpose',
};

/** Folders of the captures that the page is about. */
export const CONFUSION_FOLDERS = ['recorded', 'public'] as const;

/** `docs/CONFUSION.md`, without the layout of its tables. */
export function renderConfusion(confusion: Confusion): string {
  const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
    [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  const percent = (part: number, all: number): string =>
    all === 0 ? 'none there' : `${((100 * part) / all).toFixed(2)} %`;
  const scores = CLASSES.map(([title]) => {
    const { right, wrong, missed } = confusion.of(title);
    return [title, right, wrong, missed, percent(right, right + wrong), percent(right, right + missed)];
  });
  const matrix = ROWS.map((is) => [
    `**${is}**`,
    ...COLUMNS.map((told) => confusion.counts.get(is)?.get(told) ?? 0),
  ]);
  const differences = confusion.differences
    .map(({ capture, is, told, count }) => {
      const name = capture.replace(/^.*captures\//, '');
      return [`\`${name}\``, is, told, count, NOTES[name] ?? 'not looked at yet'];
    })
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));
  return `# What is told of what: the confusion matrix

<!-- Made by \`npm run confusion\` from the captures beside the project; a test compares where these are there. -->

Connections (TCP and UDP flows) of all ${confusion.captures} captures with known truth in \`../shared/captures\`: \`recorded/\` (real servers and clients in network
namespaces, look-alikes and proxies among them) and \`public/\` (from public repositories; encrypted messengers of today and no messengers at all among
them). Of those without a byte of payload nothing can be told; they are left out. What a truth file says nothing of is *${OTHER}*.
These captures were there while imspan was written: the numbers say that it does what it is meant to, not how it does on traffic that nobody has seen.

- *${SIGHTED}*: the connection is not read (TLS, QUIC, HTTP), a messenger's server was recognised by name. Right for an encrypted one; it is never counted as one of the protocols.
- *${OTHER}*, as a column: nothing was told of it, or it is one of many connections of a use that was told once.

## By protocol

${table(['protocol', 'right', 'wrongly told', 'missed', 'precision', 'recall'], scores)}

## The matrix: what it is (rows), what it was told as (columns)

${table(['', ...COLUMNS], matrix)}

## Every difference

${differences.length === 0 ? 'There is none.' : table(['capture', 'is', 'told as', 'connections', 'what it holds'], differences)}
`;
}
