/** `imspan policy` as an operator runs it, and a policy that allows the corporate server and alerts on the rest. */
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { PATIENCE, ROOT, Scratch, eventsOf, imspan } from './program.ts';

const RECORDED = join(ROOT, '..', 'shared', 'captures', 'recorded');
const CORPORATE = join('xmpp', '01a-c2s-plain-slixmpp-prosody.pcap');
const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

const write = (name: string, text: string): string => scratch.write(name, Buffer.from(text));

test('init writes a good policy, and never over another file', () => {
  const path = scratch.file('init.yaml');
  expect(imspan(['policy', 'init', path]).status).toBe(0);
  expect(imspan(['policy', 'check', path])).toMatchObject({ status: 0, stderr: '' });
  const before = readFileSync(path, 'utf8');
  expect(imspan(['policy', 'init', path])).toMatchObject({ status: 2 });
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(imspan(['policy', 'init']).stdout).toBe(before);
});

test('check tells every mistake with its place, and a broken policy starts nothing', () => {
  const path = write(
    'bad.yaml',
    'version: 2\nrules:\n  - {verdict: alow}\n  - {subnet: x, verdict: allow}\n',
  );
  const run = imspan(['policy', 'check', path]);
  expect(run.status).toBe(2);
  expect(run.stderr).toContain('bad.yaml:3:15: "verdict" "alow" is not known (did you mean "allow"?)');
  expect(run.stderr).toContain('bad.yaml:4:6: unknown key "subnet" in a rule (did you mean "subnets"?)');
  expect(imspan(['replay', '--policy', path, '-'])).toMatchObject({ status: 2, stdout: '' });
});

test('without events, the list for a firewall has the known hosts', () => {
  const run = imspan(['policy', 'blocklist']);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  expect(run.stdout.split('\n')).toContain('login.messaging.aol.com');
});

