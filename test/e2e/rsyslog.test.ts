/** Everything of `--syslog` against a real rsyslogd, in one run of the program. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { freePort, hasTls, makeCertificates, Rsyslog, whyNoRsyslog } from '../support/rsyslog.ts';
import type { RsyslogPorts } from '../support/rsyslog.ts';
import { hostileCapture } from './hostile.ts';
import { eventsOf, finished, PATIENCE, Scratch, startImspan } from './program.ts';
import type { Run, Written } from './program.ts';
import { parseSyslog } from './rfc5424.ts';

jest.setTimeout(2 * PATIENCE);

const why = whyNoRsyslog();
const withTls = why === undefined && hasTls();
if (why !== undefined) process.stderr.write(`skipped: ${why}\n`);
else if (!withTls)
  process.stderr.write('skipped in part: this rsyslogd has no TLS (Debian: rsyslog-openssl)\n');
const describeIf = why === undefined ? describe : describe.skip;

const scratch = new Scratch();
const daemons: Rsyslog[] = [];
const taken = new Map<string, string[]>();
let run: Run;
let alerts: Written[];

/** What the program is told to send where, and what each of them took. */
async function send(): Promise<void> {
  const [udp, tcp, line, json, tls] = await Promise.all([1, 2, 3, 4, 5].map(() => freePort()));
  const socket = scratch.file('log.sock');
  const certificates = withTls ? makeCertificates(scratch.path) : undefined;
  const ports: [string, RsyslogPorts, string][] = [
    ['udp', { udp: udp!, tcp: await freePort() }, `udp://127.0.0.1:${udp}`],
    ['tcp', { tcp: tcp! }, `tcp://127.0.0.1:${tcp}?severity=crit,err,warning&pen=4711`],
    ['newline', { tcp: line! }, `tcp://localhost:${line}?framing=newline&rfc=3164`],
    ['json', { tcp: json! }, `tcp://127.0.0.1:${json}?format=eve&facility=local0&size=1024`],
    ['local', { socket }, `local:${socket}`],
  ];
  if (certificates !== undefined) {
    const { ca, clientCert, clientKey } = certificates;
    const url = `tls://localhost:${tls}?ca=${ca}&cert=${clientCert}&key=${clientKey}&format=cef`;
    ports.push(['tls', { tls: tls! }, url]);
  }
  const started = ports.map(([name, where]) => new Rsyslog(scratch.file(name), where, certificates));
  daemons.push(...started);
  await Promise.all(started.map((daemon) => daemon.start()));
  const hostile = scratch.file('hostile.pcap');
  writeFileSync(hostile, hostileCapture());
  const urls = ports.flatMap(([, , url]) => ['--syslog', url]);
  run = await finished(startImspan(['replay', '--json', ...urls, 'captures/xmpp/muc.pcap', hostile]));
  alerts = eventsOf(run.stdout).filter((event) => event.event_type === 'alert');
  for (const [i, [name]] of ports.entries()) taken.set(name, await started[i]!.taken(alerts.length));
}

beforeAll(async () => {
  if (why === undefined) await send();
});

afterAll(async () => {
  await Promise.all(daemons.map((daemon) => daemon.stop()));
  scratch.remove();
});

describeIf('rsyslogd takes', () => {
  test('what was sent without a complaint', () => {
    expect(run).toMatchObject({ status: 0, stderr: expect.not.stringContaining('syslog') });
    expect(alerts.length).toBeGreaterThanOrEqual(5);
  });

  test.each(['udp', 'tcp'])('each alert over %s as RFC 5424', (name) => {
    const messages = taken.get(name)?.map((line) => parseSyslog(Buffer.from(line))) ?? [];
    const pen = name === 'udp' ? 32_473 : 4_711;
    expect(messages.map((message) => message.data.get(`imspan@${pen}`)?.get('id'))).toEqual(
      alerts.map((event) => event.im?.id),
    );
    const map = name === 'udp' ? [1, 4, 5] : [2, 3, 4];
    expect(messages.map(({ severity }) => severity)).toEqual(
      alerts.map((event) => map[(event.alert?.severity ?? 0) - 1]),
    );
  });

  test('RFC 3164 with line ends, the id before the text', () => {
    const lines = taken.get('newline') ?? [];
    expect(lines).toHaveLength(alerts.length);
    lines.forEach((line, i) => {
      const event = alerts[i]!;
      expect(line).toMatch(/^<\d{1,3}>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d - imspan: ALERT /);
      expect(line).toContain(` ${event.alert?.signature_id} ${event.im?.id} `);
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1_024);
    });
  });

  test('EVE JSON, whole at any size', () => {
    const lines = taken.get('json') ?? [];
    const bodies = lines.map((line) => JSON.parse(line.slice(line.indexOf('] {') + 2)) as Written);
    expect(bodies.map((body) => body.im?.id)).toEqual(alerts.map((event) => event.im?.id));
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(1_024);
    expect(lines.every((line) => /^<1(29|32|33)>1 /.test(line))).toBe(true);
  });

  test('what goes to the log socket of the machine', () => {
    const lines = taken.get('local') ?? [];
    expect(lines).toHaveLength(alerts.length);
    lines.forEach((line, i) => {
      expect(line).toContain('imspan: ');
      expect(line).toContain(`Z ALERT ${alerts[i]!.alert?.signature_id} ${alerts[i]!.im?.id} `);
    });
  });

  (withTls ? test : test.skip)('CEF over TLS with a certificate of ours', () => {
    const lines = taken.get('tls') ?? [];
    expect(lines).toHaveLength(alerts.length);
    lines.forEach((line, i) => {
      expect(line).toContain(`] CEF:0|imspan|imspan|0.1.0|${alerts[i]!.alert?.signature_id}|`);
      expect(line).toContain(` externalId=${alerts[i]!.im?.id} `.trimStart());
    });
  });

  test('no line of a stranger', () => {
    for (const [, lines] of taken) {
      expect(lines).toHaveLength(alerts.length);
      for (const line of lines) {
        expect(line).toMatch(/^<\d+>/);
        expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
      }
    }
  });
});
