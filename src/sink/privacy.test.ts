import { describe, expect, test } from '@jest/globals';
import { alertEvent, imEvent } from '../classify/build.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { EveEvent, EventSink, ImObject } from '../event/eve.ts';
import { EMIT_NAMES, gate, parseEmit } from './filter.ts';
import { applyPrivacy, parsePrivacy } from './privacy.ts';

function frozen(event: EveEvent): EveEvent {
  for (const part of [event.im?.status, event.im?.profile, event.im]) if (part) Object.freeze(part);
  return Object.freeze(event);
}

describe('privacy', () => {
  test('full lets an event pass as it is', () => {
    const event = frozen(imEvent({ kind: 'message', text: 'hi', html: '<b>hi</b>' }));
    expect(applyPrivacy(event, 'full')).toBe(event);
  });

  test.each<[string, Partial<ImObject>, Partial<ImObject>]>([
    ['text', { kind: 'message', text: 'a😀b' }, { kind: 'message', text_length: 3 }],
    ['lone surrogates', { kind: 'message', text: '\ud83d\ude00\ud83d' }, { kind: 'message', text_length: 2 }],
    ['html', { kind: 'message', text: 'hi', html: '<b>hi</b>' }, { kind: 'message', text_length: 2 }],
    ['html alone', { kind: 'message', html: '<b>' }, { kind: 'message', text_length: 3 }],
    [
      'a length that is known',
      { kind: 'message', text: 'cut', text_length: 90 },
      { kind: 'message', text_length: 90 },
    ],
    [
      'status text',
      { kind: 'presence', status: { show: 'away', text: 'at home', priority: 1 } },
      { kind: 'presence', status: { show: 'away', priority: 1 } },
    ],
    ['a query', { kind: 'search', query: 'bob' }, { kind: 'search' }],
    [
      'profile values',
      { kind: 'profile', profile: { phone: '1', away: 'gone' } },
      { kind: 'profile', profile: { fields: ['away', 'phone'] } },
    ],
  ])('metadata takes %s away and leaves the given event alone', (_what, im, left) => {
    const event = frozen(imEvent({ account: 'alice', from: 'bob', ...im }));
    const before = structuredClone(event);
    const kept = applyPrivacy(event, 'metadata');
    expect(event).toEqual(before);
    expect(kept).toEqual({
      ...event,
      im: { v: 1, id: event.im?.id, service: 'aim', account: 'alice', from: 'bob', ...left },
    });
  });

  test('metadata returns the event itself where nothing had to go', () => {
    const login = imEvent({ kind: 'login', status: { show: 'online' } });
    expect(applyPrivacy(login, 'metadata')).toBe(login);
    const stats: EveEvent = { timestamp: login.timestamp, event_type: 'stats' };
    expect(applyPrivacy(stats, 'metadata')).toBe(stats);
  });

  test('an alert carries no text in any mode', () => {
    const alert = alertEvent({ text: 'the words' });
    expect(applyPrivacy(alert, 'full').im).toMatchObject({ account: 'alice', text_length: 9 });
    expect(JSON.stringify(applyPrivacy(alert, 'full'))).not.toContain('the words');
    expect(alert.im?.text).toBe('the words');
  });

  test('modes have names', () => {
    expect(parsePrivacy('metadata')).toBe('metadata');
    expect(() => parsePrivacy('metdata')).toThrow('did you mean "metadata"');
    expect(() => parsePrivacy('constructor')).toThrow(OperatorError);
  });
});

describe('--emit', () => {
  test('names types and kinds', () => {
    const filter = parseEmit('alert, message,flow');
    expect(filter.passes(alertEvent())).toBe(true);
    expect(filter.passes(imEvent({ kind: 'message' }))).toBe(true);
    expect(filter.passes(imEvent({ kind: 'login' }))).toBe(false);
    expect(filter.passes({ timestamp: 't', event_type: 'flow' })).toBe(true);
    expect(filter.passes({ timestamp: 't', event_type: 'stats' })).toBe(false);
    expect(parseEmit('im').passes(imEvent({ kind: 'typing' }))).toBe(true);
    expect(parseEmit('message').passes(alertEvent({ kind: 'message' }))).toBe(false);
    expect(new Set(EMIT_NAMES).size).toBe(24);
  });

  test.each([
    ['mesage', 'did you mean "message"'],
    ['im,,nothing', '"nothing" is no event type'],
    [' , ', 'names no event type'],
    ['toString', 'is no event type'],
  ])('%j is refused', (list, why) => {
    expect(() => parseEmit(list)).toThrow(why);
    try {
      parseEmit(list);
    } catch (error) {
      expect((error as OperatorError).exitCode).toBe(EXIT.USAGE);
    }
  });

  test('a gate lets through what is asked for, as privacy lets it, and leaves the rest to the sink', async () => {
    const taken: EveEvent[] = [];
    const calls: string[] = [];
    const wait = Promise.resolve();
    const sink: EventSink = {
      write: (event) => void taken.push(event),
      drained: () => wait,
      close: async () => void calls.push('close'),
    };
    const gated = gate(sink, 'metadata', parseEmit('message'));
    gated.write(imEvent({ kind: 'message', text: 'hello' }));
    gated.write(imEvent({ kind: 'login' }));
    expect(taken).toMatchObject([{ im: { kind: 'message', text_length: 5 } }]);
    expect(gated.drained()).toBe(wait);
    await gated.close();
    expect(calls).toEqual(['close']);
    const open = gate(sink, 'full');
    open.write(imEvent({ kind: 'login' }));
    expect(taken).toHaveLength(2);
  });
});
