import { EXIT, OperatorError } from '../../core/errors.ts';
import { findCap } from './cap.ts';
import { findDumpcap } from './dumpcap.ts';
import { ENGINE_NAMES } from './engine.ts';
import type { Engine, EngineName } from './engine.ts';
import { findTcpdump } from './tcpdump.ts';

const FIND: Readonly<Record<EngineName, () => Promise<Engine | undefined>>> = {
  tcpdump: () => findTcpdump(),
  dumpcap: () => findDumpcap(),
  cap: findCap,
};

/** What to do about one that is not there. */
export const INSTALL: Readonly<Record<EngineName, string>> = {
  tcpdump: 'install it (apt install tcpdump)',
  dumpcap: 'install it (apt install wireshark-common, or tshark)',
  cap: 'install it in the folder of imspan (apt install libpcap-dev g++ make python3, then npm install cap)',
};

/** How an engine is let capture without root. */
export const PERMIT: Readonly<Record<EngineName, string>> = {
  tcpdump: 'run imspan with sudo, or once: sudo setcap cap_net_raw,cap_net_admin=eip "$(command -v tcpdump)"',
  dumpcap:
    'run imspan with sudo, or once: sudo setcap cap_net_raw,cap_net_admin=eip "$(command -v dumpcap)" (Debian: dpkg-reconfigure wireshark-common, then join the group wireshark)',
  cap: 'run imspan with sudo, or take the engine tcpdump or dumpcap: only those can be given the right without giving it to all of Node.js',
};

/** The engine of that name, or undefined where it is not there. */
export function findEngine(name: EngineName): Promise<Engine | undefined> {
  return FIND[name]();
}

/** The engine that was asked for; `auto`: the first that is there. Throws an OperatorError where there is none. */
export async function pickEngine(wanted: EngineName | 'auto'): Promise<Engine> {
  for (const name of wanted === 'auto' ? ENGINE_NAMES : [wanted]) {
    const engine = await findEngine(name);
    if (engine !== undefined) return engine;
  }
  if (wanted === 'auto')
    throw new OperatorError(
      `nothing here can capture: tcpdump or dumpcap is needed; ${INSTALL.tcpdump}`,
      EXIT.IO,
    );
  throw new OperatorError(`${wanted} is not there; ${INSTALL[wanted]}`, EXIT.IO);
}
