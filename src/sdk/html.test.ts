import { describe, expect, test } from '@jest/globals';
import { hasMarkup, htmlToText, messageText } from './html.ts';

describe('htmlToText', () => {
  test.each([
    ['plain', 'plain'],
    ['<HTML><BODY><b>bold</b> and plain</BODY></HTML>', 'bold and plain'],
    ['one<br>two<BR/>three', 'one\ntwo\nthree'],
    ['<p>one</p><p>two</p>', 'one\ntwo'],
    ['<div>only</div>', 'only'],
    ['a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&#x27; &szlig;&Auml;', 'a & b <c> "d" \'e\' ßÄ'],
    ['1 < 2 && 3 > 2', '1 < 2 && 3 > 2'],
    ['i <3 you', 'i <3 you'],
    ['unclosed <b', 'unclosed <b'],
    ['&nosuch; & &; &#; &#x; &#zz;', '&nosuch; & &; &#; &#x; &#zz;'],
    ['&#0;&#xd800;&#1114112;', '\ufffd\ufffd\ufffd'],
    ['&#150;&#x80;', '\u2013\u20ac'],
    ['&#128512;', '\u{1f600}'],
    ['<grin> <h1>x</h1>', '<grin> \nx'],
    ['a&nbsp;b', 'a b'],
    ['x<!-- a > b -->y', 'xy'],
    ['x<!-- a', 'x<!-- a'],
    ['<', '<'],
    ['&', '&'],
    ['', ''],
  ])('%j becomes %j', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  test('time grows linearly with hostile input', () => {
    for (const piece of ['<!--x>', '<p>a', '<', '&', '<b', '&#', '<!--', '&lt']) {
      const started = performance.now();
      htmlToText(piece.repeat(100_000));
      expect(performance.now() - started).toBeLessThan(1000);
    }
  });

  test('hasMarkup tells marked up text from plain', () => {
    expect(hasMarkup('a < b & c')).toBe(false);
    expect(hasMarkup('a &lt; b')).toBe(true);
    expect(hasMarkup('<i>x</i>')).toBe(true);
  });

  test('messageText gives what an event carries', () => {
    expect(messageText('a < b')).toEqual({ text: 'a < b', format: 'plain' });
    expect(messageText('<b>a</b>')).toEqual({ text: 'a', format: 'html', html: '<b>a</b>' });
    expect(messageText('<html>?OTR:AAMD.</html>')).toEqual({ encrypted: 'otr' });
    expect(messageText('*** Encrypted with the Gaim-Encryption plugin')).toEqual({ encrypted: 'secureim' });
    expect(messageText('<b></b>')).toBeUndefined();
  });
});
