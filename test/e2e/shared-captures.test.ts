import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { expandInputs } from '../../src/capture/expand.ts';
import { Confusion, CONFUSION_FOLDERS, renderConfusion } from './confusion.ts';
import { violations } from './contract.ts';
import { eventsOf, imspan, PATIENCE, Scratch } from './program.ts';
import type { Run, Written } from './program.ts';
import { hasShared, secretsOf, SHARED, truths, UNLESS_SHARED } from './truth.ts';
import type { Truth } from './truth.ts';

jest.setTimeout(3 * PATIENCE);

/** What imspan calls the protocols of the four networks. */
const IM = new Set(['oscar', 'toc', 'oft', 'icq', 'msnp', 'msnftp', 'msnp2p', 'ymsg', 'xmpp']);
/** Names of the truth files for them, where they differ. */
const NAMED: Readonly<Record<string, string>> = { 'icq-udp': 'icq' };
/**
 * Recorded captures whose XMPP is inside something that is not opened (TLS, HTTP, WebSocket, a proxy's
 * tunnel, GRE, VXLAN), or whose client speaks HTTP and noise to an XMPP server (22a).
 */
const NOT_OPENED = /\/(?:08|09|10|17|20k|20m|22a)[a-z]?-/;
/** Failures that are listed. */
const SHOWN = 10;

const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

(hasShared ? describe : describe.skip)(`the shared captures ${UNLESS_SHARED}`, () => {
  let run: Run;
  let eve: string;
  let events: Written[];
  beforeAll(() => {
    const path = scratch.file('all.jsonl');
    run = imspan([
      'replay',
      '--verbose',
      '--flows',
      'all',
      '--eve',
      path,
      `${SHARED}/recorded`,
      `${SHARED}/public`,
    ]);
    eve = readFileSync(path, 'utf8');
    events = eventsOf(eve);
  });

  test('every one is read, without a crash and without a bug of ours', () => {
    const read = new Set(events.filter((e) => e.event_type === 'stats').map((e) => e.pcap_filename));
    const { paths } = expandInputs([`${SHARED}/recorded`, `${SHARED}/public`]);
    const recorded = run.stderr.split('\n').filter((line) => line.includes(`${SHARED}/recorded`));
    // Some of the public captures were cut or damaged before they were published.
    expect([0, 3]).toContain(run.status);
    expect(recorded).toEqual([]);
    expect(`${run.stdout}${run.stderr}`).not.toMatch(/\bbugs? of ours\b|^ +at .*:\d+:\d+\)?$/im);
    expect(paths.length).toBeGreaterThan(200);
    expect(paths.filter((path) => !read.has(path))).toEqual([]);
  });

  test('what is no IM is not told as IM', () => {
    const innocent = ['public/negative', 'public/modern', 'recorded/negative'].flatMap(truths);
    const allowed = new Map(innocent.map((truth) => [truth.capture, truth.flows.map(ends)]));
    const wrong = events
      .filter((event) => IM.has(event.app_proto ?? ''))
      .filter((event) => allowed.get(event.pcap_filename ?? '')?.includes(endsOf(event)) === false)
      .map(
        (event) => `${event.app_proto!} ${endsOf(event)} frame ${event.pcap_cnt!} of ${event.pcap_filename!}`,
      );
    expect(innocent.length).toBeGreaterThan(100);
    expect([...new Set(wrong)].slice(0, SHOWN)).toEqual([]);
  });

  test('every IM connection of the recorded captures is told as what it is, whatever its port', () => {
    const told = new Set(
      events
        .filter((event) => event.event_type === 'flow')
        .map((event) => `${event.pcap_filename!} ${event.app_proto ?? 'no'} ${endsOf(event)}`),
    );
    const known = ['oscar', 'msn', 'yahoo', 'xmpp'].flatMap((name) => truths(`recorded/${name}`));
    const missed = known.flatMap((truth) =>
      truth.flows
        .map((flow) => ({ flow, proto: NAMED[flow.app_proto ?? ''] ?? flow.app_proto ?? '' }))
        .filter(({ flow, proto }) => IM.has(proto) && !NOT_OPENED.test(truth.capture) && hasPayload(flow))
        .map(({ flow, proto }) => `${truth.capture} ${proto} ${ends(flow)}`)
        .filter((line) => !told.has(line)),
    );
    expect(known.length).toBeGreaterThan(100);
    expect(missed.slice(0, SHOWN)).toEqual([]);
  });

  test('the published confusion matrix is what these captures make (npm run confusion)', async () => {
    const flows = events.filter((event) => event.event_type === 'flow');
    const byCapture = new Map<string, Written[]>();
    for (const flow of flows) {
      const list = byCapture.get(flow.pcap_filename ?? '');
      if (list) list.push(flow);
      else byCapture.set(flow.pcap_filename ?? '', [flow]);
    }
    const confusion = new Confusion();
    for (const truth of CONFUSION_FOLDERS.flatMap(truths))
      confusion.take(truth, byCapture.get(truth.capture) ?? []);
    // The layout of tables is the formatter's.
    const plain = (text: string): string =>
      text
        .replace(/ *\| *|-{2,}|[*_]|\s+/g, ' ')
        .replace(/ +/g, ' ')
        .trim();
    expect(plain(readFileSync('docs/CONFUSION.md', 'utf8'))).toBe(plain(renderConfusion(confusion)));
  });

  test('every event holds to the contract', () => {
    const wrong = events.flatMap((event) =>
      violations(event).map(
        (what) => `${what}: ${event.event_type} frame ${event.pcap_cnt!} of ${event.pcap_filename!}`,
      ),
    );
    expect(events.length).toBeGreaterThan(10_000);
    expect(wrong.slice(0, SHOWN)).toEqual([]);
  });

  test('no secret that a truth file names is in any output', () => {
    const byCapture = linesByCapture(eve);
    const known: Truth[] = ['oscar', 'msn', 'yahoo', 'xmpp', 'proxy'].flatMap((name) =>
      truths(`recorded/${name}`),
    );
    const shown: string[] = [];
    let secrets = 0;
    for (const truth of known) {
      for (const secret of secretsOf(truth)) {
        secrets++;
        const written = JSON.stringify(secret).slice(1, -1);
        if (byCapture.get(truth.capture)?.includes(written))
          shown.push(`${secret} of ${truth.capture} in EVE`);
        // These were made up as passwords and occur nowhere else: so they must not be on the console at all.
        if (/\d/.test(secret) && run.stdout.includes(secret))
          shown.push(`${secret} of ${truth.capture} on the console`);
      }
    }
    expect(secrets).toBeGreaterThan(40);
    expect(shown).toEqual([]);
  });
});

/** Some connections of captures that begin late hold nothing but a keep-alive byte and the end. */
function hasPayload({ bytes_client: up, bytes_server: down }: Truth['flows'][number]): boolean {
  return up === undefined || down === undefined || up + down > 1;
}

function ends({ client, client_port: port, server, server_port: to }: Truth['flows'][number]): string {
  return `${client ?? ''}:${String(port)}-${server ?? ''}:${String(to)}`;
}

function endsOf(event: Written): string {
  return `${event.src_ip!}:${event.src_port!}-${event.dest_ip!}:${event.dest_port!}`;
}

function linesByCapture(text: string): Map<string, string> {
  const lines = new Map<string, string[]>();
  for (const line of text.split('\n').slice(0, -1)) {
    const file = (JSON.parse(line) as Written).pcap_filename ?? '';
    const list = lines.get(file);
    if (list) list.push(line);
    else lines.set(file, [line]);
  }
  return new Map([...lines].map(([file, list]) => [file, list.join('\n')]));
}
