import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { InputProblem } from '../../capture/problem.ts';
import type { EveEvent } from '../../event/eve.ts';
import type { EngineSettings } from '../pipeline.ts';
import { namesOf, readCaptures } from '../read.ts';
import type { Captures } from '../read.ts';
import { Excerpts } from './excerpts.ts';
import type { Excerpt } from './excerpts.ts';
import { Parts } from './parts.ts';
import { readRings, removeRings, removeStaleRings } from './ring.ts';
import type { RingPlace } from './ring.ts';
import { WantedFlows } from './wanted.ts';

/** What a run kept as evidence, for the summary. */
export interface EvidenceReport {
  readonly folder: string;
  readonly flows: number;
  readonly bytes: number;
  /** Flows of which frames are missing in the excerpt. */
  readonly truncated: number;
  /** Flows of which no frame was found or kept. */
  readonly missing: number;
  /** What the disk refused, the first time. */
  readonly problem: string | undefined;
}

/** The list of what is in the folder. */
const MANIFEST = 'evidence.jsonl';
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
const MODE = 0o600;

/** How the frames of an input are found again once its alerts are known. */
export interface EvidencePlan {
  readonly settings: EngineSettings;
  readonly folder: string;
  readonly workers: number;
  /** The input can be read once only: its candidates' frames go through a ring on disk. */
  readonly ring: boolean;
}

/**
 * `--evidence`: the flow of each alert as a pcap file, from its first frame on. The events say which flows; their frames come out
 * of a second reading of the input, or out of a ring on disk where it can be read only once. Never ends a run: what fails is told at its end.
 */
export class Evidence {
  /** For the engine's threads: where to put candidates' frames; undefined where the input is read again. */
  readonly ring: RingPlace | undefined;
  readonly #plan: EvidencePlan;
  readonly #parts: Parts;
  readonly #wanted: WantedFlows;
  #world = 0;
  #flows = 0;
  #truncated = 0;
  #missing = 0;
  #problem: string | undefined = undefined;

  /** Makes the folder where there is none; throws an OperatorError where that cannot be. */
  constructor(plan: EvidencePlan) {
    this.#plan = plan;
    const { folder, workers, ring } = plan;
    const { limits } = plan.settings;
    this.#parts = new Parts(folder, limits);
    this.#wanted = new WantedFlows(limits.evidence_files);
    removeStaleRings(folder);
    this.ring = ring
      ? {
          folder,
          run: `${process.pid}.${randomBytes(6).toString('hex')}`,
          bytes: limits.evidence_ring / workers,
          fragments: limits.evidence_fragments,
        }
      : undefined;
  }

  /** An event of the input that is being told. */
  event(event: EveEvent): void {
    this.#wanted.event(event);
  }

  /** Live: there are flows that were alerted on and are over. */
  get ready(): boolean {
    return this.#wanted.has(true);
  }

  /** The input was told to its end: keeps what was alerted on. What was wrong in reading it again. */
  async end(captures: Captures, signal?: AbortSignal): Promise<InputProblem[]> {
    const problems = await this.collect(captures, false, signal);
    this.#missing += this.#wanted.refused;
    this.#wanted.refused = 0;
    this.#wanted.clear();
    if (this.ring) removeRings(this.ring, this.#world);
    this.#world++;
    return problems;
  }

  /** Keeps the flows that were alerted on, with `over` those only that are over. */
  async collect(captures: Captures, over: boolean, signal?: AbortSignal): Promise<InputProblem[]> {
    if (!this.#wanted.has(over)) return [];
    const { limits, flowKey, overlap } = this.#plan.settings;
    const files = namesOf(captures);
    const excerpts = new Excerpts(this.#wanted.take(over), {
      ...{ limits, flowKey, overlap, files, ring: this.ring !== undefined, parts: this.#parts },
    });
    const problems = await this.#read(captures, excerpts, signal);
    for (const excerpt of excerpts.all) this.#keep(excerpt);
    return problems;
  }

  /** The run is over. */
  close(): void {
    if (this.ring) removeRings(this.ring);
  }

  /** `problem`: what a thread's ring met. */
  report(problem?: string): EvidenceReport {
    return {
      folder: this.#plan.folder,
      flows: this.#flows,
      bytes: this.#parts.written,
      truncated: this.#truncated,
      missing: this.#missing,
      problem: this.#problem ?? this.#parts.problem ?? problem,
    };
  }

  async #read(captures: Captures, excerpts: Excerpts, signal?: AbortSignal): Promise<InputProblem[]> {
    const stop = new AbortController();
    const wanted = (): boolean => !excerpts.done && signal?.aborted !== true;
    const frame: Excerpts['frame'] = (given) => excerpts.frame(given);
    if (this.ring) {
      await readRings(this.ring, this.#world, frame, wanted);
      return [];
    }
    const pause = (): undefined => {
      if (!wanted()) stop.abort();
      return undefined;
    };
    const results = await readCaptures(captures, { frame, pause }, stop.signal);
    return results.flatMap(({ problem }) => problem ?? []);
  }

  /** Names the files of an excerpt and writes its line. */
  #keep(excerpt: Excerpt): void {
    const files = this.#parts.finish(excerpt.parts);
    if (files.length === 0) {
      this.#missing++;
      return;
    }
    this.#flows++;
    const why = reasonsOf(
      excerpt,
      files.some(({ cut }) => cut),
    );
    if (why.length > 0) this.#truncated++;
    const { flow } = excerpt;
    for (const { file, sha256, bytes, frames, linkType } of files) {
      this.#tell({
        file,
        sha256,
        bytes,
        frames,
        link_type: linkType,
        flow_id: flow.flowId,
        community_id: flow.communityId,
        alerts: flow.alerts,
        ...(flow.moreAlerts > 0 ? { alerts_left_out: flow.moreAlerts } : {}),
        signature_ids: [...flow.signatures],
        findings: [...flow.findings],
        first: excerpt.first,
        last: excerpt.last,
        truncated: why.length > 0,
        ...(why.length > 0 ? { truncated_why: why } : {}),
        warning: 'may contain secrets: passwords, private messages, files',
      });
    }
  }

  #tell(line: object): void {
    if (this.#problem !== undefined) return;
    try {
      const path = join(this.#plan.folder, MANIFEST);
      const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, MODE);
      try {
        const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
        for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at, bytes.length - at);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      const { code } = error as { code?: string };
      this.#problem = `cannot write ${MANIFEST} in ${this.#plan.folder}: ${code ?? 'failed'}`;
    }
  }
}

/** What of a flow is missing in its excerpt. */
function reasonsOf({ flow, packets }: Excerpt, cut: boolean): string[] {
  const reasons: string[] = [];
  if (cut) reasons.push('a limit (evidence_file, evidence_total)');
  const counted = flow.span?.packets ?? 0;
  if (packets < counted) reasons.push(`${counted - packets} packets were not found again`);
  return reasons;
}