test('names seen reads a log whatever stands in it, and says what was no event', () => {
  const event = { event_type: 'im', timestamp: '2005-03-08T14:03:11.004512+0000', src_ip: '10.1.2.3' };
  const im = { service: 'aim', account: 'zzyzx', session: 's1' };
  const lines = [
    { ...event, im },
    { ...event, im: { ...im, host: { names: 7 } } },
    { ...event, im: 3 },
    'none',
  ];
  const path = write('seen.json', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const run = imspan(['names', 'seen', path]);
  expect(run.status).toBe(0);
  expect(run.stdout).toMatch(/^aim zzyzx: 1 sessions at 10\.1\.2\.3, .*\n1 names have no owner\n$/);
  expect(run.stderr).toContain('1 lines are no events and were left out');
});

const withCaptures = existsSync(join(RECORDED, CORPORATE)) ? describe : describe.skip;

withCaptures('recorded captures', () => {
  const captures = [CORPORATE, ...recordedOf('msn', 3), ...recordedOf('yahoo', 3), ...recordedOf('oscar', 3)];
  const paths = captures.map((path) => join(RECORDED, path));
  const log = scratch.file('events.json');

  test(
    'the corporate server is allowed, everything else is told, and simulate agrees',
    () => {
      const policy = write(
        'corporate.yaml',
        'version: 2\nrules:\n  - {name: ours, networks: [xmpp], servers: [home], verdict: allow}\n',
      );
      const flags = ['--quiet', '--no-progress', '--policy', policy];
      expect(imspan(['replay', ...flags, '--workers', '1', '--eve', log, ...paths]).status).toBe(0);
      const events = eventsOf(readFileSync(log, 'utf8'));
      const clients = events.filter((e) => (e.alert?.signature_id ?? Infinity) <= 9_000_019);
      const services = new Set(
        events.flatMap((e) => (e.event_type === 'im' && e.im?.service ? [e.im.service] : [])),
      );
      expect([...services].sort()).toEqual(['aim', 'msn', 'xmpp', 'yahoo']);
      services.delete('xmpp');
      expect(new Set(clients.map((e) => e.im?.service))).toEqual(services);
      for (const { alert } of clients) {
        expect(alert?.metadata.policy).toEqual(['default: consumer networks are not authorised here']);
      }
      const again = scratch.file('again.json');
      expect(imspan(['replay', ...flags, '--workers', '3', '--eve', again, ...paths]).status).toBe(0);
      expect(readFileSync(again).equals(readFileSync(log))).toBe(true);
      const difference = JSON.parse(imspan(['policy', 'simulate', policy, log, '--json']).stdout);
      expect(difference).toMatchObject({ added: [], changed: [], leftOut: 0 });

      const [first] = clients;
      const id = first?.im?.id ?? '';
      const told = imspan(['policy', 'explain', policy, '--log', log, '--id', id]);
      expect(told.status).toBe(0);
      expect(told.stdout).toContain('decided by: default: consumer networks are not authorised here');
      expect(told.stdout).toContain('not: networks xmpp');
      const one = imspan(['policy', 'explain', policy, '--event', '-'], {
        input: Buffer.from(JSON.stringify(first)),
      });
      expect(one.stdout).toContain('verdict: alert, severity 1');
    },
    PATIENCE,
  );

  test(
    'the corporate server and its clients are allowed, over IPv4 and IPv6; every other client, server and port is told',
    () => {
      const policy = write(
        'corporate-clients.yaml',
        `version: 2
home_networks: {im: [10.77.0.10, 'fd77::10'], office: [10.77.0.0/24, 'fd77::/64']}
rules:
  - {name: ours, networks: [xmpp], servers: [im], ports: [5222, 5280], clients: [slixmpp, Profanity], verdict: allow}
`,
      );
      const told = (...flags: string[]): string[] => {
        const eve = scratch.file('clients.json');
        const others = paths.filter((path) => !path.includes('/xmpp/'));
        imspan([
          'replay',
          '--quiet',
          '--no-progress',
          ...flags,
          '--eve',
          eve,
          join(RECORDED, 'xmpp'),
          ...others,
        ]);
        const events = eventsOf(readFileSync(eve, 'utf8'));
        rmSync(eve);
        const clients = events.filter((e) => (e.alert?.signature_id ?? Infinity) <= 9_000_019);
        return clients.map((e) =>
          JSON.stringify([
            e.pcap_filename,
            e.im?.service,
            e.im?.account,
            e.src_ip,
            e.dest_ip,
            e.dest_port,
            e.im?.client?.name,
          ]),
        );
      };
      const all = told();
      const allowed = (line: string): boolean =>
        /^\["[^"]*","xmpp","[^"]*","[^"]*","(?:10\.77\.0\.10|fd77::10)",(?:5222|5280),"(?:slixmpp|Profanity)"\]$/.test(
          line,
        );
      expect(all.filter(allowed).length).toBeGreaterThan(40);
      expect(all.filter(allowed).some((line) => line.includes('fd77::10'))).toBe(true);
      const left = told('--policy', policy);
      // Where software could not be told, it is none of ours: a sign-on that failed, say, which is no second alert otherwise.
      const named = (line: string): boolean => !line.endsWith(',null]');
      expect(left.filter(named)).toEqual(all.filter((line) => !allowed(line) && named(line)));
      expect(left).toEqual(expect.arrayContaining(all.filter((line) => !allowed(line))));
      for (const other of [
        'Finch',
        'mcabber',
        'Net::XMPP (Perl)',
        'strophe.js',
        '10.77.0.11',
        ',80,',
        ',1863,',
        '"aim"',
      ])
        expect(left.filter((line) => line.includes(other)).length).toBeGreaterThan(0);
    },
    PATIENCE,
  );

  test(
    'a log with lines that are none is read all the same, and they are told',
    () => {
      const policy = write('allow.yaml', 'version: 2\ndefault: {verdict: allow}\n');
      const hostile = write(
        'hostile.json',
        `nonsense\n{"a":${'['.repeat(5_000)}\n${readFileSync(log, 'utf8')}\u001b[2J\n`,
      );
      const run = imspan(['policy', 'simulate', policy, hostile]);
      expect(run.status).toBe(0);
      expect(run.stderr).toContain('3 lines are no events and were left out');
      expect(run.stdout).toMatch(/0 new, \d+ gone, 0 otherwise, 0 the same\n$/);
      expect(run.stdout).not.toContain('\u001b');
    },
    PATIENCE,
  );
});

function recordedOf(folder: string, count: number): string[] {
  const names = readdirSync(join(RECORDED, folder)).filter((name) => /\.pcap(?:ng)?$/.test(name));
  return names
    .sort()
    .slice(0, count)
    .map((name) => join(folder, name));
}
