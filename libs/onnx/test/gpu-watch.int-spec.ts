import { expect, it } from 'vitest';
import { GpuWatch } from '../dist/device/gpu-watch.js';

/** Writes as the driver's tool does, until it is ended. */
const TOOL = 'console.log("0, 12, 100, 1000\\n1, 0, 0, 1000"); setInterval(() => undefined, 1000)';

it('tells of every device while somebody uses it', async () => {
  const devices: number[] = [];
  const both = Promise.withResolvers<void>();
  const watch = new GpuWatch(
    ({ device }) => {
      devices.push(device);
      if (devices.length === 2) both.resolve();
    },
    [process.execPath, '-e', TOOL],
  );
  using _first = watch.use();
  using _second = watch.use();

  await both.promise;

  expect(devices).toEqual([0, 1]);
});

it('says nothing where the tool is not installed', async () => {
  const watch = new GpuWatch(() => {
    throw new TypeError('A sample without a tool');
  }, ['no-such-tool-anywhere']);
  using use = watch.use();
  using _again = watch.use();

  await new Promise((resolve) => setImmediate(resolve)); // that it cannot be started is told a turn later

  expect(() => use[Symbol.dispose]()).not.toThrow();
});
