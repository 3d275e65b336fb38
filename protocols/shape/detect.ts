import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import type { Shape } from './shape.ts';

/** A detector of shapes: what no beginning fits is ruled out at a glance. */
export function detectorOf(shapes: readonly Shape[]): Detector {
  // By their first byte: most streams have one that no shape begins with.
  const byFirst = Array.from({ length: 256 }, (_, byte) => shapes.filter((shape) => isFirst(shape, byte)));
  return {
    firstBytes: [bytesOf(shapes.filter(speaksClient)), bytesOf(shapes.filter(speaksServer))],
    // A shape is that of a beginning.
    midstream: false,
    probe: (probe) => (probe.midstream ? PROBE.NO : judge(shapes, probe)),
    glance: (bytes, start, end) => {
      for (const shape of byFirst[bytes[start] ?? 0] ?? shapes)
        if (shape.begins(bytes, start, end)) return true;
      return false;
    },
  };
}

/** The shape of a flow whose beginning the detector has taken; the first segment alone is enough to find it again. */
export function shapeOf(
  shapes: readonly Shape[],
  client: boolean,
  bytes: Uint8Array,
  start: number,
  end: number,
): Shape | undefined {
  return shapes.find(
    (shape) => (client ? speaksClient(shape) : speaksServer(shape)) && fits(shape, bytes, start, end),
  );
}

function judge(shapes: readonly Shape[], probe: Probe): ProbeAnswer {
  const { clientBytes, clientStart, clientEnd, serverBytes, serverStart, serverEnd } = probe;
  let open = false;
  for (const shape of shapes) {
    const byClient = speaksClient(shape) && beginsSo(shape, clientBytes, clientStart, clientEnd);
    const byServer = speaksServer(shape) && beginsSo(shape, serverBytes, serverStart, serverEnd);
    if (!byClient && !byServer) continue;
    const sides = shape.confirms?.(
      { bytes: clientBytes, start: clientStart, end: clientEnd },
      { bytes: serverBytes, start: serverStart, end: serverEnd },
    );
    if (shape.confirms === undefined || sides === true) {
      return probe.yes(shape.confidence, `${byClient ? 'client' : 'server'}: ${shape.name} at byte 0`);
    }
    if (sides === undefined) open = true;
  }
  return open && !probe.final ? PROBE.MORE : PROBE.NO;
}

/** With what waits for the other side more may have come than the first segment. */
function beginsSo(shape: Shape, bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false;
  return (
    fits(shape, bytes, start, end) || (shape.confirms !== undefined && fitsAtLength(shape, bytes, start, end))
  );
}

/** Shapes whose first segment has one length are looked for at that length. */
function fitsAtLength(shape: Shape, bytes: Uint8Array, start: number, end: number): boolean {
  return [5, 12, 48].some((length) => start + length <= end && fits(shape, bytes, start, start + length));
}

function fits(shape: Shape, bytes: Uint8Array, start: number, end: number): boolean {
  return isFirst(shape, bytes[start] ?? 0) && shape.begins(bytes, start, end);
}

function isFirst({ first }: Shape, byte: number): boolean {
  return first === null || first.includes(byte);
}

function speaksClient({ server, either }: Shape): boolean {
  return server !== true || either === true;
}

function speaksServer({ server, either }: Shape): boolean {
  return server === true || either === true;
}

/** The first bytes of shapes; what any begins with where one of them has any. A confirming side may begin with any, too. */
function bytesOf(shapes: readonly Shape[]): number[] | null {
  if (shapes.some(({ first }) => first === null)) return null;
  return [...new Set(shapes.flatMap(({ first }) => first ?? []))];
}
