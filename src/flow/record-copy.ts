import { COPY_AT, STRIDE, recordKey } from './table.ts';

/** A record by itself, with its flow key: its words begin at `COPY_AT`. */
export function copyRecord(r: Int32Array, at: number): Int32Array {
  const copy = new Int32Array(COPY_AT + STRIDE + 1);
  copy.set(r.subarray(at, at + STRIDE), COPY_AT);
  if (r[0] !== 0) {
    copy[0] = COPY_AT + STRIDE;
    copy[COPY_AT + STRIDE] = recordKey(r, at);
  }
  return copy;
}
