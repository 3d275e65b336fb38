import type { Random } from '../random.ts';

/** What people type; a few words are outside ASCII. */
const WORDS = (
  'the of and to in is you that it he was for on are as with his they at be this have from or one had by ' +
  'word but not what all were we when your can said there use an each which she do how their if will up ' +
  'other about out many then them these so some her would make like him into time has look two more write ' +
  'go see number no way could people my than first water been call who oil its now find long down day did ' +
  'get come made may part meeting report lunch later thanks okay sure maybe tomorrow office printer budget ' +
  'weekend project client invoice password server coffee train delayed kids movie friday monday sounds good ' +
  'great really funny exactly nothing everything someone question answer deadline slides version update ' +
  'café naïve Zürich über señor résumé 東京 привет ☺ €'
).split(' ');

/** A sentence of about `length` characters. */
export function sentence(random: Random, length: number): string {
  let out = random.pick(WORDS);
  while (out.length < length) out += ' ' + random.pick(WORDS);
  return out;
}

/** A label of a host name. */
export function label(random: Random): string {
  return random.text(random.between(4, 11), 'abcdefghijklmnopqrstuvwxyz');
}
