/** Set in CI (`.ci/run`): every case. Otherwise `npm test` takes a share of the cases that only repeat each other on other captures. */
const THOROUGH = process.env['IMSPAN_THOROUGH'] === '1';

/** Every `every`th case, from the `from`th on; all of them in a thorough run. */
export function some<T>(cases: readonly T[], every: number, from = 0): readonly T[] {
  return THOROUGH ? cases : cases.filter((_, i) => i % every === from);
}
