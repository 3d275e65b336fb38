import { describe, expect, test } from '@jest/globals';
import type { EveEvent, ImObject } from '../../event/eve.ts';
import { imEvent } from '../build.ts';
import { Classifier } from '../classifier.ts';
import { parsePolicy } from '../policy-file.ts';
import { defaultRulebook } from '../rulebook.ts';
import type { ContentLists } from './content.ts';
import { CONTENT_CLASSES } from './classes.ts';
import type { ContentClass } from './classes.ts';
import {
  BOT_COMMANDS,
  EXECUTABLE_EXTENSIONS,
  FREE_HOSTS,
  IMITATED,
  LURES,
  SHORTENERS,
  WORM_FILES,
} from './data.ts';
import { EXPLOITS } from './exploits.ts';
import { findLinks } from './links.ts';
import { DocumentList, writeDocuments } from './documents.ts';
import { DomainList, HashList } from './lists.ts';
import { winnow } from './winnow.ts';

const IDS = new Map(Object.entries(CONTENT_CLASSES).map(([name, { id }]) => [id as number, name]));
/** A document that is not to leave. */
const PLAN =
  'The merger with the northern branch is to be told on the third of May, not before the board has met in Oslo and agreed.';
const printsOf = (text: string): Set<number> => {
  const prints = new Set<number>();
  winnow(text, (print) => prints.add(print));
  return prints;
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const SUM = 'a'.repeat(63) + '1';
const BLOCKED: ContentLists = {
  hashes: new HashList(bytes(`${SUM}  bad.zip\n!${'b'.repeat(64)}\n`)),
  documents: new DocumentList(
    bytes(writeDocuments([{ name: 'plan.txt', sha256: 'd'.repeat(64), prints: printsOf(PLAN) }])),
  ),
  domains: new DomainList(bytes('bad.example\n0.0.0.0 worse.example\n!good.bad.example\n')),
};

/** Alerts of this stage that the events raise; policies and lists where given. */
async function alertsOf(
  events: readonly EveEvent[],
  policy?: string,
  lists?: ContentLists,
): Promise<EveEvent[]> {
  const alerts: EveEvent[] = [];
  const rulebook = { ...defaultRulebook(), ...(lists && { lists }) };
  const judged =
    policy === undefined ? rulebook : { ...rulebook, policy: await parsePolicy(policy, 'p.yaml') };
  const classifier = new Classifier({ rulebook: judged, emit: (alert) => alerts.push(alert) });
  for (const event of events) classifier.on(event);
  return alerts.filter((alert) => IDS.has(alert.alert?.signature_id ?? 0));
}

const classesOf = (alerts: readonly EveEvent[]): string[] =>
  alerts.map((alert) => IDS.get(alert.alert?.signature_id ?? 0) ?? '?');

const say = (text: string, set: Partial<ImObject> = {}): EveEvent =>
  imEvent({
    kind: 'message',
    account: 'alice',
    from: 'alice',
    to: ['bob@example.com'],
    sent: true,
    text,
    ...set,
  });
const offer = (name: string): EveEvent =>
  imEvent({
    kind: 'file',
    from: 'alice',
    to: ['bob'],
    file: { id: '1', name, method: 'oft', state: 'offer' },
  });
const sent = (
  filename: string,
  info: object = {},
  file: Partial<NonNullable<ImObject['file']>> = {},
): EveEvent => ({
  ...imEvent({ from: 'alice', to: ['bob'], file }),
  event_type: 'fileinfo',
  fileinfo: { filename, sha256: 'c'.repeat(64), ...info },
});
const zip = (names: string[], set: object = {}): Partial<NonNullable<ImObject['file']>> => ({
  archive: {
    format: 'zip',
    entries: names.length,
    names,
    encrypted: 0,
    packed: 1_000,
    unpacked: 3_000,
    ...set,
  },
});
const anomaly = (code: string): EveEvent => ({
  ...imEvent({}),
  event_type: 'anomaly',
  anomaly: { type: 'applayer', event: code },
});
const beacons = (gap: (i: number) => number): EveEvent[] =>
  Array.from({ length: 10 }, (_, i) =>
    imEvent(
      { kind: 'message', from: 'x', to: ['y'], text: `QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo${i}NTY3ODkw` },
      gap(i),
    ),
  );

const PROGRAM = '#include <stdio.h>\nint main(void) {\n  printf("x");\n  return 0;\n}\n';
const POLICY =
  "version: 1\ncontent:\n  on: [crackable-secret, encryption, archive-unlisted]\n  words: [Project Falcon]\n  expressions: [{ name: staff number, match: 'emp-[0-9]{5}' }]\n";

/** What fires, and its nearest twin that does not. */
const CASES: readonly (readonly [ContentClass, EveEvent[], EveEvent[]])[] = [
  [
    'executable-link',
    [say('see http://example.org/photo.scr now')],
    [say('see http://example.org/photo.jpg at example.com')],
  ],
  [
    'executable-link',
    [say('x', { html: '<a href="http://example.org/a.exe?x=1">x</a>' })],
    [say('x', { html: '<a href="http://example.org/app.js">x</a>' })],
  ],
  [
    'executable-link',
    [say('www.example.org/get.php?f=a.pif')],
    [say('https://web.example.org/web/http://example.com and http://b.example/a?to=x@example.com')],
  ],
  ['raw-address', [say('http://203.0.113.9/x')], [say('http://192.168.1.4/x 203.0.113.9')]],
  ['raw-address', [say('http://3405803785/x')], [say('ip 3405803785')]],
  [
    'look-alike',
    [say('http://p\u0430ypal.example/')],
    [say('http://m\u00fcnchen.example/ http://\u043f\u0440\u0438\u043c\u0435\u0440.example/')],
  ],
  ['look-alike', [say('http://paypa1.example/')], [say('http://paypal.example/ http://pay1.example/')]],
  ['look-alike', [say('http://www.paypal.com@host.example/')], [say('http://anna@host.example/')]],
  ['shortener', [say('bit.ly/abc')], [say('bit.lyrics.example/abc')]],
  ['free-host', [say('http://www.geocities.com/x')], [say('http://notgeocities.com/x')]],
  [
    'recipient-link',
    [say('http://h.example/p.php?=bob@example.com')],
    [say('http://h.example/p.php?=info@example.com')],
  ],
  [
    'lure',
    [say('omg this is funny http://h.example/a')],
    [say('omg this is funny'), say('omg this is funny, the link http://h.example/a')],
  ],
  ['worm-file', [offer('GONE.SCR')], [offer('gone.txt')]],
  ['executable-file', [offer('setup.exe')], [offer('setup.txt')]],
  [
    'executable-file',
    [sent('si-67840332', { magic: 'PE executable for MS Windows' })],
    [sent('si-67840332', { magic: 'PNG image data' })],
  ],
  ['disguised-file', [offer('a.jpg.exe')], [offer('a.exe.jpg')]],
  ['disguised-file', [offer('a.txt        .pif')], [offer('a        b.txt')]],
  ['disguised-file', [offer('my\u202egpj.scr')], [offer('\u05e9\u05dc\u05d5\u05dd.jpg')]],
  [
    'type-mismatch',
    [sent('a.jpg', { magic: 'PE executable for MS Windows' })],
    [sent('a.jpg', { magic: 'PNG image data' })],
  ],
  [
    'archive-executable',
    [sent('a.zip', {}, zip(['x/photo.scr']))],
    [sent('a.zip', {}, zip(['x/photo.jpg']))],
  ],
  ['archive-encrypted', [sent('a.zip', {}, zip(['x'], { encrypted: 1 }))], [sent('a.zip', {}, zip(['x']))]],
  [
    'archive-bomb',
    [sent('a.zip', {}, zip(['x'], { unpacked: 2e9 }))],
    [sent('a.zip', {}, zip(['x'], { packed: 1e8, unpacked: 2e9 }))],
  ],
  [
    'archive-encrypted',
    [sent('a.rar', {}, zip([], { format: 'rar', unlisted: 'encrypted' }))],
    [sent('a.rar', {}, zip(['a.jpg'], { format: 'rar' }))],
  ],
  [
    'archive-unlisted',
    [sent('a.7z', {}, zip([], { format: '7z', unlisted: 'packed' }))],
    [sent('a.7z', {}, zip(['a.jpg'], { format: '7z' }))],
  ],
  ['blocked-file', [sent('a.bin', { sha256: SUM })], [sent('a.bin', { sha256: 'b'.repeat(64) })]],
  [
    'blocked-domain',
    [say('http://x.worse.example/')],
    [say('http://good.bad.example/ http://xworse.example/')],
  ],
  ['exploit', [anomaly('oscar_goaway_overlong')], [anomaly('oscar_tlv_unknown')]],
  [
    'crackable-secret',
    [imEvent({ kind: 'login', auth: { mechanism: 'md5', result: 'success', exposed: 'hash' } })],
    [imEvent({ kind: 'login', auth: { mechanism: 'md5', result: 'success' } })],
  ],
  ['encryption', [say('', { encrypted: 'otr' })], [say('otr')]],
  ['bot', [say('.advscan lsass 150 5 0 -r')], [say('advscan is a command'), say('!important')]],
  ['bot', [say('.download http://h.example/a c:\\a 1')], [say('.download is slow')]],
  ['bot', beacons((i) => i * 60), beacons((i) => i * i * 60)],
  [
    'card',
    [say('my card 4111 1111 1111 1111 no: 4539 5787 6362 1486')],
    [say('4539 5787 6362 1487 and 4539-5787 63621486')],
  ],
  ['iban', [say('DE89 3704 0044 0532 0130 00')], [say('DE88 3704 0044 0532 0130 00')]],
  ['ssn', [say('it is 536-22-8743')], [say('it is 936-22-8743, 000-12-3456, 536-228-743')]],
  ['secret', [say(`key AKIA${'ABCD2345'.repeat(2)}`)], [say('key AKIAabc')]],
  ['secret', [say('-----BEGIN RSA PRIVATE KEY-----')], [say('-----BEGIN PUBLIC KEY-----')]],
  ['word', [say('about project falcon!')], [say('about project falcons')]],
  ['word', [say('is EMP-12345 in?')], [say('is emp-1234 in?')]],
  ['source-code', [say(PROGRAM)], [say('first line;\nsecond line\nthird (and last) line')]],
  [
    'document',
    [say(`look: ${PLAN.slice(4, 100).toUpperCase().replaceAll(' ', ' \n- ')}`)],
    [say(`look: ${PLAN.slice(4, 40)} and something else, ${PLAN.slice(60, 90)}`)],
  ],
  [
    'document',
    [sent('holiday.txt', { sha256: 'd'.repeat(64) })],
    [sent('plan.txt', { sha256: 'e'.repeat(64) })],
  ],
  ['marked-document', [say('STRICTLY CONFIDENTIAL: plan')], [say('strictly confidential, haha')]],
];

describe('each class fires, and its nearest twin does not', () => {
  test.each(CASES)('%s', async (name, bad, good) => {
    const alerts = await alertsOf(bad, POLICY, BLOCKED);
    expect(classesOf(alerts)).toContain(name);
    expect(classesOf(await alertsOf(good, POLICY, BLOCKED))).toEqual([]);
    for (const { im } of alerts) expect(im).not.toHaveProperty('text');
  });

  test('no class is without a case', () => {
    expect(new Set(CASES.map(([name]) => name))).toEqual(new Set(Object.keys(CONTENT_CLASSES)));
  });
});

describe('data going out', () => {
  test('what is found is masked, and what comes in is not told', async () => {
    const text = `4539 5787 6362 1486 DE89370400440532013000 AKIA${'ABCD2345'.repeat(2)} 536-22-8743`;
    const alerts = await alertsOf([say(text)]);
    expect(classesOf(alerts)).toEqual(['card', 'ssn', 'iban', 'secret']);
    const shown = JSON.stringify(alerts);
    for (const secret of ['4539', '3704', 'ABCD2345', '536-22']) expect(shown).not.toContain(secret);
    expect(shown).toContain('Visa ************1486');
    expect(await alertsOf([say(text, { sent: false })])).toEqual([]);
  });

  test('inside says whose messages go out', async () => {
    const policy = (net: string): string => `version: 1\ncontent: { inside: [${net}] }\n`;
    const text = 'DE89370400440532013000';
    expect(await alertsOf([say(text)], policy('10.0.0.0/8'))).toHaveLength(1);
    expect(await alertsOf([say(text)], policy('192.0.2.0/24'))).toEqual([]);
  });
});

describe('the policy', () => {
  test('switches, tunes and suppresses each class', async () => {
    const events = [say('http://h.example/a.exe'), say('bit.ly/x'), offer('b.exe')];
    const all = ['executable-link', 'shortener', 'executable-file'];
    const policy = (content: string): string => `version: 1\ncontent: { ${content} }\n`;
    expect(classesOf(await alertsOf(events))).toEqual(all);
    expect(classesOf(await alertsOf(events, policy('off: [shortener]')))).toEqual([all[0], all[2]]);
    const [first] = await alertsOf(events, policy('severity: { executable-link: low }'));
    expect(first?.alert?.severity).toBe(3);
    const ignore =
      'ignore: [{ names: ["*.example"], accounts: ["ali*"] }, { classes: [executable-file], subnets: [10.0.0.0/8] }]';
    expect(classesOf(await alertsOf(events, policy(ignore)))).toEqual(['shortener']);
  });

  test('a mistake is complained about with its place', async () => {
    const wrong =
      "version: 1\ncontent:\n  off: [shortner]\n  expressions: [{ name: x, match: '(a' }]\n  ignore: [{}]\n";
    await expect(parsePolicy(wrong, 'p.yaml')).rejects.toThrow(
      /p\.yaml:3:9: .*did you mean "shortener"[^]*:4:[^]*:5:/,
    );
  });

  test('no expression hangs', async () => {
    const policy = "version: 1\ncontent: { expressions: [{ name: x, match: '(a+)+$' }] }\n";
    const before = performance.now();
    await alertsOf([say(`${'a'.repeat(16_000)}!`)], policy);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

test('a finding is told once a sender, whatever the leg and the recipients', async () => {
  const leg = (set: Partial<ImObject>): EveEvent => say('http://h.example/a.exe', set);
  const events = [leg({}), leg({ sent: false, account: 'bob' }), leg({ to: ['carol'] })];
  expect(await alertsOf(events)).toHaveLength(1);
  expect(await alertsOf([leg({ copy: 'history' }), leg({ second_leg_of: 'x' })])).toEqual([]);
});

test('links of a text are found where clients find them', () => {
  const hosts = (text: string): string[] => findLinks(text).map(({ host }) => host);
  expect(hosts('HTTP://A.example/x, (www.b.example) c.org/y?z and d.example "http://e.example"')).toEqual([
    'a.example',
    'www.b.example',
    'c.org',
    'e.example',
  ]);
  expect(hosts('a/b and/or 1/2 http:// ://x //y www. http://www.f.com/x')).toEqual(['www.f.com']);
  const before = performance.now();
  for (const piece of ['a.bc/', 'http://', 'www.', '/', 'a.', 'http://a/', 'xhttp:'])
    findLinks(piece.repeat(Math.floor(16_384 / piece.length)));
  expect(performance.now() - before).toBeLessThan(1_000);
});

test('who answers an offer did not make it', async () => {
  const answer = offer('b.exe');
  const file = { id: '1', name: 'b.exe', method: 'oft', state: 'accept' } as const;
  const accepted = imEvent({ kind: 'file', from: 'bob', to: ['alice'], file });
  expect(await alertsOf([accepted])).toEqual([]);
  expect(await alertsOf([answer, accepted])).toHaveLength(1);
});

test('every exploit names a vulnerability or none, well formed', () => {
  for (const { cve } of EXPLOITS.values()) expect(cve).toMatch(/^(?:CVE-\d{4}-\d{4,})?$/);
});

test('each row of what is known has a source that is no memory, a date, and stands once', () => {
  for (const list of [EXECUTABLE_EXTENSIONS, SHORTENERS, FREE_HOSTS, WORM_FILES, IMITATED, BOT_COMMANDS]) {
    expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
    for (const { source, date } of list) {
      expect(source).not.toMatch(/memory|^$/);
      expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  }
  for (const { source } of LURES) expect(source).not.toMatch(/memory|^$/);
});
