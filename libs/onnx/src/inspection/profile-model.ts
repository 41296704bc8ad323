import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import type { Tensor } from '@trivium/contracts/tensor';
import { probe, type ProbeOptions } from './probe.js';

export interface ProfileOptions extends ProbeOptions {
  readonly runs?: number | undefined;
}

/** What one kind of operator took, over all runs. Milliseconds. */
export interface OperatorTime {
  readonly operator: string;
  /** Nodes of this kind in the graph that ran, which ONNX Runtime has optimised. */
  readonly nodes: number;
  readonly totalMs: number;
  /** Of one run of one node. */
  readonly meanMs: number;
  /** Of all operators together; adds up to 1. */
  readonly share: number;
}

export interface ModelProfile {
  /** Longest first. */
  readonly operators: readonly OperatorTime[];
  readonly runMs: readonly number[];
  /** Most memory that values and weights took at once, where the runtime tells it. */
  readonly peakBytes?: number | undefined;
  /** JSON that chrome://tracing and Perfetto open: an array of complete events, microseconds. */
  readonly trace: Uint8Array;
}

/** One event of ONNX Runtime's trace. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly node_index?: string;
    readonly mem_in_use_peak?: string;
  };
}

/**
 * Runs a model under ONNX Runtime's profiler, in a process of its own.
 * @throws DomainError as `probe`
 */
export async function profileModel(
  file: string,
  sample: readonly Tensor[],
  { runs = 10, ...options }: ProfileOptions = {},
): Promise<ModelProfile> {
  const folder = await mkdtemp(join(tmpdir(), 'trivium-profile-'));
  try {
    const task = { type: 'profile', file, sample, runs, prefix: join(folder, 'trace') } as const;
    const { milliseconds } = await probe<'profile'>(task, options);
    const [written] = await readdir(folder); // the runtime adds the time to the name
    if (written === undefined) throw new DomainError('internal', 'ONNX Runtime has written no profile');
    const trace = await readFile(join(folder, written));
    const events = JSON.parse(trace.toString('utf8')) as TraceEvent[];
    return { operators: operatorTimes(events), runMs: milliseconds, peakBytes: peakBytes(events), trace };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const KERNEL = '_kernel_time';

/** Adds up the kernels' events by operator. */
function operatorTimes(events: readonly TraceEvent[]): OperatorTime[] {
  const sums = new Map<string, { totalUs: number; events: number; nodes: Set<string> }>();
  let allUs = 0;
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith(KERNEL)) continue;
    const operator = args?.op_name ?? name.slice(0, -KERNEL.length);
    const sum = sums.get(operator) ?? { totalUs: 0, events: 0, nodes: new Set() };
    sums.set(operator, sum);
    sum.totalUs += dur;
    sum.events += 1;
    sum.nodes.add(args?.node_index ?? name);
    allUs += dur;
  }
  return [...sums]
    .map(([operator, { totalUs, events: count, nodes }]) => ({
      operator,
      nodes: nodes.size,
      totalMs: totalUs / 1000,
      meanMs: totalUs / 1000 / count,
      share: allUs === 0 ? 0 : totalUs / allUs,
    }))
    .toSorted((one, other) => other.totalMs - one.totalMs);
}

function peakBytes(events: readonly TraceEvent[]): number | undefined {
  const peaks = events.map(({ args }) => Number(args?.mem_in_use_peak ?? 0));
  const most = peaks.reduce((one, other) => Math.max(one, other), 0);
  return most === 0 ? undefined : most;
}
