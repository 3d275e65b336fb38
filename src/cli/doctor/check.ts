/** What one look found. */
export interface Check {
  /** What was looked at, in a word or two. */
  readonly name: string;
  /** `unknown`: it cannot be found out here. */
  readonly state: 'good' | 'warning' | 'bad' | 'unknown';
  /** What was found, in a clause. */
  readonly found: string;
  /** What to do about it. */
  readonly todo?: string;
  /** A mistake in a configuration file: the exit code says so. */
  readonly usage?: boolean;
}

export function good(name: string, found: string): Check {
  return { name, state: 'good', found };
}

export function warning(name: string, found: string, todo: string): Check {
  return { name, state: 'warning', found, todo };
}

export function bad(name: string, found: string, todo: string): Check {
  return { name, state: 'bad', found, todo };
}

export function unknown(name: string, found: string, todo?: string): Check {
  return { name, state: 'unknown', found, ...(todo === undefined ? {} : { todo }) };
}
