import { readFileSync } from 'node:fs';
import type { EngineUser } from '../../capture/live/engine.ts';
import { OperatorError } from '../../core/errors.ts';

/** A user that root becomes. */
export type Identity = EngineUser;

/** The user of that name, whom root is to become. Throws an OperatorError where that cannot be. */
export function identityOf(name: string, passwd = '/etc/passwd'): Identity {
  if (process.getuid?.() !== 0)
    throw new OperatorError(
      '--user: only root can become another user; leave it out, or start imspan with sudo',
    );
  const row = readFileSync(passwd, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([user]) => user === name);
  const [, , uid = '', gid = ''] = row ?? [];
  if (!/^\d+$/.test(uid) || !/^\d+$/.test(gid))
    throw new OperatorError(
      `--user: there is no user ${name} in ${passwd}; make one (adduser --system --group ${name})`,
    );
  if (Number(uid) === 0) throw new OperatorError('--user: that user is root itself; name another one');
  return { name, uid: Number(uid), gid: Number(gid) };
}

/** Does something with the user's rights and comes back: what it makes belongs to the user. */
export function asUser<T>(identity: Identity | undefined, what: () => T): T {
  if (identity === undefined) return what();
  process.setegid?.(identity.gid);
  process.seteuid?.(identity.uid);
  try {
    return what();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** Becomes the user, with its groups alone, for good: in all threads. Throws where the way back is open. */
export function becomeUser({ name, uid, gid }: Identity): void {
  // Node.js has it; its types do not.
  (process as { initgroups?: (user: string, extra: number) => void }).initgroups?.(name, gid);
  process.setgid?.(gid);
  process.setuid?.(uid);
  if (canBeRoot()) throw new Error('root could be had back after it was given up');
}

function canBeRoot(): boolean {
  try {
    process.seteuid?.(0);
    return true;
  } catch {
    return process.getuid?.() === 0 || process.geteuid?.() === 0;
  }
}
