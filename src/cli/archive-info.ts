import type { Archive } from '../archive/archive.ts';
import { exportPublic, fingerprint } from '../archive/keys.ts';
import { stateOf } from '../archive/manifest.ts';
import { openSegments } from '../archive/recover.ts';
import { neutralise } from '../sink/neutralise.ts';

/** What an archive is, in words or as one JSON object. */
export function renderInfo(archive: Archive, json: boolean): string {
  const { settings } = archive;
  const state = stateOf(archive.manifest.entries());
  const segments = [...state.segments.values()];
  const sum = (of: (segment: (typeof segments)[number]) => number): number =>
    segments.reduce((total, segment) => total + of(segment), 0);
  const times = segments.flatMap(({ first, last }) =>
    first === undefined || last === undefined ? [] : [{ first, last }],
  );
  const key = archive.keys.publicKey();
  const info = {
    ...{ archive: settings.archive, created: settings.created, purpose: settings.purpose },
    retention_days: settings.retention_days,
    sensor: settings.sensor,
    keys: archive.keys.path,
    key: key && fingerprint(exportPublic(key)),
    ...{ segments: segments.length, open: openSegments(archive).length, purged: state.purged.size },
    ...{
      events: sum(({ lines }) => lines),
      text_bytes: sum(({ bytes }) => bytes),
      bytes: sum(({ size }) => size),
    },
    first: times.map(({ first }) => first).sort()[0],
    last: times
      .map(({ last }) => last)
      .sort()
      .at(-1),
    kept_out: sum(({ kept_out }) => kept_out ?? 0),
    texts_dropped: sum(({ texts_dropped }) => texts_dropped ?? 0),
    compacted: new Set(state.compacted.flatMap((entry) => entry.segments)).size,
    holds: [...state.holds.values()].map(({ hold, reason, names, from, to, by, time }) => ({
      ...{ hold, reason, names, from, to, by, time },
    })),
  };
  if (json) return `${neutralise(JSON.stringify(info))}\n`;
  const lines = Object.entries(info).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (!Array.isArray(value)) return [`${name.replaceAll('_', ' ')}: ${String(value)}`];
    return value.map((one) => `hold ${one.hold}: ${one.reason} (${one.by}, ${one.time}) ${scope(one)}`);
  });
  return lines.map((line) => `${neutralise(line, 4_000)}\n`).join('');
}

function scope({
  names,
  from,
  to,
}: {
  names?: readonly string[] | undefined;
  from?: string | undefined;
  to?: string | undefined;
}): string {
  const time = from === undefined && to === undefined ? '' : `, ${from ?? 'the beginning'} to ${to ?? 'now'}`;
  return `${names?.join(', ') ?? 'all'}${time}`;
}
