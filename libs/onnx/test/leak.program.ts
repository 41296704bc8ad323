import type { LoadProgram } from '../dist/index.js';

const kept: Uint8Array[] = [];

/** Keeps so many bytes with every task. */
const load: LoadProgram<{ readonly bytes: number }, string, number> = async ({ options }) => ({
  operationOf: () => 'leak',
  warmUp: async () => undefined,
  run: async (tasks) => {
    for (const _ of tasks) kept.push(new Uint8Array(options.bytes).fill(1)); // touched, or it is not resident
    return tasks.map(() => process.pid);
  },
});

export default load;
