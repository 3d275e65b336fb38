import { describe, expect, test } from '@jest/globals';
import { APPS } from '../../core/apps.ts';
import { checkRows } from './check.ts';
import { rowOfRequestText, rowOfText } from './match.ts';
import { MODERN_ROWS } from './modern.ts';
import { SERVICE_ROWS } from './rows.ts';
import type { ServiceRow } from './rows.ts';

const NAMES = SERVICE_ROWS.filter((row) => row.path === undefined && row.ignore !== true);
const PLACES = SERVICE_ROWS.filter((row) => row.web && row.ignore !== true);
/** A target that a row's path and query fit. */
const target = (row: ServiceRow): string => `${row.path ?? '/any'}x?a=b&${row.query ?? ''}`;

describe('the rows', () => {
  test('are lower case, dated, and once each', () => {
    const keys = SERVICE_ROWS.map(({ host, path, query }) => [host, path, query].join(' '));
    expect(new Set(keys).size).toBe(SERVICE_ROWS.length);
    for (const { host, path, query, date, source, role } of SERVICE_ROWS) {
      expect(host).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
      expect(path ?? '/').toMatch(/^\/[^A-Z?]*$/);
      expect(query ?? 'a=b').toMatch(/^[^A-Z?]+$/);
      expect(date).toMatch(/^20\d\d-\d\d$/);
      expect([source, role]).not.toContain('');
    }
  });

  test('what no source at hand says makes nobody sure', () => {
    const unsourced = SERVICE_ROWS.filter((row) => row.source.startsWith('general knowledge'));
    expect(unsourced.map((row) => row.confidence)).toEqual(unsourced.map(() => 'low'));
  });
});

describe('names', () => {
  test.each(NAMES)('$host is found, and what is below it', (row) => {
    expect(rowOfText(row.host)).toBe(row);
    expect(rowOfText(`X1.${row.host.toUpperCase()}.`)).toBe(row);
    expect(rowOfText(`x${row.host}`)).not.toBe(row);
    expect(rowOfText(`${row.host}.example`)).toBeUndefined();
  });

  test.each([
    '',
    '.',
    'com',
    'aol.com',
    'login.live.com',
    'login.yahoo.com',
    'www.facebook.com',
    'mail.google.com',
    'www.google.com',
    'push.apple.com',
    'cim.meebo.com',
  ])('"%s" is none', (name) => {
    expect(rowOfText(name)).toBeUndefined();
  });

  test('the longest row wins', () => {
    expect(rowOfText('api.oscar.aol.com')?.web).toBe(true);
    expect(rowOfText('bos.oscar.aol.com')?.web).toBe(false);
  });
});

describe('requests', () => {
  test.each(PLACES)('$host $path $query is found', (row) => {
    expect(rowOfRequestText(row.host, target(row))).toBe(row);
    expect(rowOfRequestText(row.host.toUpperCase(), target(row).toUpperCase())).toBe(row);
    expect(rowOfRequestText(`x${row.host}`, target(row))).not.toBe(row);
  });

  test.each([
    ['login.yahoo.com', '/'],
    ['login.yahoo.com', '/config/pwtoken_get?src=mail'],
    ['login.yahoo.com', '/config/pwtoken_get'],
    ['login.live.com', '/login.srf?src=ymsgr'],
    ['www.facebook.com', '/ajax/chatter'],
    ['www.facebook.com', '/x?/ajax/chat/'],
    ['api.oscar.aol.com', '/SOA/key=1/presence/somebody'],
    ['widget.meebo.com', '/mm.swf'],
    ['dl.google.com', '/chrome/install.exe'],
    ['login.oscar.aol.com', '/index.html'],
  ])('%s%s says nothing', (host, path) => {
    expect(rowOfRequestText(host, path)).toBeUndefined();
  });

  test('a path that fits no row of its host falls to the host above', () => {
    expect(rowOfRequestText('vcs1.msg.yahoo.com', '/other')?.host).toBe('msg.yahoo.com');
    expect(rowOfRequestText('insider.msg.yahoo.com', '/ycontent/stats.php?version=1')?.role).toBe(
      'start page and chat rooms',
    );
  });
});

describe('rows that would match what is no messenger', () => {
  const row = SERVICE_ROWS[0]!;
  test.each<[string, Partial<ServiceRow>]>([
    ['a whole domain of the root', { host: 'com' }],
    ['everything', { host: '' }],
    ['a dot', { host: '.' }],
    ['a wildcard', { host: '*.example.net' }],
    ['a registry', { host: 'co.uk' }],
    ['a cloud', { host: 'amazonaws.com' }],
    ['all of a maker’s', { host: 'google.com' }],
    ['any path', { path: '/' }],
    ['no source', { source: '' }],
    ['no date', { date: 'now' }],
  ])('%s is refused at load', (_, change) => {
    expect(() => checkRows([{ ...row, ...change }])).toThrow('service row');
  });

  test('those that there are pass, and each messenger of today has a name for people', () => {
    expect(checkRows(SERVICE_ROWS)).toBe(SERVICE_ROWS);
    expect(MODERN_ROWS.filter(({ service }) => service !== 'irc' && !APPS.has(service))).toEqual([]);
    expect(new Set(MODERN_ROWS.map(({ service }) => service)).size).toBeGreaterThan(25);
  });
});

test('what nobody looked up is not told at high confidence', () => {
  const sure = MODERN_ROWS.filter(
    ({ source, confidence }) => source.includes('from memory') && confidence === 'high',
  );
  expect(sure.map(({ host }) => host)).toEqual([]);
});
