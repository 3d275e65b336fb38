import { spawn } from 'node:child_process';

const TOOL = 'systemd-notify';
/** Times that the watchdog is told within its time. */
const TIMES = 2;
const MICROSECONDS = 1_000;

/**
 * Tells the service manager (systemd) that we are ready, alive, and ending. Where no manager asks for it
 * (`NOTIFY_SOCKET`) nothing is done. Node.js has no datagrams on Unix sockets: systemd's own tool sends them, which needs `NotifyAccess=all`.
 */
export class ServiceManager {
  readonly #env: NodeJS.ProcessEnv;
  readonly #asked: boolean;
  readonly #watchdogMs: number;
  readonly #say: (line: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #failed = false;

  constructor(env: NodeJS.ProcessEnv, say: (line: string) => void) {
    this.#env = env;
    this.#asked = env['NOTIFY_SOCKET'] !== undefined && env['NOTIFY_SOCKET'] !== '';
    const micros = Number(env['WATCHDOG_USEC'] ?? 0);
    const pid = env['WATCHDOG_PID'];
    const ours = pid === undefined || Number(pid) === process.pid;
    this.#watchdogMs = ours && micros > 0 ? micros / MICROSECONDS / TIMES : 0;
    this.#say = say;
  }

  /** We capture. From now on the watchdog is told that this thread runs. */
  ready(status: string): void {
    this.#send(['--ready', `--status=${status}`]);
    if (!this.#asked || this.#watchdogMs === 0) return;
    this.#timer = setInterval(() => this.#send(['WATCHDOG=1']), this.#watchdogMs).unref();
  }

  /** What the manager shows of us. */
  status(status: string): void {
    this.#send([`--status=${status}`]);
  }

  stopping(): void {
    clearInterval(this.#timer);
    this.#send(['STOPPING=1', '--status=ending']);
  }

  #send(args: readonly string[]): void {
    if (!this.#asked || this.#failed) return;
    const child = spawn(TOOL, args, { stdio: 'ignore', env: this.#env });
    child.on('error', (error) => {
      if (this.#failed) return;
      this.#failed = true;
      this.#say(`${TOOL} cannot be run (${error.message}): the service manager is not told how we are`);
    });
    child.unref();
  }
}
