import { createHash } from 'node:crypto';
import { neutralise } from '../sink/neutralise.ts';
import type { Said, Transcript } from './transcript.ts';

export const TRANSCRIPT_FORMATS = ['text', 'html', 'eml', 'csv'] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

/**
 * A transcript in a form. Whatever people wrote (names, too) acts on nothing: no terminal, no browser, no spreadsheet, no
 * mail header, and no line of it can pass for another one's.
 */
export function renderTranscript(transcript: Transcript, format: TranscriptFormat): string {
  switch (format) {
    case 'text':
      return plain(transcript);
    case 'html':
      return html(transcript);
    case 'csv':
      return csv(transcript);
    case 'eml':
      return eml(transcript);
  }
}

const CUT = 'There is more: only the first events are shown.';

function plain(transcript: Transcript): string {
  const { title, network, source, lines, cut } = transcript;
  const head = [title, `Network: ${network}`, `Source: ${source}`, `Events: ${lines.length}`];
  const body = lines.map((said) => {
    const flags = said.flags.length > 0 ? ` (${said.flags.join(', ')})` : '';
    // Lines of one message stand below each other, further in than where a message begins.
    const text = said.text.split(/\r\n|\r|\n/).map((line) => neutralise(line));
    const shown = said.ours ? `[${text.join(' ')}]` : text.join('\n    ');
    return `${neutralise(said.time, 40)} ${neutralise(said.who, 200)}${neutralise(flags, 200)}: ${shown}`;
  });
  return `${[...head.map((line) => neutralise(line, 2_000)), '', ...body, ...(cut ? ['', CUT] : [])].join('\n')}\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML shows it: nothing in it is markup, and nothing turns the reading direction. */
function shown(text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => neutralise(line));
  return lines.join('\n').replace(/[&<>"']/g, (c) => ENTITIES[c] ?? '');
}

const STYLE =
  'body{font:14px/1.4 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}td{padding:.2em .6em;vertical-align:top}' +
  'td.w{white-space:pre-wrap;overflow-wrap:anywhere}td.t{color:#666;white-space:nowrap}.o{color:#666;font-style:italic}';

function html(transcript: Transcript): string {
  const { title, network, source, lines, cut, people } = transcript;
  const row = (said: Said): string =>
    `<tr id="e${said.id.replace(/[^0-9a-f]/g, '')}"><td class="t">${shown(said.time)}</td><td>${shown(said.who)}</td>` +
    `<td class="w${said.ours ? ' o' : ''}">${shown(said.text)}${said.flags.length > 0 ? ` <span class="o">(${shown(said.flags.join(', '))})</span>` : ''}</td></tr>`;
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="referrer" content="no-referrer">',
    `<title>${shown(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${shown(title)}</h1>`,
    `<p>Network: ${shown(network)}<br>People: ${shown(people.join(', '))}<br>Source: ${shown(source)}<br>Events: ${lines.length}</p>`,
    '<table>',
    ...lines.map(row),
    '</table>',
    ...(cut ? [`<p>${CUT}</p>`] : []),
    '</body></html>',
    '',
  ].join('\n');
}

/** What a spreadsheet would take for a formula, also behind blanks and in full width. */
const FORMULA = /^[\s\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]/;

function cell(text: string): string {
  const safe = neutralise(text);
  return `"${(FORMULA.test(safe) ? `'${safe}` : safe).replaceAll('"', '""')}"`;
}

function csv({ lines, network }: Transcript): string {
  const head = ['time', 'network', 'from', 'to', 'kind', 'text', 'remark', 'id'];
  const rows = lines.map(({ time, who, to, kind, text, ours, flags, id }) => {
    const remark = [...flags, ...(ours ? [text] : [])].join(', ');
    return [time, network, who, to.join(' '), kind, ours ? '' : text, remark, id];
  });
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A header's words in RFC 2047's base64, each within its 75 characters, cut between characters. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const char of text) {
    if (Buffer.byteLength(word + char) > 42) {
      words.push(word);
      word = '';
    }
    word += char;
  }
  words.push(word);
  return words.map((each) => `=?UTF-8?B?${Buffer.from(each).toString('base64')}?=`).join('\r\n ');
}

/** A part's bytes in base64, in lines of 76 characters. */
function base64Lines(text: string): string {
  return (
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n');
}

function mailDate(time: string | undefined): string {
  const at = new Date((time ?? '').replace(/\.\d+/, '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  // RFC 5322 has numbers for zones; what `toUTCString` calls GMT is +0000.
  return (Number.isNaN(at.getTime()) ? new Date(0) : at).toUTCString().replace('GMT', '+0000');
}

/** A message for mail archives (RFC 5322): the transcript as text and HTML, and as a CSV file beside. */
function eml(transcript: Transcript): string {
  const parts = { text: plain(transcript), html: html(transcript), csv: csv(transcript) };
  const id = createHash('sha256').update(parts.csv).digest('hex').slice(0, 32);
  const part = (type: string, text: string, more: string[] = []): string[] => [
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
    ...more,
    '',
    base64Lines(text),
  ];
  return [
    'From: imspan transcript <transcript@imspan.invalid>',
    'To: undisclosed-recipients:;',
    `Date: ${mailDate(transcript.lines[0]?.time)}`,
    `Subject: ${encodedWords(neutralise(transcript.title, 300))}`,
    `Message-ID: <${id}@imspan.invalid>`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="m${id}"`,
    '',
    `--m${id}`,
    `Content-Type: multipart/alternative; boundary="a${id}"`,
    '',
    `--a${id}`,
    ...part('text/plain', parts.text),
    `--a${id}`,
    ...part('text/html', parts.html),
    `--a${id}--`,
    `--m${id}`,
    ...part('text/csv', parts.csv, ['Content-Disposition: attachment; filename="transcript.csv"']),
    `--m${id}--`,
    '',
  ].join('\r\n');
}
