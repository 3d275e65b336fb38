import { closeSync, openSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';

/** The tables of the system's TCP connections: ours are among them. */
const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'] as const;
/** Bytes of a table that are looked at: some thousand connections. */
const MOST = 1_048_576;

/**
 * Bytes of a connection that the other side's system has not acknowledged, by Linux's table of connections; undefined where that
 * does not tell (another system, too many connections).
 */
export function sendQueueOf({ localPort, remotePort }: Socket): number | undefined {
  if (localPort === undefined || remotePort === undefined) return undefined;
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  // Local address, remote address, state, bytes to send.
  const line = new RegExp(
    `^ *\\d+: [0-9A-F]+:${hex(localPort)} [0-9A-F]+:${hex(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`,
    'm',
  );
  for (const table of TABLES) {
    const found = line.exec(startOf(table))?.[1];
    if (found !== undefined) return Number.parseInt(found, 16);
  }
  return undefined;
}

function startOf(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const parts: string[] = [];
    const chunk = Buffer.allocUnsafe(65_536);
    for (let got = 0; got < MOST;) {
      const read = readSync(fd, chunk);
      if (read === 0) break;
      parts.push(chunk.toString('latin1', 0, read));
      got += read;
    }
    return parts.join('');
  } catch {
    return '';
  } finally {
    closeSync(fd);
  }
}
