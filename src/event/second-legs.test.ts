import { expect, test } from '@jest/globals';
import type { EveEvent } from './eve.ts';
import { SecondLegs } from './second-legs.ts';

function message(sent: boolean, text: string, more: object = {}): EveEvent {
  return {
    timestamp: '',
    event_type: 'im',
    im: { v: 1, id: '', kind: 'message', conversation: 'c', sent, text, ...more },
  };
}

test('a delivered message is the second leg of one that was sent before, once each', () => {
  const legs = new SecondLegs();
  const seen = [
    message(true, 'a'),
    message(true, 'a'),
    message(false, 'a'),
    message(false, 'a'),
    message(false, 'a'),
    message(false, 'b'),
  ];
  expect(seen.map((e) => legs.isSecond(e))).toEqual([false, false, true, true, false, false]);
});

test('a room delivers to all', () => {
  const legs = new SecondLegs();
  const room = { room: { id: 'r' } };
  expect(
    [message(true, 'a', room), message(false, 'a', room), message(false, 'a', room)].map((e) =>
      legs.isSecond(e),
    ),
  ).toEqual([false, true, true]);
});

test('another conversation is another message; what is no message is none', () => {
  const legs = new SecondLegs();
  legs.isSecond(message(true, 'a'));
  expect(legs.isSecond(message(false, 'a', { conversation: 'd' }))).toBe(false);
  expect(legs.isSecond({ timestamp: '', event_type: 'flow' })).toBe(false);
});

test('memory is bounded', () => {
  const legs = new SecondLegs();
  for (let i = 0; i < 5_000; i++) legs.isSecond(message(true, `text ${i}`));
  expect(legs.isSecond(message(false, 'text 0'))).toBe(false);
  expect(legs.isSecond(message(false, 'text 4999'))).toBe(true);
});
