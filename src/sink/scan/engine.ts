import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { OperatorError } from '../../core/errors.ts';

/** What a scanner says of one file: its word for the malware, or undefined for a clean one. Rejects where it cannot say. */
export type Scan = (path: string, signal: AbortSignal) => Promise<string | undefined>;

/** Bytes of an answer that are read. */
const LONGEST_ANSWER = 4_096;
const LONGEST_WORD = 100;
/** Bytes of a file in one chunk of INSTREAM. */
const CHUNK = 65_536;

/** clamd's INSTREAM (clamd(8)) at a Unix socket (a path) or `HOST:PORT`. */
export function clamdScan(target: string): Scan {
  const place = placeOf(target);
  return (path, signal) =>
    new Promise((resolve, reject) => {
      const socket = connect(place);
      let answer = '';
      const end = (act: () => void): void => {
        signal.removeEventListener('abort', late);
        socket.destroy();
        act();
      };
      const late = (): void => end(() => reject(new Error('no answer in time')));
      signal.addEventListener('abort', late);
      socket.setEncoding('latin1');
      socket.on('error', (error) => end(() => reject(error)));
      socket.on('data', (text: string) => {
        answer = (answer + text).slice(0, LONGEST_ANSWER);
        if (answer.includes('\0')) end(() => settle(answer, resolve, reject));
      });
      socket.on('close', () => end(() => settle(answer, resolve, reject)));
      socket.on('connect', () => {
        sendFile(socket, path).catch((error: unknown) => end(() => reject(error as Error)));
      });
    });
}

async function sendFile(socket: Socket, path: string): Promise<void> {
  socket.write('zINSTREAM\0');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    if (socket.destroyed) return;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    socket.write(length);
    if (!socket.write(chunk)) await roomOrEnd(socket);
  }
  if (!socket.destroyed) socket.write(Buffer.alloc(4));
}

function roomOrEnd(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}

/** `stream: OK`, `stream: Eicar-Signature FOUND`, `INSTREAM size limit exceeded. ERROR`. */
function settle(
  answer: string,
  resolve: (word: string | undefined) => void,
  reject: (e: Error) => void,
): void {
  const line = answer.replace(/[\0\n][^]*$/, '').trim();
  if (line === 'stream: OK') resolve(undefined);
  else if (line.endsWith(' FOUND')) resolve(wordOf(line.replace(/^stream: /, '').slice(0, -' FOUND'.length)));
  else
    reject(
      new Error(line === '' ? 'it hung up without an answer' : `it says: ${line.slice(0, LONGEST_WORD)}`),
    );
}

function wordOf(text: string): string {
  const word = text.trim().slice(0, LONGEST_WORD);
  return word === '' ? 'malware' : word;
}

/**
 * A program, run without a shell: words are split at spaces, the file's path is put last. It answers as clamscan does:
 * exit status 0 clean, 1 malware (the first line of its output is the word for it), all else a failure.
 */
export function commandScan(command: string): Scan {
  const [program = '', ...args] = command.trim().split(/\s+/);
  if (program === '') throw new OperatorError('--scan-command: name a program');
  return (path, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, [...args, path], { stdio: ['ignore', 'pipe', 'ignore'] });
      let answer = '';
      const late = (): void => {
        child.kill('SIGKILL');
        // What it started may hold its output open.
        child.stdout.destroy();
      };
      signal.addEventListener('abort', late);
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        answer = (answer + text).slice(0, LONGEST_ANSWER);
      });
      child.on('error', reject);
      child.on('close', (status) => {
        signal.removeEventListener('abort', late);
        if (signal.aborted) reject(new Error('no answer in time'));
        else if (status === 0) resolve(undefined);
        else if (status === 1) resolve(wordOf((answer.split('\n', 1)[0] ?? '').replaceAll(path, '')));
        else reject(new Error(`it ended with status ${String(status)}`));
      });
    });
}

function placeOf(target: string): { path: string } | { host: string; port: number } {
  if (target.startsWith('/') || target.startsWith('.')) return { path: target };
  const colon = target.lastIndexOf(':');
  const port = Number(target.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw new OperatorError(`--scan-clamd ${target}: write the path of a socket, or HOST:PORT`);
  return { host: target.slice(0, colon).replace(/^\[|\]$/g, ''), port };
}
