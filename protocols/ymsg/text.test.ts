import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainText } from './text.ts';

describe('plainText', () => {
  test.each([
    ['plain', 'hello', 'hello'],
    ['bold and colour', '\u001b[#ff0000m\u001b[1mred\u001b[x1m\u001b[#000000m', 'red'],
    [
      'links',
      'see \u001b[lmhttp://example.test/?a=1&b=2\u001b[xlm please',
      'see http://example.test/?a=1&b=2 please',
    ],
    ['numbered colours', '\u001b[38mx\u001b[0;30my', 'xy'],
    ['font', '<font face="Comic Sans MS" size="14">funny</font>', 'funny'],
    ['upper case', '<FONT SIZE="10"><B>x</B></FONT>', 'x'],
    ['fade and alt', '<FADE #ff0000,#00ff00>f</FADE><ALT #0000ff,#ffff00>a</ALT>', 'fa'],
    ['a colour as a tag', '<#00ff00>green', 'green'],
    ['named colours', '<red>x</red>', 'x'],
    ['line ends', 'a\r\nb\rc\n', 'a\nb\nc\n'],
    ['less and greater', 'a<b && c>d "q" 100%', 'a<b && c>d "q" 100%'],
    ['entities, which there are none', '&lt;b&gt;', '&lt;b&gt;'],
    ['other tags', '<ding> <script>', '<ding> <script>'],
    ['a tag without its end', '<font face="x', '<font face="x'],
    ['a code without its end', 'x\u001b[1', 'x\u001b[1'],
    ['a code that is none', 'x\u001b[1 m', 'x\u001b[1 m'],
  ])('%s', (_name, raw, plain) => {
    expect(plainText(raw)).toBe(plain);
  });

  test('leaves text without marks as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const unmarked = text.replace(/[\u001b<\r]/g, '');
        expect(plainText(unmarked)).toBe(unmarked);
      }),
      { seed: 1 },
    );
  });

  test('is fast on text made to be slow', () => {
    const started = process.cpuUsage();
    for (const part of ['<font ', '<', '\u001b[', '<fade>', '</font', '<font x']) {
      plainText(part.repeat(64_000 / part.length));
    }
    expect(process.cpuUsage(started).user).toBeLessThan(1_500_000);
  });
});
