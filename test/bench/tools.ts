import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { IM_PORTS } from './generate/kinds.ts';
import { isInstalled, type Command } from './measure.ts';

const own = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const IMSPAN = own('../../bin/imspan.js');
const BUILT = own('../../dist/main.js');
const FLOOR = fileURLToPath(new URL('floor.mjs', import.meta.url));
const GUNZIP = fileURLToPath(new URL('gunzip.mjs', import.meta.url));

/** The four networks' ports, in frames with a VLAN tag too. */
const portTerms = Object.values(IM_PORTS)
  .map((port) => `port ${port}`)
  .join(' or ');
const PORT_FILTER = `(${portTerms}) or (vlan and (${portTerms}))`;
const TSHARK_DISSECTORS = { oscar: 'aim', msnp: 'msnms', ymsg: 'ymsg', xmpp: 'xmpp' } as const;
const TSHARK_FILTER = Object.values(TSHARK_DISSECTORS).join(' or ');

/** Something that reads a capture. */
export interface Tool {
  readonly name: string;
  /** Too slow to run more than once. */
  readonly once: boolean;
  readonly available: boolean;
  /** The command that reads a capture; where the tool writes events, to `out`. */
  command(path: string, out?: string): Command;
}

export const floor: Tool = nodeTool('floor', FLOOR, (path) => [path]);
export const gunzip: Tool = nodeTool('gunzip', GUNZIP, (path) => [path]);
export const imspan: Tool = {
  ...nodeTool('imspan', IMSPAN, (path, out) => ['replay', path, '--workers', '1', '--eve', out]),
  available: existsSync(IMSPAN) && existsSync(BUILT),
};
/** imspan with its events as JSON on standard output and nothing else there, as tshark writes its own. */
export const imspanJson: Tool = {
  ...nodeTool('imspan', IMSPAN, (path) => ['replay', path, '--workers', '1', '--json']),
  available: imspan.available,
};
/** imspan with so many workers, on all cores. */
export function imspanWith(workers: number): Tool {
  const tool = nodeTool('imspan', IMSPAN, (path, out) => [
    'replay',
    path,
    '--workers',
    String(workers),
    '--eve',
    out,
  ]);
  return {
    ...tool,
    available: imspan.available,
    command: (path, out) => ({ ...tool.command(path, out), allCores: true }),
  };
}

/** imspan with its events as JSON, and more arguments: how it judges what it sees. */
export function imspanJudging(name: string, judgement: readonly string[]): Tool {
  const tool = nodeTool(name, IMSPAN, (path, out) => [
    'replay',
    path,
    '--workers',
    '1',
    '--eve',
    out,
    ...judgement,
  ]);
  return { ...tool, available: imspan.available };
}

export const tcpdump: Tool = foreign('tcpdump', (path) => ['-r', path, '-w', '/dev/null', PORT_FILTER]);
export const ndpiReader: Tool = { ...foreign('ndpiReader', (path) => ['-q', '-i', path]), once: true };
export const tcpflow: Tool = {
  ...foreign('tcpflow', (path) => ['-q', '-c', '-X', '/dev/null', '-r', path]),
  once: true,
};

/** tshark with a display filter, and with the messages as JSON. */
export const tshark: Tool = { ...foreign('tshark', (path) => ['-r', path, '-Y', TSHARK_FILTER]), once: true };
export const tsharkJson: Tool = {
  ...foreign('tshark', (path) => ['-r', path, '-Y', TSHARK_FILTER, '-T', 'json']),
  once: true,
};

/** tshark, asked for the messages of one network as JSON; OSCAR it finds only where it is told the port. */
export function tsharkOf(network: keyof typeof IM_PORTS): Tool {
  const dissector = TSHARK_DISSECTORS[network];
  const rule = network === 'oscar' ? ['-d', `tcp.port==${IM_PORTS.oscar},${dissector}`] : [];
  return { ...foreign('tshark', (path) => ['-r', path, ...rule, '-Y', dissector, '-T', 'json']), once: true };
}

function nodeTool(name: string, script: string, args: (path: string, out: string) => string[]): Tool {
  return {
    name,
    once: false,
    available: existsSync(script),
    command: (path, out = '/dev/null') => ({ program: process.execPath, args: [script, ...args(path, out)] }),
  };
}

function foreign(name: string, args: (path: string) => string[]): Tool {
  return {
    name,
    once: false,
    available: isInstalled(name),
    command: (path) => ({ program: name, args: args(path) }),
  };
}
