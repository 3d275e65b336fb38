import { Block } from '../block.ts';
import { encode } from '../byte-writer.ts';
import { CLIENT, SERVER } from '../path.ts';
import { Random } from '../random.ts';
import { pause, sendBlock, sendBytes, type Step } from '../step.ts';
import type { Pools } from './pools.ts';
import { label } from './words.ts';

/** Distinct requests, each with an answer of its own. */
export const HTTP_EXCHANGES = 2000;

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/119.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15',
  'curl/8.4.0',
  'Debian APT-HTTP/1.3 (2.6.1)',
];
const TYPES = [
  'text/html; charset=utf-8',
  'application/json',
  'image/png',
  'application/javascript',
  'text/css',
];

interface Exchange {
  readonly request: Block;
  readonly uploads: number;
  readonly head: Block;
  readonly body: number;
  readonly chunked: boolean;
  readonly isText: boolean;
}

/** HTTP/1.1 conversations: requests of one client to one host, one after the other. */
export class HttpExchanges {
  private readonly random: Random;
  private readonly pools: Pools;
  private readonly seed: number;
  private readonly exchanges: (Exchange | undefined)[] = [];

  constructor(random: Random, pools: Pools) {
    this.random = random;
    this.pools = pools;
    this.seed = random.bits();
  }

  /** The head of a request. */
  request(index: number): Uint8Array {
    return this.exchange(index).request.bytes;
  }

  /** Which exchange a number stands for. */
  indexOf(number: number): number {
    return number % HTTP_EXCHANGES;
  }

  /** `count` exchanges from `first` on. */
  *talk(first: number, count: number, think: () => number): Generator<Step, void> {
    const { random, pools } = this;
    for (let i = 0; i < count; i++) {
      const exchange = this.exchange(first + i);
      yield sendBlock(CLIENT, exchange.request, i === 0 ? 100 : think());
      yield* pools.part(CLIENT, pools.text, exchange.uploads);
      yield sendBlock(SERVER, exchange.head, random.logNormal(12_000, 1, 900_000));
      if (exchange.chunked) yield sendBytes(SERVER, encode(`${exchange.body.toString(16)}\r\n`));
      yield* pools.part(SERVER, exchange.isText ? pools.text : pools.binary, exchange.body);
      if (exchange.chunked) yield sendBytes(SERVER, encode('\r\n0\r\n\r\n'));
    }
    if (random.chance(0.7)) yield pause(random.exponential(15_000_000));
  }

  /** Made when it is first wanted, from chance of its own: the same in every workload. */
  private exchange(number: number): Exchange {
    const index = this.indexOf(number);
    return (this.exchanges[index] ??= makeExchange(new Random(this.seed + index), index));
  }
}

function makeExchange(random: Random, index: number): Exchange {
  const uploads = random.chance(0.08) ? random.logNormal(700, 1, 20_000) : 0;
  const body = random.chance(0.12) ? 0 : random.pareto(180, 200_000, 1.05);
  const chunked = body > 0 && random.chance(0.2);
  const type = random.pick(TYPES);
  const isText = type !== 'image/png';
  return {
    request: new Block(encode(requestHead(random, index, uploads))),
    uploads,
    head: new Block(encode(answerHead(random, type, body, chunked))),
    body,
    chunked,
    isText,
  };
}

function requestHead(random: Random, index: number, uploads: number): string {
  const path = `/${label(random)}/${label(random)}-${index}.${random.pick(['html', 'js', 'png', 'php', 'json'])}`;
  const lines = [
    `${uploads > 0 ? 'POST' : 'GET'} ${path}?v=${random.hex(8)} HTTP/1.1`,
    `Host: ${label(random)}.example.net`,
    `User-Agent: ${random.pick(AGENTS)}`,
    'Accept: */*',
    'Accept-Encoding: gzip, deflate',
    'Connection: keep-alive',
  ];
  if (random.chance(0.6)) lines.push(`Cookie: id=${random.hex(32)}; visited=${random.below(100)}`);
  if (random.chance(0.5)) lines.push(`Referer: http://${label(random)}.example.net/`);
  if (uploads > 0)
    lines.push('Content-Type: application/x-www-form-urlencoded', `Content-Length: ${uploads}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function answerHead(random: Random, type: string, body: number, chunked: boolean): string {
  const lines = [
    body > 0 ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 304 Not Modified',
    'Date: Tue, 14 Nov 2023 22:13:20 GMT',
    `Server: ${random.pick(['nginx', 'Apache/2.4.57', 'Microsoft-IIS/10.0'])}`,
    `ETag: "${random.hex(16)}"`,
    'Connection: keep-alive',
  ];
  if (body > 0) lines.push(`Content-Type: ${type}`);
  if (chunked) lines.push('Transfer-Encoding: chunked');
  else if (body > 0) lines.push(`Content-Length: ${body}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
