import type { Passage } from './documents.ts';
import { findNumbers } from './numbers.ts';
import { findMark, findSecret, looksLikeSource } from './secrets.ts';
import type { ContentSettings } from './settings.ts';
import { sighting } from './sighting.ts';
import type { Sighting } from './sighting.ts';

const NUMBER_NAMES = { card: 'card number', iban: 'IBAN', ssn: 'social security number' } as const;
const SOURCE_FILES: ReadonlySet<string> = new Set(
  'c cc cpp cxx h hpp cs java kt go rs py rb pl php ts tsx swift scala sql asm pas vb f90 m4 patch diff pem key ppk pfx p12 kdbx'.split(
    ' ',
  ),
);
/** Fingerprints beyond which nobody comes to the same words by himself. */
const SURE = 6;
const KEY_FILES: ReadonlySet<string> = new Set('pem key ppk pfx p12 kdbx'.split(' '));

/** What of a text that goes out should not. */
export function leakSightings(text: string, settings: ContentSettings): Sighting[] {
  const found: Sighting[] = [];
  if (/\d{3}|[A-Z]{2}\d{2}/.test(text)) {
    for (const { kind, value, masked } of findNumbers(text))
      found.push(
        sighting(kind, value, `${NUMBER_NAMES[kind]} ${masked}`, {
          confidence: kind === 'ssn' ? 'medium' : 'high',
        }),
      );
  }
  const secret = findSecret(text);
  if (secret) found.push(sighting('secret', secret.value, secret.name));
  const mark = findMark(text);
  if (mark !== undefined)
    found.push(sighting('marked-document', mark, `mark "${mark}"`, { confidence: 'medium' }));
  if (looksLikeSource(text)) {
    const lines = text.split('\n').length;
    found.push(sighting('source-code', 'text', `${lines} lines of source code`, { confidence: 'medium' }));
  }
  addListed(text, settings, found);
  return found;
}

/** Words and expressions of the operator's. */
function addListed(text: string, { words, expressions }: ContentSettings, found: Sighting[]): void {
  if (words.length > 0) {
    const low = text.toLowerCase();
    for (const word of words)
      if (hasWord(low, word.toLowerCase()))
        found.push(sighting('word', word, `word "${word}" of the policy`));
  }
  for (const { name, test } of expressions)
    if (test(text)) found.push(sighting('word', name, `expression "${name}" of the policy`));
}

/** The word, with no letter or digit at its ends. */
function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const edge = /[\p{L}\p{N}]/u;
    if (!edge.test(text.charAt(at - 1)) && !edge.test(text.charAt(at + word.length))) return true;
  }
  return false;
}

/** What of a file that goes out should not, by its name. */
export function leakingFile(name: string, extension: string): Sighting[] {
  const found: Sighting[] = [];
  const mark = findMark(name.toUpperCase().replace(/[_.-]+/g, ' '));
  if (mark !== undefined)
    found.push(sighting('marked-document', name, `file ${name}: mark "${mark}"`, { name }));
  if (KEY_FILES.has(extension))
    found.push(
      sighting('secret', name, `file ${name}: a key or password store`, { name, confidence: 'medium' }),
    );
  else if (SOURCE_FILES.has(extension))
    found.push(sighting('source-code', name, `file ${name}: source code`, { name, confidence: 'low' }));
  return found;
}

/** A passage of a document of the operator's. */
export function passageSighting({ document, prints }: Passage): Sighting {
  return sighting('document', document, `passage of "${document}": ${prints} fingerprints`, {
    name: document,
    confidence: prints > SURE ? 'high' : 'medium',
  });
}

/** A file that is a document of the operator's, under whatever name. */
export function documentSighting(name: string, document: string): Sighting {
  return sighting('document', document, `file ${name} is "${document}"`, { name: document });
}
