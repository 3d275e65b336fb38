import { encodeCef } from './cef.ts';
import { encodeEcs } from './ecs.ts';
import { encodeEve } from './eve.ts';
import { encodeLeef } from './leef.ts';
import { encodeText } from './text.ts';
import type { Encoder } from './told.ts';
import { encodeZeek } from './zeek.ts';

/** The bodies that an event can be told in, by the name that `?format=` has for them. */
export const FORMATS = {
  text: encodeText,
  cef: encodeCef,
  leef: encodeLeef,
  eve: encodeEve,
  ecs: encodeEcs,
  zeek: encodeZeek,
} as const satisfies Record<string, Encoder>;

export type FormatName = keyof typeof FORMATS;

/** Least bytes of a message in which each format still tells what weighs most. */
export const LEAST_SIZE: Readonly<Record<FormatName, number>> = {
  text: 480,
  cef: 1_024,
  leef: 1_024,
  eve: 1_024,
  ecs: 1_024,
  zeek: 1_024,
};
