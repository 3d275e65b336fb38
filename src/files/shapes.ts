import { hasOversizedTransparency } from './magic.ts';

/** Files that are made to harm who opens them, by their first bytes; each is the code of an anomaly. */
export type FileShape = 'file_png_transparency' | 'file_icq_add' | 'file_webcam_control';

const ICQ_USER = '[ICQ User]';
/** Class ids of ywcupl.dll and ywcvwr.dll, which send and show a webcam. */
const WEBCAM_CONTROLS = /clsid:(?:dce2f8b1-a520-11d4-8fd0|9d39223e-ae8e-11d4-8fd3)-00d0b7730277/i;

/** What the first bytes (`head` up to `end`) have the shape of; undefined for nothing of the kind. */
export function shapeOf(head: Uint8Array, end: number): FileShape | undefined {
  if (hasOversizedTransparency(head, end)) return 'file_png_transparency';
  const text = Buffer.from(head.buffer, head.byteOffset, end).toString('latin1');
  if (text.startsWith(ICQ_USER)) return 'file_icq_add';
  return WEBCAM_CONTROLS.test(text) ? 'file_webcam_control' : undefined;
}
