import type { ServiceRow } from './rows.ts';

/** Names under which anybody may have a host: a row for one of them would be a row for half of the network. */
const COMMON =
  /^(?:(?:co|com|net|org|edu|gov|ac|or|ne|go)\.[a-z]{2}|github\.io|appspot\.com|cloudfront\.net|amazonaws\.com|akamaihd\.net|akadns\.net|azureedge\.net|windows\.net|googleapis\.com|googleusercontent\.com|google\.com|facebook\.com|fbcdn\.net|apple\.com|icloud\.com|microsoft\.com|live\.com|office\.com|qq\.com|herokuapp\.com|blogspot\.com|workers\.dev|pages\.dev|web\.app|trafficmanager\.net)$/;

/** Throws where a row would match nearly everything, or says nothing of where it comes from: our bug, found at load. */
export function checkRows(rows: readonly ServiceRow[]): readonly ServiceRow[] {
  for (const row of rows) {
    const { host, path, source, date } = row;
    const wide = host.split('.').length < 2 || COMMON.test(host);
    if (!/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(host) || (wide && path === undefined))
      throw new Error(`service row ${host}: it would match what is no messenger's`);
    if (path !== undefined && !/^\/[^/]/.test(path.replace(/^\/+/, '/')))
      throw new Error(`service row ${host}${path}: any path fits it`);
    if (source === '' || !/^20\d\d-\d\d$/.test(date))
      throw new Error(`service row ${host}: no source or date`);
  }
  return rows;
}
