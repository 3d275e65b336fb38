import { readFileSync } from 'node:fs';

/** The version of the package that this program was built from. */
export function version(): string {
  // Beside dist/, which is flat.
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version ?? 'unknown');
}
