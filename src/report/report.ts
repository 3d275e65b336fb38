import type { FigureId } from './figures.ts';

/** A number with its definition in `FIGURES`; undefined where it cannot be said, and `note` says why. */
export interface Figure {
  readonly id: FigureId;
  readonly value: number | undefined;
  /** The same of the period before. */
  readonly before?: number | undefined;
  readonly note?: string;
}

export type Cell = string | number | undefined;

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly note?: string;
}

export interface Series {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
  /** Bounds of an interval about each value. */
  readonly low?: readonly (number | undefined)[];
  readonly high?: readonly (number | undefined)[];
}

export interface Chart {
  readonly title: string;
  readonly kind: 'bars' | 'lines';
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  readonly unit: string;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly figures: readonly Figure[];
  readonly charts: readonly Chart[];
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
}

/** What the figures stand on. */
export interface Coverage {
  readonly files: number;
  readonly events: number;
  readonly badLines: number;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly sensors: readonly string[];
  /** Share of the bytes of IM connections that were never captured, as acknowledgements tell; undefined: not told. */
  readonly loss: number | undefined;
  /** Days of the period without an event. */
  readonly emptyDays: readonly string[];
  /** Events whose time lies an hour or more before that of the event before them in the same file. */
  readonly stepsBack: number;
  /** Counts that hit a maximum, and so are too small. */
  readonly limits: readonly string[];
}

export interface Report {
  readonly title: string;
  /** First and last day of the period. */
  readonly from: string;
  readonly to: string;
  readonly before: { readonly from: string; readonly to: string } | undefined;
  readonly zone: string;
  readonly coverage: Coverage;
  readonly assumptions: Readonly<Record<string, number>>;
  readonly sections: readonly Section[];
}
