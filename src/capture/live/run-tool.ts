import { execFile } from 'node:child_process';

export interface ToolRun {
  /** Undefined where the program is not there or was ended by a signal. */
  readonly status: number | undefined;
  readonly text: string;
}

/** Programs that capture are often in folders that a user's PATH leaves out. */
const MORE_PATH = ['/usr/sbin', '/sbin', '/usr/local/sbin'];
const PATIENCE_MS = 10_000;

/** The environment for the programs that we start: plain English, and where they may be. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const path = [process.env['PATH'] ?? '', ...MORE_PATH].filter((part) => part !== '').join(':');
  return { ...process.env, PATH: path, LC_ALL: 'C' };
}

/** Runs a program to its end and gives what it printed on either output. Never rejects. */
export function runTool(command: string, args: readonly string[]): Promise<ToolRun> {
  return new Promise((resolve) => {
    const options = { env: toolEnvironment(), timeout: PATIENCE_MS, maxBuffer: 1 << 20 };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : (error as { code?: unknown }).code;
      resolve({ status: typeof code === 'number' ? code : undefined, text: `${stderr}${stdout}` });
    });
  });
}
