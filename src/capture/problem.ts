/** What is wrong with an input, as the operator is told. Traffic never throws, nor does its container. */
export type ProblemKind =
  /** There is no such file. */
  | 'missing'
  /** Not a byte in it, or a folder without captures. */
  | 'empty'
  /** The system refuses: permission, an input error, a vanished device. */
  | 'unreadable'
  /** Not a capture. */
  | 'foreign'
  /** It ends in the middle of something. */
  | 'cut'
  /** Its own structure is broken. */
  | 'damaged';

/** A problem before it is known which input has it. */
export interface Trouble {
  readonly kind: ProblemKind;
  /** One clause in lower case, without path and full stop. */
  readonly message: string;
  /** Byte offset where the whole part ends. */
  readonly offset?: number;
}

export interface InputProblem extends Trouble {
  readonly path: string;
}

const WORDS: Readonly<Record<string, readonly [ProblemKind, string]>> = {
  ENOENT: ['missing', 'no such file or folder'],
  ENOTDIR: ['missing', 'no such file or folder'],
  EACCES: ['unreadable', 'permission denied'],
  EPERM: ['unreadable', 'permission denied'],
  EISDIR: ['unreadable', 'is a folder'],
  ELOOP: ['unreadable', 'its symbolic links run in a circle'],
  EMFILE: ['unreadable', 'too many open files (see ulimit -n)'],
  ENFILE: ['unreadable', 'too many open files in the system'],
};

/** What a system call's failure means for the operator. */
export function systemTrouble(error: unknown): Trouble {
  const { code, message } = error as { code?: string; message?: string };
  const [kind, words] = WORDS[code ?? ''] ?? [
    'unreadable',
    `cannot be read (${code ?? message ?? 'unknown'})`,
  ];
  return { kind, message: words };
}
