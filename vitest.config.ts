import { defineConfig } from 'vitest/config';

/**
 * `unit`: `*.spec.ts` beside the source, no process and no network beyond the test's own.
 * `integration`: `*.int-spec.ts` under `test/`, against a real nats-server and PostgreSQL that the
 * test starts itself on free ports.
 * `e2e`: `*.e2e-spec.ts` in tools/e2e, against the whole house as real processes.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/src/**/*.spec.ts'],
          setupFiles: ['tools/verify/dist/quiet-logs.js'],
          exclude: ['**/node_modules/**', '**/dist/**'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/test/**/*.int-spec.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tools/e2e/test/**/*.e2e-spec.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
