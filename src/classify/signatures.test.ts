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
    '9000008 1 IMSPAN Unauthorized consumer IM client (recognised by metadata)',
    '9000019 1 IMSPAN Unauthorized consumer IM client (other network)',
    '9000020 1 IMSPAN Password exposed in IM sign-on',
    '9000040 1 IMSPAN IM client noticed by policy',
    '9000041 1 IMSPAN IM used for what the policy forbids',
    '9000042 1 IMSPAN IM use noticed by policy',
    '9000043 1 IMSPAN IM client below the minimum version',
    '9000044 1 IMSPAN IM used outside the hours of the policy',
    '9000045 1 IMSPAN Ethical wall crossed',
    '9000046 1 IMSPAN Group in contact with the outside',
    '9000060 1 IMSPAN Alert storm: alerts held back',
    '9000070 1 IMSPAN IM name without an owner',
    '9000071 1 IMSPAN Rejected IM name in use',
    '9000072 1 IMSPAN IM name of somebody who has left',
    '9000073 1 IMSPAN One IM name in use on several machines at once',
    '9000074 1 IMSPAN One IM name used by several people',
    '9000075 1 IMSPAN Several IM names of one person on one network',
    '9000076 1 IMSPAN IM name that looks like an internal one',
    '9000077 1 IMSPAN Internal name on an outside network',
    '9000078 1 IMSPAN New IM client on this network',
    '9000079 1 IMSPAN IM client that claims to be another',
    '9000080 1 IMSPAN IM on a port or in a carrier that evades filters',
    '9000081 1 IMSPAN IM seen through TLS only',
    '9000082 1 IMSPAN Several IM users behind one address',
    '9000100 1 IMSPAN Link to an executable file in a message',
    '9000101 1 IMSPAN Link to a bare IP address in a message',
    '9000102 1 IMSPAN Link with a look-alike host name in a message',
    '9000103 1 IMSPAN Link through a shortener in a message',
    '9000104 1 IMSPAN Link to free web space in a message',
    '9000105 1 IMSPAN Link that carries its recipient in a message',
    '9000106 1 IMSPAN Message with the words of a known worm and a link',
    '9000107 1 IMSPAN File with the name of a known worm',
    '9000108 1 IMSPAN Executable file offered or sent',
    '9000109 1 IMSPAN File whose name hides its type',
    '9000110 1 IMSPAN File whose content is not what its name says',
    '9000111 1 IMSPAN Archive that holds an executable file',
    '9000112 1 IMSPAN Archive that needs a password',
    '9000113 1 IMSPAN Archive that would explode',
    '9000114 1 IMSPAN File of the block list',
    '9000115 1 IMSPAN Link to a domain of the block list',
    '9000116 1 IMSPAN Traffic in the shape of an attack on an IM client',
    '9000117 1 IMSPAN Crackable secret exposed in IM sign-on',
    '9000118 1 IMSPAN Encrypted message that the policy forbids',
    '9000119 1 IMSPAN Command or beacon of a bot over IM',
    '9000120 1 IMSPAN Payment card number sent out',
    '9000121 1 IMSPAN Bank account number (IBAN) sent out',
    '9000122 1 IMSPAN US social security number sent out',
    '9000123 1 IMSPAN Key or token sent out',
    "9000124 1 IMSPAN Word of the operator's list sent out",
    '9000125 1 IMSPAN Source code sent out',
    '9000126 1 IMSPAN Marked document sent out',
    '9000127 1 IMSPAN Archive whose names cannot be seen',
    "9000128 1 IMSPAN Document of the operator's sent out",
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
    '9000160 1 IMSPAN Span port is silent',
    '9000161 1 IMSPAN Span port shows one direction only',
    '9000162 1 IMSPAN No IM where there always was',
    '9000163 1 IMSPAN Capture loses packets',
    '9000164 1 IMSPAN Disk full: what was kept had to go',
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
  if (bare.alert) bare.alert.signature_id = 9_000_100;
  expect(describeAlert(bare)).not.toContain('client to');
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

test('an update tells its count, and what is about no connection names nobody', () => {
  const update = alertEvent({ count: 100, first_seen: '2005-03-08T14:03:11.004512+0000' });
  if (update.alert !== undefined) update.alert.metadata.update = ['3'];
  expect(describeAlert(update)).toBe(
    'Unauthorized consumer IM client (AIM): alice at 10.1.2.3 to 198.51.100.7:5190: seen 100 times since 2005-03-08T14:03:11Z',
  );
  const storm = alertEvent();
  delete storm.src_ip;
  expect(describeAlert(storm)).toBe(
    'Unauthorized consumer IM client (AIM) (default: consumer networks are not authorised here)',
  );
});
