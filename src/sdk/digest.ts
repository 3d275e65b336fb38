import { createHash } from 'node:crypto';

/** SHA-1 of a text in UTF-8, 40 lower-case hex digits: what protocols make names of connections with. */
export function sha1Hex(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
