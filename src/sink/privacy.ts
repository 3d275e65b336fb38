import type { EveEvent, ImObject } from '../event/eve.ts';
import { OperatorError } from '../core/errors.ts';
import { nearest } from '../classify/suggest.ts';

/** How much of what people wrote leaves in events; EVENTS.md, "Privacy". */
export type PrivacyMode = 'full' | 'metadata';

/** What a mode makes of an `im` object: a new object, or the same one where nothing had to change. */
type Redaction = (im: ImObject) => ImObject;

const MODES: Readonly<Record<PrivacyMode, Redaction>> = {
  full: (im) => im,
  metadata: withoutText,
};

export const PRIVACY_MODES = Object.keys(MODES) as readonly PrivacyMode[];

/** The mode of that name; throws an OperatorError that lists the modes. */
export function parsePrivacy(name: string): PrivacyMode {
  const mode = PRIVACY_MODES.find((m) => m === name);
  if (mode !== undefined) return mode;
  throw new OperatorError(
    `privacy mode "${name}" is not known${nearest(name, PRIVACY_MODES)}; modes: ${PRIVACY_MODES.join(', ')}`,
  );
}

/**
 * The event as `mode` lets it leave. The event given is shared and never changed; it is returned itself
 * where nothing had to go. Whatever the mode, an alert carries no text.
 */
export function applyPrivacy(event: EveEvent, mode: PrivacyMode): EveEvent {
  const { im } = event;
  if (im === undefined) return event;
  const kept = event.event_type === 'alert' ? withoutText(im) : MODES[mode](im);
  return kept === im ? event : { ...event, im: kept };
}

/**
 * Who, when and how much, without anything that a person wrote freely: texts (with their length in
 * Unicode code points instead), status lines, directory queries and the values of a profile (whose
 * fields are still named). Names of people, rooms and files stay.
 */
function withoutText(im: ImObject): ImObject {
  const { text, html, query, status, profile } = im;
  const stated = status?.text !== undefined;
  if (text === undefined && html === undefined && query === undefined && !stated && profile === undefined) {
    return im;
  }
  const kept: ImObject = { ...im };
  delete kept.text;
  delete kept.html;
  delete kept.query;
  const written = text ?? html;
  if (written !== undefined && im.text_length === undefined) kept.text_length = codePoints(written);
  if (stated) {
    kept.status = { ...status };
    delete kept.status.text;
  }
  if (profile !== undefined) kept.profile = { fields: Object.keys(profile).sort() };
  return kept;
}

function codePoints(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) n--;
  }
  return n;
}
