import { ARCHIVE_MODES } from '../classify/policy/archive-modes.ts';
import type { ArchiveMode, ArchiveModes } from '../classify/policy/archive-modes.ts';
import type { EveEvent, ImObject } from '../event/eve.ts';
import { accountsOf } from './names.ts';

/**
 * The mode for an event: the one that keeps least of those of the groups that its people are in; the fallback where
 * they are in none. An event about nobody has the fallback, too.
 */
export function modeOf(modes: ArchiveModes, im: ImObject): ArchiveMode {
  if (modes.groups.length === 0) return modes.fallback;
  let least: number = ARCHIVE_MODES.length;
  const network = im.service ?? '';
  for (const account of accountsOf(im)) {
    for (const { group, mode } of modes.groups) {
      const place = ARCHIVE_MODES.indexOf(mode);
      if (place < least && group.has(network, account)) least = place;
    }
  }
  return ARCHIVE_MODES[least] ?? modes.fallback;
}

/** What people wrote, as it is sealed: taken out of an `im` object. */
export function writtenBy(im: ImObject): Record<string, unknown> | undefined {
  const { text, html, query, profile } = im;
  const status = im.status?.text;
  if (text === undefined && html === undefined && query === undefined && !status && profile === undefined)
    return undefined;
  return { text, html, query, status, profile };
}

/** Personal things in texts, the widest first: what mode `redacted` puts in their place. */
const MASKS: readonly (readonly [form: RegExp, mask: string])[] = [
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"']{1,2000}|\bwww\.[^\s<>"']{1,2000}/giu, '[link]'],
  [/[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}/gu, '[address]'],
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g, '[account]'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '[ip]'],
  [/\+?\d[\d ().\/-]{3,30}\d/g, '[number]'],
];

/** A text without links, addresses, bank accounts, IP addresses, numbers of five digits and more, and these names. */
export function redact(text: string, names: readonly string[]): string {
  let out = text;
  for (const [form, mask] of MASKS)
    out = out.replace(form, (found) => (mask === '[number]' && digits(found) < 5 ? found : mask));
  for (const name of names) {
    // A short name is part of too many words.
    if (name.length < 3) continue;
    const local = name.split('@')[0] ?? name;
    out = out.replace(new RegExp(escaped(local.length < 3 ? name : local), 'giu'), '[name]');
  }
  return out;
}

function digits(text: string): number {
  return text.replace(/\D/g, '').length;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** The texts of an event with what is personal masked; fields that are no text are left out. */
export function redacted(event: EveEvent, written: Record<string, unknown>): Record<string, unknown> {
  const { im } = event;
  const names = im === undefined ? [] : [...accountsOf(im), im.from_name ?? '', im.person ?? ''];
  const mask = (value: unknown): string | undefined =>
    typeof value === 'string' ? redact(value, names) : undefined;
  return { text: mask(written.text), query: mask(written.query), status: mask(written.status) };
}
