import type { Confidence } from '../../event/im.ts';
import type { ContentClass } from './classes.ts';

/** Something that a message or file shows. */
export interface Sighting {
  readonly kind: ContentClass;
  /** Tells one thing from another of the same class and sender; never shown. */
  readonly key: string;
  /** Host or file name, for exceptions. */
  readonly name?: string;
  readonly evidence: string;
  readonly confidence: Confidence;
}

export function sighting(
  kind: ContentClass,
  key: string,
  evidence: string,
  set: { name?: string; confidence?: Confidence } = {},
): Sighting {
  const { name, confidence = 'high' } = set;
  return { kind, key, evidence, confidence, ...(name === undefined ? {} : { name }) };
}
