/** What `nvidia-smi` is asked, in this order. */
export const GPU_QUERY = ['index', 'utilization.gpu', 'memory.used', 'memory.total'] as const;

/** One device at one moment. What the driver does not tell is absent. */
export interface GpuSample {
  readonly device: number;
  /** From 0 to 1: part of the time in which it ran something. */
  readonly utilization: number | undefined;
  readonly usedBytes: number | undefined;
  readonly totalBytes: number | undefined;
}

const MIB = 1024 ** 2;

/** One line of `--format=csv,noheader,nounits`; undefined: none of those. */
export function parseGpuSample(line: string): GpuSample | undefined {
  const fields = line.split(',').map((field) => field.trim());
  const [device, utilization, used, total] = fields.map((field) =>
    /^\d+(?:\.\d+)?$/u.test(field) ? Number(field) : undefined,
  );
  if (device === undefined || fields.length !== GPU_QUERY.length) return undefined;
  return {
    device,
    utilization: utilization === undefined ? undefined : utilization / 100,
    usedBytes: used === undefined ? undefined : used * MIB,
    totalBytes: total === undefined ? undefined : total * MIB,
  };
}
