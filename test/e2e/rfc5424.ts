/** A strict reader of syslog messages: RFC 5424, section 6, and nothing that it does not allow. */

export interface SyslogMessage {
  facility: number;
  severity: number;
  timestamp: string;
  hostname: string;
  appName: string;
  procId: string;
  msgId: string;
  /** SD-ID to parameters, unescaped. */
  data: Map<string, Map<string, string>>;
  message: string;
}

const PRINT = (max: number): string => `[\\x21-\\x7e]{1,${max}}`;
const SD_NAME = '[\\x21\\x23-\\x3c\\x3e-\\x5c\\x5e-\\x7e]{1,32}';
const VALUE = '(?:[^"\\\\\\]]|\\\\["\\\\\\]])*';
const ELEMENT = `\\[${SD_NAME}(?: ${SD_NAME}="${VALUE}")*\\]`;
const HEADER = new RegExp(
  `^<(\\d{1,3})>1 (\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{1,6}Z) (${PRINT(255)}) (${PRINT(48)}) ` +
    `(${PRINT(128)}) (${PRINT(32)}) (-|(?:${ELEMENT})+)(?: ([^]*))?$`,
  'u',
);

/** Throws on a datagram that is no message of RFC 5424. */
export function parseSyslog(datagram: Uint8Array): SyslogMessage {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(datagram);
  const match = HEADER.exec(text);
  if (match === null) throw new Error(`no message of RFC 5424: ${JSON.stringify(text)}`);
  const [
    ,
    pri = '',
    timestamp = '',
    hostname = '',
    appName = '',
    procId = '',
    msgId = '',
    data = '',
    rest = '',
  ] = match;
  if (Number(pri) > 191 || String(Number(pri)) !== pri) throw new Error(`PRI ${pri}`);
  if (!rest.startsWith('\ufeff') && !/^[\x00-\x7f]*$/.test(rest)) throw new Error('UTF-8 without its mark');
  return {
    facility: Number(pri) >> 3,
    severity: Number(pri) & 7,
    timestamp,
    hostname,
    appName,
    procId,
    msgId,
    data: parseData(data),
    message: rest.replace(/^\ufeff/, ''),
  };
}

function parseData(text: string): Map<string, Map<string, string>> {
  const all = new Map<string, Map<string, string>>();
  for (const [element] of text.matchAll(new RegExp(ELEMENT, 'gu'))) {
    const id = /^\[([^ \]]+)/.exec(element)?.[1] ?? '';
    const parameters = new Map<string, string>();
    for (const [, name = '', value = ''] of element.matchAll(
      new RegExp(` (${SD_NAME})="(${VALUE})"`, 'gu'),
    )) {
      if (parameters.has(name)) throw new Error(`${name} is told twice`);
      parameters.set(name, value.replace(/\\(["\\\]])/g, '$1'));
    }
    if (all.has(id)) throw new Error(`${id} is there twice`);
    all.set(id, parameters);
  }
  return all;
}
