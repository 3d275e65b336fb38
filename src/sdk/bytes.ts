/** The bytes of an ASCII text. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** True where `bytes[start..end)` begins like `what`, as far as it is there: what is shorter can still become it. */
export function couldBegin(bytes: Uint8Array, start: number, end: number, what: Uint8Array): boolean {
  for (let i = 0; i < what.length && start + i < end; i++) if (bytes[start + i] !== what[i]) return false;
  return true;
}
