import { Command } from 'commander';
import { listInterfaces } from '../capture/live/interfaces.ts';
import type { InterfaceInfo } from '../capture/live/interfaces.ts';
import { probeEngines } from '../capture/live/probe.ts';
import type { EngineProbe } from '../capture/live/probe.ts';
import { neutralise } from '../sink/neutralise.ts';

/** `imspan interfaces`. */
export function interfacesCommand(): Command {
  return new Command('interfaces')
    .description('list the network interfaces, and what can capture on them here')
    .option('--json', 'as one JSON object')
    .action(async (flags: { json?: boolean }) => {
      const interfaces = await listInterfaces();
      const engines = await probeEngines(interfaces);
      process.stdout.write(
        flags.json ? `${JSON.stringify({ interfaces, engines })}\n` : renderInterfaces(interfaces, engines),
      );
    });
}

/** The list for people, with line ends. */
export function renderInterfaces(
  interfaces: readonly InterfaceInfo[],
  engines: readonly EngineProbe[],
): string {
  const rows = interfaces.map((each) => [
    neutralise(each.name, 20),
    each.state,
    each.link,
    each.speed === undefined ? '' : `${each.speed} Mbit/s`,
    each.addresses.length > 0 ? each.addresses.join(', ') : 'no address',
    hint(each),
  ]);
  const width = [0, 1, 2, 3, 4].map((i) => Math.min(44, Math.max(...rows.map((row) => row[i]?.length ?? 0))));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(width[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const notes = engines.map((engine) => `  ${engine.name.padEnd(7)}  ${neutralise(engine.note, 400)}`);
  return `${[...lines, '', 'Engines', ...notes].join('\n')}\n`;
}

function hint(info: InterfaceInfo): string {
  if (info.name === 'any') return 'all of them at once; not promiscuous';
  if (info.state === 'down') return `capture needs it up: sudo ip link set ${neutralise(info.name, 20)} up`;
  if (info.state === 'no carrier') return 'no cable, or the other end is off';
  if (info.link === 'loopback') return 'this machine with itself';
  const span = info.addresses.length === 0 && info.link === 'ethernet';
  return span ? 'may be a span port: up, without an address' : '';
}
