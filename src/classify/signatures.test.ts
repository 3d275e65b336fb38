import { expect, test } from '@jest/globals';
import { format } from 'prettier';
import { alertEvent } from './build.ts';
import { describeAlert } from './describe.ts';
import { ALL_SIGNATURES as ALL, renderAlertsDoc, unauthorizedSignature } from './signatures.ts';

test('ids and names are unique, in our range, and as released', () => {
  expect(new Set(ALL.map((s) => s.id)).size).toBe(ALL.length);
  expect(new Set(ALL.map((s) => s.name)).size).toBe(ALL.length);
  expect(ALL.map((s) => `${s.id} ${s.rev} ${s.name}`)).toEqual([
    '9000001 1 IMSPAN Unauthorized consumer IM client (AIM)',
    '9000002 1 IMSPAN Unauthorized consumer IM client (ICQ)',
    '9000003 1 IMSPAN Unauthorized consumer IM client (MSN)',
    '9000004 1 IMSPAN Unauthorized consumer IM client (Yahoo)',
    '9000005 1 IMSPAN Unauthorized consumer IM client (XMPP)',
    '9000006 1 IMSPAN Unauthorized consumer IM client (Google Talk)',
    '9000007 1 IMSPAN Unauthorized consumer IM client (IRC)',
    '9000019 1 IMSPAN Unauthorized consumer IM client (other network)',
    '9000020 1 IMSPAN Password exposed in IM sign-on',
    '9000040 1 IMSPAN IM client noticed by policy',
    '9000140 1 IMSPAN Worm-like spread of a text or link over IM',
    '9000141 1 IMSPAN Worm-like spread of a file over IM',
    '9000142 1 IMSPAN IM worm passed on by a contact who received it',
    '9000143 1 IMSPAN Unsolicited links to many accounts (SPIM)',
    '9000144 1 IMSPAN Unsolicited links from many senders to one account (SPIM)',
    '9000145 1 IMSPAN IM directory harvested or contacts added in bulk',
    '9000146 1 IMSPAN Unusual volume of files sent over IM',
    '9000147 1 IMSPAN IM room flooded',
    '9000148 1 IMSPAN Account run by bot commands over IM',
    '9000149 1 IMSPAN IM messages by the beat of a clock',
    '9000150 1 IMSPAN Coded blobs over IM',
    '9000155 1 IMSPAN Malware found by scanner in a file sent over IM',
  ]);
});

test('a network without a signature of its own has the general one', () => {
  expect(unauthorizedSignature('constructor').id).toBe(9_000_019);
});

test('the document holds every signature whole, formatted as the project formats', async () => {
  const doc = renderAlertsDoc();
  for (const s of ALL) {
    expect(doc).toContain(`\n## ${s.id}\n`);
    for (const part of [s.name, s.meaning, s.evidence, s.falsePositives, s.whatToDo])
      expect(doc).toContain(part);
  }
  expect(doc).toContain('[T1040](https://attack.mitre.org/techniques/T1040/) Network Sniffing');
  expect(await format(doc, { parser: 'markdown', singleQuote: true, printWidth: 110 })).toBe(doc);
});

test('an alert says in one line what, who, where, with what, to which server and why', () => {
  expect(describeAlert(alertEvent())).toBe(
    'Unauthorized consumer IM client (AIM): alice at 10.1.2.3 with AIM 5.9.3702 to 198.51.100.7:5190 (default: consumer networks are not authorised here)',
  );
});

test('what is not known is said to be unknown; IPv6 servers stand in brackets', () => {
  const bare = alertEvent({}, { src_ip: '2001:db8::3', dest_ip: '2001:db8::7', dest_port: 5222 });
  delete bare.im;
  delete bare.alert?.metadata.policy;
  expect(describeAlert(bare)).toBe(
    'Unauthorized consumer IM client (AIM): unknown account at 2001:db8::3 with an unidentified client to [2001:db8::7]:5222 (client: FLAP sign-on at byte 0)',
  );
  expect(describeAlert({ timestamp: 't', event_type: 'alert' })).toBe(
    'Alert: unknown account with an unidentified client',
  );
});

test('person, system and masquerade are told; every part that may be wire text is shown through the given eyes', () => {
  const event = alertEvent({
    person: 'Alice Smith',
    client: { name: 'Gaim', version: '0.7', os: 'Linux', raw: 'x', evidence: [], masquerade: 'AIM' },
  });
  const seen: string[] = [];
  const show = (text: string): string => {
    seen.push(text);
    return `<${text}>`;
  };
  expect(describeAlert(event, show, (text) => `{${text}}`)).toBe(
    '<Unauthorized consumer IM client (AIM)>: <alice> (<Alice Smith>) at 10.1.2.3 with <Gaim> <0.7> on <Linux>, which claims to be <AIM> to 198.51.100.7:5190 ({default: consumer networks are not authorised here})',
  );
  expect(seen).toHaveLength(7);
});
