import { describe, expect, test } from '@jest/globals';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { command, down, reply, signOn, up } from './build.ts';
import toc from './index.ts';

function factsAfter(steps: Step[]): ImFacts[] {
  return runDissector(toc, [...signOn, ...steps]).facts.slice(2);
}

describe('contacts, presence, profiles', () => {
  test.each<[string, Step[], object[]]>([
    [
      'toc_add_buddy',
      up(command('toc_add_buddy millpond "Old Harbor"')),
      [
        { op: 'add', id: 'millpond' },
        { op: 'add', id: 'oldharbor', name: 'Old Harbor' },
      ],
    ],
    [
      'toc2_new_buddies in braces without quotes',
      up(command('toc2_new_buddies {g:Work\nb:Paula Strand:Paula\n}')),
      [{ op: 'add', id: 'paulastrand', name: 'Paula', groups: ['Work'] }],
    ],
    [
      'toc2_new_buddies quoted',
      up(command('toc2_new_buddies "\\{g:Buddies\nb:millpond\n\\}"')),
      [{ op: 'add', id: 'millpond', groups: ['Buddies'] }],
    ],
    [
      'toc2_remove_buddy',
      up(command('toc2_remove_buddy "millpond" "Buddies"')),
      [{ op: 'remove', id: 'millpond', groups: ['Buddies'] }],
    ],
    ['toc_remove_buddy', up(command('toc_remove_buddy millpond')), [{ op: 'remove', id: 'millpond' }]],
    [
      'toc_set_config',
      up(command('toc_set_config "m 1\ng Work\nb millpond\nd spam\n"')),
      [
        { op: 'list', id: 'millpond', groups: ['Work'] },
        { op: 'block', id: 'spam' },
      ],
    ],
    [
      'CONFIG2',
      down(reply('CONFIG2:g:Buddies\nb:millpond:Mill:::::note\nd:spam\nm:4\ndone:\n')),
      [
        { op: 'list', id: 'millpond', name: 'Mill', groups: ['Buddies'] },
        { op: 'block', id: 'spam' },
      ],
    ],
    [
      'deny',
      up(command('toc2_add_deny spam'), command('toc2_remove_deny spam'), command('toc_add_deny')),
      [
        { op: 'block', id: 'spam' },
        { op: 'unblock', id: 'spam' },
      ],
    ],
    [
      'INSERTED2 and DELETED2',
      down(
        reply('INSERTED2:b:Mill:millpond:Work'),
        reply('DELETED2:b:millpond:Work'),
        reply('INSERTED2:d:spam'),
        reply('DELETED2:d:spam'),
      ),
      [
        { op: 'add', id: 'millpond', name: 'Mill', groups: ['Work'] },
        { op: 'remove', id: 'millpond', groups: ['Work'] },
        { op: 'block', id: 'spam' },
        { op: 'unblock', id: 'spam' },
      ],
    ],
  ])('%s', (_, steps, contacts) => {
    expect(factsAfter(steps).flatMap((f) => f.contact ?? [])).toEqual(contacts);
  });

  test('a list beyond any account is cut and counted', () => {
    const told = runDissector(toc, [...signOn, ...up(command(`toc_add_buddy${' a'.repeat(20_000)}`))]);
    expect(told.facts.length).toBeLessThan(1100);
    expect(told.anomalies).toEqual(['toc_limit']);
  });

  test('presence is told when it changes', () => {
    const update = (rest: string): Step[] => down(reply(`UPDATE_BUDDY2:Mill Pond:${rest}`));
    const facts = factsAfter([
      ...update('T:0:1795493372:0: O :'),
      ...update('T:0:1795493372:0: O :'),
      ...update('T:0:1795493372:0: OU:'),
      ...update('T:0:1795493372:5: O :'),
      ...update('F:0:0:0:   :'),
    ]);
    expect(facts.map((f) => f.status?.show)).toEqual(['online', 'away', 'idle', 'offline']);
    expect(facts[0]).toMatchObject({ kind: 'presence', from: 'millpond', from_name: 'Mill Pond' });
  });

  test('own status', () => {
    const facts = factsAfter(
      up(
        command('toc_set_away "making <b>soup</b>"'),
        command('toc_set_away'),
        command('toc_set_idle 600'),
        command('toc_set_idle 0'),
      ),
    );
    expect(facts.map((f) => f.status)).toEqual([
      { show: 'away', text: 'making soup' },
      { show: 'online' },
      { show: 'idle' },
      { show: 'online' },
    ]);
  });

  test('the cookie of GOTO_URL is handed out to who fetches the page', () => {
    const cookie = '00106b050e41'.repeat(3);
    const url = `info?cookie=${cookie}&from=copperhare&user=millpond`;
    const { issued, facts } = runDissector(toc, [...signOn, ...down(reply(`GOTO_URL:profile:${url}`))]);
    expect(issued).toEqual([{ realm: 'toc-page', token: cookie, account: 'copperhare' }]);
    expect(JSON.stringify(facts)).not.toContain(cookie);
  });

  test('profile, directory entry, searches; the cookie of GOTO_URL is not told', () => {
    const facts = factsAfter([
      ...up(
        command('toc_set_info "<b>Pine</b> &amp; co"'),
        command('toc_set_dir "Petra":"":"Forster":"":"Ulm":"BW":"DE":"petra@example.test":""'),
        command('toc_set_dir ""'),
        command('toc_dir_search "Petra":"":"Forster"'),
        command('toc_get_info "Mill Pond"'),
        command('toc_format_nickname "Copper HARE"'),
      ),
      ...down(reply('GOTO_URL:profile:info?cookie=00106b050e41&from=copperhare&user=millpond')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'profile', profile: { text: 'Pine & co', html: '<b>Pine</b> &amp; co' } },
      {
        kind: 'profile',
        profile: { first_name: 'Petra', last_name: 'Forster', email: 'petra@example.test' },
      },
      { kind: 'search', query: 'first_name: Petra, last_name: Forster' },
      { kind: 'search', query: 'millpond' },
      { kind: 'account', op: 'format-name', from_name: 'Copper HARE' },
      { kind: 'profile', from: 'millpond', profile: { page: 'info', title: 'profile' } },
    ]);
    expect(facts).toHaveLength(6);
    expect(JSON.stringify(facts)).not.toContain('00106b');
  });
});

