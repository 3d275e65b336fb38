/** The packs of integrations/: as far as their programs are here, run; else held against what imspan writes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { wazuhId } from '../scripts/integrations.ts';
import { alertEvent } from '../src/classify/build.ts';
import { ALL_SIGNATURES } from '../src/classify/signatures.ts';
import { encodeEcs } from '../src/sink/encode/ecs.ts';
import { formatMessage } from '../src/sink/syslog/message.ts';
import { SyslogSink } from '../src/sink/syslog/sink.ts';
import { parseSyslogUrl } from '../src/sink/syslog/target.ts';
import { freePort, RsyslogRecipe, whyNoRsyslog } from './support/rsyslog.ts';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'imspan-packs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pack = (name: string): string => resolve('integrations', name);
const read = (name: string): string => readFileSync(pack(name), 'utf8');
const hostile = alertEvent({ account: 'a"] {"x":1} \\ \n<1>1 zoë', person: 'Ann' });
hostile.alert!.metadata.mitre_technique_id = ['T1040'];

describe('rsyslog', () => {
  const why = whyNoRsyslog();
  if (why !== undefined) process.stderr.write(`skipped: ${why}\n`);
  const testIf = why === undefined ? test : test.skip;

  testIf('takes its recipe', () => {
    const run = spawnSync('rsyslogd', ['-N1', '-f', pack('rsyslog/imspan.conf')], { encoding: 'utf8' });
    expect(run.status).toBe(0);
    expect(run.stderr).not.toMatch(/error/i);
  });

  testIf('writes by it the JSON of what the program sends, whole', async () => {
    const port = await freePort();
    const daemon = new RsyslogRecipe(folder, read('rsyslog/imspan.conf'), port);
    await daemon.start();
    const sink = new SyslogSink(parseSyslogUrl(`tcp://127.0.0.1:${port}?format=ecs`), { version: '1' });
    const events = [alertEvent(), hostile, alertEvent({ account: 'é'.repeat(3_000) })];
    for (const event of events) sink.write(event);
    await sink.close();
    const lines = await daemon.taken(3);
    await daemon.stop();
    const bodies = lines.map((line) => JSON.parse(line) as { event: { id: string }; user: { name: string } });
    expect(bodies.map((body) => body.event.id)).toEqual(events.map((event) => event.im?.id));
    expect(bodies[1]?.user.name).toBe(hostile.im?.account);
  });
});

describe('syslog-ng', () => {
  const isHere = spawnSync('syslog-ng', ['--version']).error === undefined;
  if (!isHere) process.stderr.write('skipped: syslog-ng is not installed\n');
  (isHere ? test : test.skip)('takes its recipe', () => {
    const run = spawnSync('syslog-ng', ['--syntax-only', '-f', pack('syslog-ng/imspan.conf')], {
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0 });
  });
});

describe('Elastic', () => {
  interface Mapping {
    type?: string;
    properties?: Record<string, Mapping>;
  }

  test('each field of an ECS body has its mapping', () => {
    const template = JSON.parse(read('elastic/index-template.json')) as {
      template: { mappings: Mapping };
    };
    const missing: string[] = [];
    const look = (value: unknown, mapping: Mapping | undefined, path: string): void => {
      if (mapping?.type === 'flattened') return;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        if (mapping?.type === undefined) missing.push(path);
        return;
      }
      for (const [name, inner] of Object.entries(value))
        look(inner, mapping?.properties?.[name], `${path}.${name}`);
    };
    const file = { ...hostile, fileinfo: { filename: 'x', size: 1, sha256: 'y' }, vlan: [7], host: 'tap' };
    for (const event of [hostile, file])
      look(JSON.parse(encodeEcs(event, 9_999, { version: '1' })), template.template.mappings, '');
    expect(missing).toEqual([]);
  });

  test('the Filebeat input is YAML with one input and one output', () => {
    const beat = parse(read('elastic/filebeat.yml')) as Record<string, unknown>;
    expect(beat['filebeat.inputs']).toMatchObject([{ type: 'filestream', id: 'imspan-ecs' }]);
    expect(beat['output.elasticsearch']).toMatchObject({ index: 'imspan-events' });
  });
});

test('Splunk: the body of a message is what its transform takes', () => {
  const transforms = read('splunk/transforms.conf');
  const body = new RegExp(/\[imspan_body\]\nREGEX = (.*)\n/.exec(transforms)?.[1] ?? '', 'u');
  const style = { ...parseSyslogUrl('tcp://h?format=eve').style, version: '1' };
  for (const event of [alertEvent(), hostile]) {
    const message = formatMessage(event, style).toString();
    const json = body.exec(message)?.[1] ?? '';
    expect((JSON.parse(json) as { im: { id: string } }).im.id).toBe(event.im?.id);
    expect(read('splunk/props.conf')).toContain('TRANSFORMS-imspan = imspan_body, imspan_sourcetype');
  }
});

describe('Wazuh', () => {
  /** Names of the elements, in order; throws where the XML is not well-formed. */
  function elements(xml: string): string[] {
    const open: string[] = [];
    const all: string[] = [];
    const rest = xml.replace(/<!--(?:(?!--)[^])*-->/g, '');
    for (const [, end, name = '', attributes = ''] of rest.matchAll(
      /<(\/?)([a-z_]+)((?: [a-z_]+="[^"<&]*")*)>|</g,
    )) {
      if (name === '' || (end === '/' && (open.pop() !== name || attributes !== '')))
        throw new Error(`at ${name}`);
      if (end === '') all.push(name);
      if (end === '') open.push(name);
    }
    if (open.length > 0 || /&(?!#\d+;)/.test(rest)) throw new Error('not well-formed');
    return all;
  }

  test('decoders and rules are well-formed', () => {
    expect(elements(read('wazuh/imspan_decoders.xml')).filter((name) => name === 'decoder')).toHaveLength(2);
    const rules = elements(read('wazuh/imspan_rules.xml')).filter((name) => name === 'rule');
    expect(rules).toHaveLength(ALL_SIGNATURES.length + 2);
  });

  test('each alert has its rule, with an id of its own in the site’s range', () => {
    const rules = read('wazuh/imspan_rules.xml');
    const ids = [...rules.matchAll(/<rule id="(\d+)"/g)].map(([, id]) => Number(id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.min(...ids)).toBeGreaterThanOrEqual(100_000);
    expect(Math.max(...ids)).toBeLessThanOrEqual(120_000);
    for (const signature of ALL_SIGNATURES) {
      const at = rules.indexOf(`<rule id="${wazuhId(signature)}"`);
      expect(rules.slice(at, rules.indexOf('</rule>', at))).toContain(`>^${signature.id}$<`);
    }
  });
});

test('Sigma: a rule for each alert, with what the specification requires', () => {
  const files = readdirSync(pack('sigma')).filter((name) => name.endsWith('.yml'));
  expect(files.sort()).toEqual(ALL_SIGNATURES.map(({ id }) => `imspan_${id}.yml`).sort());
  const ids = new Set<string>();
  for (const [i, name] of files.entries()) {
    const [document, more] = parseAllDocuments(read(`sigma/${name}`));
    expect(more).toBeUndefined();
    const rule = document?.toJS() as Record<string, unknown>;
    expect(rule).toMatchObject({
      title: expect.stringMatching(/^.{1,256}$/),
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
      status: 'experimental',
      logsource: { product: 'imspan', service: 'alert' },
      detection: { selection: { 'alert.signature_id': ALL_SIGNATURES[i]!.id }, condition: 'selection' },
      level: expect.stringMatching(/^(?:informational|low|medium|high|critical)$/),
    });
    for (const tag of (rule['tags'] as string[] | undefined) ?? [])
      expect(tag).toMatch(/^attack\.t\d{4}(?:\.\d{3})?$/);
    ids.add(String(rule['id']));
  }
  expect(ids.size).toBe(files.length);
});
