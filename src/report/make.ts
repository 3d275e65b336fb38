import type { Assumptions } from './assumptions.ts';
import type { Gatherer } from './gatherer.ts';
import type { Report } from './report.ts';
import { audit } from './sections/audit.ts';
import { chargeBack } from './sections/charge-back.ts';
import type { Sources } from './sections/common.ts';
import { names } from './sections/names.ts';
import { planning } from './sections/planning.ts';
import { security } from './sections/security.ts';
import { value } from './sections/value.ts';

export interface ReportOptions {
  readonly assumptions: Assumptions;
  readonly currency: string;
  readonly files: number;
  readonly badLines: number;
  /** Bytes of the logs. */
  readonly logBytes: number;
}

/** The report of what was gathered; undefined where the period has no event. */
export function makeReport(gathered: Gatherer, options: ReportOptions): Report | undefined {
  const { period, calendar, now } = gathered;
  if (period === undefined) return undefined;
  const before = gathered.periodBefore;
  const { assumptions, currency, logBytes } = options;
  const sources: Sources = {
    ...{ now, period, calendar, assumptions, currency, logBytes },
    before: before && gathered.before,
    coverage: gathered.coverage(options.files, options.badLines),
  };
  return {
    title: `Instant messaging, ${period.from} to ${period.to}`,
    ...period,
    before,
    zone: calendar.zone,
    coverage: sources.coverage,
    assumptions,
    sections: [security, value, planning, names, chargeBack, audit].map((section) => section(sources)),
  };
}