describe('file offers', () => {
  const info = btoa(
    String.fromCharCode(0, 1, 0, 1, 0, 0, 0x12, 0x34, ...new TextEncoder().encode('plan.pdf'), 0),
  );
  const service = '09461343-4C7F-11D1-8222-444553540000';
  const offer = reply(
    `RVOUS_PROPOSE:Mill Pond:${service}:fUdgNuQ6AAA=:1:192.0.2.5:192.0.2.6:203.0.113.1:5190:10001:${info}`,
  );

  test('offer, accept, decline', () => {
    const facts = factsAfter([
      ...down(offer),
      ...up(
        command(`toc_rvous_accept millpond fUdgNuQ6AAA= ${service}`),
        command(`toc_rvous_cancel millpond fUdgNuQ6AAA= ${service}`),
        command(`toc_rvous_cancel millpond fUdgNuQ6AAA= ${service}`),
      ),
    ]);
    expect(facts).toMatchObject([
      {
        kind: 'file',
        from: 'millpond',
        file: {
          name: 'plan.pdf',
          size: 0x1234,
          method: 'oft',
          state: 'offer',
          peer_ip: '192.0.2.5',
          peer_port: 5190,
        },
      },
      { kind: 'file', to: ['millpond'], file: { name: 'plan.pdf', state: 'accept' } },
      { kind: 'file', to: ['millpond'], file: { name: 'plan.pdf', state: 'decline' } },
    ]);
    expect(new Set(facts.map((f) => f.file?.id)).size).toBe(1);
  });

  test('an offer without file data is an anomaly', () => {
    const line = `RVOUS_PROPOSE:millpond:${service}:fUdg:1:192.0.2.5:192.0.2.6:203.0.113.1:5190:10001:AAEA`;
    const told = runDissector(toc, [...signOn, ...down(reply(line))]);
    expect(told.facts.slice(2)).toEqual([]);
    expect(told.anomalies).toEqual(['toc_fields_missing']);
  });
});
