import { decodeBase64, decodeUtf16le } from '../../src/sdk/index.ts';
import type { Command } from './reader.ts';
import type { Session } from './session.ts';
import { attribute } from './xml.ts';

/** `<msnobj .../>`: what a display picture, an emoticon, a wink or a voice clip is, before its bytes are asked for. */

/** The longest object that is looked into, in characters; winks carry a certificate of some 6,000. */
const MAX_OBJECT = 16_384;
/** The longest `Location` and `Creator`; clients write a temporary file's name and an address. */
const MAX_ATTRIBUTE = 512;

export interface MsnObject {
  /** Base64 of the SHA-1 of its data. */
  digest: string;
  size?: number;
  /** What its maker calls it; empty where it is not said. */
  friendly: string;
}

/** Reads an object; undefined where the text is none or has no digest. */
export function readObject(text: string): MsnObject | undefined {
  if (!text.startsWith('<msnobj')) return undefined;
  const tag = text.slice(1, MAX_OBJECT);
  const digest = attribute(tag, 'SHA1D') ?? '';
  const size = Number(attribute(tag, 'Size') ?? Number.NaN);
  if (!digest) return undefined;
  const object: MsnObject = { digest, friendly: readFriendly(attribute(tag, 'Friendly') ?? '') };
  if (Number.isSafeInteger(size) && size >= 0) object.size = size;
  return object;
}

/** `Friendly`: base64 of UTF-16, little-endian, with a zero at its end. */
function readFriendly(base64: string): string {
  const bytes = decodeBase64(base64.slice(0, MAX_ATTRIBUTE));
  const text = decodeUtf16le(bytes, 0, bytes.length & ~1);
  const zero = text.indexOf('\0');
  return (zero < 0 ? text : text.slice(0, zero)).trim();
}

/** Reports what a client that trusts the object would trip over: a location elsewhere, attributes without end. */
export function checkObject(session: Session, at: Pick<Command, 'direction' | 'offset'>, text: string): void {
  if (!text.startsWith('<msnobj')) return;
  const tag = text.slice(1, MAX_OBJECT);
  const location = attribute(tag, 'Location') ?? '';
  const creator = attribute(tag, 'Creator') ?? '';
  if (/(^|[/\\])\.\.([/\\]|$)/.test(location)) {
    session.flow.anomaly(at.direction, at.offset, 'msnp_path_in_location');
  }
  if (text.length > MAX_OBJECT || location.length > MAX_ATTRIBUTE || creator.length > MAX_ATTRIBUTE) {
    session.flow.anomaly(at.direction, at.offset, 'msnp_object_too_long');
  }
}
