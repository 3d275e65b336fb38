import type { Rulebook } from '../../classify/rulebook.ts';
import { OperatorError } from '../../core/errors.ts';
import { neutralise } from '../../sink/neutralise.ts';
import { loadRulebook } from '../rulebook.ts';
import type { RulebookFlags } from '../rulebook.ts';

/** Reads again what the operator has to say, one time after the other; a file that is broken changes nothing. */
export class Reloader {
  readonly #flags: RulebookFlags;
  readonly #take: (rulebook: Rulebook) => void;
  readonly #say: (line: string) => void;
  #again = false;
  #running: Promise<void> | undefined;

  /** `take` is handed a rulebook that is good, without `memory`. */
  constructor(flags: RulebookFlags, take: (rulebook: Rulebook) => void, say: (line: string) => void) {
    this.#flags = flags;
    this.#take = take;
    this.#say = say;
  }

  /** Asked while it reads it reads once more afterwards. */
  reload(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#once();
    }
  }

  async #once(): Promise<void> {
    try {
      const rulebook = await loadRulebook(this.#flags);
      this.#take(rulebook);
      this.#say(`read again: ${told(this.#flags)}`);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      for (const line of error.message.split('\n')) this.#say(line);
      this.#say('nothing was changed: what held before still holds');
    }
  }
}

function told({ policy, names, leases, hashes, domains }: RulebookFlags): string {
  const files = [policy, names, leases, hashes, domains].filter((file) => file !== undefined);
  return files.length === 0 ? 'no policy, names or lists were given' : neutralise(files.join(', '), 1_000);
}
