import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { replayCommand } from '../replay.ts';
import { sniffCommand } from '../sniff.ts';
import { applyConfig, loadConfig, parseConfig } from './config-file.ts';
import type { ConfigCommands } from './config-file.ts';
import { heldBy, renderHeld, renderTemplate, settingRows } from './render.ts';
import { settingsFor } from './schema.ts';

function commands(): ConfigCommands {
  return { sniff: sniffCommand(), replay: replayCommand() };
}

/** The options of `sniff` with this command line and this file. */
async function options(text: string, args: string[] = []): Promise<Record<string, unknown>> {
  const both = commands();
  both.sniff.parseOptions(args);
  applyConfig(await parseConfig(text, 'imspan.yaml', both), both.sniff);
  return both.sniff.opts();
}

async function complaints(text: string): Promise<string[]> {
  return parseConfig(text, 'imspan.yaml', commands()).then(
    () => [],
    (error: Error) => error.message.split('\n'),
  );
}

test('each kind of setting is as the command line would have made it', async () => {
  const text = `version: 1
all:
  policy: /etc/imspan/policy.yaml
  syslog: [ udp://siem.example.org, "tcp://10.0.0.9:601" ]
  limit: { flows: 1000, im_flows: 50 }
  privacy: metadata
  eve-rotate: 100M
sniff:
  interface: eth1
  promisc: false
  stats: 10
  metrics: 9464
  quota:
    evidence: 20G
  fail-on-alert: true
replay: { merge: true }
`;
  expect(await options(text)).toMatchObject({
    policy: '/etc/imspan/policy.yaml',
    syslog: ['udp://siem.example.org', 'tcp://10.0.0.9:601'],
    limit: { flows: 1_000, im_flows: 50 },
    privacy: 'metadata',
    eveRotate: 100 * 2 ** 20,
    interface: ['eth1'],
    promisc: false,
    stats: 10,
    metrics: { host: '127.0.0.1', port: 9_464 },
    quota: { evidence: 20 * 2 ** 30 },
    failOnAlert: true,
    snaplen: 262_144,
  });
  expect(await options(text)).not.toHaveProperty('merge');
});

test('the command line wins, then the section of the command, then what holds for all', async () => {
  const text =
    'version: 1\nall: { host: a, flows: all, privacy: metadata }\nsniff: { host: b, interface: [x, y] }\n';
  const held = await options(text, ['--privacy', 'full', '-i', 'eth9']);
  expect(held).toMatchObject({ host: 'b', flows: 'all', privacy: 'full', interface: ['eth9'] });
});

test.each<[string, string, string]>([
  ['nothing', '', 'imspan.yaml:1:1: the file is empty; it begins with "version: 1"'],
  ['no version', 'sniff: { stats: 3 }\n', 'imspan.yaml:1:1: "version: 1" is missing'],
  [
    'another version',
    'version: 2\n',
    'imspan.yaml:1:10: version 2 is not known here; this program reads version 1',
  ],
  [
    'a section',
    'version: 1\nsnif: {}\n',
    'imspan.yaml:2:1: unknown key "snif" in the configuration; known: version, all, sniff, replay',
  ],
  [
    'a number',
    'version: 1\nsniff:\n  stats: often\n',
    'imspan.yaml:3:10: "stats": a whole number from 0 to 86400 is needed',
  ],
  [
    'a choice',
    'version: 1\nall:\n  privacy: none\n',
    'imspan.yaml:3:12: "privacy": Allowed choices are full, metadata.',
  ],
  [
    'a switch',
    'version: 1\nall:\n  verbose: loud\n',
    'imspan.yaml:3:12: "verbose" "loud" is not known; known: true, false',
  ],
  [
    'a limit',
    'version: 1\nall:\n  limit: { flows: 0 }\n',
    'imspan.yaml:3:12: "limit": write NAME=VALUE, VALUE a whole number from 1',
  ],
  [
    'a list',
    'version: 1\nsniff:\n  interface: []\n',
    'imspan.yaml:3:3: "interface" is empty and would never match; leave it out or list something',
  ],
  ['lines', 'version: 1\nall:\n  host: "a\\nb"\n', 'imspan.yaml:3:9: "host" is to be one line'],
  ['a mapping for a text', 'version: 1\nall:\n  eve: { a: b }\n', 'imspan.yaml:3:8: "eve" is to be a text'],
  [
    'what is of sniff alone',
    'version: 1\nreplay:\n  interface: eth1\n',
    'imspan.yaml:3:3: unknown key "interface" in "replay"',
  ],
  ['itself', 'version: 1\nall: { config: x }\n', 'imspan.yaml:2:8: unknown key "config" in "all"'],
  ['YAML', 'version: 1\nall: [\n', 'imspan.yaml:3:1: '],
])('what is wrong is told with its place: %s', async (_what, text, said) => {
  const [first = ''] = await complaints(text);
  // What was perhaps meant may be added.
  expect(first.replace(/ \(did you mean.*?\)/, '')).toContain(said);
});

