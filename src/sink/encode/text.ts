import type { EveEvent } from '../../event/eve.ts';
import { cutBytes } from '../neutralise.ts';
import { lineOf } from './told.ts';

/** For people: the line of the console. */
export function encodeText(event: EveEvent, room: number): string {
  return cutBytes(lineOf(event), room);
}
