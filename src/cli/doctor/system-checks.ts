import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { runTool } from '../../capture/live/run-tool.ts';
import type { EngineProbe } from '../../capture/live/probe.ts';
import { CLASSIFY_LIMITS } from '../../classify/limits.ts';
import { LIMITS } from '../../core/limits.ts';
import { worstCaseOf } from '../../core/worst-case.ts';
import { sizeText } from '../units.ts';
import { bad, good, unknown, warning } from './check.ts';
import type { Check } from './check.ts';
import type { Run } from './interface-checks.ts';

const NODE_LEAST = [20, 19] as const;
/** What Node.js, its threads and their buffers take beside the limits. */
const PROGRAM = 300 * 2 ** 20;
const FREE_LEAST = 2 ** 30;
const CONNECT_MS = 3_000;
/** 2026: an earlier clock was never set. */
const SANE_YEAR = 2026;

export function checkNode(version = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [least, minorLeast] = NODE_LEAST;
  const enough = major > least || (major === least && minor >= minorLeast);
  return enough
    ? good('Node.js', version)
    : bad('Node.js', `${version} is too old`, `install ${least}.${minorLeast} or newer`);
}

/** Whether the wanted engine, or any, may capture. */
export function checkEngines(probes: readonly EngineProbe[], wanted: string): Check[] {
  const asked = wanted === 'auto' ? probes : probes.filter(({ name }) => name === wanted);
  // `auto` takes the first that is there, whether it may capture or not.
  const first = asked.find(({ state }) => state !== 'missing') ?? asked[0];
  if (!first) return [bad('engine', `${wanted} is none`, 'take tcpdump, dumpcap or cap')];
  const { name, state, note } = first;
  const [found = '', ...rest] = note.split(': ');
  const todo = rest.join(': ');
  if (state === 'ready') return [good('engine', `${name}: ${todo}`)];
  return [bad('engine', `${name}: ${found}`, todo || 'see docs/OPERATIONS.md, Who may capture')];
}

/** Whether we are root without need. */
export function checkUser(user: string | undefined, uid = process.getuid?.()): Check {
  if (uid !== 0) return good('user', 'not root');
  if (user !== undefined) return good('user', `root, which becomes ${user}`);
  return warning('user', 'root, and stays it', 'give --user NAME, or let the engine capture without root');
}

/** Whether something keeps the clock. */
export async function checkClock(run: Run = runTool, now = new Date()): Promise<Check> {
  if (now.getUTCFullYear() < SANE_YEAR)
    return bad(
      'clock',
      `it says ${now.toISOString()}`,
      'set it, and have it kept (apt install systemd-timesyncd or chrony)',
    );
  const { status, text } = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']);
  if (status === 0 && text.trim() === 'yes') return good('clock', 'synchronised');
  if (status === 0 && text.trim() === 'no')
    return warning(
      'clock',
      'not synchronised',
      'apt install systemd-timesyncd or chrony: packet times are those of this clock',
    );
  const chrony = await run('chronyc', ['-n', 'tracking']);
  if (chrony.status === 0)
    return /^Leap status\s*: Normal/m.test(chrony.text)
      ? good('clock', 'synchronised by chrony')
      : warning('clock', 'chrony is not synchronised', 'chronyc sources shows why');
  return unknown(
    'clock',
    'neither timedatectl nor chronyc says whether it is kept',
    'compare it with another one: date -u',
  );
}

/** Whether there is memory for all limits at once. */
export function checkMemory(
  workers: number,
  total = totalmem(),
  free = freemem(),
  cap = process.constrainedMemory(),
): Check {
  const most = cap > 0 && cap < total ? cap : total;
  const need = worstCaseOf(LIMITS, CLASSIFY_LIMITS) + PROGRAM + workers * 100 * 2 ** 20;
  const found = `${sizeText(most)} (${sizeText(free)} free); all limits at once can take ${sizeText(need)}`;
  if (need <= most) return good('memory', found);
  return warning('memory', found, 'lower limits (docs/LIMITS.md), fewer --workers, or more memory');
}

/** Whether a folder can be written to and has room; `path` is the folder itself. */
export async function checkFolder(what: string, path: string): Promise<Check> {
  const title = `folder of ${what}`;
  try {
    if (!(await stat(path)).isDirectory()) return bad(title, `${path} is no folder`, 'name a folder');
  } catch {
    return checkParent(title, path);
  }
  return checkWritable(title, path);
}

/** Of what is made at the start: whether that can be. */
async function checkParent(title: string, path: string): Promise<Check> {
  const parent = dirname(path);
  try {
    await access(parent, constants.W_OK);
    return good(title, `${path} will be made`);
  } catch {
    return bad(title, `${path} is not there and cannot be made`, `install -d -m 0700 -o imspan ${path}`);
  }
}

export async function checkWritable(title: string, path: string): Promise<Check> {
  try {
    await access(path, constants.W_OK);
  } catch {
    return bad(title, `${path} cannot be written to`, 'chown it to the user that runs imspan');
  }
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const found = `${path}, ${sizeText(free)} free`;
  return free >= FREE_LEAST
    ? good(title, found)
    : warning(title, found, 'free space, or set --min-free and --quota');
}

const PORTS: Readonly<Record<string, number>> = { 'udp:': 514, 'tcp:': 514, 'tls:': 6514 };

/** Whether a collector can be reached; UDP never says. */
export async function checkCollector(text: string, ms = CONNECT_MS): Promise<Check> {
  const title = `collector ${text}`;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { ...bad(title, 'no URL', 'write udp://HOST, tcp://HOST or tls://HOST'), usage: true };
  }
  const { protocol, hostname, port } = url;
  const usual = PORTS[protocol];
  if (usual === undefined || hostname === '')
    return unknown(title, 'nothing that can be tried over the network');
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'udp:') {
    try {
      const { address } = await lookup(host);
      return good(title, `${address}; UDP does not say whether anybody listens`);
    } catch {
      return bad(title, `no address is known for ${host}`, 'look at the name and at the DNS of this machine');
    }
  }
  const trouble = await tryConnect(host, port === '' ? usual : Number(port), ms);
  if (trouble === undefined) return good(title, 'it takes connections');
  return bad(title, trouble, 'is it running, and does a firewall stand between?');
}

function tryConnect(host: string, port: number, ms: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (trouble: string | undefined): void => {
      socket.destroy();
      resolve(trouble);
    };
    socket.setTimeout(ms, () => end(`no answer within ${ms / 1_000} s`));
    socket.once('connect', () => end(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
