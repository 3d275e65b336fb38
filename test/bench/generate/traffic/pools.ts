import { Block } from '../block.ts';
import { encode } from '../byte-writer.ts';
import type { Side } from '../path.ts';
import type { Random } from '../random.ts';
import { sendBlock, type Step } from '../step.ts';
import { sentence } from './words.ts';

const TEXT_SIZE = 1 << 18;
const BINARY_SIZE = 1 << 19;
const RECORDS_SIZE = 1 << 20;
const SMALL_RECORDS_SIZE = 1 << 18;
/** 16 KiB and what TLS 1.3 adds. */
const FULL_RECORD = 16_401;

/** Large blocks that the bodies of all flows are cut from. */
export class Pools {
  readonly text: Block;
  readonly binary: Block;
  private readonly random: Random;
  private readonly records: Block;
  /** Where the records of `records` begin; the last is its end. */
  private readonly bounds: readonly number[];
  private readonly firstFull: number;

  constructor(random: Random) {
    this.random = random;
    this.text = new Block(paragraphs(random), true);
    this.binary = new Block(random.bytes(BINARY_SIZE), true);
    const bytes = random.bytes(RECORDS_SIZE);
    this.bounds = layRecords(random, bytes);
    this.firstFull = this.bounds.findIndex((at) => at >= SMALL_RECORDS_SIZE);
    this.records = new Block(bytes, true);
  }

  /** `length` bytes of a pool, sent by one side. */
  *part(from: Side, pool: Block, length: number, wait = 0): Generator<Step, void> {
    let start = this.random.below(pool.length >> 1);
    for (let left = length, delay = wait; left > 0; start = 0, delay = 0) {
      const end = Math.min(pool.length, start + left);
      yield sendBlock(from, pool, delay, start, end);
      left -= end - start;
    }
  }

  /** About `length` bytes of whole TLS application records, sent by one side. */
  *recordsOf(from: Side, length: number, wait = 0): Generator<Step, void> {
    const { bounds, firstFull } = this;
    const last = bounds.length - 1;
    let first =
      length < FULL_RECORD ? this.random.below(firstFull) : this.random.between(firstFull, last - 1);
    for (let left = length, delay = wait; left > 0; first = firstFull, delay = 0) {
      const start = bounds[first] ?? 0;
      let until = first + 1;
      while (until < last && (bounds[until] ?? 0) - start < left) until++;
      const end = bounds[until] ?? 0;
      yield sendBlock(from, this.records, delay, start, end);
      left -= end - start;
    }
  }
}

function paragraphs(random: Random): Uint8Array {
  let html = '';
  while (html.length < TEXT_SIZE) html += `<p class="c${random.below(90)}">${sentence(random, 300)}.</p>\n`;
  return encode(html).subarray(0, TEXT_SIZE);
}

/** Makes the bytes a sequence of application data records (RFC 8446, section 5.1): small ones, then full ones. */
function layRecords(random: Random, bytes: Uint8Array): number[] {
  const bounds = [0];
  for (let at = 0; at < bytes.length;) {
    const wished = at < SMALL_RECORDS_SIZE ? random.logNormal(180, 0.9, 4000) + 24 : FULL_RECORD;
    const rest = bytes.length - at - 5;
    const length = rest - wished < 32 ? rest : wished;
    bytes[at] = 23;
    bytes[at + 1] = 3;
    bytes[at + 2] = 3;
    bytes[at + 3] = length >> 8;
    bytes[at + 4] = length;
    at += 5 + length;
    bounds.push(at);
  }
  return bounds;
}
