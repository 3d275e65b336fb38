import { ByteWriter } from '../byte-writer.ts';
import { CLIENT, SERVER } from '../path.ts';
import type { Random } from '../random.ts';
import { sendBytes, type Step } from '../step.ts';
import { label } from './words.ts';

const TYPE = { A: 1, CNAME: 5, AAAA: 28 } as const;
const CLASS_IN = 1;
const FLAGS = { QUERY: 0x0100, ANSWER: 0x8180 } as const;
/** Points to the question's name (RFC 1035, section 4.1.4). */
const QUESTION_NAME = 0xc00c;

/** A name that a workstation looks up. */
export function drawName(random: Random): string {
  return `${label(random)}.${label(random)}.${random.pick(['example.com', 'example.net', 'example.org', 'test'])}`;
}

/** One look-up: a query and, mostly, its answer; an unanswered query is asked again. */
export function* lookUp(random: Random, name: string): Generator<Step, void> {
  const id = random.below(0x10000);
  const type = random.chance(0.3) ? TYPE.AAAA : TYPE.A;
  const query = message(id, FLAGS.QUERY, name, type, []);
  yield sendBytes(CLIENT, query);
  if (random.chance(0.02)) yield sendBytes(CLIENT, query, 2_000_000);
  if (random.chance(0.98)) {
    const answers = Array.from({ length: random.between(1, 4) }, () => answer(random, type));
    const alias = random.chance(0.3) ? [cname(random)] : [];
    const bytes = message(id, FLAGS.ANSWER, name, type, [...alias, ...answers]);
    yield sendBytes(SERVER, bytes, random.logNormal(4000, 1.2, 900_000));
  }
}

function message(
  id: number,
  flags: number,
  name: string,
  type: number,
  answers: readonly Uint8Array[],
): Uint8Array {
  const out = new ByteWriter().u16(id).u16(flags).u16(1).u16(answers.length).u16(0).u16(0);
  for (const part of name.split('.')) out.u8(part.length).text(part);
  out.u8(0).u16(type).u16(CLASS_IN);
  for (const bytes of answers) out.raw(bytes);
  return out.take();
}

function answer(random: Random, type: number): Uint8Array {
  const data = random.bytes(type === TYPE.A ? 4 : 16);
  return resource(random, type, data);
}

function cname(random: Random): Uint8Array {
  const name = label(random);
  return resource(random, TYPE.CNAME, new ByteWriter().u8(name.length).text(name).u16(QUESTION_NAME).take());
}

function resource(random: Random, type: number, data: Uint8Array): Uint8Array {
  const out = new ByteWriter().u16(QUESTION_NAME).u16(type).u16(CLASS_IN).u32(random.between(20, 3600));
  return out.u16(data.length).raw(data).take();
}
