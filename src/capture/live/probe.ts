import { ENGINE_NAMES } from './engine.ts';
import type { EngineName } from './engine.ts';
import type { InterfaceInfo } from './interfaces.ts';
import { findEngine, INSTALL, PERMIT } from './pick.ts';
import { runTool } from './run-tool.ts';

/** Whether an engine can be used here and now. */
export interface EngineProbe {
  readonly name: EngineName;
  readonly state: 'ready' | 'not permitted' | 'missing' | 'failed';
  /** What that means, and what to do about it. */
  readonly note: string;
}

/** Tries each engine on the first interface that is up: opens it, captures nothing. */
export async function probeEngines(interfaces: readonly InterfaceInfo[]): Promise<EngineProbe[]> {
  const iface = interfaces.find(({ state }) => state === 'up')?.name;
  return Promise.all(ENGINE_NAMES.map((name) => probe(name, iface)));
}

async function probe(name: EngineName, iface: string | undefined): Promise<EngineProbe> {
  const engine = await findEngine(name);
  if (engine === undefined) return { name, state: 'missing', note: `not there: ${INSTALL[name]}` };
  const ready: EngineProbe = { name, state: 'ready', note: `ready: ${engine.counts}` };
  if (iface === undefined) return ready;
  const said = name === 'cap' ? (process.getuid?.() === 0 ? '' : 'no permission') : await opened(name, iface);
  if (said === '') return ready;
  if (/permission|not permitted/i.test(said))
    return { name, state: 'not permitted', note: `not permitted: ${PERMIT[name]}` };
  return { name, state: 'failed', note: `does not work here: ${said}` };
}

/** Compiling a filter for an interface opens it. Empty where that worked, else what was said. */
async function opened(name: 'tcpdump' | 'dumpcap', iface: string): Promise<string> {
  const args = name === 'tcpdump' ? ['-i', iface, '-d', 'ip'] : ['-i', iface, '-f', 'ip', '-d'];
  const { status, text } = await runTool(name, args);
  if (status === 0 && /^\(000\)/m.test(text)) return '';
  return text.trim().split('\n').slice(0, 3).join(' ') || `it ended with status ${status ?? 'unknown'}`;
}
