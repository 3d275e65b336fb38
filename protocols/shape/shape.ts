import type { Confidence } from '../../src/sdk/index.ts';

/** What a messenger's first bytes are like: recognised, not read. */
export interface Shape {
  /** `im.service`. */
  readonly service: string;
  /** For people, and for docs/SERVICES.md. */
  readonly name: string;
  /** Where its form is described. */
  readonly source: string;
  /** When that was last looked at. */
  readonly date: string;
  readonly confidence: Confidence;
  /** First bytes of the side that speaks first; `null` for any. */
  readonly first: readonly number[] | null;
  /** The side that begins: the client, but for what a server greets with. */
  readonly server?: true;
  /** Sides may begin in either order (UDP, or what peers send). */
  readonly either?: true;
  /** True where the first segment, or datagram, is one of this shape. Must not allocate. */
  begins(bytes: Uint8Array, start: number, end: number): boolean;
  /**
   * Optional, what else has to fit: the sides as far as they were seen. True, false, or undefined for "cannot say yet".
   * Without it the beginning is enough.
   */
  confirms?(client: Bytes, server: Bytes): boolean | undefined;
  /** The account that the beginning names in clear. */
  account?(bytes: Uint8Array, start: number, end: number): string | undefined;
}

/** Bytes of one side. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export const DATE = '2026-11';

export function u16be(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function u16le(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

export function u24be(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | u16be(bytes, at + 1);
}

export function u32be(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | u24be(bytes, at + 1)) >>> 0;
}

export function u32le(bytes: Uint8Array, at: number): number {
  return (u16le(bytes, at) | (u16le(bytes, at + 2) << 16)) >>> 0;
}

/** True where the bytes at a place are these. */
export function has(bytes: Uint8Array, at: number, end: number, pattern: readonly number[]): boolean {
  if (at + pattern.length > end) return false;
  for (let i = 0; i < pattern.length; i++) if (bytes[at + i] !== pattern[i]) return false;
  return true;
}

/** True where the text stands at a place. */
export function says(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** True where all bytes of a stretch are this one. */
export function filled(bytes: Uint8Array, from: number, to: number, byte: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== byte) return false;
  return true;
}
