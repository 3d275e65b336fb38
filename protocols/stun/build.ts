/** Builds STUN messages for tests. */

/** A message with attributes `[type, value]`, each padded. */
export function message(
  type: number,
  ...attributes: readonly [number, string | readonly number[]][]
): Uint8Array {
  const body = attributes.flatMap(([kind, value]) => {
    const bytes = typeof value === 'string' ? Array.from(value, (c) => c.charCodeAt(0)) : [...value];
    const padding = new Array<number>((4 - (bytes.length % 4)) % 4).fill(0);
    return [kind >> 8, kind & 255, bytes.length >> 8, bytes.length & 255, ...bytes, ...padding];
  });
  const head = [type >> 8, type & 255, body.length >> 8, body.length & 255, 0x21, 0x12, 0xa4, 0x42];
  return Uint8Array.from([...head, ...new Array<number>(12).fill(7), ...body]);
}
