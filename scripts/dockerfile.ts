/** One instruction of a Dockerfile. */
export interface Step {
  readonly name: string;
  readonly rest: string;
}

/** Instructions that are understood: those that only tell of the container when it runs are left to Docker. */
const KNOWN: ReadonlySet<string> = new Set(['FROM', 'RUN', 'WORKDIR', 'COPY', 'USER', 'ENTRYPOINT', 'CMD']);

/** The instructions of a Dockerfile, continued lines joined, comments left out. Throws on one that is not understood. */
export function readSteps(text: string): Step[] {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
      if (!KNOWN.has(name)) throw new Error(`not understood: ${line}`);
      return { name, rest };
    });
}
