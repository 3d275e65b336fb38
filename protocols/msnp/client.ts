import type { ClientSoftware } from '../../src/sdk/index.ts';
import { contradicts, foreignProduct, officialName, readCapabilities, thirdParty } from './capabilities.ts';
import { lookUp } from './text.ts';

/** Which software a client says it is, and which it is. */

/** Program names of `CVR`, and what people call them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  MSMSGS: 'MSN Messenger',
};

const WINDOWS: Readonly<Record<string, string>> = {
  '4.0': 'Windows NT 4.0',
  '4.10': 'Windows 98',
  '4.90': 'Windows Me',
  '5.0': 'Windows 2000',
  '5.1': 'Windows XP',
  '5.2': 'Windows Server 2003',
  '6.0': 'Windows Vista',
  '6.1': 'Windows 7',
  '6.2': 'Windows 8',
  '6.3': 'Windows 8.1',
};

/** The brand in the `CVR` of libpurple since 2.5, whose other fields are those of Windows Live Messenger 8.5. */
const LIBPURPLE_BRAND = 'BC01';
/** What libpurple before 2.5 says it is; the genuine 6.0 said the same. */
const LIBPURPLE_OLD_VERSION = '6.0.0602';
/**
 * The client that a `CVR` names: `TrID locale os os-version architecture program version brand [email]`.
 * The e-mail address is left out of `raw`: the event names the account.
 */
export function clientOfCvr(args: readonly string[]): ClientSoftware {
  const [, locale = '', os = '', osVersion = '', architecture = '', program = '', version = ''] = args;
  const brand = args[7] && !args[7].includes('@') ? args[7] : '';
  const raw = ['CVR', locale, os, osVersion, architecture, program, version, brand].filter(Boolean).join(' ');
  const name = programName(program, version);
  const client: ClientSoftware = {
    name,
    version,
    os: systemName(os, osVersion),
    raw,
    evidence: ['CVR line'],
  };
  if (program === 'MSNMSGR' && brand === LIBPURPLE_BRAND) {
    client.name = 'libpurple';
    delete client.version;
    client.masquerade = `${name} ${version}`;
    client.evidence.push(`CVR brand ${LIBPURPLE_BRAND} is that of Pidgin/libpurple`);
  } else if (version === LIBPURPLE_OLD_VERSION) {
    client.evidence.push('Pidgin/libpurple 2.0 to 2.4 sends the same CVR');
  }
  return client;
}

/**
 * A second look at a client that named its version in `CVR`, once its capability number is known; undefined
 * where the two agree or nothing follows.
 */
export function clientOfCapabilities(claimed: ClientSoftware, text: string): ClientSoftware | undefined {
  const version = claimed.version ?? '';
  const capabilities = readCapabilities(text);
  if (claimed.masquerade !== undefined || !capabilities) return undefined;
  const [, name = UNKNOWN_CLIENT, whose] = thirdParty(capabilities) ?? [];
  if (name === claimed.name || (!whose && !contradicts(capabilities, version))) return undefined;
  const proof = `CHG capabilities ${text} are those of ${whose ?? `version ${capabilities.versions.join(' or ')}`}`;
  return {
    name,
    raw: `CHG ${text}`,
    evidence: [`CVR says ${version}`, proof],
    masquerade: `${claimed.name} ${version}`,
  };
}

/** A client that answers a challenge with a product id that is newer than its dialect; undefined where it is not. */
export function clientOfProduct(
  claimed: ClientSoftware | undefined,
  product: string,
  dialect: number,
): ClientSoftware | undefined {
  const since = foreignProduct(product, dialect);
  if (since === 0 || claimed?.masquerade !== undefined) return undefined;
  const client: ClientSoftware = {
    name: UNKNOWN_CLIENT,
    raw: `QRY ${product}`,
    evidence: [`product id ${product} is one of MSNP${since} and later, the dialect is MSNP${dialect}`],
  };
  if (claimed) client.masquerade = [claimed.name, claimed.version].filter(Boolean).join(' ');
  return client;
}

/** A client that is not what it says, and is not known by another name. */
const UNKNOWN_CLIENT = 'third-party MSN client';

/** The client that a `User-Agent` or `Client-Name` header names: `pidgin/2.5.9`, `Purple/2.5.9`. */
export function clientOfHeader(header: string, value: string): ClientSoftware | undefined {
  if (!value) return undefined;
  const slash = value.indexOf('/');
  const product = (slash < 0 ? value : value.slice(0, slash)).trim();
  const version =
    slash < 0
      ? ''
      : (value
          .slice(slash + 1)
          .trim()
          .split(' ')[0] ?? '');
  const known = lookUp(HEADER_NAMES, product.toLowerCase()) ?? product;
  if (!known) return undefined;
  const client: ClientSoftware = { name: known, raw: value, evidence: [`message header ${header}`] };
  if (version) client.version = version;
  return client;
}

const HEADER_NAMES: Readonly<Record<string, string>> = {
  pidgin: 'Pidgin',
  purple: 'libpurple',
  gaim: 'Gaim',
};

function programName(program: string, version: string): string {
  if (program === 'MSNMSGR') return officialName(version);
  return lookUp(PROGRAMS, program) ?? program;
}

function systemName(os: string, version: string): string {
  if (!os.toLowerCase().startsWith('win')) return `${os} ${version}`;
  const short = version.split('.').slice(0, 2).join('.');
  return lookUp(WINDOWS, short) ?? `${os} ${version}`;
}
