import { describe, expect, test } from '@jest/globals';
import type { Step } from '../../src/sdk/testing.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import { END, body, client, message, server, signOn } from './build.ts';
import xmpp from './index.ts';

const ROOM = 'den@rooms.test';
const JOIN = client(`<presence to='${ROOM}/ally'><x xmlns='http://jabber.org/protocol/muc'/></presence>`);

/** The room tells of an occupant. */
const occupant = (nick: string, inner: string, type = ''): Step =>
  server(
    `<presence from='${ROOM}/${nick}' to='alice@corp.test/laptop'${type}>` +
      `<x xmlns='http://jabber.org/protocol/muc#user'>${inner}</x></presence>`,
  );
const BOB = occupant('bobby', "<item jid='bob@corp.test/desk'/>");
const SELF = occupant('ally', "<item affiliation='member'/><status code='110'/>");
const GONE = " type='unavailable'";

const said = (nick: string, words: string, id = 'm1') =>
  server(message(`from='${ROOM}/${nick}' to='alice@corp.test/laptop'`, body(words), 'groupchat', id));

function told(...steps: Step[]) {
  return runDissector(xmpp, [...signOn(), ...steps]).facts.slice(1);
}

const room = { id: ROOM };

describe('entering and leaving', () => {
  test('a room that is there: the join and who is in it', () => {
    expect(told(JOIN, BOB, SELF)).toMatchObject([
      { kind: 'room', op: 'join', room, from: 'alice@corp.test' },
      { kind: 'room', op: 'members', room, members: ['bob@corp.test', 'alice@corp.test'] },
    ]);
  });

  test('a room that the join creates', () => {
    const created = occupant('ally', "<item/><status code='110'/><status code='201'/>");
    expect(told(JOIN, created).map((f) => f.op)).toEqual(['create', 'join', 'members']);
  });

  test('who comes later joins; a change of status is no second join', () => {
    const later = told(JOIN, SELF, BOB, BOB, occupant('carol', '<item/>'));
    expect(later.slice(2)).toMatchObject([
      { op: 'join', from: 'bob@corp.test' },
      { op: 'join', from: `${ROOM}/carol` },
    ]);
    expect(later).toHaveLength(4);
  });

  test.each([
    ["<item/><status code='307'/>", 'kicked'],
    ["<item><reason>off topic</reason></item><status code='307'/>", 'kicked: off topic'],
    ["<item/><status code='301'/>", 'banned'],
    ['<item/><destroy/>', 'room destroyed'],
  ])('leaving: %s', (inner, reason) => {
    expect(told(JOIN, BOB, SELF, occupant('bobby', inner, GONE)).slice(2)).toMatchObject([
      { op: 'leave', from: 'bob@corp.test', reason },
    ]);
  });

  test('a change of nickname is neither', () => {
    const renamed = occupant('bobby', "<item nick='robert'/><status code='303'/>", GONE);
    const facts = told(JOIN, BOB, SELF, renamed, occupant('robert', '<item/>'), said('robert', 'me again'));
    expect(facts.slice(2)).toMatchObject([{ kind: 'message', from: 'bob@corp.test', from_name: 'robert' }]);
  });

  test('with the client alone in view the request has to be believed, at the end', () => {
    const steps = [...signOn(), JOIN, client(`<presence to='${ROOM}/ally' type='unavailable'/>`)];
    const inView = steps.filter((step) => step.direction === 0);
    const ops = (all: Step[]) =>
      runDissector(xmpp, all)
        .facts.filter((f) => f.kind === 'room')
        .map((f) => f.op);
    expect(ops(inView)).toEqual([]);
    expect(ops([...inView, ...END])).toEqual(['join', 'leave']);
    expect(ops([...steps, ...END])).toEqual([]);
  });

  test('a join that is refused is a notice', () => {
    const refused = server(
      `<presence from='${ROOM}/ally' to='alice@corp.test/laptop' type='error'><error type='auth'>` +
        `<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
    );
    expect(told(JOIN, refused)).toMatchObject([{ kind: 'notice', code: 'not-authorized' }]);
  });
});

describe('what is said in a room', () => {
  const SEND = client(message(`to='${ROOM}'`, body('hello all'), 'groupchat', 'g1'));

  test('own lines once, though the room sends them back', () => {
    const facts = told(JOIN, BOB, SELF, SEND, said('ally', 'hello all', 'g1'));
    expect(facts.slice(2)).toMatchObject([
      { kind: 'message', from: 'alice@corp.test', from_name: 'ally', to: [ROOM], room, text: 'hello all' },
    ]);
    expect(facts).toHaveLength(3);
  });

  test('own lines without an id once, too', () => {
    const bare = client(`<message type='groupchat' to='${ROOM}'>${body('hello')}</message>`);
    const back = server(
      `<message type='groupchat' from='${ROOM}/ally' to='alice@corp.test/laptop'>${body('hello')}</message>`,
    );
    expect(told(JOIN, SELF, bare, back).filter((f) => f.kind === 'message')).toHaveLength(1);
  });

  test('others by their account where the room tells it, else by their address in it', () => {
    const facts = told(JOIN, BOB, SELF, said('bobby', 'one'), said('carol', 'two'));
    expect(facts.slice(2)).toMatchObject([
      { from: 'bob@corp.test', from_name: 'bobby', to: [ROOM], room },
      { from: `${ROOM}/carol`, from_name: 'carol', to: [ROOM], room },
    ]);
  });

  test('history', () => {
    const old = server(
      message(
        `from='${ROOM}/bobby' to='alice@corp.test/laptop'`,
        `${body('yesterday')}<delay xmlns='urn:xmpp:delay' stamp='2024-03-01T12:00:00Z'/>`,
        'groupchat',
      ),
    );
    expect(told(JOIN, SELF, old).slice(2)).toMatchObject([{ text: 'yesterday', copy: 'history', room }]);
  });

  test('private messages between members', () => {
    const facts = told(
      JOIN,
      BOB,
      SELF,
      client(message(`to='${ROOM}/bobby'`, body('psst'))),
      server(message(`from='${ROOM}/bobby' to='alice@corp.test/laptop'`, body('what?'))),
    );
    expect(facts.slice(2)).toMatchObject([
      { from: 'alice@corp.test', to: ['bob@corp.test'], room, private: true, text: 'psst' },
      { from: 'bob@corp.test', to: ['alice@corp.test'], room, private: true, text: 'what?' },
    ]);
  });

  test('the subject, as the room announces it', () => {
    const set = client(message(`to='${ROOM}'`, '<subject>Budget</subject>', 'groupchat'));
    const announced = server(message(`from='${ROOM}/ally'`, '<subject>Budget</subject>', 'groupchat'));
    expect(told(JOIN, SELF, set, announced).slice(2)).toMatchObject([
      { kind: 'room', op: 'topic', room, text: 'Budget', from: 'alice@corp.test' },
    ]);
  });
});

describe('invitations', () => {
  const mediated = (attribute: string) =>
    `<x xmlns='http://jabber.org/protocol/muc#user'><invite ${attribute}><reason>come</reason></invite><password>pw-secret</password></x>`;

  test.each([
    [
      'through the room, sent',
      client(message(`to='${ROOM}'`, mediated("to='carol@corp.test'"))),
      'alice@corp.test',
      'carol@corp.test',
    ],
    [
      'through the room, received',
      server(message(`from='${ROOM}' to='alice@corp.test'`, mediated("from='carol@corp.test/x'"))),
      'carol@corp.test',
      'alice@corp.test',
    ],
    [
      'directly',
      client(message("to='carol@corp.test'", `<x xmlns='jabber:x:conference' jid='${ROOM}' reason='come'/>`)),
      'alice@corp.test',
      'carol@corp.test',
    ],
  ])('%s', (_, step, from, to) => {
    const facts = told(step);
    expect(facts).toMatchObject([{ kind: 'room', op: 'invite', room, from, to: [to], reason: 'come' }]);
    expect(facts).toHaveLength(1);
    expect(JSON.stringify(facts)).not.toContain('pw-secret');
  });
});
