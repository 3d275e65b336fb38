import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { goldenCaptures } from '../golden/replay.ts';
import { violations } from './contract.ts';
import { packetCount, packetTimes, slicePackets } from './cut.ts';
import { eventsOf, imspan, PATIENCE, ROOT, Scratch, withoutPlace } from './program.ts';
import type { Run, Written } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const SCHEMA = join(ROOT, '..', 'shared', 'schema', 'eve.schema.json');
const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

/** Failures that are listed: one tells, a thousand hide. */
const SHOWN = 8;

/** Where an event stands, in short. */
function place({ event_type: type, pcap_filename: file, pcap_cnt: frame, im }: Written): string {
  return `${type} ${im?.kind ?? ''} at frame ${String(frame)} of ${String(file)}`;
}

/** The shipped captures, all of what is told of them, as JSON lines. */
let whole: Run;
let events: Written[];
beforeAll(() => {
  whole = imspan(['replay', '--json', '--flows', 'all', 'captures']);
  events = eventsOf(whole.stdout);
});

/** Made of another capture: by cutting it, whose packets keep their ids, or by sending it again from the same made ports and numbers. */
const MADE = /\/(?:carried-.*|late-msnp9|switchboard-alone-msnp9)\.pcap$/;

describe('--json of the shipped captures', () => {
  test('standard output holds JSON lines and nothing else; the summary goes to standard error', () => {
    expect(whole.status).toBe(0);
    expect(events.length).toBeGreaterThan(1_000);
    expect(whole.stdout).toMatch(/^(?:\{[^\n]*\}\n)+$/);
    expect(whole.stderr).toContain('What was seen');
    expect(whole.stderr).not.toMatch(/\bBugs? of ours\b/i);
  });

  test('a second run writes the same bytes', () => {
    const again = imspan(['replay', '--json', '--flows', 'all', 'captures']);
    expect(again.stdout === whole.stdout).toBe(true);
    expect(again.stderr).toBe(whole.stderr);
  });

  test('every event holds to the contract', () => {
    const wrong = events.flatMap((event) => violations(event).map((what) => `${what}: ${place(event)}`));
    expect(wrong.slice(0, SHOWN)).toEqual([]);
  });

  test('time and frame number are those of one frame', () => {
    const times = new Map(
      goldenCaptures().map((path) => [path, packetTimes(readFileSync(join(ROOT, path)))]),
    );
    const wrong = events
      .filter((event) => event.pcap_cnt !== undefined)
      .filter((e) => times.get(e.pcap_filename ?? '')?.[(e.pcap_cnt ?? 0) - 1] !== e.timestamp);
    expect(wrong.map(place).slice(0, SHOWN)).toEqual([]);
  });

  test('no two events have the same id', () => {
    const seen = new Map<string, string>();
    const twice: string[] = [];
    for (const event of events) {
      const id = event.im?.id;
      if (id === undefined || MADE.test(event.pcap_filename ?? '')) continue;
      const first = seen.get(id);
      if (first !== undefined) twice.push(`${first} and ${place(event)}`);
      seen.set(id, place(event));
    }
    expect(seen.size).toBeGreaterThan(1_000);
    expect(twice.slice(0, SHOWN)).toEqual([]);
  });

  test('every kind of event that the captures hold is among them', () => {
    const kinds = new Set(events.map((event) => event.im?.kind ?? event.event_type));
    for (const kind of [
      'login',
      'logout',
      'client',
      'presence',
      'contact',
      'message',
      'typing',
      'room',
      'file',
    ])
      expect(kinds).toContain(kind);
    for (const type of ['alert', 'flow', 'stats']) expect(kinds).toContain(type);
  });

  const validated = existsSync(SCHEMA) ? test : test.skip;
  validated(
    "Suricata's schema holds for all but im events (skipped where ../shared/schema is not there)",
    () => {
      const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as object;
      const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
      const wrong: string[] = [];
      for (const event of events) {
        if (event.event_type === 'im') continue;
        const bare: Partial<Written> = { ...event };
        delete bare.im;
        if (!validate(bare)) wrong.push(`${place(event)}: ${JSON.stringify(validate.errors)}`);
      }
      expect(wrong).toEqual([]);
      expect(validate({ event_type: 'alert', timestamp: '', im: {} })).toBe(false);
    },
  );
});

describe('several files', () => {
  test('are a run each, in order, and every event names its file', () => {
    const order = [...new Set(events.map((event) => event.pcap_filename))];
    expect(order).toEqual(goldenCaptures());
    const stats = events.filter((event) => event.event_type === 'stats');
    expect(stats.map((event) => event.pcap_filename)).toEqual(order);
  });

  test('each is told as it is alone', () => {
    const one = 'captures/xmpp/muc.pcap';
    const other = 'captures/oscar/icq-udp-v2.pcap';
    const both = imspan(['replay', '--json', '--flows', 'all', one, other]);
    const lines = whole.stdout.split('\n').slice(0, -1);
    const of = (file: string): string[] => lines.filter((line) => line.includes(`"pcap_filename":"${file}"`));
    expect(both.status).toBe(0);
    expect(both.stdout.split('\n').slice(0, -1)).toEqual([...of(one), ...of(other)]);
  });
});