test('all mistakes are told at once, in the order of the file', async () => {
  const all = await complaints(
    'version: 1\nall:\n  privacy: x\n  nonsense: 1\nsniff:\n  stats: -1\n  snaplen: 2\n',
  );
  expect(all.map((line) => line.split(':')[1])).toEqual(['3', '4', '6', '7']);
});

test('the template is of use as it is, and every setting of it when its comment is taken away', async () => {
  const text = renderTemplate(commands());
  expect((await parseConfig(text, 'x', commands())).values).toEqual([]);
  const open = text.replaceAll(
    /^ {2}#([a-z-]+: )(.*)$/gm,
    (_line, key: string, value: string) => `  ${key}${SAMPLES[value] ?? value}`,
  );
  const { values } = await parseConfig(open, 'x', commands());
  const known = new Set([...settingsFor(commands().sniff).keys(), ...settingsFor(commands().replay).keys()]);
  expect(new Set(values.map(({ setting }) => setting.key))).toEqual(known);
  expect(new Set(settingRows(commands()).map(({ key }) => key))).toEqual(known);
});

/** Values for options that check theirs, by the word that the template has for it. */
const SAMPLES: Readonly<Record<string, string>> = {
  SIZE: '1G',
  PERIOD: '1h',
  PLACE: '9464',
  PARTS: 'vlan',
  N: '2',
  MIB: '64',
  SECONDS: '60',
  PACKETS: '9',
  '{ NAME: VALUE }': '{ flows: 7 }',
  '{ WHAT: SIZE }': '{ logs: 1G }',
};

test('what holds is shown with where it comes from, as a file that says the same', async () => {
  const both = commands();
  const config = await parseConfig('version: 1\nall:\n  host: tap 1\nsniff: { stats: 5 }\n', 'i.yaml', both);
  applyConfig(config, both.sniff);
  const held = heldBy(both.sniff, config);
  expect(held).toEqual(
    expect.arrayContaining([
      { key: 'host', value: 'tap 1', from: 'i.yaml:3' },
      { key: 'stats', value: 5, from: 'i.yaml:4' },
      { key: 'flows', value: 'im', from: 'default' },
    ]),
  );
  const again = commands();
  applyConfig(await parseConfig(renderHeld(both.sniff, held), 'again', again), again.sniff);
  expect(again.sniff.opts()).toEqual(both.sniff.opts());
});

test('a file to which everybody may write, or that is not there, is not used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-config-'));
  const path = join(folder, 'imspan.yaml');
  try {
    await expect(loadConfig(path, commands())).rejects.toThrow(/cannot read the configuration .*ENOENT/);
    writeFileSync(path, 'version: 1\n');
    expect((await loadConfig(path, commands())).values).toEqual([]);
    chmodSync(path, 0o666);
    await expect(loadConfig(path, commands())).rejects.toThrow(
      'everybody may write to it, so it is not used; chmod o-w',
    );
    chmodSync(path, 0o600);
    writeFileSync(path, Buffer.from([0x61, 0xff]));
    await expect(loadConfig(path, commands())).rejects.toThrow(':1:1: is not UTF-8 text');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
