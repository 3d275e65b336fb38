/** The captures with known truth that lie beside the project on some machines. Never needed to pass. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './program.ts';

/** From the project's root, as it is given to the program. */
export const SHARED = '../shared/captures';
export const hasShared = existsSync(join(ROOT, SHARED));
export const UNLESS_SHARED = '(skipped where ../shared/captures is not there)';

export interface TruthFlow {
  client?: string;
  client_port?: number;
  server?: string;
  server_port?: number;
  app_proto?: string;
  bytes_client?: number;
  bytes_server?: number;
}

/** What of a truth file is used here. */
export interface Truth {
  /** From the project's root, as events name it. */
  capture: string;
  flows: TruthFlow[];
  logins: Record<string, unknown>[];
  messages: { body?: string }[];
  whole: unknown;
}

const TRUTH = '.truth.json';
const ENDINGS = ['.pcap', '.pcapng', '.cap', '.pcap.gz', ''];

/** The truth files below a folder of the shared captures. */
export function truths(folder: string): Truth[] {
  const root = join(ROOT, SHARED, folder);
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.name.endsWith(TRUTH))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map(readTruth);
}

function readTruth(path: string): Truth {
  const whole = JSON.parse(readFileSync(path, 'utf8')) as Partial<Truth> & { im_flows?: PublicFlow[] };
  const base = path.slice(0, -TRUTH.length);
  const ending = ENDINGS.find((end) => existsSync(base + end));
  if (ending === undefined) throw new Error(`${path} has no capture beside it`);
  return {
    capture: relative(ROOT, base + ending),
    flows: whole.im_flows?.map(flowOf) ?? whole.flows ?? [],
    logins: whole.logins ?? [],
    messages: whole.messages ?? [],
    whole,
  };
}

/** A flow as the truth of a public capture has it. */
interface PublicFlow {
  /** `tcp 192.0.2.1:1025 -> 192.0.2.2:5190`. */
  tuple: string;
  protocol?: string;
}

function flowOf({ tuple, protocol }: PublicFlow): TruthFlow {
  const [, client, from, server, to] = /^\S+ (.*):(\d+) -> (.*):(\d+)$/.exec(tuple) ?? [];
  return {
    ...(client !== undefined && { client, client_port: Number(from) }),
    ...(server !== undefined && { server, server_port: Number(to) }),
    ...(protocol !== undefined && { app_proto: protocol }),
  };
}

/** Members of a truth file that hold a secret. */
const SECRET =
  /^(?:password|password_on_wire|password_recovered|password_tried|new_password|old|new|proxy_credentials_on_wire)$/;
/** Shorter ones occur by chance. */
const MIN_SECRET = 6;

/** Every secret that a truth file names, but those that somebody also wrote in a message. */
export function secretsOf({ whole, messages }: Truth): string[] {
  const found = new Set<string>();
  collect(whole, false, found);
  const said = JSON.stringify(messages);
  return [...found].filter((secret) => secret.length >= MIN_SECRET && !said.includes(secret));
}

function collect(value: unknown, secret: boolean, found: Set<string>): void {
  if (typeof value === 'string') {
    if (!secret) return;
    found.add(value);
    // Credentials of a proxy are told as `user:password`.
    const colon = value.indexOf(':');
    if (colon >= 0) found.add(value.slice(colon + 1));
  } else if (Array.isArray(value)) {
    for (const entry of value) collect(entry, secret, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, entry] of Object.entries(value)) collect(entry, SECRET.test(key), found);
  }
}
