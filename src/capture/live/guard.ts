import { spawn } from 'node:child_process';
import type { EngineUser } from './engine.ts';

/**
 * Ends the process `pid` when we end, however we do: a shell waits for its standard input, which the
 * system closes with us, and then sends SIGTERM. A capture on a silent interface would else go on
 * unseen: it learns that nobody reads it only when it has something to write.
 * The shell is `user`, whom the process becomes, where one is given: nothing of root is to stay.
 * To be called off, by what is returned, as soon as the process has ended.
 */
export function endWithUs(pid: number, user?: EngineUser): () => void {
  const guard = spawn(
    '/bin/sh',
    ['-c', 'trap "" INT HUP; read _; kill -TERM "$1"', 'imspan-guard', String(pid)],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    },
  );
  // No shell: the engine's own end of its pipe is all that is left.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return () => {
    guard.kill('SIGKILL');
    guard.stdin.destroy();
  };
}
