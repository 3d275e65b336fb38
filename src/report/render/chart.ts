import { scaleBand, scaleLinear, scalePoint } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Chart, Series } from '../report.ts';
import { escapeHtml } from './escape.ts';
import { cellText, plain } from './words.ts';

const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 64;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 32;
/** Characters of all labels that have room beside each other. */
const LABEL_ROOM = 80;
const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

interface Scales {
  x(label: string): number;
  y(value: number): number;
  /** Width of a place for bars. */
  readonly step: number;
}

/** A chart as SVG that stands by itself: no script, no font, no address. Colours are classes of the page's style. */
export function chartSvg(chart: Chart): string {
  const { labels, series, kind, title, unit } = chart;
  const top = Math.max(
    1,
    ...series.flatMap(({ values, high }) => [...values, ...(high ?? [])].map((v) => v ?? 0)),
  );
  const y = scaleLinear([0, top], [HEIGHT - BOTTOM, TOP]).nice();
  const places = labels.map((_, i) => String(i));
  const range: [number, number] = [LEFT, WIDTH - RIGHT];
  const band = scaleBand(places, range).padding(0.2);
  const point = scalePoint(places, range);
  const bars = kind === 'bars';
  const scales: Scales = {
    x: (label) => (bars ? band(label) : point(label)) ?? LEFT,
    y: (value) => y(value),
    step: band.bandwidth(),
  };
  // All that is drawn is counted in whole things.
  const whole = y.ticks(5).filter(Number.isInteger);
  const ticks = whole.map((tick) => {
    const at = y(tick).toFixed(1);
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="tick" x="${LEFT - 6}" y="${at}" dy="0.32em" text-anchor="end">${SHORT.format(tick)}</text>`;
  });
  const shapes = series.map((one, i) =>
    bars ? barsOf(one, i, series.length, scales) : lineOf(one, i, scales),
  );
  const label = `${title}: ${series.map(({ name }) => name).join(', ')}, in ${unit}`;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(plain(label))}">`,
    ...ticks,
    ...labelsOf(labels, scales, bars),
    ...shapes,
    '</svg>',
  ].join('');
}

function barsOf({ values }: Series, index: number, count: number, { x, y, step }: Scales): string {
  const width = step / count;
  const base = y(0);
  return values
    .map((value, i) => {
      if (value === undefined || value === 0) return '';
      const at = y(value);
      const left = x(String(i)) + index * width;
      return `<rect class="s${index}" x="${left.toFixed(1)}" y="${at.toFixed(1)}" width="${Math.max(0.5, width).toFixed(1)}" height="${(base - at).toFixed(1)}"/>`;
    })
    .join('');
}

function lineOf({ values, low, high }: Series, index: number, { x, y }: Scales): string {
  const at = (i: number): number => x(String(i));
  const path = line<number | undefined>()
    .defined((value) => value !== undefined)
    .x((_, i) => at(i))
    .y((value) => y(value ?? 0))(values);
  const about =
    low === undefined || high === undefined
      ? null
      : area<number | undefined>()
          .defined((value) => value !== undefined)
          .x((_, i) => at(i))
          .y0((value) => y(value ?? 0))
          .y1((_, i) => y(high[i] ?? 0))(low);
  const band = about === null ? '' : `<path class="band s${index}" d="${about}"/>`;
  // A single day is no line.
  const dots = values
    .map((value, i) =>
      value === undefined || values[i - 1] !== undefined || values[i + 1] !== undefined
        ? ''
        : `<circle class="s${index}" cx="${at(i).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3"/>`,
    )
    .join('');
  return `${band}<path class="line s${index}" d="${path ?? ''}"/>${dots}`;
}

function labelsOf(labels: readonly string[], { x, step }: Scales, bars: boolean): string[] {
  const longest = Math.max(1, ...labels.map((label) => label.length + 2));
  const every = Math.ceil((labels.length * longest) / LABEL_ROOM);
  return labels.map((label, i) => {
    if (i % every !== 0) return '';
    const at = x(String(i)) + (bars ? step / 2 : 0);
    const anchor = i === 0 && !bars ? 'start' : 'middle';
    return `<text class="tick" x="${at.toFixed(1)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="${anchor}">${escapeHtml(plain(label))}</text>`;
  });
}

/** The numbers of a chart, for whoever cannot see it. */
export function chartTable({ labels, series, title }: Chart): string {
  const head = ['', ...series.map(({ name }) => name)].map((name) => `<th>${escapeHtml(plain(name))}</th>`);
  const rows = labels.map((label, i) => {
    const cells = series.map(({ values }) => `<td class="number">${cellText(values[i])}</td>`);
    return `<tr><th scope="row">${escapeHtml(plain(label))}</th>${cells.join('')}</tr>`;
  });
  return `<details><summary>Numbers of “${escapeHtml(plain(title))}”</summary><table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></details>`;
}
