import { expect, test } from '@jest/globals';
import { ALL_SIGNATURES } from '../classify/signatures.ts';
import { testAlert } from './alerts.ts';

test.each(ALL_SIGNATURES.map((each) => [each.id, each] as const))(
  'the test alert of %d says that it is one',
  (id, each) => {
    const { alert, im, src_ip, host } = testAlert(each, 1_110_290_591, 'sensor');
    expect(alert).toMatchObject({
      signature_id: id,
      signature: `${each.name} (test)`,
      severity: each.severity,
    });
    expect(alert?.metadata.test).toEqual(['true']);
    expect([src_ip, host, im?.account]).toEqual(['192.0.2.1', 'sensor', 'imspan-test']);
  },
);
