import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { metrics } from '@opentelemetry/api';
import { GPU_QUERY, type GpuSample, parseGpuSample } from './gpu-sample.js';

const EVERY_MS = 10_000;
const NVIDIA_SMI = [
  'nvidia-smi',
  `--query-gpu=${GPU_QUERY.join(',')}`,
  '--format=csv,noheader,nounits',
  `--loop-ms=${EVERY_MS}`,
] as const;

/**
 * Tells how busy and how full the devices are while somebody uses it: one process of the driver's own tool,
 * which writes a line per device every ten seconds. Without the tool there are no samples, and that is all.
 */
export class GpuWatch {
  #users = 0;
  #tool: ChildProcess | undefined;

  constructor(
    private readonly onSample: (sample: GpuSample) => void,
    private readonly command: readonly [string, ...string[]] = NVIDIA_SMI,
  ) {}

  /** Watches until what it answers is disposed of. */
  use(): Disposable {
    this.#users += 1;
    if (this.#users === 1) this.#start();
    let used = true;
    return {
      [Symbol.dispose]: () => {
        if (!used) return;
        used = false;
        this.#users -= 1;
        if (this.#users === 0) this.#tool?.kill();
      },
    };
  }

  #start(): void {
    const [file, ...parameters] = this.command;
    const tool = spawn(file, parameters, { stdio: ['ignore', 'pipe', 'ignore'] });
    tool.on('error', () => undefined); // not installed: no GPU, or one that cannot be asked
    tool.unref();
    createInterface({ input: tool.stdout }).on('line', (line) => {
      const sample = parseGpuSample(line);
      if (sample !== undefined) this.onSample(sample);
    });
    this.#tool = tool;
  }
}

const meter = metrics.getMeter('trivium.onnx');
const attributes = (device: number) => ({ 'hw.id': String(device), 'hw.type': 'gpu' });
const utilization = meter.createGauge('hw.gpu.utilization', {
  description: 'Part of the time in which the device ran something',
  unit: '1',
});
const used = meter.createGauge('hw.gpu.memory.usage', { description: 'Device memory in use', unit: 'By' });
const total = meter.createGauge('hw.gpu.memory.limit', { description: 'Memory of the device', unit: 'By' });

/** The devices of this machine, as metrics; in use while a model of this process runs on one. */
export const gpuWatch = new GpuWatch(({ device, ...sample }) => {
  const of = attributes(device);
  if (sample.utilization !== undefined) utilization.record(sample.utilization, of);
  if (sample.usedBytes !== undefined) used.record(sample.usedBytes, of);
  if (sample.totalBytes !== undefined) total.record(sample.totalBytes, of);
});
