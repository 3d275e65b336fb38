import type { TextStyle } from '../../src/sdk/index.ts';
import { remember } from './memo.ts';
import { percentDecode } from './text.ts';

/** `X-MMS-IM-Format`: how a text is shown. */

/** The longest header that is read, in characters, and the longest font name. */
const MAX_HEADER = 512;
const MAX_FONT = 64;

const EFFECTS: Readonly<Record<string, string>> = {
  B: 'bold',
  I: 'italic',
  U: 'underline',
  S: 'strikethrough',
};

/**
 * Reads `FN=font; EF=effects; CO=colour; CS=character set; PF=pitch and family[; RL=1]`; undefined where
 * nothing of it is there. `EF` is any of `BIUS`; `CO` a number in hexadecimal, blue first (leading zeros
 * may be missing); `RL=1`: from right to left.
 */
export function readStyle(header: string | undefined): TextStyle | undefined {
  return header && header.length <= MAX_HEADER ? styleOf(header) : undefined;
}

const styleOf = remember(256, MAX_HEADER, (header): TextStyle | undefined => {
  const style: TextStyle = {};
  for (const field of header.split(';')) {
    const equals = field.indexOf('=');
    if (equals > 0) readField(style, field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  return Object.keys(style).length > 0 ? style : undefined;
});

function readField(style: TextStyle, key: string, value: string): void {
  if (key === 'FN') {
    const font = percentDecode(value).trim();
    if (font && font.length <= MAX_FONT) style.font = font;
  } else if (key === 'EF') {
    const effects = Object.entries(EFFECTS).flatMap(([letter, name]) =>
      value.includes(letter) ? [name] : [],
    );
    if (effects.length > 0) style.effects = effects;
  } else if (key === 'CO' && /^[0-9a-f]{1,6}$/i.test(value) && !/^0+$/.test(value)) {
    const bgr = value.toLowerCase().padStart(6, '0');
    style.color = `#${bgr.slice(4)}${bgr.slice(2, 4)}${bgr.slice(0, 2)}`;
  } else if (key === 'RL' && value === '1') style.right_to_left = true;
}
