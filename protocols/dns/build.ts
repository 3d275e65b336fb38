/** Builds DNS messages for tests. */

export const TYPE = { A: 1, HTTPS: 65 } as const;

function name(text: string): number[] {
  const labels = text
    .split('.')
    .flatMap((label) => [label.length, ...Array.from(label, (c) => c.charCodeAt(0))]);
  return [...labels, 0];
}

/** A query for one name. */
export function query(host: string, type: number = TYPE.A): Uint8Array {
  return Uint8Array.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name(host), 0, type, 0, 1]);
}

/** Its answer with records of that type, whose data are given; their owner is a pointer to the question. */
export function answer(host: string, type: number, ...records: readonly (readonly number[])[]): Uint8Array {
  const bytes = [...query(host, type)];
  bytes[2] = 0x81;
  bytes[3] = 0x80;
  bytes[7] = records.length;
  for (const data of records) bytes.push(0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data);
  return Uint8Array.from(bytes);
}

/** The message behind its length, as over TCP. */
export function framed(message: Uint8Array): Uint8Array {
  return Uint8Array.from([message.length >> 8, message.length & 255, ...message]);
}

/** Data of an HTTPS record (RFC 9460): priority 1, the owner's own name, and keys with their values. */
export function httpsData(...keys: readonly [number, readonly number[]][]): number[] {
  return [0, 1, 0, ...keys.flatMap(([key, value]) => [0, key, 0, value.length, ...value])];
}
