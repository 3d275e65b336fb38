import { makeStateFolder, readState, writeState } from '../../classify/alerts/state-file.ts';
import type { ImPresence } from './im-presence.ts';

const FILE = 'health.json';

/** Takes from the state folder which hours had IM; a file that is damaged or newer is moved aside, and `say` told so. */
export function loadPresence(folder: string, presence: ImPresence, say: (line: string) => void): void {
  makeStateFolder(folder);
  readState(
    folder,
    FILE,
    (content) => {
      presence.load(content);
      return true;
    },
    say,
  );
}

/** Writes it. Throws an OperatorError where that cannot be. */
export function savePresence(folder: string, presence: ImPresence): void {
  writeState(folder, FILE, presence.save());
}
