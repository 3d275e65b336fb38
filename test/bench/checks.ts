import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTENT_CLASSES } from '../../src/classify/content/classes.ts';
import { BEHAVIOUR } from '../../src/classify/behaviour/settings.ts';

/** Rows of each list: what a large organisation has. */
const ROWS = { rules: 100_000, names: 1_000_000, hashes: 1_000_000, domains: 1_000_000 };

/** Ways to judge the IM load, from nothing to all, as arguments of `imspan replay`. */
export interface Judgements {
  /** Every client is allowed and no check is made: dissection, sessions and output alone. */
  readonly none: readonly string[];
  /** What holds where nothing is said, and the classes that are off by default. */
  readonly every: readonly string[];
  /** The same with a million hashes and domains. */
  readonly lists: readonly string[];
  /** The same with a hundred thousand rules and a million names. */
  readonly rules: readonly string[];
}

/** Writes the files that the judgements need into `folder`, those that are not there. */
export function judgements(folder: string, rows = ROWS): Judgements {
  mkdirSync(folder, { recursive: true });
  const file = (name: string, text: () => string): string => {
    const path = join(folder, name);
    if (!existsSync(path)) writeFileSync(path, text());
    return path;
  };
  const none = file('none.yaml', noChecks);
  const every = file('every.yaml', () => everyCheck(''));
  const lists = [
    '--hashes',
    file('hashes.txt', () => lines(rows.hashes, (i) => mixed(i).repeat(5))),
    '--domains',
    file('domains.txt', () => lines(rows.domains, (i) => `${mixed(i)}.example.com`)),
  ];
  const rules = file('rules.yaml', () => everyCheck(manyRules(rows.rules)));
  const names = file('names.csv', () => `network,name,person,department\n${lines(rows.names, nameRow)}`);
  return {
    none: ['--policy', none],
    every: ['--policy', every],
    lists: ['--policy', every, ...lists],
    rules: ['--policy', rules, '--names', names],
  };
}

function noChecks(): string {
  const behaviour = Object.keys(BEHAVIOUR).map((name) => `  ${name}: off`);
  return [
    'version: 2',
    'default: { verdict: allow }',
    `content: { off: [${Object.keys(CONTENT_CLASSES).join(', ')}] }`,
    'behaviour:',
    ...behaviour,
    '',
  ].join('\n');
}

function everyCheck(rules: string): string {
  return `version: 2
default: { verdict: alert, severity: 1 }
content:
  on: [encryption, crackable-secret]
  words: [project falcon, strictly confidential]
  expressions: [{ name: ticket, match: 'ABC-[0-9]{6}' }]
groups:
  traders: ['aim-user-1*', 'yahoo-user-2*']
  research: ['*@chat.example.test']
walls:
  - { name: research and trading, between: [research, traders] }
${rules}`;
}

/** Rules that no use of the load meets, of every kind that a look-up finds, and some that have to be tried. */
function manyRules(count: number): string {
  const rule = (i: number): string => {
    const kind = i % 4;
    const condition =
      kind === 0
        ? `subnets: [10.${100 + (i % 100)}.${(i >> 4) % 256}.${(i >> 2) % 256}]`
        : kind === 1
          ? `accounts: [nobody-${i}]`
          : kind === 2
            ? `domains: [d${i}.example.com]`
            : `servers: [192.0.2.${i % 256}]`;
    return `  - { name: rule ${i}, ${condition}, verdict: ${i % 3 === 0 ? 'notice' : 'allow'} }`;
  };
  return `rules:\n${lines(count, rule)}`;
}

function nameRow(i: number): string {
  const network = ['aim', 'yahoo', 'msn', 'xmpp'][i % 4] ?? '*';
  return `${network},${network}-user-${i},Person ${i},Department ${i % 50}`;
}

function lines(count: number, line: (i: number) => string): string {
  let text = '';
  for (let i = 0; i < count; i++) text += `${line(i)}\n`;
  return text;
}

/** Eight hexadecimal digits, each number its own. */
function mixed(i: number): string {
  const h = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  return h.toString(16).padStart(8, '0');
}