describe('the same packets from elsewhere', () => {
  const path = 'captures/yahoo/conference-ymsg12.pcap';
  const capture = readFileSync(join(ROOT, path));
  let expected: Record<string, unknown>[];
  beforeAll(() => {
    expected = withoutPlace(events.filter((event) => event.pcap_filename === path));
    expect(expected.length).toBeGreaterThan(50);
  });

  test('--merge of the rotated files of one tap tells what the whole tells, whatever their order', () => {
    const cut = Math.floor(packetCount(capture) / 2);
    const [first, second] = [scratch.file('tap.1.pcap'), scratch.file('tap.2.pcap')];
    writeFileSync(first, slicePackets(capture, 0, cut));
    writeFileSync(second, slicePackets(capture, cut));
    const merged = imspan(['replay', '--json', '--flows', 'all', '--merge', second, first]);
    const told = eventsOf(merged.stdout);
    expect(merged.status).toBe(0);
    expect(withoutPlace(told)).toEqual(expected);
    const files = new Set(told.filter((e) => e.event_type !== 'stats').map((e) => e.pcap_filename));
    expect([...files].sort()).toEqual([first, second]);
    const cutInTwo = eventsOf(imspan(['replay', '--json', '--flows', 'all', first, second]).stdout);
    expect(withoutPlace(cutInTwo)).not.toEqual(expected);
  });

  test('gzip, known by its content and not by its name', () => {
    const packed = scratch.file('packed');
    writeFileSync(packed, gzipSync(capture));
    const run = imspan(['replay', '--json', '--flows', 'all', packed]);
    const told = eventsOf(run.stdout);
    const frames = (list: readonly Written[]): unknown[] => list.map((event) => event.pcap_cnt);
    expect(run.status).toBe(0);
    expect(withoutPlace(told)).toEqual(expected);
    expect(frames(told)).toEqual(frames(events.filter((event) => event.pcap_filename === path)));
  });

  test('standard input', () => {
    const run = imspan(['replay', '--json', '--flows', 'all', '-'], { input: capture });
    const told = eventsOf(run.stdout);
    expect(run.status).toBe(0);
    expect(withoutPlace(told)).toEqual(expected);
    expect(new Set(told.map((event) => event.pcap_filename))).toEqual(new Set(['stdin']));
  });
});

describe('what leaves', () => {
  test('--emit alert with --fail-on-alert: the alerts alone, and exit code 1', () => {
    const run = imspan(['replay', '--json', '--emit', 'alert', '--fail-on-alert', 'captures']);
    const alerts = whole.stdout.split('\n').filter((line) => line.includes('"event_type":"alert"'));
    expect(run.status).toBe(1);
    expect(alerts.length).toBeGreaterThan(10);
    expect(run.stdout.split('\n').slice(0, -1)).toEqual(alerts);
  });

  test('--flows all tells connections that are not IM, and without it they are not told', () => {
    const flows = events.filter((event) => event.event_type === 'flow');
    const other = flows.filter((event) => event.im?.verdict === undefined);
    const expected = readFileSync(join(ROOT, 'captures/msn/basic-msnp18.expected.jsonl'), 'utf8');
    expect(other.length).toBeGreaterThan(5);
    expect(other.every((event) => !expected.includes(`"flow_id":${event.flow_id!},`))).toBe(true);
  });

  test('--privacy metadata: no text anywhere, its length instead', () => {
    const path = scratch.file('metadata.jsonl');
    const run = imspan(['replay', '--privacy', 'metadata', '--verbose', '--eve', path, 'captures']);
    const written = readFileSync(path, 'utf8');
    const said = events.filter((event) => event.event_type === 'im');
    const kept = eventsOf(written).filter((event) => event.event_type === 'im');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/ message +\w+ /);
    expect(kept.map((event) => event.im?.id)).toEqual(said.map((event) => event.im?.id));
    let texts = 0;
    said.forEach(({ im }, i) => {
      const left = kept[i]?.im;
      for (const name of ['text', 'html', 'query']) expect(left).not.toHaveProperty(name);
      expect(left?.status?.text).toBeUndefined();
      const text = im?.text;
      if (text === undefined) return;
      texts++;
      expect(left?.text_length).toBe([...text].length);
      for (const shown of [text, im?.html ?? text, text.slice(0, 40)]) {
        if (shown.length < 8) continue;
        expect(written).not.toContain(JSON.stringify(shown).slice(1, -1));
        expect(run.stdout).not.toContain(shown);
      }
    });
    expect(texts).toBeGreaterThan(200);
  });
});
