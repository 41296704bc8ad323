import { expect, it } from 'vitest';
import { parseGpuSample } from './gpu-sample.js';

it('reads what the driver tells of a device', () => {
  expect(parseGpuSample('1, 37, 2048, 81559')).toEqual({
    device: 1,
    utilization: 0.37,
    usedBytes: 2048 * 1024 ** 2,
    totalBytes: 81_559 * 1024 ** 2,
  });
});

it('leaves out what the driver does not tell', () => {
  expect(parseGpuSample('0, [N/A], 512, [Not Supported]')).toEqual({
    device: 0,
    utilization: undefined,
    usedBytes: 512 * 1024 ** 2,
    totalBytes: undefined,
  });
});

it('takes nothing else for a device', () => {
  for (const line of ['', 'No devices were found', '0, 1', 'Failed to initialize NVML, a, b, c']) {
    expect(parseGpuSample(line)).toBeUndefined();
  }
});
