/** Builds lines for tests and capture generators. */
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Step } from '../../src/sdk/testing.ts';

export function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\r\n`);
}

export function client(text: string): Step {
  return { direction: TO_SERVER, bytes: line(text) };
}

export function server(text: string): Step {
  return { direction: TO_CLIENT, bytes: line(text) };
}

/** A request inside a text (CTCP). */
export function ctcp(text: string): string {
  return `\u0001${text}\u0001`;
}
