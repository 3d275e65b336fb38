import type { Command } from './reader.ts';
import type { Session } from './session.ts';

/** Fields that are longer than the network allowed. */

/** The longest display name, in characters: servers took 387 bytes of UTF-8. */
const MAX_NAME = 387;

/** Reports a display name that no server would have taken; it is told nevertheless. */
export function checkName(
  session: Session,
  command: Pick<Command, 'direction' | 'offset'>,
  name: string,
): void {
  if (name.length > MAX_NAME) session.flow.anomaly(command.direction, command.offset, 'msnp_name_too_long');
}
