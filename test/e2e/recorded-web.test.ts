/** What was said while the captures over BOSH and WebSocket were recorded is what they are told as. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../golden/replay.ts';

interface Said {
  from: string;
  to: string;
  body: string;
}
interface Line {
  event_type: string;
  im?: {
    kind?: string;
    carrier?: string;
    account?: string;
    session?: string;
    from?: string;
    to?: string[];
    text?: string;
    sent?: boolean;
    auth?: { result: string };
  };
}

const folder = join(ROOT, 'captures/xmpp');
const truth = (name: string): Said[] =>
  (JSON.parse(readFileSync(join(folder, `${name}.truth.json`), 'utf8')) as { messages: Said[] }).messages;
const told = (name: string): NonNullable<Line['im']>[] =>
  readFileSync(join(folder, `${name}.expected.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
    .flatMap((line) => (line.event_type === 'im' && line.im ? [line.im] : []));

describe.each([
  ['bosh-two-connections', 'bosh'],
  ['websocket-chat', 'websocket'],
  ['bosh-ejabberd', 'bosh'],
  ['websocket-ejabberd', 'websocket'],
])('%s', (name, carrier) => {
  const events = told(name);

  test('every message, on its way in and out, once each', () => {
    const messages = events.filter((im) => im.kind === 'message');
    const expected = truth(name).flatMap(({ from, to, body }) => [
      [from, to, body, true],
      [from, to, body, false],
    ]);
    const seen = messages.map((im) => [im.from, im.to?.[0], im.text, im.sent]);
    expect(seen.sort()).toEqual(expected.sort());
    expect(new Set(messages.map((im) => im.carrier))).toEqual(new Set([carrier]));
  });

  test('each person’s messages in the order in which they were said, though some overtook others on the wire', () => {
    for (const account of ['alice@im.corp.test', 'bob@im.corp.test']) {
      const sent = events.flatMap((im) =>
        im.kind === 'message' && im.sent && im.account === account ? [im.text] : [],
      );
      expect(sent).toEqual(truth(name).flatMap((said) => (said.from === account ? [said.body] : [])));
    }
  });

  test('two sign-ons, and each account one session over all its connections', () => {
    const logins = events.filter((im) => im.kind === 'login');
    expect(logins.map((im) => [im.account, im.auth?.result]).sort()).toEqual([
      ['alice@im.corp.test', 'success'],
      ['bob@im.corp.test', 'success'],
    ]);
    for (const { account, session } of logins) {
      const own = events.filter((im) => im.account === account && im.session !== undefined);
      expect(new Set(own.map((im) => im.session))).toEqual(new Set([session]));
    }
  });
});

test.each([
  ['bosh-midsession', 'bosh-two-connections'],
  ['websocket-midsession', 'websocket-chat'],
])('%s: what is left of the conversation', (name, whole) => {
  const bodies = new Set(told(name).flatMap((im) => (im.kind === 'message' ? [im.text] : [])));
  expect([...bodies].sort()).toEqual(
    truth(whole)
      .map((said) => said.body)
      .sort(),
  );
});
