import { OperatorError } from '../core/errors.ts';
import { now, userName } from './archive.ts';
import type { Archive } from './archive.ts';
import { ChainedLog, checkLog, plainFields } from './chained-log.ts';

/** What a reviewer may say of an event: a flag, a comment, or that it was looked at and is done with. */
export const MARKS = ['flag', 'comment', 'sign-off'] as const;
export type MarkKind = (typeof MARKS)[number];

export interface Mark {
  readonly time: string;
  readonly by: string;
  /** `im.id` of the event. */
  readonly id: string;
  readonly mark: MarkKind;
  readonly comment?: string;
}

const MAX_COMMENT = 2_000;

/** Writes a mark beside the archive, in a chained log: nobody can take one back unseen. */
export function addMark(archive: Archive, id: string, mark: MarkKind, comment?: string): void {
  if (!/^[0-9a-f]{32}$/.test(id))
    throw new OperatorError(`${id}: is no id of an event (im.id, 32 hex digits)`);
  if (mark === 'comment' && (comment === undefined || comment === ''))
    throw new OperatorError('a comment is to have words (--comment)');
  if (comment !== undefined && comment.length > MAX_COMMENT)
    throw new OperatorError(`a comment has ${MAX_COMMENT} characters at most`);
  const said = { time: now(), by: userName(), id, mark, ...(comment !== undefined && { comment }) };
  new ChainedLog(archive.paths.marks, 'the marks').append(said);
}

/** All marks, in order; of one event where `id` is given. */
export function marksOf(archive: Archive, id?: string): Mark[] {
  const log = checkLog(new ChainedLog(archive.paths.marks, 'the marks'), plainFields);
  return log.entries
    .map(({ fields }) => fields as unknown as Mark)
    .filter((mark) => id === undefined || mark.id === id);
}
