/** Builds the bytes of MSNFTP for tests and capture generators. */

/** Lines of the dialogue. */
export function lines(...text: string[]): Uint8Array {
  return new TextEncoder().encode(text.map((line) => `${line}\r\n`).join(''));
}

/** One block of data. */
export function block(data: Uint8Array): Uint8Array {
  return Uint8Array.from([0, data.length & 0xff, data.length >> 8, ...data]);
}

/** The block that ends a transfer. */
export const END_BLOCK = Uint8Array.of(1, 0, 0);
