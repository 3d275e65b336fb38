import type { KnownHost } from '../classify/policy/blocklist.ts';
import { SERVICE_ROWS } from '../sdk/services/rows.ts';

/** Hosts that only messengers use: those with places for other things, and those nobody is sure of, are left out. */
export function knownHosts(): KnownHost[] {
  return SERVICE_ROWS.filter(
    ({ path, ignore, confidence }) => path === undefined && ignore !== true && confidence === 'high',
  ).map(({ service, host, role }) => ({ service, host, role }));
}
