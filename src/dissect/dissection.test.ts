import { describe, expect, test } from '@jest/globals';
import { traceOf } from './dissection.ts';

describe('what is kept of a failure', () => {
  test('its class and stack frames, not what it says', () => {
    const trace = traceOf(new RangeError('password hunter2\n    at somewhere the wire named')).split('\n');
    expect(trace[0]).toBe('RangeError');
    expect(trace[1]).toMatch(/^ {4}at .*dissection\.test/);
    expect(trace.join('\n')).not.toMatch(/hunter2|somewhere/);
  });

  test('nothing of what is no error', () => {
    expect(traceOf('hunter2')).toBe('threw a value of type string');
    expect(traceOf(undefined)).toBe('threw a value of type undefined');
  });

  test('no stack, no frames', () => {
    const error = new TypeError('hunter2');
    delete error.stack;
    expect(traceOf(error)).toBe('TypeError');
  });
});
