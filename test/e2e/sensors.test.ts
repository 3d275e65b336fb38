/** Many sensors: the same ids wherever a flow is seen, clocks compared, policy and lists in a signed bundle. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { packBundle, readKey, unpackBundle } from '../../src/cli/bundle/format.ts';
import { OperatorError } from '../../src/core/errors.ts';
import { eventsOf, imspan, PATIENCE, Scratch } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const scratch = new Scratch();
afterAll(() => scratch.remove());

const CAPTURE = 'captures/yahoo/basic-ymsg12.pcap';

describe('two sensors that see the same flow', () => {
  const [north, south] = ['north', 'south'].map((name) => {
    const path = scratch.file(`${name}.pcap`);
    const bytes = readFileSync(CAPTURE);
    // The south's clock is three seconds ahead: the seconds of each packet's record.
    for (let at = 24; name === 'south' && at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8))
      bytes.writeUInt32LE(bytes.readUInt32LE(at) + 3, at);
    writeFileSync(path, bytes);
    const eve = scratch.file(`${name}.jsonl`);
    const run = imspan(['replay', '--quiet', '--host', name, '--eve', eve, path]);
    return { eve, run, events: eventsOf(readFileSync(eve, 'utf8')) };
  });

  test('tell the same events with the same ids, each with its name', () => {
    expect(north!.run.status).toBe(0);
    const ids = (events: typeof north): unknown[] =>
      events!.events.filter((e) => e.event_type !== 'stats').map((e) => [e.event_type, e.im?.id, e.flow_id]);
    expect(ids(north)).toEqual(ids(south));
    expect(new Set(north!.events.map((e) => e.host))).toEqual(new Set(['north']));
    expect(new Set(south!.events.map((e) => e.host))).toEqual(new Set(['south']));
  });

  test('are told once downstream, and how far their clocks are apart', () => {
    const once = scratch.file('once.jsonl');
    const run = imspan(['sensors', north!.eve, south!.eve, '--once', once]);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^north: \d+ events, 0 of them/);
    expect(run.stdout).toContain("its clock is 3.000000 s ahead of north's");
    expect(run.stdout).toContain('set both clocks by NTP or PTP');
    const events = eventsOf(readFileSync(once, 'utf8'));
    expect(events.filter((e) => e.event_type !== 'stats' && e.host === 'south')).toEqual([]);
    expect(events).toHaveLength(north!.events.length + 1);
    const twice = imspan(['sensors', '--json', north!.eve, north!.eve]).stdout;
    expect(JSON.parse(twice)).toMatchObject({
      sensor: 'north',
      repeats: north!.events.length - 1,
      shared: 0,
    });
  });
});

describe('a bundle', () => {
  const key = scratch.file('site');
  const policy = scratch.file('my policy.yaml');
  const bundle = (n: number): string => scratch.file(`b${n}.bundle`);
  const make = (n: number): ReturnType<typeof imspan> =>
    imspan(['bundle', 'create', bundle(n), '--key', `${key}.key`, '--number', String(n), '--policy', policy]);
  const check = (path: string, ...more: string[]): ReturnType<typeof imspan> =>
    imspan(['bundle', 'verify', path, '--key', `${key}.pub`, ...more]);

  test('is made of files that are right, and verified by its key alone', () => {
    expect(imspan(['bundle', 'keygen', key]).status).toBe(0);
    writeFileSync(policy, 'version: 3\nnonsense: true\n');
    expect(make(1).status).toBe(2);
    expect(existsSync(bundle(1))).toBe(false);
    writeFileSync(policy, 'version: 2\n');
    expect(make(1)).toMatchObject({ status: 0, stdout: 'imspan version 1: policy.yaml (11 bytes)\n' });
    const own = readKey(`${key}.pub`, 'public');
    const opened = unpackBundle(bundle(1), own);
    expect(opened.files).toEqual([{ role: 'policy', name: 'policy.yaml', bytes: readFileSync(policy) }]);
    const other = generateKeyPairSync('ed25519').publicKey;
    expect(() => unpackBundle(bundle(1), other)).toThrow('its signature is not by this key');
    writeFileSync(bundle(2), packBundle({ ...opened, version: 2 }, readKey(`${key}.key`, 'private')));
    expect(packBundle(opened, readKey(`${key}.key`, 'private'))).toEqual(readFileSync(bundle(1)));
    expect(() => readKey(policy, 'public')).toThrow('no public Ed25519 key in PEM');
  });

  test('goes into a folder, and no older one takes its place', () => {
    const folder = scratch.file('sensor');
    expect(check(bundle(2), '--into', folder).status).toBe(0);
    expect(readFileSync(`${folder}/policy.yaml`)).toEqual(readFileSync(policy));
    expect(check(bundle(1), '--into', folder)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('has version 2, which is newer than 1'),
    });
    expect(check(bundle(1), '--into', folder, '--older').status).toBe(0);
    expect(JSON.parse(readFileSync(`${folder}/bundle.json`, 'utf8'))).toEqual({ version: 1, name: 'imspan' });
  });

  test('of which a byte was changed is refused, whichever', () => {
    const whole = readFileSync(bundle(1));
    const changed = scratch.file('changed');
    const own = readKey(`${key}.pub`, 'public');
    const refused = (bytes: Buffer): void => {
      writeFileSync(changed, bytes);
      expect(() => unpackBundle(changed, own)).toThrow(OperatorError);
    };
    // The line end behind the signature's padding is no part of what is signed, and the last digit before that has spare bits.
    const signature = whole.indexOf('\n', whole.indexOf('\n', 20) + 1);
    for (let at = 0; at < whole.length; at++) {
      if (at >= signature - 3 && at <= signature) continue;
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1;
      refused(bytes);
    }
    for (let length = 0; length < whole.length; length += 7) refused(whole.subarray(0, length));
    refused(Buffer.concat([whole, Buffer.from('x')]));
  });
});
