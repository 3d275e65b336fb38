/** Exit codes of the command line; stable. */
export const EXIT = {
  /** All was read. */
  OK: 0,
  /** An alert was raised and `--fail-on-alert` was given. */
  ALERT: 1,
  /** The command line or a configuration file is wrong. */
  USAGE: 2,
  /** An input could not be read whole or an output not written. */
  IO: 3,
  /** A bug of ours. */
  BUG: 4,
} as const;

/** A mistake of the operator's: its message says what to do about it. Traffic never throws. */
export class OperatorError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.USAGE) {
    super(message);
    this.name = 'OperatorError';
    this.exitCode = exitCode;
  }
}
