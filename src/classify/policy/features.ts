import type { ImObject } from '../../event/eve.ts';

/** What a client can be used for, as a policy names it. */
export const FEATURES = [
  'text',
  'file',
  'room',
  'call',
  'voice',
  'video',
  'webcam',
  'game',
  'whiteboard',
  'remote',
  'direct',
  'attention',
] as const;
export type Feature = (typeof FEATURES)[number];

const TEXT: readonly Feature[] = ['text'];
const TEXT_IN_ROOM: readonly Feature[] = ['text', 'room'];
const FILE: readonly Feature[] = ['file'];
const ROOM: readonly Feature[] = ['room'];
const ATTENTION: readonly Feature[] = ['attention'];
const NONE: readonly Feature[] = [];

/** A use that is refused or over is none. */
const OVER: ReadonlySet<string> = new Set(['decline', 'reject', 'cancel', 'failed', 'end', 'leave', 'stop']);

/** For what an event shows the client used; empty where it shows no use. */
export function featuresOf(im: Pick<ImObject, 'kind' | 'room' | 'op' | 'file' | 'call'>): readonly Feature[] {
  switch (im.kind) {
    case 'message':
      return im.room === undefined ? TEXT : TEXT_IN_ROOM;
    case 'file':
      return OVER.has(im.file?.state ?? '') ? NONE : FILE;
    case 'room':
      return im.op === 'create' || im.op === 'join' || im.op === 'invite' ? ROOM : NONE;
    case 'attention':
      return ATTENTION;
    case 'call':
      return im.call === undefined || OVER.has(im.call.state) ? NONE : featuresOfCall(im.call.media);
    default:
      return NONE;
  }
}

/** Words of `im.call.media` (networks have their own), and what they are. */
const MEDIA: readonly (readonly [word: string, feature: Feature])[] = [
  ['audio', 'voice'],
  ['voice', 'voice'],
  ['phone', 'voice'],
  ['video', 'video'],
  ['webcam', 'webcam'],
  ['camera', 'webcam'],
  ['game', 'game'],
  ['whiteboard', 'whiteboard'],
  ['remote', 'remote'],
  ['sharing', 'remote'],
  ['netmeeting', 'remote'],
  ['direct-im', 'direct'],
];

function featuresOfCall(media: string): readonly Feature[] {
  const lower = media.slice(0, 256).toLowerCase();
  const found = new Set<Feature>(
    MEDIA.filter(([word]) => lower.includes(word)).map(([, feature]) => feature),
  );
  // A direct connection carries texts and pictures: it is no call.
  return found.has('direct') ? ['direct'] : ['call', ...found];
}
