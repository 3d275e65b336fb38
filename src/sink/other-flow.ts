import { packetSeconds } from '../classify/clock.ts';
import { BoundedMap } from '../core/cache.ts';
import type { EveEvent, ImObject } from '../event/eve.ts';

/** Deeds remembered, the one first told of forgotten first. */
const MAX_DEEDS = 1_024;
/** Packet seconds within which the other flow shows the same deed. */
const TOGETHER = 60;

/**
 * Deeds that the connections of several people show: who joined a room, what became of a file. Each is an event;
 * a person who reads wants it once.
 */
export class ToldByOtherFlow {
  readonly #told = new BoundedMap<string, { flow: number; at: number }>(MAX_DEEDS);

  /** True where another flow of the same capture has just shown what this event tells. */
  isAgain(event: EveEvent): boolean {
    const deed = deedOf(event);
    const { flow_id: flow, pcap_filename: file = '', timestamp } = event;
    if (deed === undefined || flow === undefined) return false;
    const key = `${file}\0${deed}`;
    const at = packetSeconds(timestamp);
    const told = this.#told.get(key);
    if (told !== undefined && told.flow !== flow && at - told.at <= TOGETHER) return true;
    this.#told.set(key, { flow, at });
    return false;
  }
}

/** What was done, by whom; undefined where it can be told of one flow only. */
function deedOf({ event_type, im, fileinfo }: EveEvent): string | undefined {
  if (im === undefined) return undefined;
  const what = event_type === 'fileinfo' ? bytesOf(im, fileinfo) : actOf(im);
  if (what === undefined) return undefined;
  return [im.service, im.from, im.to?.join(' '), ...what].join('\0');
}

/** Without an id any two files could be meant. */
function bytesOf({ file }: ImObject, info: EveEvent['fileinfo']): unknown[] | undefined {
  return file?.id === undefined ? undefined : [file.id, info?.['sha256']];
}

function actOf({ kind, file, room, from, op, text }: ImObject): unknown[] | undefined {
  if (kind === 'file' && file !== undefined) return [file.id, file.state];
  if (kind === 'room' && room !== undefined && from !== undefined) return [room.id, op, text];
  return undefined;
}
