import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { readCsv } from '../../src/classify/csv.ts';
import { renderTranscript } from '../../src/archive/transcript-formats.ts';
import type { TranscriptFormat } from '../../src/archive/transcript-formats.ts';
import { TranscriptMaker } from '../../src/archive/transcript.ts';
import type { ImObject } from '../../src/event/eve.ts';
import { message } from './events.ts';

function transcript(format: TranscriptFormat, ...sets: Partial<ImObject>[]): string {
  const maker = new TranscriptMaker();
  sets.forEach((set, i) => maker.add(message(i, 2, set)));
  return renderTranscript(maker.finish('archive x'), format);
}

describe('what was said is there once', () => {
  const lines = (...events: ReturnType<typeof message>[]): string[] => {
    const maker = new TranscriptMaker();
    for (const event of events) maker.add(event);
    return maker.finish('x').lines.map(({ text }) => text);
  };

  test('in the order of time', () => {
    expect(lines(message(2), message(0), message(1)).map((text) => text.slice(0, 16))).toEqual(
      [0, 1, 2].map((i) => `message number ${i}`),
    );
  });

  test('the same event of two sensors, the same message by its number, and both legs', () => {
    const leg = {
      ...message(5, 10, { text: 'hi', sent: false, id: 'f'.repeat(32) }),
      timestamp: message(6).timestamp,
    };
    const numbered = { message_id: 'm1', text: 'once' };
    expect(lines(message(1), message(1))).toHaveLength(1);
    expect(
      lines(message(2, 10, numbered), {
        ...message(3, 10, numbered),
        im: { ...message(2, 10, numbered).im!, id: 'e'.repeat(32) },
      }),
    ).toEqual(['once']);
    expect(lines(message(5, 10, { text: 'hi' }), leg)).toEqual(['hi']);
    expect(lines(message(1), { ...message(2), im: { ...message(2).im!, second_leg_of: '1' } })).toHaveLength(
      1,
    );
  });

  test('but the same words said twice are there twice', () => {
    expect(lines(message(0, 1, { text: 'hi' }), message(1, 1, { text: 'hi' }))).toEqual(['hi', 'hi']);
  });

  test('what is not kept is said, and is not the sender’s words', () => {
    const text = transcript(
      'csv',
      { text: undefined as never, text_length: 7 },
      { text: undefined as never, text_length: 8, ...({ sealed: {} } as object) },
      { kind: 'file', file: { id: '1', name: '=cmd', method: 'oft', state: 'offer', size: 3 } },
    );
    expect([...readCsv(text)].map(({ cells }) => cells.slice(4, 7))).toEqual([
      ['kind', 'text', 'remark'],
      ['message', '', 'text not kept, 7 characters'],
      ['message', '', 'text sealed, 8 characters: its key is not there (erased, or --keys)'],
      ['file', '', 'file offer: =cmd, 3 bytes'],
    ]);
  });
});

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='x",
  '=cmd|"/c calc"!A1',
  ' +1+1',
  '\t=1',
  '@SUM(A1)',
  '-2+3',
  '＝1+1',
  'a\r\nBcc: victim@example.org\r\n\r\nbody',
  '\x1b[2J\x1b]0;owned\x07',
  'line\u2028two\u202egnp.exe',
  '2026-03-01T08:00:00 boss@example.org: you are fired',
  'first\n2026-03-01T08:00:00.000000+0000 boss@example.org: forged',
  ']]> --a1 --m1',
];

describe('what people wrote acts on nothing', () => {
  const sets = HOSTILE.flatMap((text) => [{ text }, { from: text, to: [text], text: 'x' }]);

  test('text: no control characters, and no line that passes for another', () => {
    const text = transcript('text', ...sets);
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]/);
    const begins = text.split('\n').filter((line) => /^2026-/.test(line));
    expect(begins).toHaveLength(sets.length);
    expect(text).toContain('\n    2026-03-01T08:00:00.000000+0000 boss@example.org: forged');
  });

  test('HTML: its elements are ours only', () => {
    const text = transcript('html', ...sets);
    const tags = [...text.matchAll(/<\/?([a-z!][a-z0-9]*)/gi)].map(([, tag]) => tag?.toLowerCase());
    expect([...new Set(tags)].sort()).toEqual(
      [
        '!doctype',
        'body',
        'br',
        'h1',
        'head',
        'html',
        'meta',
        'p',
        'span',
        'style',
        'table',
        'td',
        'title',
        'tr',
      ].filter((tag) => tags.includes(tag)),
    );
    expect(text).not.toMatch(/<[^>]*\son\w+\s*=/i);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain("default-src 'none'");
  });

  test('CSV: no cell is a formula, no text makes a row', () => {
    const text = transcript('csv', ...sets);
    const rows = [...readCsv(text)];
    expect(rows).toHaveLength(sets.length + 1);
    for (const { cells } of rows) {
      expect(cells).toHaveLength(8);
      for (const cell of cells) expect(cell).not.toMatch(/^[\s\u3000]*[=+\-@＝＋－＠|%]/);
    }
  });

  test('EML: another program reads it, and no header is anybody else’s', async () => {
    const text = transcript('eml', ...sets, {
      text: 'Grüße 😀',
      room: { id: 'r', name: 'Raum ä\r\nBcc: x@y.z' },
    });
    const mail = await PostalMime.parse(text);
    expect(mail.headers.map(({ key }) => key).sort()).toEqual([
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
    ]);
    expect(mail.subject).toBe('Conversation: room Raum ä\\r\\nBcc: x@y.z');
    expect(mail.date).toBe('2026-03-01T08:00:00.000Z');
    expect(mail.text).toContain('Grüße 😀');
    expect(mail.html).toContain('&lt;script&gt;');
    expect(mail.attachments.map(({ filename, mimeType }) => [filename, mimeType])).toEqual([
      ['transcript.csv', 'text/csv'],
    ]);
    for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
    expect(text.replaceAll('\r\n', '')).toMatch(/^[\x20-\x7e]*$/);
  });

  test('whatever it is', async () => {
    const any = fc.asyncProperty(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      async (text, from) => {
        const set = { text, from, to: [from] };
        expect([...readCsv(transcript('csv', set))]).toHaveLength(2);
        expect(
          transcript('text', set)
            .split('\n')
            .filter((line) => /^2026/.test(line)),
        ).toHaveLength(1);
        const mail = await PostalMime.parse(transcript('eml', set));
        expect(mail.headers).toHaveLength(7);
        expect(mail.attachments).toHaveLength(1);
      },
    );
    await fc.assert(any, { seed: 13, numRuns: 100 });
  });
});
